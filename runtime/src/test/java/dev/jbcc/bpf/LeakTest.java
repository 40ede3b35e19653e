// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.ffi.NativeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LeakTest {
    private static final int TIMES = 50;

    /** What this process has open of BPF, perf and epoll: descriptors and mappings, by name. */
    private static List<String> held() throws IOException {
        List<String> held = new ArrayList<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                String target;
                try {
                    target = Files.readSymbolicLink(descriptor).toString();
                } catch (IOException gone) {
                    continue; // the directory's own
                }
                if (target.startsWith("anon_inode:")) {
                    held.add(target);
                }
            }
        }
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            if (line.contains("anon_inode:")) {
                held.add(line.substring(line.indexOf("anon_inode:")));
            }
        }
        held.sort(null);
        return held;
    }

    @Test
    void nothingIsLeftOfRings() throws IOException {
        run("ring");
        List<String> before = held();
        for (int i = 0; i < TIMES; i++) {
            run("ring");
        }
        assertEquals(before, held());
    }

    @Test
    void nothingIsLeftOfPerfBuffers() throws IOException {
        run("perf");
        List<String> before = held();
        for (int i = 0; i < TIMES; i++) {
            run("perf");
        }
        assertEquals(before, held());
    }

    private static void run(String name) {
        try (BpfObject object = TestBpf.load(name)) {
            EventBuffer buffer = name.equals("ring") ? object.ringBuffer("ring") : object.perfBuffer("perf", 4096);
            object.attach();
            TestBpf.trigger(5);
            assertEquals(5, TestBpf.count(object, "attempted"));
            assertEquals(5, buffer.consume((memory, offset, length) -> {}, 100));
        }
    }

    @Test
    void nothingIsLeftOfFailures() throws IOException {
        fail();
        List<String> before = held();
        for (int i = 0; i < TIMES; i++) {
            fail();
        }
        assertEquals(before, held());
    }

    private static void fail() {
        try (OpenObject open = TestBpf.open("rejected")) {
            assertThrows(JbccException.Failed.class, open::load);
        }
        byte[] untyped = TestBpf.elf("chatty", "-g0");
        assertThrows(JbccException.Failed.class, () -> OpenObject.open(untyped, "untyped"));
        try (OpenObject open = TestBpf.open("lifecycle")) {
            open.autoload("absent", true);
            try (BpfObject object = TestBpf.load(open)) {
                assertThrows(JbccException.NotSupported.class, object::attach);
                assertThrows(IllegalArgumentException.class, () -> object.ringBuffer("sized"));
                assertThrows(IllegalArgumentException.class, () -> object.perfBuffer("sized", 4096));
            }
        }
        // There is no such CPU, which shows when the first one's ring is there.
        assertThrows(NativeException.class, () -> new PerfBuffer(List.of(0, 1 << 20), 4096));
    }
}
