// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.ffi.KprobeMulti;
import dev.jbcc.bpf.ffi.Libbpf;
import dev.jbcc.bpf.ffi.LibbpfAttach;
import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.bpf.ffi.NativeException;
import dev.jbcc.bpf.ffi.ProgramCode;
import dev.jbcc.bpf.ffi.Sockets;
import dev.jbcc.host.Errno;
import dev.jbcc.host.Kernel;
import dev.jbcc.host.KernelFunctions;
import dev.jbcc.host.Privileges;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.LongSupplier;

/**
 * A loaded program of an object, and the ways to attach it. A program whose section names the place needs none of them
 * but {@link #attach()}; the others are for what is known only when the program runs. The section must still say of
 * what kind the program is: {@code SEC("uprobe")}, {@code SEC("tp")}, {@code SEC("xdp")}. Where an {@code fentry},
 * {@code fexit} or {@code lsm} program attaches is said before load, by {@link OpenObject#attachTo}.
 *
 * <pre>{@code
 * BpfProgram program = object.program("on_malloc");
 * try (BpfLink link = program.attachUprobe(Uprobe.at("libc.so.6", "malloc").in(pid))) {
 *     Thread.sleep(1000);
 * } // it is detached
 * }</pre>
 *
 * <p>A program can be attached to any number of places. Links belong to the object, which closes them with itself. All
 * methods are for one thread at a time of all that use the object, and throw {@link JbccException.NotPermitted} or
 * {@link JbccException.NotSupported} when the kernel refuses, saying what it lacks.
 */
public final class BpfProgram {
    private final BpfObject owner;
    private final long handle;

    BpfProgram(BpfObject owner, long handle) {
        this.owner = owner;
        this.handle = handle;
    }

    /** The name of the C function. */
    public String name() {
        return Libbpf.programName(handle());
    }

    /** What its {@code SEC()} says. */
    public String section() {
        return Libbpf.programSection(handle());
    }

    /** Attaches to what the section or {@link OpenObject#attachTo} names. */
    public BpfLink attach() {
        Section section = Section.of(section());
        if (section.isMulti() && !KprobeMulti.works()) {
            return kprobes(section.place(), section.kind().startsWith("kretprobe"));
        }
        try { // not by link(): what every tool does at its start is to do without a lambda
            return owner.own(new BpfLink(Libbpf.attachProgram(handle())));
        } catch (NativeException failure) {
            throw refused(section(), hint(), failure);
        }
    }

    /**
     * Attaches to the entry of a kernel function, of {@code /proc/kallsyms}; needs kprobes in the kernel.
     *
     * {@snippet :
     * object.program("entered").attachKprobe("vfs_open"); // SEC("kprobe")
     * object.program("left").attachKretprobe("vfs_open"); // SEC("kretprobe")
     * }
     */
    public BpfLink attachKprobe(String function) {
        return kprobe(function, 0, false);
    }

    /** Attaches to an instruction of a kernel function. */
    public BpfLink attachKprobe(String function, long offset) {
        return kprobe(function, offset, false);
    }

    /** Attaches to the return of a kernel function. */
    public BpfLink attachKretprobe(String function) {
        return kprobe(function, 0, true);
    }

    private BpfLink kprobe(String function, long offset, boolean atReturn) {
        String what = "kernel function " + function + (offset == 0 ? "" : "+" + offset);
        return link(what, null, () -> LibbpfAttach.kprobe(handle(), function, offset, atReturn));
    }

    /**
     * Attaches to the entries of many kernel functions. The section is {@code kprobe.multi}. Kernels before 5.18, and those
     * built without CONFIG_FPROBE, attach to one after the other, which needs two descriptors for each function and takes
     * long, above all to detach. In an emulated machine with Linux 6.12 (tools/src/test/c/many.c) 100 functions took 0.06 s to
     * attach at once and 1.0 to 1.6 s one by one, 0.08 s and 8 s to detach; 1000 functions 0.14 s and 21 s, 0.12 s and 83 s;
     * and a call of one of them 0.37 and 0.45 µs longer.
     *
     * {@snippet :
     * object.program("entered").attachKprobes("vfs_*"); // SEC("kprobe.multi")
     * object.program("left").attachKretprobes(List.of("vfs_read", "vfs_write")); // SEC("kretprobe.multi")
     * }
     *
     * @param pattern {@code *} stands for any characters, {@code ?} for one
     */
    public BpfLink attachKprobes(String pattern) {
        return kprobes(pattern, false);
    }

