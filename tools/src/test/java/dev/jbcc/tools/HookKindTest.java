// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.BpfObject;
import dev.jbcc.bpf.OpenObject;
import dev.jbcc.host.Kernel.Feature;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
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
        "uprobe, PERF_KPROBE"
    })
    void runs(String kind, Feature feature) throws IOException {
        String program = "on_" + kind.replace('.', '_');
        try (OpenObject open = OpenObject.open(Compiled.bpf(SOURCE), "hooks")) {
            open.global("self", ProcessHandle.current().pid());
            open.autoload(program, true);
            try (BpfObject object = open.load()) {
                object.attach(program);
                Files.readString(Path.of("/proc/self/comm"));
                long hits = object.variable("hits").orElseThrow().get(ValueLayout.JAVA_LONG, 0);
                assertTrue(hits > 0, kind + " is attached, but does not run");
            }
        } catch (JbccException refused) {
            throw MissingFeature.skip(feature, kind, refused);
        }
    }
}
