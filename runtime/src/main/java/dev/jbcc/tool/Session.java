// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.BpfMap;
import dev.jbcc.bpf.BpfObject;
import dev.jbcc.bpf.BpfProgram;
import dev.jbcc.bpf.OpenObject;
import dev.jbcc.bpf.Section;
import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.bpf.ffi.NativeException;
import dev.jbcc.clang.Clang;
import dev.jbcc.clang.Compiled;
import dev.jbcc.clang.KernelTypes;
import dev.jbcc.clang.ObjectCache;
import dev.jbcc.clang.Source;
import dev.jbcc.clang.Target;
import dev.jbcc.host.PidNamespace;
import dev.jbcc.host.Processes;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * One run of a tool: compiles or takes from the cache, configures, loads, attaches, prints what comes, and says at the
 * end what became of every event. {@link #stop} may be called by any thread; the rest is for one.
 */
final class Session {
    /** In nanoseconds: how late at most the end of a command is noticed. */
    private static final long COMMAND_LOOK = 50_000_000;

    /** How many followed processes of a command may live at once. */
    private static final int FOLLOWED = 1 << 16;

    /** The buffers of events of {@code jbcc.h}, of which one is used. */
    static final String RING = "jbcc_ring";

    static final String PERF = "jbcc_perf";

    /** The maps of {@code jbcc.h} that need a kernel with the BPF ring buffer. */
    private static final List<String> RINGS = List.of(RING, "jbcc_cgroup_ring");

    private static final String FOLLOW_EXIT = "jbcc_follow_exit";

    private final Path home;
    private final Tool tool;
    private final StandardOptions standard;
    private final List<String> command;
    private final Messages messages;
    private final PidNamespace namespace = PidNamespace.own();
    private Path types;
    private volatile boolean stopping;
    private volatile Printer printer;

    /**
     * Prepares a run.
     *
     * @param home the directory with {@code bpf-src}
     * @param command what to run and trace, or null
     * @param err for messages
     */
    Session(String name, Path home, Tool tool, StandardOptions standard, List<String> command, PrintStream err) {
        this.home = home;
        this.tool = tool;
        this.standard = standard;
        this.command = command;
        this.messages = new Messages(name, err, standard.verbose.get());
    }

    /** Ends the run as if its time were over. */
    void stop() {
        stopping = true;
        Printer running = printer;
        if (running != null) {
            running.wake();
        }
    }

    /**
     * Runs until the time is over, the command has ended, or {@link #stop}.
     *
     * @return the exit code: 0, or the command's
     * @throws IOException when the output cannot be written
     */
    int run() throws IOException {
        Path source = home.resolve("bpf-src").resolve(tool.stem() + ".bpf.c");
        if (standard.dumpC.get()) {
            try (FileOutputStream out = new FileOutputStream(FileDescriptor.out)) {
                Files.copy(source, out);
            }
            return 0;
        }
        checkPids(standard);
        types = types(standard);
        try (TracedCommand traced =
                command == null ? null : TracedCommand.start(command, standard.asRoot.get(), Map.of(), Libc::kill)) {
            List<String> defines = defines();
            Ladder ladder = new Ladder(tool.hooks(standard), standard.hooks.get(), messages);
            while (true) { // once, if the kernel takes the first hooks
                OptionalInt status = run(compile(source, defines, ladder.isRaw()), ladder, traced);
                if (status.isPresent()) {
                    return status.getAsInt();
                }
            }
        }
    }

    /** Empty when the kernel refused something for which there is something else. */
    private OptionalInt run(byte[] elf, Ladder ladder, TracedCommand traced) throws IOException {
        try (OpenObject open = OpenObject.open(elf, tool.stem())) {
            if (standard.verbose.get()) {
                open.logTo(messages::raw);
            }
            if (types != null) {
                open.kernelTypes(types);
            }
            tool.prepare(open, standard);
            configure(open, traced != null, standard, namespace);
            tool.configure(open, standard);
            try (BpfObject object = ladder.load(open)) {
                messages.detail("loaded");
                return trace(object, ladder, traced);
            } catch (JbccException refusal) {
                if (!goesOn(open, ladder, refusal)) {
                    throw refusal;
                }
                return OptionalInt.empty();
            }
        }
    }

    /** Whether there is something else to take in place of what made the load fail. */
    private boolean goesOn(OpenObject open, Ladder ladder, JbccException refusal) {
        if (takesPerfBuffer(open, standard, messages::detail)) {
            return true;
        }
        String program = open.refusedHook().orElse(null);
        return program != null && ladder.refused(program, refusal);
    }

    /**
     * After a failed load: whether it failed for want of the ring buffer, and the perf buffer is to be taken instead.
     *
     * @param notes takes a line that says so
     */
    static boolean takesPerfBuffer(OpenObject open, StandardOptions standard, Consumer<String> notes) {
        if (!RINGS.contains(open.unknownMap().orElse("")) || !standard.doWithoutRing()) {
            return false;
        }
        notes.accept("this kernel has no BPF ring buffer: taking the perf buffer");
        return true;
    }

    /** The file with the kernel's types that {@code --btf} names, an archive unpacked; null when it is not given. */
    static Path types(StandardOptions standard) {
        return standard.btf.given() ? KernelTypes.given(standard.btf.get()).file() : null;
    }

    private byte[] compile(Path source, List<String> defines, boolean raw) {
        List<String> variant = new ArrayList<>(defines);
        if (raw) {
            variant.add("-DJBCC_RAW_TP");
        }
        Compiled compiled = ObjectCache.open(warning -> messages.say(warning))
                .object(
                        Clang.find(),
                        new Source(source, List.of(source.resolveSibling("include"))),
                        Target.host(),
                        variant,
                        standard.recompile.get());
        messages.detail(compiled.cached() ? "took the object from the cache" : "compiled " + source);
        byte[] elf = compiled.object();
        if (standard.keep.given()) {
            try {
                Files.write(Path.of(standard.keep.get()), elf);
            } catch (IOException failure) {
                throw new JbccException.Failed("cannot write the object: " + failure, failure);
            }
        }
        return elf;
    }

    private List<String> defines() {
        List<String> defines = variants(standard, namespace);
        standard.containers().prepare(standard, tool.looksAtContainers());
        defines.addAll(standard.containers().defines());
        return defines;
    }

    /** The parts of {@code jbcc.h} that are compiled in only when they are needed. */
    static List<String> variants(StandardOptions standard, PidNamespace namespace) {
        List<String> defines = new ArrayList<>();
        if (!namespace.initial()) {
            defines.add("-DJBCC_PID_NAMESPACE");
        }
        if (standard.mountNamespaceMap.given()) {
            defines.add("-DJBCC_MOUNT_NAMESPACE");
        }
        if (standard.mountNamespace.given()) {
            defines.add("-DJBCC_MNTNS");
        }
        if (standard.pidNamespace.given()) {
            defines.add("-DJBCC_PIDNS");
        }
        if (standard.networkNamespace.given()) {
            defines.add("-DJBCC_NETNS");
        }
        if (standard.cgroup.given() && standard.cgroup.get().isV1()) {
            defines.add("-DJBCC_FILTER_CGROUP_V1");
        }
        return defines;
    }

    /** Sets up the buffer of events of {@code jbcc.h} that is to be used, and leaves the other one out; before load. */
    static void prepareBuffer(OpenObject open, StandardOptions standard) {
        if (standard.bufferKind() == StandardOptions.BufferKind.RING) {
            int size = standard.bufferBytes();
            open.maxEntries(RING, size);
            open.global("jbcc_wake_at", BpfObject.wakeMark(size));
            open.leaveOut(PERF);
        } else {
            open.global("jbcc_use_perf", 1);
            open.leaveOut(RING);
        }
    }

    /** Sets the filters of {@code jbcc.h}, before load. */
    static void configure(OpenObject open, boolean follow, StandardOptions standard, PidNamespace namespace) {
        open.global("jbcc_self", Libc.processId());
        if (!namespace.initial()) {
            open.global("jbcc_pidns", namespace.inode());
        }
        boolean byPid = follow || standard.pids.given();
        if (byPid) {
            open.global("jbcc_filter_pid", 1);
            open.maxEntries("jbcc_pids", follow ? FOLLOWED : standard.pids.get().size());
        } else {
            open.leaveOut("jbcc_pids");
        }
        if (follow) {
            open.autoload("jbcc_follow_fork", true);
            open.autoload(FOLLOW_EXIT, true);
        }
        open.global("jbcc_filter_tid", standard.tid.get());
        if (standard.uid.given()) {
            open.global("jbcc_filter_uid", 1);
            open.global("jbcc_uid", Integer.toUnsignedLong(standard.uid.get()));
        }
        if (standard.name.given()) {
            byte[] part = standard.name.get().getBytes(StandardCharsets.UTF_8);
            open.global("jbcc_comm", part);
            open.global("jbcc_comm_len", part.length);
        }
        boolean v1 = standard.cgroup.given() && standard.cgroup.get().isV1();
        if (v1) {
            open.global("jbcc_cgroup_hierarchy", standard.cgroup.get().hierarchy());
            open.global("jbcc_cgroup_id", standard.cgroup.get().id());
        }
        if (standard.cgroup.given() && !v1) {
            open.global("jbcc_filter_cgroup", 1);
        } else {
            open.leaveOut("jbcc_cgroup");
        }
        if (standard.mountNamespace.given()) {
            open.global("jbcc_filter_mntns", standard.mountNamespace.get());
        }
        if (standard.pidNamespace.given()) {
            open.global("jbcc_filter_pidns", standard.pidNamespace.get());
        }
        if (standard.networkNamespace.given()) {
            open.global("jbcc_filter_netns", standard.networkNamespace.get());
        }
        standard.containers().configure(open, standard);
        if (standard.cgroupMap.given()) {
            open.global("jbcc_filter_cgroups", 1);
            open.usePinned("jbcc_cgroups", standard.cgroupMap.get());
        } else {
            open.leaveOut("jbcc_cgroups");
        }
        if (standard.mountNamespaceMap.given()) {
            open.usePinned("jbcc_mount_namespaces", standard.mountNamespaceMap.get());
        }
    }

    /** Empty when a program could not be attached for which there is another one. */
    private OptionalInt trace(BpfObject object, Ladder ladder, TracedCommand traced) throws IOException {
        fillFilters(object, traced, standard);
        try (Printer printer = tool.printer(object, standard, messages)) {
            this.printer = printer;
            standard.containers().start(standard, object);
            if (!printer.attach(object, ladder)) {
                return OptionalInt.empty();
            }
            messages.detail(Installation.ATTACHED);
            printer.header();
            if (traced != null) {
                traced.resume();
            }
            Option<Long> duration = tool.duration(standard);
            long end = duration.given() ? System.nanoTime() + duration.get() : Long.MAX_VALUE;
            while (!stopping && !printer.full() && System.nanoTime() < end && (traced == null || !traced.ended())) {
                // Nothing wakes us when the command ends.
                printer.awaitAndPrint(traced == null ? end : Math.min(end, System.nanoTime() + COMMAND_LOOK));
            }
            object.detach();
            messages.say(printer.finish(object));
        }
        if (traced != null && traced.ended()) {
            int status = traced.exitStatus();
            if (status != 0) {
                messages.say(command.getFirst() + " ended with exit status " + status);
            }
            return OptionalInt.of(status);
        }
        return OptionalInt.of(0);
    }

    /**
     * The loaded programs whose sections say where they attach, in the order to do so: a program on the exit of a process
     * must still find that the process is followed.
     */
    static List<BpfProgram> inOrder(BpfObject object) {
        List<BpfProgram> programs = new ArrayList<>();
        BpfProgram last = null;
        for (BpfProgram program : object.programs()) {
            if (program.name().equals(FOLLOW_EXIT)) {
                last = program;
            } else if (Section.of(program.section()).namesPlace()) {
                programs.add(program);
            }
        }
        if (last != null) {
            programs.add(last);
        }
        return programs;
    }

    /** Fills the maps of the filters, after load. */
    static void fillFilters(BpfObject object, TracedCommand traced, StandardOptions standard) {
        if (standard.pids.given() || traced != null) {
            BpfMap<Long, Short> pids = object.map("jbcc_pids", Long.class, Short.class);
            standard.pids.get().forEach(pid -> pids.update(pid, (short) 1));
            if (traced != null) {
                pids.update((long) traced.pid(), (short) 1);
            }
        }
        if (standard.cgroup.given() && !standard.cgroup.get().isV1()) {
            String path = standard.cgroup.get().path().toString();
            int fd;
            try {
                fd = Libc.openReadOnly(path);
            } catch (NativeException failure) {
                throw new JbccException.Failed("cannot open the cgroup " + path + ": " + failure.getMessage(), failure);
            }
            try {
                object.setDescriptor("jbcc_cgroup", 0, fd);
            } finally {
                Libc.close(fd);
            }
        }
    }

    /** Refuses processes and threads that are not there. */
    static void checkPids(StandardOptions standard) {
        standard.pids.get().forEach(pid -> Processes.require(pid.intValue()));
        if (standard.tid.given() && Processes.processOf(standard.tid.get().intValue()) == 0) {
            throw new JbccException.Usage("no such thread: " + standard.tid.get());
        }
    }
}
