// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host;

import dev.jbcc.JbccException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The running kernel: its release, its architecture, and the versions that brought the BPF features.
 *
 * {@snippet :
 * if (!Kernel.hasBtf()) {
 *     throw Kernel.missing(Kernel.Feature.BTF, "this tool");
 * }
 * System.out.println(Kernel.release() + " with the CPUs " + Kernel.onlineCpus());
 * }
 */
public final class Kernel {
    private static final Path RELEASE = Path.of("/proc/sys/kernel/osrelease");
    /** Where a kernel describes its own types. */
    public static final Path BTF = Path.of("/sys/kernel/btf/vmlinux");

    private static final Path ONLINE = Path.of("/sys/devices/system/cpu/online");
    private static final Path POSSIBLE = Path.of("/sys/devices/system/cpu/possible");
    private static final int MAX_CPU_LIST = 1 << 16;
    private static final int MAX_CPU = 1 << 16;
    private static final int MAX_RELEASE = 64; // __NEW_UTS_LEN of the kernel

    private Kernel() {}

    /** As {@code uname -r} prints it, such as {@code 6.1.0-18-amd64}; {@code unknown} without /proc. */
    public static String release() {
        String release = KernelText.read(RELEASE, MAX_RELEASE).orElse("").strip();
        return release.isEmpty() ? "unknown" : release;
    }

    /** The kernel's name of this machine, as {@code uname -m} prints it: x86_64, aarch64, riscv64, ppc64le, s390x. */
    public static String architecture() {
        return architecture(System.getProperty("os.arch"));
    }

    static String architecture(String javaName) {
        return switch (javaName) {
            case "amd64", "x86_64" -> "x86_64";
            case "x86", "i386" -> "i686";
            case "arm64" -> "aarch64";
            case "arm" -> "armv7l";
            default -> javaName; // aarch64, riscv64, ppc64le, s390x, loongarch64 are the same in both
        };
    }

    /** The CPUs that are online now, ascending, from {@code /sys/devices/system/cpu/online} such as {@code 0-3,6}. */
    public static List<Integer> onlineCpus() {
        return cpus(KernelText.read(ONLINE, MAX_CPU_LIST).orElse("0"));
    }

    /** One more than the highest number that a CPU of this machine can have, also one that is not there yet. */
    public static int possibleCpus() {
        return cpus(KernelText.read(POSSIBLE, MAX_CPU_LIST).orElse("0")).getLast() + 1;
    }

    static List<Integer> cpus(String list) {
        List<Integer> cpus = new ArrayList<>();
        for (String range : list.strip().split(",")) {
            int dash = range.indexOf('-');
            long first = KernelText.number(dash < 0 ? range : range.substring(0, dash), MAX_CPU);
            long last = dash < 0 ? first : KernelText.number(range.substring(dash + 1), MAX_CPU);
            for (long cpu = Math.max(first, 0); cpu <= last; cpu++) {
                cpus.add((int) cpu);
            }
        }
        return cpus;
    }

    /** Whether this kernel describes its own types, and the description may be read. */
    public static boolean hasBtf() {
        return Files.isReadable(BTF);
    }

    /**
     * The error for a feature that turned out to be missing.
     *
     * @param neededBy what cannot work without it, as the subject of the message
     */
    public static JbccException.NotSupported missing(Feature feature, String neededBy) {
        return missing(feature, neededBy, release(), architecture());
    }

    static JbccException.NotSupported missing(Feature feature, String neededBy, String release, String architecture) {
        String message =
                neededBy + " needs " + feature.title + " (kernel " + feature.since() + " or later); this is " + release;
        if (feature.trampoline && architecture.equals("aarch64")) {
            message += " on aarch64, where it came with " + dotted(ARM64_TRAMPOLINES);
        }
        String hint;
        if (!feature.expectedIn(release, architecture)) {
            hint = "Use a newer kernel.";
        } else if (feature.config == null) {
            hint = "By its number this kernel should have it; it may have been left out of the build.";
        } else {
            hint = "By its number this kernel should have it; see if it was built with CONFIG_" + feature.config
                    + ": grep CONFIG_" + feature.config + " /boot/config-" + release;
        }
        return new JbccException.NotSupported(message, hint);
    }

    /** Functions of the kernel can be traced by BPF trampolines since 5.5 on x86 and since 6.4 on arm64. */
    private static final int ARM64_TRAMPOLINES = version(6, 4);

    private static int version(int major, int minor) {
        return major << 16 | minor;
    }

    private static String dotted(int version) {
        return (version >>> 16) + "." + (version & 0xFFFF);
    }

    /** The version that a release text begins with, or 0 when it begins with none. */
    private static int versionOf(String release) {
        int dot = release.indexOf('.');
        if (dot < 0) {
            return 0;
        }
        int end = dot + 1;
        while (end < release.length() && release.charAt(end) >= '0' && release.charAt(end) <= '9') {
            end++;
        }
        long major = KernelText.number(release.substring(0, dot), 0x7FFF);
        long minor = KernelText.number(release.substring(dot + 1, end), 0xFFFF);
        return major < 0 || minor < 0 ? 0 : version((int) major, (int) minor);
    }

