// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.ffi.Pin;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PinnedMapTest {
    @TempDir
    private Path directory;

    private boolean mounted;

    @BeforeEach
    void mount() throws Exception {
        TestBpf.open("lifecycle").close(); // or skip
        mounted = run("mount", "-t", "bpf", "bpf", directory.toString());
        Assumptions.assumeTrue(mounted, "cannot mount a BPF file system");
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            assertTrue(run("umount", directory.toString()));
        }
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    private String pin(BpfMap<?, ?> map) {
        String path = directory.resolve(map.name()).toString();
        Pin.map(map.fd(), path);
        return path;
    }

    @Test
    void isSharedByTwoObjects() {
        try (BpfObject first = TestBpf.load("lifecycle");
                OpenObject open = TestBpf.open("lifecycle")) {
            BpfMap<Long, Long> theirs = first.map("sized", Long.class, Long.class);
            theirs.update(7L, 42L);
            open.usePinned("sized", pin(theirs));
            try (BpfObject second = TestBpf.load(open)) {
                BpfMap<Long, Long> ours = second.map("sized", Long.class, Long.class);
                assertEquals(42, ours.lookup(7L).orElseThrow());
                ours.update(7L, 43L);
                assertEquals(43, theirs.lookup(7L).orElseThrow());
            }
        }
    }

    @Test
    void mustBeOfTheDeclaredKind() {
        try (BpfObject first = TestBpf.load("lifecycle");
                OpenObject open = TestBpf.open("lifecycle")) {
            String path = pin(first.map("spare", Long.class, Long.class));
            JbccException e = assertThrows(JbccException.class, () -> {
                open.usePinned("sized", path);
                open.load().close();
            });
            assertTrue(e.getMessage().contains(path) && e.getMessage().contains("sized"), e.getMessage());
        }
    }

    @Test
    void mustExist() {
        try (OpenObject open = TestBpf.open("lifecycle")) {
            String absent = directory.resolve("absent").toString();
            JbccException e = assertThrows(JbccException.Usage.class, () -> open.usePinned("sized", absent));
            assertEquals(
                    "cannot open the pinned map " + absent + ": bpf_obj_get: ENOENT (No such file or directory)",
                    e.getMessage());
            e = assertThrows(JbccException.Usage.class, () -> open.usePinned("sized", "/etc/passwd"));
            assertTrue(e.getMessage().startsWith("cannot open the pinned map /etc/passwd: bpf_obj_get: E"));
            assertThrows(IllegalArgumentException.class, () -> open.usePinned("size", "/etc/passwd"));
        }
    }
}