    /** The same for functions by name; each must be there. */
    public BpfLink attachKprobes(List<String> functions) {
        return kprobes(functions, false);
    }

    /** Attaches to the returns of many kernel functions. The section is {@code kretprobe.multi}. */
    public BpfLink attachKretprobes(String pattern) {
        return kprobes(pattern, true);
    }

    /** The same for functions by name; each must be there. */
    public BpfLink attachKretprobes(List<String> functions) {
        return kprobes(functions, true);
    }

    private BpfLink kprobes(String pattern, boolean atReturn) {
        if (!KprobeMulti.works()) {
            return oneByOne(pattern, KernelFunctions.traceable().matching(pattern), atReturn);
        }
        try {
            return owner.own(new BpfLink(LibbpfAttach.kprobes(handle(), pattern, atReturn)));
        } catch (NativeException failure) {
            throw refused("kernel functions " + pattern, null, failure);
        }
    }

    private BpfLink kprobes(List<String> functions, boolean atReturn) {
        if (!KprobeMulti.works()) {
            return oneByOne(null, functions, atReturn);
        }
        try {
            return owner.own(new BpfLink(LibbpfAttach.kprobes(handle(), functions, atReturn)));
        } catch (NativeException failure) {
            throw refused("kernel functions " + functions, null, failure);
        }
    }

    /**
     * Of those that a pattern matches, some can be such that no probe may be on, as those that probes themselves run; those
     * are left out.
     *
     * @param pattern null when the functions are named
     */
    private BpfLink oneByOne(String pattern, List<String> functions, boolean atReturn) {
        List<BpfLink> links = new ArrayList<>(functions.size());
        JbccException refused = null;
        for (String function : functions) {
            try {
                links.add(new BpfLink(LibbpfAttach.kprobe(handle(), function, 0, atReturn)));
            } catch (NativeException failure) {
                refused = refused("kernel function " + function, null, failure);
                if (pattern == null || !isOfFunction(failure)) {
                    links.forEach(BpfLink::close);
                    throw refused;
                }
            }
        }
        if (links.isEmpty()) {
            throw refused != null
                    ? refused
                    : new JbccException.NotSupported(
                            "cannot attach " + name() + ": no kernel function matches " + pattern, null);
        }
        return owner.own(BpfLink.ofAll(links));
    }

    /** Whether the kernel has nothing against a probe as such, but against this function. */
    private static boolean isOfFunction(NativeException failure) {
        return switch (failure.errno()) {
            case Errno.EPERM, Errno.EACCES, Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM -> false;
            default -> true;
        };
    }

    /**
     * Attaches to a place in a program or library.
     *
     * {@snippet :
     * object.program("asked").attachUprobe(Uprobe.at("libc.so.6", "malloc")); // SEC("uprobe")
     * object.program("got").attachUretprobe(Uprobe.at("libc.so.6", "malloc").in(pid)); // SEC("uretprobe")
     * }
     */
    public BpfLink attachUprobe(Uprobe place) {
        return uprobe(place, false);
    }

    /** Attaches to the returns of a function in a program or library. */
    public BpfLink attachUretprobe(Uprobe place) {
        return uprobe(place, true);
    }

    private BpfLink uprobe(Uprobe at, boolean atReturn) {
        return link(
                at.toString(),
                Uprobe.FUNCTIONS.formatted(at.binary()),
                () -> LibbpfAttach.uprobe(handle(), at.pid(), at.binary(), at.function(), at.offset(), atReturn));
    }

    /**
     * Attaches to a static probe (USDT) of a program or library, wherever it is in its code. The C reads its arguments
     * by {@code bpf_usdt_arg} of libbpf's {@code usdt.bpf.h}.
     *
     * {@snippet :
     * object.program("jumps").attachUsdt("libc.so.6", "libc", "setjmp", Uprobe.ALL); // SEC("usdt")
     * }
     *
     * @param binary as in {@link Uprobe}
     * @param pid a process, or {@link Uprobe#ALL}; kernels before 4.20 need one if the probe has a semaphore
     */
    public BpfLink attachUsdt(String binary, String provider, String probe, int pid) {
        return link(
                "USDT probe " + provider + ":" + probe + " of " + binary,
                Uprobe.PROBES.formatted(binary),
                () -> LibbpfAttach.usdt(handle(), pid, binary, provider, probe));
    }

