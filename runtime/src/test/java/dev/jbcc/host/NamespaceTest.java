// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamespaceTest {
    @TempDir
    Path directory;

    private static long own(String type) throws IOException {
        return (Long) Files.getAttribute(Path.of("/proc/self/ns/" + type), "unix:ino");
    }

    private static String refused(String text) {
        return assertThrows(JbccException.Usage.class, () -> Namespace.mount(text))
                .getMessage();
    }

    @Test
    void byProcessAndByLink() throws IOException {
        String pid = Long.toString(ProcessHandle.current().pid());
        assertEquals(own("mnt"), Namespace.mount(pid));
        assertEquals(own("pid"), Namespace.pid(pid));
        assertEquals(own("net"), Namespace.network(pid));
        assertEquals(own("mnt"), Namespace.mount("/proc/self/ns/mnt"));
        assertEquals(own("pid"), Namespace.pid("/proc/self/ns/pid_for_children"));
    }

    @Test
    void byAFileThatKeepsIt() throws IOException {
        Path kept = Files.createFile(directory.resolve("kept"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), kept);
        List<Mount> mounts = List.of(
                new Mount(0, 4, "net:[77]", kept.toRealPath(), "nsfs", "rw"),
                new Mount(0, 4, "mnt:[78]", kept.toRealPath(), "nsfs", "rw"),
                new Mount(0, 4, "mnt:[79]", directory, "nsfs", "rw"));
        assertEquals(78, Namespace.ofFile("mnt", "mount", kept.toString(), mounts));
        assertEquals(78, Namespace.ofFile("mnt", "mount", link.toString(), mounts));
        assertThrows(JbccException.Usage.class, () -> Namespace.ofFile("pid", "pid", kept.toString(), mounts));
    }

    @Test
    void whatIsNone() {
        assertEquals("/proc/self/ns/pid is no mount namespace", refused("/proc/self/ns/pid"));
        assertEquals("/proc/self/status is no mount namespace", refused("/proc/self/status"));
        assertEquals("no such file: /no/such", refused("/no/such"));
        assertEquals("no such process: 4194304", refused("4194304"));
        for (String text : List.of("", "0", "-1", "mnt:[1]", "12x", "99999999999")) {
            assertEquals("neither a pid nor the path of a namespace: " + text, refused(text));
        }
        assertTrue(refused("/a\0b").startsWith("not a path"));
    }

    @Test
    void numbers() {
        assertEquals(4026531840L, Namespace.number("mnt", "mnt:[4026531840]"));
        for (String text : List.of("mnt:[]", "mnt:[x]", "pid:[1]", "mnt:[1", "mnt:[99999999999]", "")) {
            assertEquals(0, Namespace.number("mnt", text));
        }
    }
}
