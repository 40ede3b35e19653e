// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.BpfObject;
import dev.jbcc.bpf.OpenObject;
import dev.jbcc.bpf.ffi.KprobeMulti;
import dev.jbcc.host.Kernel.Feature;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which kinds of hooks this kernel has: each is loaded, attached, and has to run. */
@KernelTest
@Tag("matrix")
class HookKindTest {
    static final String SOURCE = "hooks.bpf.c";

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "tracepoint, TRACEPOINT",
        "raw_tp, RAW_TRACEPOINT",
        "tp_btf, TP_BTF",
        "fentry, FENTRY",
        "fexit, FENTRY",
        "kprobe, KPROBE",
        "kretprobe, KPROBE",
        "kprobe.multi, KPROBE_MULTI",
        "uprobe, PERF_KPROBE",
        "lsm, LSM"
    })
    @Tag("smoke")
    void runs(String kind, Feature feature) throws IOException {
        if (feature == Feature.LSM) {
            assumeLsm();
        }
        if (feature == Feature.KPROBE_MULTI && !KprobeMulti.works()) {
            // Then such programs are attached one by one, as the tests by call find out.
            throw MissingFeature.skip(feature, kind, new JbccException.NotSupported("not there", null));
        }
        runs(kind, feature, "on_" + kind.replace('.', '_'), (object, program) -> object.attach(program));
    }

    /** A program that is attached in a way. */
    private interface Way {
        void attach(BpfObject object, String program);
    }

    /** Programs of such a kind are loaded and attached by every kernel that has them, and run if it was started so. */
    private static void assumeLsm() throws IOException {
        Path active = Path.of("/sys/kernel/security/lsm");
        String modules = Files.isReadable(active) ? Files.readString(active).strip() : "";
        assumeTrue(
                List.of(modules.split(",")).contains("bpf"),
                "LSM programs (kernel " + Feature.LSM.since() + ") run where bpf is among the lsm= of the kernel's"
                        + " command line; here are: "
                        + (modules.isEmpty() ? "unknown, as securityfs is not there" : modules));
    }

    private static void runs(String kind, Feature feature, String program, Way way) throws IOException {
        runs(kind, feature, program, null, way);
    }

    private static void runs(String kind, Feature feature, String program, String place, Way way) throws IOException {
        try (OpenObject open = OpenObject.open(Compiled.bpf(SOURCE), "hooks")) {
            open.global("self", ProcessHandle.current().pid());
            open.autoload(program, true);
            if (place != null) {
                open.attachTo(program, place);
            }
            try (BpfObject object = open.load()) {
                way.attach(object, program);
                Files.readString(Path.of("/proc/self/comm"));
                MemorySegment hits = object.variable("hits").orElseThrow();
                long before = hits.get(ValueLayout.JAVA_LONG, 0);
                assertTrue(before > 0, kind + " is attached, but does not run");
                object.detach();
                long after = hits.get(ValueLayout.JAVA_LONG, 0);
                Files.readString(Path.of("/proc/self/comm"));
                assertEquals(after, hits.get(ValueLayout.JAVA_LONG, 0), kind + " runs after it is detached");
            }
        } catch (JbccException refused) {
            throw MissingFeature.skip(feature, kind, refused);
        }
    }

    @ParameterizedTest(name = "{0} to {2}")
    @CsvSource({
        "tp_btf, TP_BTF, sys_enter",
        "fentry, FENTRY, vfs_open",
        "fexit, FENTRY, vfs_open",
        "lsm, LSM, file_open"
    })
    @Tag("smoke")
    void placeByCall(String kind, Feature feature, String place) throws IOException {
        if (feature == Feature.LSM) {
            assumeLsm();
        }
        runs(kind + " by call", feature, "by_" + kind, place, (object, program) -> object.attach());
    }

    @Test
    void anotherPlaceThanTheSectionSays() throws IOException {
        runs(
                "fentry by call",
                Feature.FENTRY,
                "elsewhere",
                "vfs_open",
                (object, program) -> object.program(program).attach());
    }

    @Test
    void kprobeByCall() throws IOException {
        runs(
                "kprobe by call",
                Feature.KPROBE,
                "by_kprobe",
                (object, program) -> object.program(program).attachKprobe("vfs_open"));
    }

    @Test
    void kretprobeByCall() throws IOException {
        runs(
                "kretprobe by call",
                Feature.KPROBE,
                "by_kretprobe",
                (object, program) -> object.program(program).attachKretprobe("vfs_open"));
    }

    @Test
    void kprobesByPattern() throws IOException {
        runs(
                "kprobe.multi by pattern",
                Feature.KPROBE,
                "by_kprobe_multi",
                (object, program) -> object.program(program).attachKprobes("vfs_ope*"));
    }

    @Test
    void kprobesByNames() throws IOException {
        runs(
                "kprobe.multi by names",
                Feature.KPROBE,
                "by_kprobe_multi",
                (object, program) -> object.program(program).attachKprobes(List.of("vfs_open", "vfs_fsync")));
    }

    @Test
    void kretprobesByPattern() throws IOException {
        runs(
                "kretprobe.multi by pattern",
                Feature.KPROBE,
                "by_kretprobe_multi",
                (object, program) -> object.program(program).attachKretprobes("vfs_ope*"));
    }

    @Test
    void kretprobesByNames() throws IOException {
        runs(
                "kretprobe.multi by names",
                Feature.KPROBE,
                "by_kretprobe_multi",
                (object, program) -> object.program(program).attachKretprobes(List.of("vfs_open", "vfs_fsync")));
    }

    @Test
    void tracepointByCall() throws IOException {
        runs(
                "tracepoint by call",
                Feature.TRACEPOINT,
                "by_tracepoint",
                (object, program) -> object.program(program).attachTracepoint("syscalls", "sys_enter_openat"));
    }

    @Test
    void rawTracepointByCall() throws IOException {
        runs(
                "raw_tp by call",
                Feature.RAW_TRACEPOINT,
                "by_raw_tp",
                (object, program) -> object.program(program).attachRawTracepoint("sys_enter"));
    }
}
