// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbcc.host.Errno;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files that are only named, which others may have chosen. */
@Timeout(20)
class PathsTest {
    @TempDir
    Path dir;

    @Test
    void statTellsWhatJavaTells() throws Exception {
        Path file = Files.writeString(dir.resolve("a b"), "content");
        Statx stat = Statx.of(file.toString());
        assertTrue(stat.isRegular());
        assertEquals(7, stat.size());
        assertEquals(Files.getAttribute(file, "unix:ino"), stat.inode());
        assertEquals(Files.getAttribute(file, "unix:mode"), stat.mode());
        assertEquals(Files.getAttribute(file, "unix:uid"), stat.uid());
        assertEquals(Files.getLastModifiedTime(file).to(TimeUnit.NANOSECONDS), stat.modified());
        long device = (Long) Files.getAttribute(file, "unix:dev");
        assertEquals(device >>> 8 & 0xfff, stat.major());
        assertEquals(device & 0xff, stat.minor() & 0xff);
        assertTrue(stat.sameContent(Statx.of(file.toString())));
        Files.writeString(file, "contents");
        assertFalse(stat.sameContent(Statx.of(file.toString())));
        assertFalse(Statx.of(dir.toString()).isRegular());
        NativeException none = assertThrows(NativeException.class, () -> Statx.of(dir + "/none"));
        assertEquals(Errno.ENOENT, none.errno());
    }

    @Test
    void namingAFileDoesNotOpenIt() throws Exception {
        Path fifo = dir.resolve("fifo");
        assumeTrue(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor() == 0, "no mkfifo here");
        int fd = OpenAt.path(fifo.toString()); // would wait for a writer
        assertFalse(Statx.of(fd).isRegular());
        Libc.close(fd);
    }

    @Test
    void namesAreBytes() throws Exception {
        Path file = Files.writeString(dir.resolve("\u00e9\u20ac"), "x");
        assumeTrue(file.toString().endsWith("\u20ac"), "Java cannot spell this name in this locale");
        String latin1 = new String(file.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        assertEquals(1, Statx.of(latin1).size());
    }

    @Test
    void linksStayBelowTheRootThatIsGiven() throws Exception {
        Path inside = Files.createDirectory(dir.resolve("root"));
        Files.writeString(dir.resolve("secret"), "outside");
        Files.writeString(inside.resolve("secret"), "in");
        Files.createSymbolicLink(inside.resolve("absolute"), Path.of("/secret"));
        Files.createSymbolicLink(inside.resolve("upwards"), Path.of("../../secret"));
        int root = OpenAt.path(inside.toString());
        try {
            for (String path : new String[] {"/secret", "absolute", "/upwards", "/../secret"}) {
                int fd;
                try {
                    fd = OpenAt.pathInRoot(root, path);
                } catch (NativeException e) {
                    assumeTrue(e.errno() != 38, "openat2 came with Linux 5.6");
                    throw e;
                }
                assertEquals(2, Statx.of(fd).size(), path);
                Libc.close(fd);
            }
        } finally {
            Libc.close(root);
        }
    }
}
