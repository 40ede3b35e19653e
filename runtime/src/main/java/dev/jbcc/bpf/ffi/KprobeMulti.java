// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf.ffi;

import dev.jbcc.host.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Whether this kernel attaches one program to many functions in one call (5.18, with CONFIG_FPROBE). It has to be known
 * before a program is loaded: one that is loaded for such a link cannot be attached to a single function, and the other
 * way round.
 *
 * <p>It is really tried, since some distributions have it in older kernels: such a link is asked for with addresses that
 * cannot be read. The kernel that knows it says so, all others refuse before they look.
 */
public final class KprobeMulti {
    private static final MemorySegment bpf_prog_load = Libbpf.find("bpf_prog_load");
    private static final MemorySegment bpf_link_create = Libbpf.find("bpf_link_create");
    private static final MemorySegment set_expected_attach_type = Libbpf.find("bpf_program__set_expected_attach_type");

    // include/uapi/linux/bpf.h
    private static final int BPF_PROG_TYPE_KPROBE = 2;
    private static final int BPF_TRACE_KPROBE_MULTI = 42;
    private static final long RETURN_0 = 0xb7; // r0 = 0
    private static final long EXIT = 0x95;

    private static final int NONE = 0; // what libbpf sets for kprobes, the first value of enum bpf_attach_type
    private static final long UNREADABLE = 1;

    private static Boolean works;

    private KprobeMulti() {}

    /** Tried at the first call of the process. True when it cannot be tried, so that what is really wanted says why. */
    public static synchronized boolean works() {
        if (works == null) {
            works = attempt();
        }
        return works;
    }

    private static boolean attempt() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment code = arena.allocateFrom(ValueLayout.JAVA_LONG, RETURN_0, EXIT);
            // struct bpf_prog_load_opts { sz, int attempts, expected_attach_type, … }
            MemorySegment load = arena.allocate(16, 8);
            load.set(ValueLayout.JAVA_LONG, 0, 16);
            load.set(ValueLayout.JAVA_INT, 12, BPF_TRACE_KPROBE_MULTI);
            long program = Native.call(
                    bpf_prog_load,
                    BPF_PROG_TYPE_KPROBE,
                    arena.allocateFrom("try_multi").address(),
                    arena.allocateFrom("GPL").address(),
                    code.address(),
                    code.byteSize() / 8,
                    load.address());
            if ((int) program < 0) {
                return true;
            }
            try {
                // struct bpf_link_create_opts { sz, flags, iter_info, iter_info_len, target_btf_id,
                //     kprobe_multi { flags, cnt, syms, addrs, cookies } }
                MemorySegment link = arena.allocate(64, 8);
                link.set(ValueLayout.JAVA_LONG, 0, 64);
                link.set(ValueLayout.JAVA_INT, 36, 1);
                link.set(ValueLayout.JAVA_LONG, 48, UNREADABLE);
                int made = (int)
                        Native.call(bpf_link_create, (int) program, 0, BPF_TRACE_KPROBE_MULTI, link.address(), 0, 0);
                return made == -Errno.EFAULT;
            } finally {
                Libc.close((int) program);
            }
        }
    }

    /** Makes a program of {@code kprobe.multi} that is not loaded yet one for single functions. */
    public static void leaveOut(long program) {
        Libbpf.status("bpf_program__set_expected_attach_type", Native.call(set_expected_attach_type, program, NONE));
    }
}
