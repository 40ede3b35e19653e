// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.jit;

import dev.jbcc.output.Escape;
import dev.jbcc.output.OutputBuffer;
import dev.jbcc.symbol.Frame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * The names of one process: of a JVM as it told them at the start and last, else from the file that it writes.
 *
 * <p>What reads files or asks runs in the workers of {@link JitNames}, one task at a time; {@link #at} in its thread.
 */
final class JitProcess {
    private final int pid;
    private final BooleanSupplier identity;
    private final boolean java;
    private final long request;
    private final MapMemory memory;
    private final List<String> remarks; // synchronized
    private final Pins pins;
    private final Set<String> told = Collections.synchronizedSet(new HashSet<>());
    private Target target;
    private JavaVm vm;
    private FileChannel file; // open from the first sight on, so that the process can end
    private boolean refused;
    private volatile boolean askable;
    private volatile boolean replaced;
    private volatile PerfMap first;
    private volatile PerfMap last;
    private volatile PerfMap written;

    JitProcess(
            int pid,
            BooleanSupplier identity,
            boolean java,
            long request,
            MapMemory memory,
            Pins pins,
            List<String> remarks) {
        this.pid = pid;
        this.identity = identity;
        this.java = java;
        this.request = request;
        this.memory = memory;
        this.pins = pins;
        this.remarks = remarks;
    }

    /**
     * How many files are held open. One is left to each process that has a map, so that the map can be read when the
     * process has ended; but a machine may have any number of such processes.
     */
    static final class Pins {
        private int left = 256;

        synchronized boolean take() {
            return left > 0 && left-- > 0;
        }

        synchronized void giveBack() {
            left++;
        }
    }

    /** On the first sight of it. */
    void start() {
        target = Target.of(pid);
        if (target == null || !isMeant()) {
            target = null;
            return;
        }
        vm = JavaVm.of(target);
        if (vm != null && java) {
            askable = true;
            first = ask("no names of Java methods: ");
        }
        if (vm != null && Boolean.FALSE.equals(vm.keepsFramePointers())) {
            remark("Java frames need -XX:+PreserveFramePointer; start it with that flag"
                    + " (JAVA_TOOL_OPTIONS=-XX:+PreserveFramePointer)");
        }
        if (first == null && pins.take()) {
            file = find(false);
            if (file == null) {
                pins.giveBack();
            }
        }
    }

    /** Another program runs in this process by now, or another process has its pid: what it writes is not of this one. */
    void replaced() {
        replaced = true;
    }

    /** False when something else was looked at. */
    private boolean isMeant() {
        return !replaced && identity.getAsBoolean();
    }

    /** Whether {@link #end} has anything to do. */
    boolean hasEnd() {
        return askable || written != null;
    }

    /** Whether it is a JVM that has answered. */
    boolean hasTold() {
        return first != null;
    }

    /** What a JVM has compiled since. */
    void askAgain() {
        if (!askable || !target.isAlive() || !isMeant()) {
            return;
        }
        PerfMap map =
                ask(first == null ? "no names of Java methods: " : "no names of what was compiled since the start: ");
        if (map != null) {
            memory.forget(last);
            last = map;
        }
    }

    /** At the end of the run. */
    void end() {
        askAgain();
        if ((file != null || target.isAlive()) && isMeant()) {
            forgetWritten(); // to be read again
        }
    }

    private PerfMap ask(String otherwise) {
        try {
            PerfMap map = vm.perfMap(System.nanoTime() + request, memory);
            if (!isMeant()) {
                memory.forget(map);
                return null;
            }
            tellLeftOut(map);
            return map;
        } catch (NoNames e) {
            if (target.isAlive()) {
                remark(otherwise + e.getMessage());
                refused = true;
            }
            return null;
        }
    }

    /** Reads the file, when no JVM has told; called when the first name is wanted, or more could be there. */
    void load() {
        if (target == null || !isMeant()) {
            return;
        }
        FileChannel from = file == null ? find(true) : file;
        if (from == null) {
            return;
        }
        forgetWritten();
        try {
            PerfMap map = memory.read(from, vm == null ? Naming.OTHER : Naming.JAVA);
            if (!isMeant()) { // it has begun to write the map of another program
                memory.forget(map);
                return;
            }
            tellLeftOut(map);
            written = map;
        } catch (NoNames e) {
            remark(e.getMessage());
        } finally {
            if (from != file) {
                close(from);
            }
        }
    }

    private FileChannel find(boolean tell) {
        try {
            if (target.isAlive()) {
                return MapFile.find(target);
            }
            return target.sharesRoot() ? MapFile.findHere(target) : null;
        } catch (NoNames e) {
            if (tell && !refused && target.isAlive()) {
                remark("no names of generated code: " + e.getMessage());
            }
            return null;
        }
    }

    private void forgetWritten() {
        memory.forget(written);
        written = null;
    }

    /** Whether {@link #load} could find names: not for a JVM that has told them. */
    boolean isLoadable() {
        return first == null && last == null;
    }

    boolean isLoaded() {
        return written != null;
    }

    /**
     * The function at an address, or null. What a JVM told last is better: code that runs much is compiled once and
     * stays, and what was in its place before was dropped because it did not run. So what it told first is for code
     * that was dropped and not replaced.
     */
    Frame at(long address) {
        Frame frame = last == null ? null : last.at(address);
        if (frame == null && first != null) {
            frame = first.at(address);
        }
        return frame == null && written != null ? written.at(address) : frame;
    }

    void remark(String what) {
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        OutputBuffer out = new OutputBuffer(shown);
        byte[] comm = target == null ? new byte[0] : target.comm().getBytes(StandardCharsets.ISO_8859_1);
        out.append("pid " + pid + " (");
        Escape.terminal(comm, comm.length, out);
        out.append("): " + what);
        try {
            out.flush();
        } catch (IOException e) {
            throw new AssertionError(e); // it is memory
        }
        if (told.add(what)) {
            remarks.add(shown.toString(StandardCharsets.UTF_8));
        }
    }

    private void tellLeftOut(PerfMap map) {
        if (map.leftOut() > 0) {
            remark("its perf map is too long: " + map.leftOut() + " lines were left out");
        }
    }

    void close() {
        if (file != null) {
            close(file);
        }
    }

    private static void close(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // It was only read.
        }
    }
}
