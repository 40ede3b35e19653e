// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process that burns the CPU in known proportions: {@code src/test/c/burn.c}, or {@link Burner} in a JVM. */
final class Burn implements AutoCloseable {
    /** The C program, with frame pointers everywhere. */
    static final Path PROGRAM = compile();

    private final Process process;
    private final BufferedReader out;

    private Burn(Process process) {
        this.process = process;
        this.out = process.inputReader(StandardCharsets.UTF_8);
    }

    private static Path compile() {
        Path program = Scratch.fresh("burn");
        List<String> command = new ArrayList<>();
        command.add(Files.isExecutable(Path.of("/usr/bin/gcc")) ? "gcc" : "clang");
        command.addAll(List.of("-O1", "-Wall", "-fno-omit-frame-pointer", "-mno-omit-leaf-frame-pointer"));
        command.addAll(List.of(
                "-fno-optimize-sibling-calls",
                "-o",
                program.toString(),
                Jopensnoop.HOME.resolve("tools/src/test/c/burn.c").toString()));
        String said = Program.output(command);
        if (!Files.isExecutable(program)) {
            throw new AssertionError("burn.c does not compile: " + said);
        }
        return program;
    }

    /** The comm of the C program. */
    static String comm() {
        return PROGRAM.getFileName().toString();
    }

    /** Its command line. */
    static List<String> command(Object... words) {
        List<String> command = new ArrayList<>(List.of(PROGRAM.toString()));
        for (Object word : words) {
            command.add(word.toString());
        }
        return command;
    }

    /** Starts a command that says a line when it is ready. */
    static Burn start(List<String> command) {
        try {
            Burn burn = new Burn(new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
            burn.line();
            return burn;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a JVM with these options that runs {@link Burner}; returns when its methods are compiled. */
    static Burn java(Path jdk, int seconds, String... options) {
        return start(javaCommand(jdk, seconds, options));
    }

    /** What that starts. */
    static List<String> javaCommand(Path jdk, int seconds, String... options) {
        List<String> command = new ArrayList<>(List.of(jdk.resolve("bin/java").toString()));
        command.addAll(List.of(options));
        command.addAll(List.of("-XX:-Inline", "-cp"));
        command.add(Path.of("target/test-classes").toAbsolutePath().toString());
        command.addAll(List.of(Burner.class.getName(), Integer.toString(seconds)));
        return command;
    }

    private void line() throws IOException {
        if (out.readLine() == null) {
            throw new AssertionError("it ended: " + process.info());
        }
    }

    /** Lets the C program begin. */
    Burn go() {
        try {
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
