// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;

/**
 * The kernel's types as C, by libbpf's {@code btf_dump}. It prints through a function with the parameters of
 * {@code vfprintf}, and so it is given that one, with a stream in memory: no call comes back to Java.
 */
public final class BtfDump {
    private static final SymbolLookup LIBC = Native.libc();
    private static final MemorySegment fclose = LIBC.find("fclose").orElseThrow();
    private static final MemorySegment free = LIBC.find("free").orElseThrow();
    private static final MemorySegment open_memstream =
            LIBC.find("open_memstream").orElseThrow();
    private static final MemorySegment vfprintf = LIBC.find("vfprintf").orElseThrow();
    private static final MemorySegment btf__free = Libbpf.find("btf__free");
    private static final MemorySegment btf__parse = Libbpf.find("btf__parse");
    private static final MemorySegment btf__type_cnt = Libbpf.find("btf__type_cnt");
    private static final MemorySegment btf_dump__dump_type = Libbpf.find("btf_dump__dump_type");
    private static final MemorySegment btf_dump__free = Libbpf.find("btf_dump__free");
    private static final MemorySegment btf_dump__new = Libbpf.find("btf_dump__new");

    private BtfDump() {}

    /** Whether libbpf can read types from this file, BTF itself or an ELF file with a section of it: 0 or the errno. */
    public static int check(String file) {
        try (Arena arena = Arena.ofConfined()) {
            long btf = Native.call(btf__parse, arena.allocateFrom(file).address(), 0);
            if (btf == 0) {
                return Native.errno();
            }
            Native.call(btf__free, btf);
            return 0;
        }
    }

    /** All types of a BTF file such as {@code /sys/kernel/btf/vmlinux}, some 3 MB of C. */
    public static byte[] types(String file) {
        try (Arena arena = Arena.ofConfined()) {
            long btf = Libbpf.pointer(
                    "btf__parse",
                    Native.call(btf__parse, arena.allocateFrom(file).address(), 0));
            try {
                return types(arena, btf);
            } finally {
                Native.call(btf__free, btf);
            }
        }
    }

    private static byte[] types(Arena arena, long btf) {
        MemorySegment text = arena.allocate(ValueLayout.JAVA_LONG);
        MemorySegment length = arena.allocate(ValueLayout.JAVA_LONG);
        long stream = Libbpf.pointer("open_memstream", Native.call(open_memstream, text.address(), length.address()));
        try {
            try {
                dump(arena, btf, stream);
            } finally {
                Native.call(fclose, stream);
            }
            return Native.memory(text.get(ValueLayout.JAVA_LONG, 0), length.get(ValueLayout.JAVA_LONG, 0))
                    .toArray(ValueLayout.JAVA_BYTE);
        } finally {
            Native.call(free, text.get(ValueLayout.JAVA_LONG, 0));
        }
    }

    private static void dump(Arena arena, long btf, long stream) {
        MemorySegment options = arena.allocate(8, 8); // struct btf_dump_opts { sz }
        options.set(ValueLayout.JAVA_LONG, 0, 8);
        long dump = Libbpf.pointer(
                "btf_dump__new", Native.call(btf_dump__new, btf, vfprintf.address(), stream, options.address()));
        try {
            int count = (int) Native.call(btf__type_cnt, btf);
            for (int id = 1; id < count; id++) {
                Libbpf.status("btf_dump__dump_type", Native.call(btf_dump__dump_type, dump, id));
            }
        } finally {
            Native.call(btf_dump__free, dump);
        }
    }
}
