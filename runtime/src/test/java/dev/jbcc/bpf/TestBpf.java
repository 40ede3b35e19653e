// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.clang.Clang;
import dev.jbcc.clang.Source;
import dev.jbcc.clang.Target;
import dev.jbcc.host.Kernel;
import dev.jbcc.host.Privileges;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Assumptions;

/** Programs of src/test/resources/bpf in the running kernel. A test is skipped, and says why, where they cannot be. */
final class TestBpf {
    private static final Map<String, byte[]> OBJECTS = new ConcurrentHashMap<>();

    private TestBpf() {}

    /** The ELF bytes of {@code NAME.bpf.c}, compiled once for each set of flags. */
    static byte[] elf(String name, String... flags) {
        Clang clang;
        try {
            clang = Clang.find();
        } catch (JbccException.Failed none) {
            return Assumptions.abort(none.getMessage());
        }
        Path home = Path.of(System.getProperty("jbcc.home"));
        Source source = new Source(
                home.resolve("runtime/src/test/resources/bpf/" + name + ".bpf.c"),
                List.of(home.resolve("bpf-src/include")));
        return OBJECTS.computeIfAbsent(
                name + List.of(flags),
                key -> clang.compile(source, Target.host(), List.of(flags)).object());
    }

    /** Opens {@code NAME.bpf.c}, and sets who may trigger it if it has triggers. */
    static OpenObject open(String name) {
        Assumptions.assumeTrue(Privileges.own().root(), "BPF needs root");
        Assumptions.assumeTrue(Kernel.hasBtf(), "this kernel has no BTF");
        OpenObject object = OpenObject.open(elf(name), name);
        if (object.btf().variables(".rodata").stream()
                .anyMatch(variable -> variable.name().equals("self"))) {
            object.global("self", Libc.processId());
        }
        return object;
    }

    /** Opens and loads. */
    static BpfObject load(String name) {
        try (OpenObject open = open(name)) {
            return load(open);
        }
    }

    /** Loads; a kernel that refuses BPF to this process altogether skips the test. */
    static BpfObject load(OpenObject open) {
        try {
            return open.load();
        } catch (JbccException.NotPermitted refused) {
            return Assumptions.abort(refused.getMessage());
        }
    }

    /** Makes the event happen that the attached programs act on. */
    static void trigger(int times) {
        int pid = Libc.processId();
        for (int i = 0; i < times; i++) {
            Libc.kill(pid, 0);
        }
    }

    /** The value of a global {@code u64}. */
    static long count(BpfObject object, String variable) {
        return object.variable(variable).orElseThrow().get(ValueLayout.JAVA_LONG, 0);
    }
}