    /**
     * What BPF can do, and the mainline version that brought it. For messages and for tests that say why they skip;
     * never for decisions, as distributions port features back and leave others out: those come from trying.
     */
    public enum Feature {
        KPROBE("kprobe programs", 4, 1, "KPROBE_EVENTS"),
        TRACEPOINT("tracepoint programs", 4, 7, "BPF_EVENTS"),
        XDP("XDP programs", 4, 8),
        PERF_EVENT("perf event programs", 4, 9, "BPF_EVENTS"),
        CGROUP_SKB("cgroup socket buffer programs", 4, 10, "CGROUP_BPF"),
        LRU_HASH("LRU hash maps", 4, 10),
        LPM_TRIE("longest prefix match maps", 4, 11),
        TEST_RUN("BPF_PROG_TEST_RUN", 4, 12),
        OVERRIDE_RETURN("error injection by bpf_override_return", 4, 16, "BPF_KPROBE_OVERRIDE"),
        BPF_CALLS("calls between BPF functions", 4, 16),
        RAW_TRACEPOINT("raw tracepoint programs", 4, 17, "BPF_EVENTS"),
        PERF_KPROBE("kprobes and uprobes that end with their process", 4, 17, "UPROBE_EVENTS"),
        BTF("BTF, the description of kernel types", 4, 18, "DEBUG_INFO_BTF"),
        CGROUP_ID("bpf_get_current_cgroup_id", 4, 18, "CGROUPS"),
        USDT_SEMAPHORE("USDT probes with a semaphore", 4, 20, "UPROBE_EVENTS"),
        GLOBAL_DATA("global variables", 5, 2),
        LARGE_PROGRAM("programs of up to one million instructions", 5, 2),
        BOUNDED_LOOPS("bounded loops", 5, 3),
        SEND_SIGNAL("bpf_send_signal", 5, 3),
        TP_BTF("BTF tracepoint programs", 5, 5, "DEBUG_INFO_BTF"),
        FENTRY("fentry and fexit programs", 5, 5, "DYNAMIC_FTRACE_WITH_DIRECT_CALLS", true),
        PROBE_READ_KERNEL("bpf_probe_read_kernel", 5, 5),
        MMAPABLE_ARRAY("array maps in shared memory", 5, 5),
        MAP_BATCH("map operations in batches", 5, 6),
        BPF_LINK("bpf_link", 5, 7),
        LSM("LSM programs", 5, 7, "BPF_LSM", true),
        NS_PID("bpf_get_ns_current_pid_tgid", 5, 7, "PID_NS"),
        RING_BUFFER("the BPF ring buffer", 5, 8),
        ITERATOR("BPF iterators", 5, 8, "DEBUG_INFO_BTF"),
        CAP_BPF("CAP_BPF and CAP_PERFMON", 5, 8),
        RUN_STATISTICS("BPF_ENABLE_STATS", 5, 8),
        SLEEPABLE("sleepable programs", 5, 10, "DYNAMIC_FTRACE_WITH_DIRECT_CALLS", true),
        D_PATH("bpf_d_path", 5, 10),
        SNPRINTF_BTF("bpf_snprintf_btf", 5, 10),
        MEMCG_ACCOUNTING("BPF memory without RLIMIT_MEMLOCK", 5, 11),
        TASK_STORAGE("task local storage", 5, 11),
        MODULE_BTF("BTF of kernel modules", 5, 11, "DEBUG_INFO_BTF_MODULES"),
        FOR_EACH_MAP_ELEM("bpf_for_each_map_elem", 5, 13),
        SNPRINTF("bpf_snprintf", 5, 13),
        TIMER("BPF timers", 5, 15),
        PERF_LINK("bpf_link of perf events", 5, 15),
        ATTACH_COOKIE("BPF cookies", 5, 15),
        FUNC_IP("bpf_get_func_ip", 5, 15),
        BLOOM_FILTER("bloom filter maps", 5, 16),
        LOOP("bpf_loop", 5, 17),
        STRNCMP("bpf_strncmp", 5, 17),
        FUNC_ARG("bpf_get_func_arg", 5, 17),
        KPROBE_MULTI("kprobe.multi programs", 5, 18, "FPROBE"),
        DYNPTR("dynptrs", 5, 19),
        USER_RING_BUFFER("the user ring buffer", 6, 1),
        UPROBE_MULTI("uprobe.multi programs", 6, 6, "UPROBE_EVENTS"),
        TCX("tcx programs", 6, 6, "NET_XGRESS"),
        NETKIT("netkit programs", 6, 7, "NETKIT"),
        ARENA("BPF arenas", 6, 9),
        TOKEN("BPF tokens", 6, 9),
        KPROBE_SESSION("kprobe.session programs", 6, 10, "FPROBE");

        private final String title;
        private final int version;
        private final String config;
        private final boolean trampoline;

        Feature(String title, int major, int minor) {
            this(title, major, minor, null);
        }

        Feature(String title, int major, int minor, String config) {
            this(title, major, minor, config, false);
        }

        Feature(String title, int major, int minor, String config, boolean trampoline) {
            this.title = title;
            this.version = version(major, minor);
            this.config = config;
            this.trampoline = trampoline;
        }

        /** What a message calls it. */
        public String title() {
            return title;
        }

        /** The option that a kernel is built with to have it, such as {@code FPROBE}, where there is one. */
        public Optional<String> config() {
            return Optional.ofNullable(config);
        }

        /** The first mainline version that has it, such as {@code 5.8}; on x86 where architectures differ. */
        public String since() {
            return dotted(version);
        }

        /**
         * Whether a mainline kernel of this release could have it; false when the release is not a version. A build
         * may still lack it.
         *
         * @param architecture as {@link Kernel#architecture()} gives it
         */
        public boolean expectedIn(String release, String architecture) {
            boolean late = trampoline && architecture.equals("aarch64");
            return versionOf(release) >= (late ? Math.max(version, ARM64_TRAMPOLINES) : version);
        }
    }
}
