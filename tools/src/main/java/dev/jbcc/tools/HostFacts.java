// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import dev.jbcc.JbccException;
import dev.jbcc.clang.Clang;
import dev.jbcc.clang.KernelTypes;
import dev.jbcc.clang.ObjectCache;
import dev.jbcc.host.Kernel;
import dev.jbcc.host.Mount;
import dev.jbcc.host.Privileges;
import dev.jbcc.tool.Installation;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What {@code jbcc doctor} says of the host before it tries anything. */
final class HostFacts {
    private static final int MAX_FILE = 4096;
    private static final Path SYSCTL = Path.of("/proc/sys");

    private final List<Finding> findings = new ArrayList<>();
    private final Privileges privileges = Privileges.own();

    static List<Finding> all() {
        HostFacts facts = new HostFacts();
        facts.kernel();
        facts.rights();
        facts.files();
        facts.programs();
        facts.caches();
        return facts.findings;
    }

    private void say(String name, Object value) {
        findings.add(Finding.fact(name, String.valueOf(value)));
    }

    private void wrong(String name, String value, String hint) {
        findings.add(new Finding("host", name, Finding.State.NO, value, hint, ""));
    }

    private void wrong(String name, JbccException why, String otherHint) {
        String hint = why.hint().orElse(otherHint);
        findings.add(new Finding(
                "host",
                name,
                Finding.State.NO,
                why.getMessage(),
                hint,
                why.detail().orElse("")));
    }

    private void kernel() {
        say("kernel", Kernel.release() + " " + Kernel.architecture());
        if (Kernel.hasBtf()) {
            say("BTF", Kernel.BTF);
        } else {
            try {
                say(
                        "BTF",
                        "none of the kernel's own; types are taken from "
                                + KernelTypes.find(note -> {}).from());
            } catch (JbccException none) {
                wrong("BTF", none, "");
            }
        }
        say("lockdown", privileges.lockdown().orElse("unknown, no /sys/kernel/security/lockdown"));
    }

    private void rights() {
        say(
                "uid",
                privileges.effectiveUid().isPresent()
                        ? privileges.effectiveUid().getAsLong()
                        : "unknown");
        say("capabilities", privileges.named());
        say(
                "user namespace",
                privileges
                        .initialUserNamespace()
                        .map(is -> is ? "initial" : "not initial")
                        .orElse("unknown"));
        say("container", privileges.inContainer() ? "yes" : "not detected");
        say(
                "seccomp",
                privileges.seccomp().isEmpty()
                        ? "unknown"
                        : List.of("off", "strict", "filter")
                                .get(Math.clamp(privileges.seccomp().getAsInt(), 0, 2)));
        for (String name : List.of(
                "kernel/unprivileged_bpf_disabled",
                "kernel/perf_event_paranoid",
                "kernel/kptr_restrict",
                "net/core/bpf_jit_enable")) {
            say(name.replace('/', '.'), read(SYSCTL.resolve(name)).orElse("unknown"));
        }
        say("locked memory", limit());
    }

    private static String limit() {
        for (String line : read(Path.of("/proc/self/limits")).orElse("").split("\n")) {
            if (line.startsWith("Max locked memory")) {
                String soft =
                        line.substring("Max locked memory".length()).strip().split(" +")[0];
                return soft + (soft.equals("unlimited") ? "" : " bytes") + ", of no matter since kernel "
                        + Kernel.Feature.MEMCG_ACCOUNTING.since();
            }
        }
        return "unknown";
    }

    private void files() {
        List<String> cgroups = new ArrayList<>();
        String tracefs = null;
        for (Mount mount : Mount.all()) {
            if (mount.type().equals("cgroup2") || mount.type().equals("cgroup")) {
                String version = mount.type().equals("cgroup2") ? "v2" : "v1";
                if (!cgroups.contains(version)) {
                    cgroups.add(version);
                }
            }
            if (mount.type().equals("tracefs")) {
                tracefs = mount.point().toString();
            }
        }
        say("cgroups", cgroups.isEmpty() ? "not mounted" : String.join(" and ", cgroups));
        if (tracefs != null) {
            say("tracefs", tracefs);
        } else {
            findings.add(new Finding(
                    "host",
                    "tracefs",
                    Finding.State.FACT,
                    "not mounted; tracepoint programs and bpf_printk need it",
                    "mount -t tracefs tracefs /sys/kernel/tracing",
                    ""));
        }
    }

    private void programs() {
        try {
            Clang clang = Clang.find();
            Optional<String> version = clang.version();
            if (version.isPresent()) {
                say("clang", clang.executable() + ", " + version.get());
            } else {
                wrong("clang", clang.executable() + " does not run", "set JBCC_CLANG to another clang");
            }
        } catch (JbccException none) {
            wrong("clang", none, "set JBCC_CLANG to another clang");
        }
        try {
            say("libbpf", Installation.libbpf());
        } catch (JbccException | LinkageError none) {
            wrong("libbpf", String.valueOf(none.getMessage()), "install libbpf 1.0 or later");
        }
        say("Java", System.getProperty("java.vm.name") + " " + Runtime.version());
    }

    private void caches() {
        Path cache;
        try {
            cache = ObjectCache.directory();
        } catch (IOException untrusted) {
            wrong(
                    "cache",
                    untrusted.getMessage(),
                    "set JBCC_CACHE_DIR to a directory of your own, or repair its owner and mode");
            return;
        }
        if (!Files.exists(cache)) {
            say("cache", cache + ", not made yet");
            return;
        }
        try (Stream<Path> all = Files.walk(cache)) {
            List<Path> files = all.filter(Files::isRegularFile).toList();
            long bytes = 0;
            for (Path file : files) {
                bytes += Files.size(file);
            }
            say(
                    "cache",
                    cache + ", " + files.size() + " files, " + (bytes + 1023) / 1024
                            + " KiB, owner and modes are right");
        } catch (IOException | UncheckedIOException e) {
            wrong("cache", cache + " cannot be read: " + e.getMessage(), "set JBCC_CACHE_DIR to another directory");
        }
    }

    private static Optional<String> read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return Optional.of(new String(in.readNBytes(MAX_FILE), StandardCharsets.UTF_8).strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
