// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf.ffi;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The instructions of a program, {@code struct bpf_insn}, as libbpf hands them to the kernel. */
public final class ProgramCode {
    private static final MemorySegment bpf_program__insn_cnt = Libbpf.find("bpf_program__insn_cnt");
    private static final MemorySegment bpf_program__insns = Libbpf.find("bpf_program__insns");

    private static final int SIZE = 8;
    // include/uapi/linux/bpf.h
    private static final int CALL = 0x85; // BPF_JMP | BPF_CALL
    private static final int REGISTERS = 0xff; // no bit of them: a helper, not a function
    private static final int TRACE_PRINTK = 6;
    private static final int TRACE_VPRINTK = 177;

    private ProgramCode() {}

    /** Whether it calls one of the helpers behind {@code bpf_printk}. */
    public static boolean prints(long program) {
        long count = Native.call(bpf_program__insn_cnt, program);
        long address = Native.call(bpf_program__insns, program);
        if (address == 0) {
            return false;
        }
        MemorySegment code = Native.memory(address, count * SIZE);
        for (long at = 0; at < code.byteSize(); at += SIZE) {
            if ((code.get(ValueLayout.JAVA_BYTE, at) & 0xff) == CALL
                    && (code.get(ValueLayout.JAVA_BYTE, at + 1) & REGISTERS) == 0) {
                int helper = code.get(ValueLayout.JAVA_INT, at + 4);
                if (helper == TRACE_PRINTK || helper == TRACE_VPRINTK) {
                    return true;
                }
            }
        }
        return false;
    }
}
