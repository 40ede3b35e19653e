// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.bpf.ffi.Libc;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/**
 * A command of {@code jbcc} that is no tool: {@code jbcc flame} is the class {@code Flame} in {@code dev.jbcc.tools}, and
 * {@code jbcc run} is in this package. Its options are fields, made by {@link #options}.
 *
 * {@snippet :
 * final class Greet extends Command {
 *     private final Option<String> whom =
 *             options.value("NAME", "world", Function.identity(), "whom to greet; the world unless given", "--whom");
 *
 *     Greet() {
 *         super("Greets.");
 *     }
 *
 *     @Override
 *     protected int run(String name, PrintStream err) {
 *         System.out.println("Hello, " + whom.get());
 *         return 0;
 *     }
 * }
 * }
 */
public abstract class Command {
    /** Those that there are; {@code jbcc --help} lists them. */
    static final List<String> NAMES = List.of("doctor", "flame", "run");

    private final String summary;
    /** The options and operands of this command. */
    protected final Options options = new Options();

    private final Options standard;
    /** Whether to say more about what failed. */
    protected final Option<Boolean> verbose;

    /** Describes a command by one sentence. */
    protected Command(String summary) {
        this.summary = summary;
        standard = new Options();
        verbose = standard.flag("say more about what failed", "-v", "--verbose");
    }

    /** Describes a command that traces, with the options that tools have. */
    Command(String summary, StandardOptions standard) {
        this.summary = summary;
        this.standard = standard.options();
        verbose = standard.verbose;
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

    /** Ends it as if its time were over; called by another thread when a signal asks for that. */
    void stop() {}

    /** Whether it starts a command after {@code --}, for {@link #trace}. */
    boolean traces() {
        return false;
    }

    /** Takes the command after {@code --}, before {@link #run}. */
    void trace(List<String> command) {
        throw new IllegalStateException(command + " is not for this command");
    }

    /** What the help says of the operands that are typed before it; empty when there is nothing to say. */
    String explainOperands() {
        return "";
    }

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

    /** The options that it does not have alone. */
    final Options standard() {
        return standard;
    }
}
