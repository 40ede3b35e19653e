// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.jit;

import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.symbol.Frame;
import dev.jbcc.symbol.JitSymbols;
import dev.jbcc.symbol.Symbolizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Names of generated code of the processes that a run has seen, from their perf maps. JVMs are asked for theirs, by the
 * attach protocol and without a JVM of our own, when they are first seen, ever more rarely while the run goes on, because
 * they may end before it does, and when it ends.
 *
 * <p>It belongs to one thread, which it never keeps waiting for a process without a limit: everything about a process,
 * which could be stopped or have files on a file system that never answers, is done by up to {@value #WORKERS} daemon
 * threads. A JVM has two seconds to answer, the end of a run takes up to three, and a look-up that has to wait for a file
 * up to five; what is not done then has no names, and a remark says so.
 *
 * {@snippet :
 * try (JitNames jit = new JitNames(true, (pid, image) -> true);
 *         Symbolizer symbols = new Symbolizer(UnaryOperator.identity(), jit)) {
 *     symbols.remember(4711, 0);
 *     jit.started(4711, 0); // asks it, if it is a JVM
 *     jit.ending();
 *     System.out.println(symbols.user(4711, 0, 0x7f1234567000L).label());
 * }
 * }
 */
public final class JitNames implements JitSymbols, AutoCloseable {
    private static final int WORKERS = 4;
    private static final int MAX_PROCESSES = 1 << 16;
    private static final long REQUEST = TimeUnit.SECONDS.toNanos(2);
    private static final long CLOSE = TimeUnit.MILLISECONDS.toNanos(500);
    /** Between two questions to a JVM that has started with the run or in it, at least: it may end any time. */
    private static final long YOUNG_PAUSE = TimeUnit.SECONDS.toNanos(1);

    /** To one that was there before, and will likely be there at the end. An answer costs us some 2 ms of a CPU. */
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(30);

    /** For so long, a process that maps more code is looked at again. */
    private static final long BECOMES_JVM = TimeUnit.SECONDS.toNanos(10);

    private static final long RELOAD = TimeUnit.SECONDS.toNanos(1);

    private final boolean java;
    private final Symbolizer.Identity identity;
    private final long request;
    private final long end;
    private final long lookUp;
    private final MapMemory memory = MapMemory.ofHeap();
    private final JitProcess.Pins pins = new JitProcess.Pins();
    private final List<String> remarks = Collections.synchronizedList(new ArrayList<>());
    private final Map<Key, Entry> processes = new HashMap<>();
    private final Map<Integer, Entry> newest = new HashMap<>();
    private final ThreadPoolExecutor workers;
    private final int self = Libc.processId();

    private record Key(int pid, long image) {}

    /** A process and what is being done about it. */
    private static final class Entry {
        final JitProcess process;
        Future<?> task;
        boolean abandoned;
        final long seen = System.nanoTime();
        long asked = seen;
        long loaded; // System.nanoTime, 0: never

        Entry(JitProcess process) {
            this.process = process;
        }
    }

    /**
     * Knows nothing yet.
     *
     * @param java whether JVMs may be asked; if not, files that they have written are still read
     * @param identity is asked after something was learned of a process, so that it is not taken for another program's
     */
    public JitNames(boolean java, Symbolizer.Identity identity) {
        this(java, identity, REQUEST);
    }

    /** @param request how long a JVM may take to answer, in nanoseconds */
    JitNames(boolean java, Symbolizer.Identity identity, long request) {
        this.java = java;
        this.identity = identity;
        this.request = request;
        end = request + request / 2;
        lookUp = 2 * request + request / 2;
        workers = new ThreadPoolExecutor(WORKERS, WORKERS, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread worker = new Thread(task, "jbcc jit names");
            worker.setDaemon(true);
            return worker;
        });
        workers.allowCoreThreadTimeOut(true);
    }

    /**
     * Tells of a process that was just seen for the first time, or of the program that it runs now; again, that it has
     * mapped more code. Returns at once.
     */
    public void started(int pid, long image) {
        Entry entry = entry(pid, image);
        if (entry == null) {
            return;
        }
        Entry before = newest.put(pid, entry);
        if (before != null && before != entry) {
            before.process.replaced();
        } else if (before == entry && System.nanoTime() - entry.seen < BECOMES_JVM && entry.process.wantsLook()) {
            Future<?> looked = entry.task;
            entry.task = workers.submit(() -> {
                looked.get(); // one task of a process at a time
                entry.process.mappedMore();
                return null;
            });
        }
    }

    private Entry entry(int pid, long image) {
        Key key = new Key(pid, image);
        Entry entry = processes.get(key);
        if (entry == null && pid > 0 && pid != self && processes.size() < MAX_PROCESSES) {
            entry = new Entry(
                    new JitProcess(pid, () -> identity.holds(pid, image), java, request, memory, pins, remarks));
            entry.task = workers.submit(entry.process::start);
            processes.put(key, entry);
        }
        return entry;
    }

    /** To be called about once a second while the run goes on: asks those JVMs again that have not been for a while. */
    public void goesOn() {
        long now = System.nanoTime();
        for (Entry entry : processes.values()) {
            if (entry.task.isDone()
                    && entry.process.hasTold()
                    && now - entry.asked >= pause(entry.process.age(), entry.asked - entry.seen)) {
                entry.task = workers.submit(entry.process::askAgain);
                entry.asked = now;
            }
        }
    }

    /**
     * How long after a question the next one is due, in nanoseconds: when its age has tripled, for a young JVM compiles much
     * and one that has run for an hour has little new in a minute.
     *
     * @param age how old it was when it was first seen
     * @param asked how long after that the question was
     */
    static long pause(long age, long asked) {
        return Math.max(age < YOUNG_PAUSE ? YOUNG_PAUSE : PAUSE, 2 * (age + asked));
    }

    /** To be called when nothing is sampled any more: asks the JVMs that still live again, for up to three seconds. */
    public void ending() {
        long deadline = System.nanoTime() + end;
        List<Entry> asked = new ArrayList<>();
        for (Entry entry : processes.values()) {
            // A JVM that is still being asked for the first time has by now compiled what was sampled.
            if (entry.task.isDone() && entry.process.hasEnd()) {
                entry.task = workers.submit(entry.process::end);
                entry.loaded = 0;
                asked.add(entry);
            } else if (!entry.task.isDone()) {
                asked.add(entry);
            }
        }
        for (Entry entry : asked) {
            await(entry, deadline);
        }
    }

    @Override
    public Frame at(int pid, long image, long address) {
        Entry entry = entry(pid, image);
        if (entry == null || !await(entry, System.nanoTime() + lookUp)) {
            return null;
        }
        Frame frame = entry.process.at(address);
        while (frame == null && entry.process.isUnread()) {
            entry.task = workers.submit(entry.process::load);
            if (!await(entry, System.nanoTime() + lookUp)) {
                return null;
            }
            frame = entry.process.at(address);
        }
        if (frame == null && entry.process.isLoadable()) {
            long now = System.nanoTime();
            if (entry.loaded == 0 || now - entry.loaded > RELOAD) {
                entry.task = workers.submit(entry.process::load);
                frame = await(entry, now + lookUp) ? entry.process.at(address) : null;
                entry.loaded = System.nanoTime() | 1;
            }
        }
        return frame;
    }

    /** Waits for what is being done about a process; false when it took too long, now or before. */
    private static boolean await(Entry entry, long deadline) {
        if (entry.abandoned) {
            return false;
        }
        try {
            entry.task.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            entry.process.remark("no names of generated code: it keeps us waiting");
        } catch (ExecutionException e) {
            entry.process.remark("no names of generated code: " + reason(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        entry.abandoned = true;
        return false;
    }

    private static String reason(Throwable failure) {
        return failure instanceof OutOfMemoryError ? "there is too little memory" : failure.toString();
    }

    /** What a person should know about the names so far, a sentence each, fit for a terminal; each only once. */
    public List<String> remarks() {
        synchronized (remarks) {
            List<String> told = new ArrayList<>(remarks);
            remarks.clear();
            return told;
        }
    }

    /** Gives up what is not done, so that nothing is left in the directories of JVMs, and closes the files. */
    @Override
    public void close() {
        workers.shutdownNow();
        try {
            workers.awaitTermination(CLOSE, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (Entry entry : processes.values()) {
            if (entry.task.isDone()) {
                entry.process.close();
            }
        }
    }
}
