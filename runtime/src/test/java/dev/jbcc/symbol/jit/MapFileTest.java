// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.jit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.bpf.ffi.NativeException;
import dev.jbcc.bpf.ffi.OpenAt;
import dev.jbcc.bpf.ffi.Statx;
import dev.jbcc.host.Errno;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What somebody could put where we look for a perf map. */
@Timeout(60)
class MapFileTest {
    private static final String NAME = "perf-7.map";
    private static final int SOMEBODY = 12_345;

    @TempDir
    Path directory;

    private final Target self = Target.of(Libc.processId());
    private int tmp;

    @BeforeEach
    void open() {
        tmp = OpenAt.directory(directory.toString());
    }

    @AfterEach
    void close() {
        Libc.close(tmp);
    }

    private Target of(int uid) {
        return new Target(self.pid(), 7, uid, uid, self.startTime(), self.comm(), true);
    }

    private Path map(String text) throws Exception {
        return Files.writeString(directory.resolve(NAME), text);
    }

    private String refused(Target target) {
        return assertThrows(NoNames.class, () -> MapFile.open(target, tmp, NAME))
                .getMessage();
    }

    private static void own(Path file, int uid) throws Exception {
        assumeTrue(self().uid() == 0, "only root can give files away");
        Files.setAttribute(file, "unix:uid", uid);
    }

    private static Target self() {
        return Target.of(Libc.processId());
    }

    @Test
    void opensTheUsersOwn() throws Exception {
        assertNull(MapFile.open(self, tmp, NAME));
        map("10 10 f\n");
        try (FileChannel file = MapFile.open(self, tmp, NAME)) {
            assertNotNull(file);
            assertEquals(8, file.size());
        }
    }

    @Test
    void refusesWhatIsNoPlainFile() throws Exception {
        Path map = directory.resolve(NAME);
        Files.createSymbolicLink(map, Path.of("/etc/passwd"));
        assertEquals("/tmp/perf-7.map is not a plain file", refused(self));
        Files.delete(map);
        Files.createSymbolicLink(map, Path.of("nowhere"));
        assertEquals("/tmp/perf-7.map is not a plain file", refused(self));
        Files.delete(map);
        assertEquals(0, new ProcessBuilder("mkfifo", map.toString()).start().waitFor());
        assertEquals("/tmp/perf-7.map is not a plain file", refused(self)); // and does not wait for a writer
        Files.delete(map);
        Files.createDirectory(map);
        assertEquals("/tmp/perf-7.map is not a plain file", refused(self));
        Files.delete(map);
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(map));
            assertEquals("/tmp/perf-7.map is not a plain file", refused(self));
        }
        Files.delete(map);
        Process device = new ProcessBuilder("mknod", map.toString(), "c", "1", "5").start();
        assumeTrue(device.waitFor() == 0, "this user, or file system, can make no devices");
        assertEquals("/tmp/perf-7.map is not a plain file", refused(self));
    }

    @Test
    void refusesTheFilesOfOthers() throws Exception {
        Path map = map("10 10 f\n");
        own(map, SOMEBODY);
        assertEquals("/tmp/perf-7.map belongs to user 12345, the process to user 0", refused(self));
        assertEquals("/tmp/perf-7.map belongs to user 12345, the process to user 54321", refused(of(54_321)));
        try (FileChannel file = MapFile.open(of(SOMEBODY), tmp, NAME)) {
            assertNotNull(file);
        }
    }

    @Test
    void aPrivateFileOfRootIsForRootsProcessesOnly() throws Exception {
        Path map = map("10 10 f\n");
        own(map, 0);
        Files.setPosixFilePermissions(map, PosixFilePermissions.fromString("rw-r-----"));
        try (FileChannel file = MapFile.open(of(0), tmp, NAME)) {
            assertNotNull(file);
        }
        assertEquals("/tmp/perf-7.map is a private file of root, the process is not root's", refused(of(SOMEBODY)));
        Files.setPosixFilePermissions(map, PosixFilePermissions.fromString("rw-r--r--"));
        try (FileChannel file = MapFile.open(of(SOMEBODY), tmp, NAME)) {
            assertNotNull(file);
        }
    }

    @Test
    void linksOfDirectoriesStayBelowTheRoot() throws Exception {
        Files.createDirectory(directory.resolve("real"));
        Path link = directory.resolve("tmp");
        Files.createSymbolicLink(link, Path.of("/real"));
        int real = OpenAt.directoryInRoot(tmp, "tmp");
        int expected = OpenAt.directory(directory.resolve("real").toString());
        assertTrue(Statx.of(real).sameFile(Statx.of(expected)));
        Libc.close(real);
        Libc.close(expected);
        for (String outside : new String[] {"/etc", "../../../../../../../../etc", "/proc/self/root/etc", "/tmp"}) {
            Files.delete(link);
            Files.createSymbolicLink(link, Path.of(outside));
            NativeException e = assertThrows(NativeException.class, () -> OpenAt.directoryInRoot(tmp, "tmp"));
            assertTrue(e.errno() == Errno.ENOENT || e.getMessage().contains("ELOOP"), outside + ": " + e);
        }
        Files.delete(link);
        Files.createSymbolicLink(link, Path.of("/proc-of-ours/self/root"));
        Files.createSymbolicLink(directory.resolve("proc-of-ours"), Path.of("/proc"));
        assertThrows(NativeException.class, () -> OpenAt.directoryInRoot(tmp, "tmp"));
    }

    @Test
    void linksOfProcAreNotFollowed() {
        int root = OpenAt.directory("/");
        try {
            NativeException e =
                    assertThrows(NativeException.class, () -> OpenAt.directoryInRoot(root, "proc/self/root"));
            assertTrue(e.getMessage().contains("ELOOP"), e.getMessage());
        } finally {
            Libc.close(root);
        }
    }

    @Test
    void knowsItself() throws Exception {
        assertEquals(Libc.processId(), self.pid());
        assertEquals(Libc.processId(), self.ownPid());
        assertEquals("java", self.comm());
        assertTrue(self.sharesRoot() && self.sharesUsers() && self.isAlive());
        assertEquals((int) (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid"), self.uid());
        assertTrue(self.catches(3), "a JVM has a handler for SIGQUIT");
        assertNull(Target.of(4_194_304));
    }
}
