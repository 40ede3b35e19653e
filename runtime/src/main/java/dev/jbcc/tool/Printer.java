// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.bpf.BpfObject;
import java.io.IOException;

/** What a session does with what the programs report: events as they come, or stacks that add up. For one thread. */
abstract sealed class Printer implements AutoCloseable permits EventPrinter, StackPrinter {
    /**
     * Attaches the programs.
     *
     * @return false when the object is to be opened and loaded anew, see {@link Ladder#attach}
     */
    boolean attach(BpfObject object, Ladder ladder) {
        return ladder.attach(object);
    }

    /** Prints what comes first, which says that the tool is attached. */
    abstract void header() throws IOException;

    /** Whether as much is printed as was asked for. */
    abstract boolean full();

    /** Waits for what the programs report, but not beyond {@code end} of {@link System#nanoTime}, and deals with it. */
    abstract void awaitAndPrint(long end) throws IOException;

    /** Lets {@link #awaitAndPrint} return soon. May be called by any thread. */
    void wake() {}

    /** After the programs are detached: prints what is left, and returns the sentence that accounts for everything. */
    abstract String finish(BpfObject object) throws IOException;

    @Override
    public abstract void close();
}
