// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The program of {@code src/test/c/execs.c}, which starts others, and what it is to start. */
final class Execs {
    /** Does nothing, and is the same wherever the tests run. */
    static final String TRUE = "/bin/true";

    private static final Path PROGRAM = Compiled.program("execs.c", List.of("-O1", "-Wall", "-pthread", "-static"));
    private static final Path PROGRAM_32 = Compiled.program(
            "execs32.c",
            List.of("-m32", "-O1", "-Wall", "-static", "-nostdlib", "-fno-pie", "-no-pie", "-fno-stack-protector"));

    private Execs() {}

    /** A command line of the program. */
    static List<String> command(Object... words) {
        if (PROGRAM == null) {
            throw new AssertionError("execs.c does not compile");
        }
        return with(PROGRAM, words);
    }

    /** The name of the program's file. */
    static Path path() {
        return Path.of(command().getFirst());
    }

    /** Whether 32-bit programs can be compiled and run here. */
    static boolean compat() {
        return PROGRAM_32 != null && Program.exit(command32(TRUE)) == 0;
    }

    /** A command line of the 32-bit program, which starts another. */
    static List<String> command32(Object... words) {
        return with(PROGRAM_32, words);
    }

    private static List<String> with(Path program, Object... words) {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        for (Object word : words) {
            command.add(word.toString());
        }
        return command;
    }

    /** Runs jexecsnoop on a command, with JSON for output. */
    static Run json(List<String> options, List<String> command) {
        return Jopensnoop.tool("execsnoop", "-o", "json")
                .with(options.toArray())
                .tracing(command)
                .run();
    }

    /** Runs jexecsnoop on a command, with a table for output. */
    static Run table(List<String> options, List<String> command) {
        return Jopensnoop.tool("execsnoop")
                .with(options.toArray())
                .tracing(command)
                .run();
    }
}
