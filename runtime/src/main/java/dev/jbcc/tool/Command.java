// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.bpf.ffi.Libc;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/**
 * A command of {@code jbcc} that traces nothing: {@code jbcc flame} is the class {@code Flame} in {@code dev.jbcc.tools}.
 * Its options are fields, made by {@link #options}.
 */
public abstract class Command {
    /** Those that there are; {@code jbcc --help} lists them. */
    static final List<String> NAMES = List.of("doctor", "flame");

    private final String summary;
    /** The options and operands of this command. */
    protected final Options options = new Options();

    private final Options standard = new Options();
    final Option<Boolean> verbose = standard.flag("say more about what failed", "-v", "--verbose");

    /** Describes a command by one sentence. */
    protected Command(String summary) {
        this.summary = summary;
    }

    /**
     * Does it, after the options are parsed.
     *
     * @param name of the command as people type it, for messages
     * @param err for messages
     * @return the exit code
     * @throws IOException when the output cannot be written
     */
    protected abstract int run(String name, PrintStream err) throws IOException;

    /** Whether this open file (0: standard input, 1: standard output) is a terminal. */
    protected static boolean isTerminal(int fd) {
        return Libc.terminalColumns(fd) > 0;
    }

    final String summary() {
        return summary;
    }

    final Options options() {
        return options;
    }

    /** The options of every command. */
    final Options standard() {
        return standard;
    }
}
