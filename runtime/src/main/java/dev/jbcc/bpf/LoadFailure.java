// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.ffi.NativeException;
import dev.jbcc.host.Errno;
import dev.jbcc.host.Kernel;
import dev.jbcc.host.Privileges;
import java.util.Map;

/** Says why an object could not be loaded, from the errno and from what libbpf and the verifier said. */
final class LoadFailure {
    private static final String BTF_HINT =
            "use a kernel built with CONFIG_DEBUG_INFO_BTF=y, as those of the distributions since 2020 are";

    private static final String FAILED = "': failed to load: ";

    private LoadFailure() {}

    static JbccException explain(String name, NativeException failure, String said) {
        return explain(name, failure, said, null, Map.of());
    }

    /**
     * The same.
     *
     * @param noTypes says that the kernel's types were not found elsewhere either; null when that is not so
     * @param loaded the programs that were to be loaded, and their sections
     */
    static JbccException explain(
            String name, NativeException failure, String said, JbccException noTypes, Map<String, String> loaded) {
        VerifierLog log = VerifierLog.find(said);
        if (log != null) {
            return new JbccException.Failed(
                    "the kernel's verifier rejected program " + log.program() + " of " + name + ":\n" + log.summary(),
                    failure,
                    log.hint(),
                    said);
        }
        String program = lastQuoted(said, "prog '", FAILED);
        String section = program == null ? null : loaded.get(program);
        if (failure.errno() == Errno.EPERM || failure.errno() == Errno.EACCES) {
            // Others load, when it is not for want of capabilities.
            boolean one = section != null
                    && Section.of(section).needsKernelBtf()
                    && Privileges.own().mayTrace();
            String what = one ? "program " + program + " (" + section + ")" : "the programs";
            return Privileges.explain("cannot load " + what + " of " + name, failure);
        }
        String place = lastQuoted(said, "failed to find kernel BTF type ID of '", "': -");
        if (place != null && section != null && Kernel.hasBtf()) {
            return noPlace(program, section, place, failure);
        }
        if (noTypes != null) {
            return new JbccException.NotSupported(
                    "cannot load " + name + ": " + noTypes.getMessage(),
                    failure,
                    noTypes.hint().orElse(null),
                    noTypes.detail().map(places -> places + "\n").orElse("") + said);
        }
        if (!Kernel.hasBtf()) {
            return new JbccException.NotSupported(
                    "cannot load " + name
                            + ": tp_btf, fentry, LSM and iterator programs need the kernel's own description"
                            + " of its types, and there is no /sys/kernel/btf/vmlinux on this kernel ("
                            + Kernel.release() + ")",
                    failure,
                    BTF_HINT,
                    said);
        }
        return new JbccException.Failed(
                "cannot load " + name + ": " + failure.getMessage() + lastLine(said), failure, null, said);
    }

    /** Says why a program cannot have a place that was named before load. */
    static JbccException noPlace(String program, String section, String place, NativeException failure) {
        String kind = Section.of(section).kind();
        String what = "cannot attach " + program + " (" + kind + ") to " + place + ": ";
        if (!Kernel.hasBtf()) {
            return new JbccException.NotSupported(
                    what + "that needs the kernel's own description of its types, and there is no"
                            + " /sys/kernel/btf/vmlinux on this kernel (" + Kernel.release() + ")",
                    failure,
                    BTF_HINT,
                    null);
        }
        return switch (failure.errno()) {
            case Errno.EPERM, Errno.EACCES -> Privileges.explain(what.substring(0, what.length() - 2), failure);
            case Errno.ENOENT, Errno.ESRCH ->
                new JbccException.NotSupported(
                        what + "this kernel (" + Kernel.release() + ") has no such " + noun(kind),
                        failure,
                        "bpftool btf dump file /sys/kernel/btf/vmlinux | grep \"" + listed(kind)
                                + "\" lists those that are" + " there",
                        null);
            default -> new JbccException.Failed(what + failure.getMessage(), failure);
        };
    }

    private static String noun(String kind) {
        return switch (kind) {
            case "lsm", "lsm_cgroup" -> "hook of security modules";
            case "tp_btf" -> "tracepoint";
            case "iter" -> "kind of iterator";
            default -> "function that its types describe";
        };
    }

    /** How BTF has the names of those that there are: as {@code find_attach_btf_id} of libbpf looks for them. */
    private static String listed(String kind) {
        return switch (kind) {
            case "lsm", "lsm_cgroup" -> "FUNC 'bpf_lsm_";
            case "tp_btf" -> "TYPEDEF 'btf_trace_";
            case "iter" -> "FUNC 'bpf_iter_";
            default -> "FUNC '";
        };
    }

    /**
     * Says that a program cannot be loaded because nothing says where it is to attach; null when there is none.
     *
     * @param programs that were to be loaded as their sections say, and their sections
     */
    static JbccException noPlace(Map<String, String> programs) {
        for (Map.Entry<String, String> program : programs.entrySet()) {
            Section section = Section.of(program.getValue());
            if (section.needsKernelBtf() && section.place().isEmpty()) {
                return new JbccException.Usage(
                        "program " + program.getKey() + " has the section \"" + program.getValue()
                                + "\", which does not say where to attach it",
                        "write it as \"" + section.kind() + "/…\", or call OpenObject.attachTo before load");
            }
        }
        return null;
    }

    /**
     * The program that could not be loaded because the kernel does not let it have its hook; null when it was something
     * else, such as the program's code or want of memory.
     *
     * @param loaded the programs that were to be loaded with their sections, for libbpf names none when it looks for the
     *     kernel's BTF in vain
     */
    static String refusedHook(NativeException failure, String said, Map<String, String> loaded, boolean hasBtf) {
        switch (failure.errno()) {
            case Errno.ENOMEM, Errno.EAGAIN, Errno.EINTR, Errno.EMFILE, Errno.ENFILE -> {
                return null;
            }
            default -> {}
        }
        String program = lastQuoted(said, "prog '", FAILED);
        if (program == null && !hasBtf) {
            for (Map.Entry<String, String> candidate : loaded.entrySet()) {
                if (Section.of(candidate.getValue()).needsKernelBtf()) {
                    return candidate.getKey();
                }
            }
        }
        VerifierLog log = VerifierLog.find(said);
        return log != null && log.reachedCode() ? null : program;
    }

    /** The map of a kind that this kernel does not have; null when it was something else. */
    static String unknownMap(NativeException failure, String said) {
        return failure.errno() == Errno.EINVAL ? lastQuoted(said, "map '", "': failed to create: ") : null;
    }

    private static String lastQuoted(String said, String before, String after) {
        for (int end = said.lastIndexOf(after); end >= 0; end = said.lastIndexOf(after, end - 1)) {
            int start = said.lastIndexOf(before, end) + before.length();
            int line = said.indexOf('\n', start);
            if (start >= before.length() && start <= end && (line < 0 || line >= end)) {
                return said.substring(start, end);
            }
        }
        return null;
    }

    private static String lastLine(String said) {
        String text = said.strip();
        return text.isEmpty() ? "" : "\n" + text.substring(text.lastIndexOf('\n') + 1);
    }
}
