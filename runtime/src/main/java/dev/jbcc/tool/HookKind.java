// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.JbccException;
import java.util.Locale;

/** How programs get to see an event. */
public enum HookKind {
    /** A tracepoint with the kernel's formatting of its arguments; needs tracefs. */
    TRACEPOINT,
    /** A tracepoint with its bare arguments; needs no BTF of the kernel (4.17). */
    RAW_TP,
    /** The same with typed arguments, which programs read without a helper (5.5). */
    TP_BTF,
    /** The entry and the return of a kernel function, by trampolines: fentry and fexit (5.5, on arm64 6.4). */
    FENTRY,
    /** The same by breakpoints: kprobe and kretprobe. */
    KPROBE;

    /** Whether the kernel has to describe its types itself. */
    boolean needsKernelBtf() {
        return this == TP_BTF || this == FENTRY;
    }

    static HookKind parse(String text) {
        for (HookKind kind : values()) {
            if (kind.toString().equals(text)) {
                return kind;
            }
        }
        throw new JbccException.Usage("'" + text + "' is none of tracepoint, raw_tp, tp_btf, fentry and kprobe");
    }

    /** As {@code SEC()} and the user spell it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
