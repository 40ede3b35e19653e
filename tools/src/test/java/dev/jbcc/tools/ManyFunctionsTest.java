// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.BpfLink;
import dev.jbcc.bpf.BpfObject;
import dev.jbcc.bpf.BpfProgram;
import dev.jbcc.bpf.OpenObject;
import dev.jbcc.host.Kernel;
import dev.jbcc.host.Kernel.Feature;
import dev.jbcc.host.KernelFunctions;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One program on many kernel functions: in one call from kernel 5.18 on, one by one before. */
@KernelTest
@Tag("matrix")
class ManyFunctionsTest {
    private static final String PROGRAM = "on_kprobe_multi";

    @Test
    void byNameAndByPattern() throws IOException {
        try (OpenObject open = OpenObject.open(Compiled.bpf(HookKindTest.SOURCE), "hooks")) {
            open.global("self", ProcessHandle.current().pid());
            open.autoload(PROGRAM, true);
            try (BpfObject object = open.load()) {
                BpfProgram program = object.program(PROGRAM);
                List<String> functions = KernelFunctions.traceable().matching("vfs_op?n*");
                assertTrue(functions.contains("vfs_open"), functions::toString);
                attach(program, functions).close();
                long before = hits(object);
                Files.readString(Path.of("/proc/self/comm"));
                assertEquals(before, hits(object), "all are detached");
                attach(program, functions);
                Files.readString(Path.of("/proc/self/comm"));
                long named = hits(object);
                assertTrue(named > before);
                program.attachKprobes("vfs_op?n*");
                Files.readString(Path.of("/proc/self/comm"));
                assertTrue(hits(object) - named >= 2, "attached twice");
                JbccException absent = assertThrows(
                        JbccException.class, () -> program.attachKprobes(List.of("vfs_open", "no_such_function")));
                assertTrue(absent.getMessage().contains("no_such_function"), absent.getMessage());
                assertThrows(JbccException.class, () -> program.attachKprobes("no_such_*_function"));
            }
        }
    }

    private static BpfLink attach(BpfProgram program, List<String> functions) {
        try {
            return program.attachKprobes(functions);
        } catch (JbccException refused) {
            boolean multi = Feature.KPROBE_MULTI.expectedIn(Kernel.release(), Kernel.architecture());
            throw MissingFeature.skip(multi ? Feature.KPROBE_MULTI : Feature.KPROBE, "attachKprobes", refused);
        }
    }

    private static long hits(BpfObject object) {
        return object.variable("hits").orElseThrow().get(ValueLayout.JAVA_LONG, 0);
    }
}
