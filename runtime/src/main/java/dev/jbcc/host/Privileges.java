// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host;

import dev.jbcc.JbccException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What this process may do, and what the kernel forbids to all. Nothing is checked before it is tried: this explains an
 * EPERM or EACCES after the fact.
 *
 * <p>Each value is empty when its file is missing or unreadable.
 *
 * {@snippet :
 * if (!Privileges.own().root()) {
 *     System.err.println("this may need root");
 * }
 * }
 *
 * @param effectiveUid 0 is root; as this process's user namespace counts
 * @param capabilities the effective set, one bit for each number of linux/capability.h
 * @param lastCapability the highest number that this kernel knows: 38 and 39 came with Linux 5.8
 * @param initialUserNamespace whether the capabilities count outside of a rootless container
 * @param seccomp 0 off, 1 strict, 2 filter
 * @param lockdown none, integrity or confidentiality (kernel_lockdown(7))
 * @param unprivilegedBpf kernel.unprivileged_bpf_disabled
 * @param perfEventParanoid kernel.perf_event_paranoid; Debian and Ubuntu have values above 2
 * @param kptrRestrict kernel.kptr_restrict; 2 hides kernel addresses from root as well
 * @param inContainer whether docker, podman or Kubernetes left a mark
 */
public record Privileges(
        OptionalLong effectiveUid,
        OptionalLong capabilities,
        OptionalInt lastCapability,
        Optional<Boolean> initialUserNamespace,
        OptionalInt seccomp,
        Optional<String> lockdown,
        OptionalInt unprivilegedBpf,
        OptionalInt perfEventParanoid,
        OptionalInt kptrRestrict,
        boolean inContainer) {

    private static final int MAX_STATUS = 1 << 16;
    private static final int MAX_SMALL = 256;
    private static final int SECCOMP_FILTER = 2;
    private static final int KPTR_HIDDEN = 2;
    private static final int DISTRIBUTION_PARANOID = 3;

    /** PROC_USER_INIT_INO of include/linux/proc_ns.h. */
    private static final String INITIAL_USER_NAMESPACE = "user:[" + 0xEFFF_FFFDL + "]";

    /** The capabilities that tracing can need; numbers from linux/capability.h. */
    public enum Capability {
        /** Reads the files of tracefs, which only root may enter. */
        DAC_READ_SEARCH(2),
        /** Attaches XDP and traffic control programs. */
        NET_ADMIN(12),
        /** Looks into other users' processes: /proc/PID/maps, /proc/PID/root, uprobes of containers. */
        SYS_PTRACE(19),
        /** The one that stood for BPF and PERFMON before Linux 5.8, and still includes them. */
        SYS_ADMIN(21),
        /** Reads kernel addresses from /proc/kallsyms. */
        SYSLOG(34),
        /** Attaches to events, and reads kernel memory in BPF programs. */
        PERFMON(38),
        /** Loads BPF programs and makes maps. */
        BPF(39);

        private final int number;

        Capability(int number) {
            this.number = number;
        }
    }

    /** Of this process, now. */
    public static Privileges own() {
        return read(Path.of("/"));
    }

    /**
     * Explains why the kernel refused something to this process.
     *
     * @param what failed, as the beginning of the message: {@code cannot load the BPF program}
     * @param cause what reported it, or null
     * @param needed the capabilities that it needs; none stands for BPF and PERFMON, which all tracing needs
     */
    public static JbccException.NotPermitted explain(String what, Throwable cause, Capability... needed) {
        return own().refusal(what, cause, needed);
    }

    /** Whether this process is root, in its own user namespace. */
    public boolean root() {
        return effectiveUid.isPresent() && effectiveUid.getAsLong() == 0;
    }

    /** Whether one of these is not among the effective capabilities; false when that cannot be told. */
    public boolean lacks(Capability... needed) {
        return capabilities.isPresent() && !missing(needed).isEmpty();
    }

    /** Reads from proc, sys and the marks of containers below a directory. */
    static Privileges read(Path root) {
        Path proc = root.resolve("proc");
        Path self = proc.resolve("self");
        Path sysctl = proc.resolve("sys/kernel");
        String status = KernelText.read(self.resolve("status"), MAX_STATUS).orElse("");
        return new Privileges(
                effectiveUid(field(status, "Uid")),
                hexadecimal(field(status, "CapEff")),
                decimal(small(sysctl.resolve("cap_last_cap"))),
                initialUserNamespace(self.resolve("ns/user")),
                decimal(field(status, "Seccomp")),
                lockdown(small(root.resolve("sys/kernel/security/lockdown"))),
                decimal(small(sysctl.resolve("unprivileged_bpf_disabled"))),
                decimal(small(sysctl.resolve("perf_event_paranoid"))),
                decimal(small(sysctl.resolve("kptr_restrict"))),
                Files.exists(root.resolve(".dockerenv"))
                        || Files.exists(root.resolve("run/.containerenv"))
                        || Files.exists(root.resolve("run/secrets/kubernetes.io")));
    }

    JbccException.NotPermitted refusal(String what, Throwable cause, Capability... needed) {
        List<Capability> missing =
                missing(needed.length > 0 ? needed : new Capability[] {Capability.BPF, Capability.PERFMON});
        boolean addresses = List.of(needed).contains(Capability.SYSLOG);
        boolean events = needed.length == 0 || List.of(needed).contains(Capability.PERFMON);

        String why;
        String hint;
        if (capabilities.isEmpty()) {
            why = "not permitted, and /proc/self/status does not tell which capability is missing";
            hint = "Run it as root, with sudo.";
        } else if (!initialUserNamespace.orElse(true)) {
            why = "not permitted in a user namespace, whose capabilities do not count for this";
            hint = "Run it outside of unshare and rootless containers, such as by: sudo podman run --privileged ...";
        } else if (!missing.isEmpty()) {
            why = "not permitted without " + names(missing, "CAP_", " and ");
            hint = root() ? containerHint(missing) : sudoHint(missing);
        } else if (addresses && kptrRestrict.orElse(0) >= KPTR_HIDDEN) {
            why = "kernel.kptr_restrict is " + kptrRestrict.getAsInt() + ", which hides kernel addresses from all";
            hint = "sudo sysctl kernel.kptr_restrict=1";
        } else if (lockdown.orElse("").equals("confidentiality")) {
            why = "the kernel is locked down (confidentiality), which forbids tracing to root as well";
            hint = "Boot without the kernel parameter lockdown=confidentiality; see kernel_lockdown(7).";
        } else if (events && perfEventParanoid.orElse(0) >= DISTRIBUTION_PARANOID && !has(Capability.SYS_ADMIN)) {
            why = "kernel.perf_event_paranoid is " + perfEventParanoid.getAsInt()
                    + ", with which Debian and Ubuntu kernels want CAP_SYS_ADMIN";
            hint = "sudo sysctl kernel.perf_event_paranoid=2\n" + containerHint(List.of(Capability.SYS_ADMIN));
        } else {
            why = "all capabilities are there, but a security policy refused it";
            hint = policyHint();
        }
        return new JbccException.NotPermitted(what + ": " + why, cause, hint, facts());
    }

    /** Whether it has the capabilities that all tracing needs, so that a refusal has another cause. */
    public boolean mayTrace() {
        return initialUserNamespace.orElse(true)
                && missing(new Capability[] {Capability.BPF, Capability.PERFMON})
                        .isEmpty();
    }

    /** Those of the capabilities that tracing can need which are there, such as {@code BPF PERFMON}. */
    public String named() {
        if (capabilities.isEmpty()) {
            return "unknown";
        }
        StringBuilder names = new StringBuilder();
        for (Capability capability : Capability.values()) {
            if (has(capability)) {
                names.append(names.isEmpty() ? "" : " ").append(capability.name());
            }
        }
        return names.isEmpty() ? "none of those that tracing needs" : names.toString();
    }

    private List<Capability> missing(Capability[] needed) {
        List<Capability> missing = new ArrayList<>();
        for (Capability capability : needed) {
            Capability named = capability.number > lastCapability.orElse(Capability.BPF.number)
                    ? Capability.SYS_ADMIN
                    : capability;
            if (!has(capability) && !missing.contains(named)) {
                missing.add(named);
            }
        }
        return missing;
    }

    private boolean has(Capability capability) {
        long set = capabilities.orElse(0);
        boolean included = capability == Capability.BPF || capability == Capability.PERFMON;
        return (set >>> capability.number & 1) != 0 || included && (set >>> Capability.SYS_ADMIN.number & 1) != 0;
    }

    private String sudoHint(List<Capability> missing) {
        return "Run it as root, with sudo.\nIn a container, run it as root and with "
                + names(missing, "--cap-add=", " ") + ".";
    }

    private static String containerHint(List<Capability> missing) {
        return "In a container: docker run " + names(missing, "--cap-add=", " ")
                + " ... (as root; podman alike)\nIn Kubernetes: securityContext: {runAsUser: 0, capabilities: {add: ["
                + names(missing, "", ", ") + "]}}";
    }

    private String policyHint() {
        StringBuilder hint = new StringBuilder();
        if (seccomp.orElse(0) == SECCOMP_FILTER) {
            hint.append("A seccomp filter is on; in a container try: --security-opt seccomp=unconfined\n");
        }
        if (lockdown.orElse("").equals("integrity")) {
            hint.append("The kernel is locked down (integrity), which forbids bpf_probe_write_user.\n");
        }
        return hint.append("SELinux, AppArmor or another security module may tell: journalctl -k | grep -i denied")
                .toString();
    }

    /** Everything that was looked at, for {@code -v}. */
    private String facts() {
        return "effective uid " + text(effectiveUid)
                + "\neffective capabilities "
                + (capabilities.isPresent() ? Long.toHexString(capabilities.getAsLong()) : "unknown")
                + "\nuser namespace "
                + initialUserNamespace.map(is -> is ? "initial" : "not initial").orElse("unknown")
                + "\ncontainer " + (inContainer ? "yes" : "not detected")
                + "\nseccomp " + text(seccomp)
                + "\nkernel lockdown " + lockdown.orElse("unknown")
                + "\nkernel.unprivileged_bpf_disabled " + text(unprivilegedBpf)
                + "\nkernel.perf_event_paranoid " + text(perfEventParanoid)
                + "\nkernel.kptr_restrict " + text(kptrRestrict);
    }

    private static String text(OptionalLong value) {
        return value.isPresent() ? Long.toString(value.getAsLong()) : "unknown";
    }

    private static String text(OptionalInt value) {
        return value.isPresent() ? Integer.toString(value.getAsInt()) : "unknown";
    }

    private static String names(List<Capability> capabilities, String prefix, String separator) {
        StringBuilder names = new StringBuilder();
        for (Capability capability : capabilities) {
            names.append(names.isEmpty() ? "" : separator).append(prefix).append(capability.name());
        }
        return names.toString();
    }

    /** The value after {@code NAME:} in the text of /proc/PID/status; empty when there is none. */
    static String field(String status, String name) {
        String start = name + ":";
        int at = 0;
        while (!status.startsWith(start, at)) {
            int newline = status.indexOf('\n', at);
            if (newline < 0) {
                return "";
            }
            at = newline + 1;
        }
        int end = status.indexOf('\n', at);
        return status.substring(at + start.length(), end < 0 ? status.length() : end)
                .strip();
    }

    private static String small(Path file) {
        return KernelText.read(file, MAX_SMALL).orElse("").strip();
    }

    /** The second of the real, effective, saved and file system uids. */
    private static OptionalLong effectiveUid(String uids) {
        int start = uids.indexOf('\t') + 1;
        int end = uids.indexOf('\t', start);
        long uid = start == 0 || end < 0 ? -1 : KernelText.number(uids.substring(start, end), 0xFFFF_FFFFL);
        return uid < 0 ? OptionalLong.empty() : OptionalLong.of(uid);
    }

    private static OptionalLong hexadecimal(String text) {
        try {
            return OptionalLong.of(Long.parseUnsignedLong(text, 16));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    private static OptionalInt decimal(String text) {
        boolean negative = text.startsWith("-"); // perf_event_paranoid can be -1
        int value = (int) KernelText.number(negative ? text.substring(1) : text, Integer.MAX_VALUE);
        if (value < 0) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(negative ? -value : value);
    }

    /** The mode in brackets, as in {@code none [integrity] confidentiality}. */
    private static Optional<String> lockdown(String modes) {
        int start = modes.indexOf('[') + 1;
        int end = modes.indexOf(']', start);
        return start == 0 || end < 0 ? Optional.empty() : Optional.of(modes.substring(start, end));
    }

    private static Optional<Boolean> initialUserNamespace(Path link) {
        try {
            return Optional.of(Files.readSymbolicLink(link).toString().equals(INITIAL_USER_NAMESPACE));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
