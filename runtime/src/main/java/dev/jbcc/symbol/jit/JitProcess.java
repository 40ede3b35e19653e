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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * The names of one process: of a JVM as it told them at the start and last, else from the file that it writes. What a JVM
 * has told is held open, without a name, until it is needed.
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
    private final Set<String> remarked = Collections.synchronizedSet(new HashSet<>());
    private Target target;
    private JavaVm vm;
    private FileChannel file; // open from the first sight on, so that the process can end
    private boolean refused;
    private final AtomicBoolean lookWaits = new AtomicBoolean();
    private volatile boolean askable;
    private volatile boolean replaced;
    private FileChannel unreadFirst;
    private FileChannel unreadLast;
    private volatile long age;
    private volatile boolean told;
    private volatile boolean unread; // one of these two is there
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
     * How many files are held open: for each process that has a map, so that the map can be read when the process has
     * ended; but a machine may have any number of such processes. What is not held open is read at once.
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
        age = target.age();
        look();
    }

    private boolean mayBecomeJvm() {
        return java && !askable;
    }

    /**
     * Whether {@link #mappedMore} is to be called, since that can find out that it is a JVM. Not while a call is waiting: a
     * process can map code as often as it likes.
     */
    boolean wantsLook() {
        return mayBecomeJvm() && lookWaits.compareAndSet(false, true);
    }

    /** It has mapped more code than when it was looked at; java maps its JVM some milliseconds after its start. */
    void mappedMore() {
        lookWaits.set(false); // before it looks, so that what comes from now on is not missed
        if (target != null && mayBecomeJvm() && target.isAlive() && isMeant()) {
            look();
        }
    }

    private void look() {
        vm = JavaVm.of(target);
        if (vm != null && java) {
            askable = true;
            unreadFirst = ask("no names of Java methods: ");
            if (unreadFirst != null && !pins.take()) {
                readFirst();
            }
            noteUnread();
        }
        if (vm != null && Boolean.FALSE.equals(vm.keepsFramePointers())) {
            remark("Java frames need -XX:+PreserveFramePointer; start it with that flag"
                    + " (JAVA_TOOL_OPTIONS=-XX:+PreserveFramePointer)");
        }
        if (!told && file == null && pins.take()) {
            file = find(false);
            if (file == null) {
                pins.giveBack();
            }
        }
    }

    /** How long it had been there when it was first seen, in nanoseconds. */
    long age() {
        return age;
    }

    private void noteUnread() {
        told = first != null || last != null || unreadFirst != null || unreadLast != null;
        unread = unreadFirst != null || unreadLast != null;
    }

    private void readFirst() {
        PerfMap map = read(unreadFirst);
        unreadFirst = null;
        first = map;
    }

    private void readLast() {
        PerfMap map = read(unreadLast);
        unreadLast = null;
        if (map != null) {
            memory.forget(last);
            last = map;
        }
    }

    /** Reads and closes the file of what a JVM has told; null when that fails. */
    private PerfMap read(FileChannel file) {
        try (file) {
            PerfMap map = memory.read(file, Naming.JAVA);
            tellLeftOut(map);
            return map;
        } catch (NoNames e) {
            remark(e.getMessage());
        } catch (IOException e) {
            // Only of closing it.
        }
        return null;
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
        return told;
    }

    /** What a JVM has compiled since. That is read only when a name is wanted, for most such files never are. */
    void askAgain() {
        if (!askable || !target.isAlive() || !isMeant()) {
            return;
        }
        FileChannel answer =
                ask(told ? "no names of what was compiled since the start: " : "no names of Java methods: ");
        if (answer == null) {
            return;
        }
        if (unreadLast != null) {
            close(unreadLast);
            pins.giveBack();
        }
        unreadLast = answer;
        if (!pins.take()) {
            readLast();
        }
        noteUnread();
    }

    /** At the end of the run. */
    void end() {
        askAgain();
        if (unreadLast != null) {
            readLast();
            pins.giveBack();
            noteUnread();
        }
        if ((file != null || target.isAlive()) && isMeant()) {
            forgetWritten(); // to be read again
        }
    }

    private FileChannel ask(String otherwise) {
        FileChannel answer = null;
        try {
            answer = vm.perfMap(System.nanoTime() + request);
            if (isMeant()) {
                return answer;
            }
        } catch (NoNames e) {
            if (target.isAlive()) {
                remark(otherwise + e.getMessage());
                refused = true;
            }
        }
        if (answer != null) {
            close(answer);
        }
        return null;
    }

    /**
     * Reads what a JVM has told and nobody has read yet, or, when none has told, the file; called when the first name is
     * wanted, or more could be there.
     */
    void load() {
        if (unread) {
            if (unreadLast != null) {
                readLast();
            } else {
                readFirst();
            }
            pins.giveBack();
            noteUnread();
            return;
        }
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

    /** Whether {@link #load} could find names: not for a JVM that has told them and whose answers have been read. */
    boolean isLoadable() {
        return unread || !told;
    }

    /** Whether {@link #load} reads what has been told, which does not change, so that it need not be read again. */
    boolean isUnread() {
        return unread;
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
        if (remarked.add(what)) {
            remarks.add(shown.toString(StandardCharsets.UTF_8));
        }
    }

    private void tellLeftOut(PerfMap map) {
        if (map.leftOut() > 0) {
            remark("its perf map is too long: " + map.leftOut() + " lines were left out");
        }
    }

    void close() {
        for (FileChannel each : new FileChannel[] {file, unreadFirst, unreadLast}) {
            if (each != null) {
                close(each);
            }
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
