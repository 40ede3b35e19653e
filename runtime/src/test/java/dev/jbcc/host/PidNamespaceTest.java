// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbcc.JbccException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PidNamespaceTest {
    @Test
    void isTheOneThatTheKernelNames() throws Exception {
        PidNamespace own = PidNamespace.own();
        assertEquals(
                "pid:[" + own.inode() + "]",
                Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString());
        Process stat = new ProcessBuilder("stat", "-L", "-c", "%d", "/proc/self/ns/pid").start();
        // nsfs has major 0 and a small minor number, for which stat(2) and the kernel agree.
        assertEquals(
                new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip(),
                Long.toString(own.device()));
    }

    @Test
    void knowsTheInitialOne() {
        assertTrue(new PidNamespace(4, 4026531836L).initial());
        assertFalse(new PidNamespace(4, 4026532000L).initial());
    }

    @Test
    void tellsANewOneFromTheInitialOne() throws Exception {
        assumeTrue(Privileges.own().root(), "only root can make a pid namespace");
        Process inside = new ProcessBuilder("unshare", "--pid", "--fork", "--kill-child", "sleep", "60").start();
        try {
            int child = 0;
            for (int i = 0; i < 2000 && child == 0; i++) {
                Thread.sleep(1);
                child = inside.toHandle()
                        .children()
                        .mapToInt(p -> (int) p.pid())
                        .findFirst()
                        .orElse(0);
            }
            PidNamespace other = PidNamespace.at(Path.of("/proc/" + child + "/ns/pid"));
            assertFalse(other.initial());
            assertEquals(PidNamespace.own().device(), other.device());
        } finally {
            inside.descendants().forEach(ProcessHandle::destroyForcibly);
            inside.destroyForcibly();
        }
    }

    @Test
    void saysThatProcIsMissing() {
        assertThrows(JbccException.Failed.class, () -> PidNamespace.at(Path.of("/no/such/ns/pid")));
    }

    @Test
    void takesDeviceNumbersApart() {
        // What makedev(3) of glibc makes of the two numbers.
        assertDevice(0, 38, 0x26);
        assertDevice(254, 3, 0xfe03);
        assertDevice(4096, 256, 0x1000_0010_0000L);
        assertDevice(259, 1_000_000, 0xf421_0340L);
        assertDevice(0xfffff, 0xfffff, 0xf_f000_ffff_ffffL);
    }

    private static void assertDevice(int major, int minor, long stat) {
        assertEquals(major, Device.major(stat));
        assertEquals(minor, Device.minor(stat));
    }
}
