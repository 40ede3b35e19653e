// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import java.util.List;

/**
 * Hooks that see the same events, best first. The runtime takes the first one that the running kernel accepts, and the
 * lines must not depend on which that is. The programs are optional ones of the C, {@code SEC("?…")}; those of the hook
 * that is taken are loaded.
 *
 * {@snippet :
 * HookGroup renames = new HookGroup(
 *         "renames",
 *         new HookGroup.Rung(HookKind.FENTRY, "rename_enter", "rename_leave"),
 *         new HookGroup.Rung(HookKind.TP_BTF, "rename_call"),
 *         new HookGroup.Rung(HookKind.RAW_TP, "rename_call"));
 * }
 *
 * @param name of the events, for messages: {@code system calls}
 * @param rungs at least one
 */
public record HookGroup(String name, List<Rung> rungs) {

    /**
     * One of the hooks.
     *
     * @param kind what {@code --hooks} calls it; where its programs are of several kinds, the one that tells it from others
     * @param programs all that it needs
     * @param functions for programs on a kernel function: the names that it has had, newest first. The sections say one
     *     of them; the others are tried when the kernel has no function of that name.
     */
    public record Rung(HookKind kind, List<String> programs, List<String> functions) {
        /** Of programs whose sections say all. */
        public Rung(HookKind kind, String... programs) {
            this(kind, List.of(programs), List.of());
        }
    }

    /** The two ways to have a tracepoint by one program of the C, {@code SEC("?" JBCC_TP "/…")}. */
    public static HookGroup tracepoint(String name, String program) {
        return new HookGroup(name, new Rung(HookKind.TP_BTF, program), new Rung(HookKind.RAW_TP, program));
    }

    /** Of these rungs. */
    public HookGroup(String name, Rung... rungs) {
        this(name, List.of(rungs));
    }
}
