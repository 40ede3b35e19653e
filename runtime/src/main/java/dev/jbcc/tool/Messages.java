// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import java.io.PrintStream;

/** What a run says on standard error, each line with the tool's name. For one thread. */
final class Messages {
    private final String name;
    private final PrintStream err;
    private final boolean verbose;
    private final long start = System.nanoTime();

    Messages(String name, PrintStream err, boolean verbose) {
        this.name = name;
        this.err = err;
        this.verbose = verbose;
    }

    /** The tool, as the user types it. */
    String name() {
        return name;
    }

    /** Whether {@link #detail} says anything. */
    boolean verbose() {
        return verbose;
    }

    /** Says something that every user is to know. */
    void say(String what) {
        err.println(name + ": " + what);
    }

    /** With {@code -v}: what is done, and when, in milliseconds since the start of the run. */
    void detail(String what) {
        if (verbose) {
            say((System.nanoTime() - start) / 1_000_000 + " ms: " + what);
        }
    }

    /** Prints text as it is, which ends its own lines. */
    void raw(String text) {
        err.print(text);
        err.flush();
    }
}