    /**
     * Attaches to a tracepoint, a directory below {@code /sys/kernel/tracing/events}.
     *
     * {@snippet :
     * object.program("switched").attachTracepoint("sched", "sched_switch"); // SEC("tp")
     * object.program("called").attachRawTracepoint("sys_enter"); // SEC("raw_tp")
     * }
     */
    public BpfLink attachTracepoint(String category, String event) {
        return link(
                "tracepoint " + category + ":" + event,
                tracefsHint(),
                () -> LibbpfAttach.tracepoint(handle(), category, event));
    }

    /** Attaches to a tracepoint without the kernel's formatting of its arguments (kernel 4.17). */
    public BpfLink attachRawTracepoint(String event) {
        return link("raw tracepoint " + event, null, () -> LibbpfAttach.rawTracepoint(handle(), event));
    }

    /**
     * Runs a program of the section {@code perf_event} at each sample of a CPU.
     *
     * {@snippet :
     * Sampling often = new Sampling(Sampling.Clock.CPU_CLOCK, true, 99, false);
     * for (int cpu : Kernel.onlineCpus()) {
     *     object.program("sample").attachSampling(often, cpu); // SEC("perf_event")
     * }
     * }
     *
     * @return empty when this machine has no such clock, or not that CPU
     */
    public Optional<BpfLink> attachSampling(Sampling sampling, int cpu) {
        long program = handle();
        OptionalInt event = sampling.open(cpu);
        if (event.isEmpty()) {
            return Optional.empty();
        }
        try {
            long handle = Libbpf.attachPerfEvent(program, event.getAsInt());
            return Optional.of(owner.own(BpfLink.ofSampling(handle, event.getAsInt())));
        } catch (NativeException failure) {
            Libc.close(event.getAsInt());
            throw new JbccException.Failed(
                    "cannot attach " + name() + " to a perf event: " + failure.getMessage(), failure);
        }
    }

    /**
     * Attaches to the packets that a network interface receives, before the kernel's own work (XDP; kernel 5.9).
     *
     * {@snippet :
     * object.program("filter").attachXdp("eth0"); // SEC("xdp")
     * object.program("counts").attachTcEgress("eth0"); // SEC("tc"): what it sends
     * object.program("looks").attachSocketFilter("eth0"); // SEC("socket"): a copy of both
     * }
     */
    public BpfLink attachXdp(String networkInterface) {
        int index = interfaceIndex(networkInterface);
        return link("XDP of " + networkInterface, null, () -> LibbpfAttach.xdp(handle(), index));
    }

    /** Attaches a {@code SEC("tc")} program to the packets that an interface receives (tcx; kernel 6.6). */
    public BpfLink attachTcIngress(String networkInterface) {
        return tcx(networkInterface, true);
    }

    /** Attaches a {@code SEC("tc")} program to the packets that an interface sends (tcx; kernel 6.6). */
    public BpfLink attachTcEgress(String networkInterface) {
        return tcx(networkInterface, false);
    }

    /** The older hook, a filter of a clsact qdisc, is left out: it would stay when this process is killed. */
    private BpfLink tcx(String networkInterface, boolean ingress) {
        int index = interfaceIndex(networkInterface);
        try {
            return owner.own(BpfLink.ofDescriptor(LibbpfAttach.tcx(handle(), index, ingress)));
        } catch (NativeException failure) {
            throw refused("TC of " + networkInterface + " (tcx, kernel 6.6)", null, failure);
        }
    }

    /**
     * Attaches a {@code SEC("socket")} program to a packet socket of its own, so that it sees what an interface sends
     * and receives. What it returns is how many bytes of a packet the socket keeps: 0 keeps none.
     */
    public BpfLink attachSocketFilter(String networkInterface) {
        int index = interfaceIndex(networkInterface);
        try {
            return owner.own(BpfLink.ofDescriptor(Sockets.filtered(handle(), index)));
        } catch (NativeException failure) {
            throw refused("a packet socket of " + networkInterface, null, failure);
        }
    }

    private static int interfaceIndex(String name) {
        int index = Sockets.interfaceIndex(name);
        if (index == 0) {
            throw new JbccException.Usage("there is no network interface " + name, "ip link lists them");
        }
        return index;
    }

