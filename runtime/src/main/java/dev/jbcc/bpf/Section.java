// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

/**
 * What the name of a program's section says: of what kind the program is, and to what it attaches, as libbpf's
 * "program types and ELF sections" page has it.
 *
 * {@snippet :
 * for (String program : open.programs()) {
 *     Section section = Section.of(open.section(program));
 *     System.out.println(program + (section.namesPlace() ? " attaches to " + section.place() : " is attached by call"));
 * }
 * }
 *
 * @param kind the part before the slash, without a {@code ?} in front and without {@code .s} (sleepable)
 * @param place the part behind the slash; empty when there is none
 */
public record Section(String kind, String place) {

    /** Takes a section's name apart. */
    public static Section of(String name) {
        String text = name.startsWith("?") ? name.substring(1) : name;
        int slash = text.indexOf('/');
        String kind = slash < 0 ? text : text.substring(0, slash);
        if (kind.endsWith(".s")) {
            kind = kind.substring(0, kind.length() - 2);
        }
        return new Section(kind, slash < 0 ? "" : text.substring(slash + 1));
    }

    /** Whether libbpf attaches such a program by its section alone. */
    public boolean namesPlace() {
        return switch (kind) {
            case "kprobe",
                    "kretprobe",
                    "kprobe.multi",
                    "kretprobe.multi",
                    "kprobe.session",
                    "ksyscall",
                    "kretsyscall" -> !place.isEmpty();
            case "raw_tracepoint", "raw_tp", "raw_tracepoint.w", "raw_tp.w" -> !place.isEmpty();
            case "tp_btf", "fentry", "fexit", "fmod_ret", "freplace", "lsm" -> !place.isEmpty();
            case "tracepoint", "tp" -> place.indexOf('/') > 0;
            case "uprobe", "uretprobe", "uprobe.multi", "uretprobe.multi", "usdt" -> place.indexOf(':') > 0;
            default -> false;
        };
    }

    /** Whether the kernel's own BTF is needed to load such a program, whatever its code reads. */
    public boolean needsKernelBtf() {
        return switch (kind) {
            case "tp_btf", "fentry", "fexit", "fmod_ret", "lsm", "lsm_cgroup", "iter" -> true;
            default -> false;
        };
    }

    /** Whether it attaches to what it was loaded for, by the section or by {@link OpenObject#attachTo}. */
    boolean isPlacedAtLoad() {
        return switch (kind) {
            case "tp_btf", "fentry", "fexit", "fmod_ret", "lsm" -> true;
            default -> false;
        };
    }

    /** Whether it is for many kernel functions at once, which older kernels do one by one. */
    public boolean isMulti() {
        return kind.equals("kprobe.multi") || kind.equals("kretprobe.multi");
    }

    /** Whether it is run by reading it, {@link BpfProgram#iterate()}. */
    public boolean isIterator() {
        return kind.equals("iter");
    }

    /** Whether it is run by samples, {@link BpfProgram#attachSampling}. */
    public boolean isSampled() {
        return kind.equals("perf_event");
    }
}
