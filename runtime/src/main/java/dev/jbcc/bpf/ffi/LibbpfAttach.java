// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * What libbpf has for attaching a program to a place that its section does not name. Apart from {@link Libbpf}, since
 * the tools never look these functions up. Each link is to be {@link Libbpf#destroyLink destroyed}, each descriptor to
 * be {@link Libc#close closed}.
 */
public final class LibbpfAttach {
    private static final MemorySegment attach_cgroup = Libbpf.find("bpf_program__attach_cgroup");
    private static final MemorySegment attach_iter = Libbpf.find("bpf_program__attach_iter");
    private static final MemorySegment attach_kprobe_multi = Libbpf.find("bpf_program__attach_kprobe_multi_opts");
    private static final MemorySegment attach_kprobe = Libbpf.find("bpf_program__attach_kprobe_opts");
    private static final MemorySegment attach_raw_tracepoint = Libbpf.find("bpf_program__attach_raw_tracepoint");
    private static final MemorySegment attach_tracepoint = Libbpf.find("bpf_program__attach_tracepoint");
    private static final MemorySegment attach_uprobe = Libbpf.find("bpf_program__attach_uprobe_opts");
    private static final MemorySegment attach_usdt = Libbpf.find("bpf_program__attach_usdt");
    private static final MemorySegment set_attach_target = Libbpf.find("bpf_program__set_attach_target");
    private static final MemorySegment attach_xdp = Libbpf.find("bpf_program__attach_xdp");
    private static final MemorySegment bpf_iter_create = Libbpf.find("bpf_iter_create");
    private static final MemorySegment bpf_link__fd = Libbpf.find("bpf_link__fd");

    // include/uapi/linux/bpf.h: enum bpf_cmd, enum bpf_attach_type
    private static final int BPF_LINK_CREATE = 28;
    private static final int BPF_TCX_INGRESS = 46;
    private static final int BPF_TCX_EGRESS = 47;

    private LibbpfAttach() {}

    /** {@code bpf_program__set_attach_target}: where a program that BTF is needed for attaches, before it is loaded. */
    public static void setTarget(long program, String place) {
        try (Arena arena = Arena.ofConfined()) {
            Libbpf.status(
                    "bpf_program__set_attach_target",
                    Native.call(
                            set_attach_target,
                            program,
                            0,
                            arena.allocateFrom(place).address()));
        }
    }

    /** {@code bpf_program__attach_kprobe_opts}. */
    public static long kprobe(long program, String function, long offset, boolean atReturn) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment options = arena.allocate(32, 8); // struct bpf_kprobe_opts { sz, cookie, offset, retprobe }
            options.set(ValueLayout.JAVA_LONG, 0, 32);
            options.set(ValueLayout.JAVA_LONG, 16, offset);
            options.set(ValueLayout.JAVA_BYTE, 24, (byte) (atReturn ? 1 : 0));
            return Libbpf.pointer(
                    "bpf_program__attach_kprobe_opts",
                    Native.call(
                            attach_kprobe, program, arena.allocateFrom(function).address(), options.address()));
        }
    }

    /** {@code bpf_program__attach_kprobe_multi_opts}: all functions that a pattern with * and ? matches. */
    public static long kprobes(long program, String pattern, boolean atReturn) {
        try (Arena arena = Arena.ofConfined()) {
            return kprobes(program, arena.allocateFrom(pattern).address(), multi(arena, atReturn));
        }
    }

    /** The same for functions by name; all of them must be there. */
    public static long kprobes(long program, List<String> functions, boolean atReturn) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment names = arena.allocate(ValueLayout.JAVA_LONG, functions.size());
            for (int i = 0; i < functions.size(); i++) {
                names.setAtIndex(
                        ValueLayout.JAVA_LONG,
                        i,
                        arena.allocateFrom(functions.get(i)).address());
            }
            MemorySegment options = multi(arena, atReturn);
            options.set(ValueLayout.JAVA_LONG, 8, names.address());
            options.set(ValueLayout.JAVA_LONG, 32, functions.size());
            return kprobes(program, 0, options);
        }
    }

    /** {@code struct bpf_kprobe_multi_opts { sz, syms, addrs, cookies, cnt, retprobe }}. */
    private static MemorySegment multi(Arena arena, boolean atReturn) {
        MemorySegment options = arena.allocate(48, 8);
        options.set(ValueLayout.JAVA_LONG, 0, 48);
        options.set(ValueLayout.JAVA_BYTE, 40, (byte) (atReturn ? 1 : 0));
        return options;
    }

    private static long kprobes(long program, long pattern, MemorySegment options) {
        return Libbpf.pointer(
                "bpf_program__attach_kprobe_multi_opts",
                Native.call(attach_kprobe_multi, program, pattern, options.address()));
    }

    /**
     * {@code bpf_program__attach_uprobe_opts}.
     *
     * @param pid a process, or -1 for all
     * @param function null when {@code offset} is that in the file, and else counts from the function's start
     */
    public static long uprobe(long program, int pid, String binary, String function, long offset, boolean atReturn) {
        try (Arena arena = Arena.ofConfined()) {
            // struct bpf_uprobe_opts { sz, ref_ctr_offset, bpf_cookie, retprobe, func_name }
            MemorySegment options = arena.allocate(40, 8);
            options.set(ValueLayout.JAVA_LONG, 0, 40);
            options.set(ValueLayout.JAVA_BYTE, 24, (byte) (atReturn ? 1 : 0));
            if (function != null) {
                options.set(
                        ValueLayout.JAVA_LONG, 32, arena.allocateFrom(function).address());
            }
            return Libbpf.pointer(
                    "bpf_program__attach_uprobe_opts",
                    Native.call(
                            attach_uprobe,
                            program,
                            pid,
                            arena.allocateFrom(binary).address(),
                            offset,
                            options.address(),
                            0));
        }
    }

    /** {@code bpf_program__attach_usdt}, to all places of the probe. */
    public static long usdt(long program, int pid, String binary, String provider, String name) {
        try (Arena arena = Arena.ofConfined()) {
            return Libbpf.pointer(
                    "bpf_program__attach_usdt",
                    Native.call(
                            attach_usdt,
                            program,
                            pid,
                            arena.allocateFrom(binary).address(),
                            arena.allocateFrom(provider).address(),
                            arena.allocateFrom(name).address(),
                            0));
        }
    }

    /** {@code bpf_program__attach_tracepoint}. */
    public static long tracepoint(long program, String category, String name) {
        try (Arena arena = Arena.ofConfined()) {
            return Libbpf.pointer(
                    "bpf_program__attach_tracepoint",
                    Native.call(
                            attach_tracepoint,
                            program,
                            arena.allocateFrom(category).address(),
                            arena.allocateFrom(name).address()));
        }
    }

    /** {@code bpf_program__attach_raw_tracepoint}. */
    public static long rawTracepoint(long program, String name) {
        try (Arena arena = Arena.ofConfined()) {
            return Libbpf.pointer(
                    "bpf_program__attach_raw_tracepoint",
                    Native.call(
                            attach_raw_tracepoint,
                            program,
                            arena.allocateFrom(name).address()));
        }
    }

    /** {@code bpf_program__attach_xdp} (kernel 5.9). */
    public static long xdp(long program, int interfaceIndex) {
        return Libbpf.pointer("bpf_program__attach_xdp", Native.call(attach_xdp, program, interfaceIndex));
    }

    /** {@code bpf_program__attach_cgroup} (kernel 5.7); the descriptor of the cgroup can be closed afterwards. */
    public static long cgroup(long program, int cgroup) {
        return Libbpf.pointer("bpf_program__attach_cgroup", Native.call(attach_cgroup, program, cgroup));
    }

    /** {@code bpf_program__attach_iter} (kernel 5.8), over the elements of a map if {@code map} is not -1. */
    public static long iterator(long program, int map) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment options = MemorySegment.NULL;
            if (map >= 0) {
                MemorySegment info = arena.allocate(16, 8); // union bpf_iter_link_info { struct { __u32 map_fd; } … }
                info.set(ValueLayout.JAVA_INT, 0, map);
                options = arena.allocate(24, 8); // struct bpf_iter_attach_opts { sz, link_info, link_info_len }
                options.set(ValueLayout.JAVA_LONG, 0, 24);
                options.set(ValueLayout.JAVA_LONG, 8, info.address());
                options.set(ValueLayout.JAVA_INT, 16, 16);
            }
            return Libbpf.pointer("bpf_program__attach_iter", Native.call(attach_iter, program, options.address()));
        }
    }

    /** {@code bpf_iter_create}: a descriptor from which one walk of the iterator is read. */
    public static int createIterator(long link) {
        return Libbpf.status("bpf_iter_create", Native.call(bpf_iter_create, Native.call(bpf_link__fd, link)));
    }

    /**
     * A tcx link (kernel 6.6), by bpf(2), because libbpf's function for it is newer than 1.1; returns its descriptor.
     * A kernel without tcx says EINVAL.
     */
    public static int tcx(long program, int interfaceIndex, boolean ingress) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(64, 8); // link_create of union bpf_attr
            attributes.set(ValueLayout.JAVA_INT, 0, Libbpf.programFd(program));
            attributes.set(ValueLayout.JAVA_INT, 4, interfaceIndex);
            attributes.set(ValueLayout.JAVA_INT, 8, ingress ? BPF_TCX_INGRESS : BPF_TCX_EGRESS);
            int link = Libc.bpfDescriptor(BPF_LINK_CREATE, attributes);
            if (link < 0) {
                throw new NativeException("bpf", -link);
            }
            return link;
        }
    }
}