    /**
     * Attaches to a cgroup (v2) and those below it, by its directory; the section says to what of it (kernel 5.7).
     *
     * {@snippet :
     * object.program("leaves").attachCgroup(Path.of("/sys/fs/cgroup/system.slice")); // SEC("cgroup_skb/egress")
     * }
     */
    public BpfLink attachCgroup(Path cgroup) {
        int fd;
        try {
            fd = Libc.openReadOnly(cgroup.toString());
        } catch (NativeException failure) {
            throw new JbccException.Usage("cannot open the cgroup " + cgroup + ": " + failure.getMessage());
        }
        try {
            return link("cgroup " + cgroup, null, () -> LibbpfAttach.cgroup(handle(), fd));
        } finally {
            Libc.close(fd);
        }
    }

    /**
     * Runs a {@code SEC("iter/…")} program over all objects of its kind (kernel 5.8).
     *
     * {@snippet :
     * try (InputStream lines = object.program("tasks").iterate()) { // SEC("iter/task")
     *     lines.transferTo(System.out);
     * }
     * }
     *
     * @return what it prints by {@code BPF_SEQ_PRINTF} or {@code bpf_seq_write}; reading it runs the program
     */
    public InputStream iterate() {
        return iterate(-1, section());
    }

    /** Runs a {@code SEC("iter/bpf_map_elem")} program over the elements of a map of the object. */
    public InputStream iterate(String map) {
        return iterate(owner.mapDescriptor(map), "the elements of map " + map);
    }

    private InputStream iterate(int map, String what) {
        try {
            return owner.own(new IteratorOutput(LibbpfAttach.iterator(handle(), map)));
        } catch (NativeException failure) {
            throw refused(what, null, failure);
        }
    }

    private BpfLink link(String what, String hint, LongSupplier attach) {
        try {
            return owner.own(new BpfLink(attach.getAsLong()));
        } catch (NativeException failure) {
            throw refused(what, hint, failure);
        }
    }

    /** Says what could not be attached to, and why. */
    private JbccException refused(String place, String hint, NativeException failure) {
        String what = "attach " + name() + " to " + place;
        return switch (failure.errno()) {
            case Errno.EPERM, Errno.EACCES -> Privileges.explain("cannot " + what, failure);
            case Errno.ENOENT, Errno.ESRCH, Errno.EOPNOTSUPP ->
                new JbccException.NotSupported(
                        "cannot " + what + ": " + absent(),
                        failure,
                        hint == null && section().startsWith("t") ? tracefsHint() : hint,
                        null);
            default ->
                new JbccException.NotSupported("cannot " + what + ": " + failure.getMessage(), failure, hint, null);
        };
    }

    /** What tells whether the place of the section is there; null for most. */
    private String hint() {
        Section section = Section.of(section());
        int colon = section.place().indexOf(':');
        return isInFile() && colon > 0
                ? (section.kind().equals("usdt") ? Uprobe.PROBES : Uprobe.FUNCTIONS)
                        .formatted(section.place().substring(0, colon))
                : null;
    }

    private String absent() {
        if (isInFile()) {
            return "there is no such file, or it does not have it";
        }
        String kernel = "this kernel (" + Kernel.release() + ")";
        String kind = Section.of(section()).kind();
        boolean probe = kind.startsWith("kprobe") || kind.startsWith("kretprobe");
        return probe && !Files.exists(Path.of("/sys/bus/event_source/devices/kprobe"))
                ? kernel + " was built without kprobes (CONFIG_KPROBE_EVENTS)"
                : kernel + " does not have it";
    }

    private boolean isInFile() {
        return switch (Section.of(section()).kind()) {
            case "uprobe", "uretprobe", "uprobe.multi", "uretprobe.multi", "usdt" -> true;
            default -> false;
        };
    }

    private static String tracefsHint() {
        return Files.exists(Path.of("/sys/kernel/tracing/events")) || Files.exists(Path.of("/sys/kernel/debug/tracing"))
                ? null
                : "the kernel's list of tracepoints is not mounted: mount -t tracefs tracefs /sys/kernel/tracing";
    }

    boolean prints() {
        return ProgramCode.prints(handle());
    }

    int descriptor() {
        return Libbpf.programFd(handle());
    }

    private long handle() {
        owner.checkOpen();
        return handle;
    }
}
