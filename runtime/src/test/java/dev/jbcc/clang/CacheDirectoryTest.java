// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Directories in the cache, and what a killed writer leaves there. */
class CacheDirectoryTest {
    private static final int LEVELS = 10;

    @TempDir
    Path temp;

    private Path path;
    private CacheDirectory cache;

    @BeforeEach
    void make() throws IOException {
        path = Files.createDirectory(
                temp.resolve("cache"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        cache = new CacheDirectory(path, ObjectCache.effectiveUid(), 10, 1 << 20);
    }

    /** A directory with a file, as a run that was killed while it unpacked leaves it. */
    private Path leftover(String name, int secondsAgo) throws IOException {
        Path directory =
                Files.createDirectories(path.resolve(name).resolve("include")).getParent();
        Files.writeString(directory.resolve("include/a.h"), "x");
        Files.setLastModifiedTime(directory, FileTime.from(Instant.now().minusSeconds(secondsAgo)));
        return directory;
    }

    private interface Filling {
        void in(CacheDirectory cache) throws IOException;
    }

    @Test
    void leftoverDirectoriesGoWithWhateverIsWritten() throws IOException {
        List<Filling> fillings = List.of(
                in -> in.belowBy("kheaders-1", into -> Files.writeString(into.resolve("b.h"), "y")),
                in -> in.write("one.entry", new byte[1]),
                in -> in.writeTo("two.entry", to -> Files.write(to, new byte[2])),
                in -> assertTrue(in.writeBy(CacheDirectoryTest::three, "three")));
        for (Filling filling : fillings) {
            Path old = leftover(".new-1-1-1", 3700);
            Path young = leftover(".new-1-1-2", 0);
            Path other = leftover("notes", 3700);
            filling.in(cache);
            assertFalse(Files.exists(old));
            assertTrue(Files.exists(young.resolve("include/a.h")), "its writer may still be at work");
            assertTrue(Files.exists(other.resolve("include/a.h")), "it is not ours");
        }
        for (String file : List.of("kheaders-1/b.h", "one.entry", "two.entry", "three")) {
            assertTrue(Files.exists(path.resolve(file)), file);
        }
    }

    private static boolean three(Path to) {
        try {
            Files.write(to, new byte[3]);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void linksAreRemovedAndNotFollowed() throws IOException {
        Path elsewhere = Files.createDirectory(temp.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("kept"), "x");
        Path old = leftover(".new-1-1-1", 0);
        Files.createSymbolicLink(old.resolve("link"), elsewhere);
        CacheDirectory.remove(old);
        assertFalse(Files.exists(old));
        assertTrue(Files.exists(elsewhere.resolve("kept")));
        CacheDirectory.remove(old); // as when another tool was first
    }

    /** By a tree whose innermost paths are longer than the kernel takes: made of two, of which each is not. */
    @Test
    void whatCannotBeRemovedIsAnIoException() throws Exception {
        Path outer = path.resolve("text-1");
        Path inner = path.resolve("inner");
        try {
            String names = ("d".repeat(250) + "/").repeat(LEVELS);
            Files.createDirectories(outer.resolve(names));
            Files.createDirectories(inner.resolve(names));
            Files.move(inner, outer.resolve(names).resolve("inner"));
            assertThrows(IOException.class, () -> CacheDirectory.remove(outer));
            assertThrows(IOException.class, () -> cache.keepNewest("text-", 0));
        } finally {
            assertEquals(
                    0, new ProcessBuilder("rm", "-rf", path.toString()).start().waitFor());
        }
    }

    @Test
    void whatCannotBeListedIsAnIoException() {
        IOException why = new IOException("Input/output error");
        boolean[] closed = {false};
        DirectoryStream<Path> failing = new DirectoryStream<>() {
            @Override
            public Iterator<Path> iterator() {
                throw new DirectoryIteratorException(why);
            }

            @Override
            public void close() {
                closed[0] = true;
            }
        };
        assertSame(why, assertThrows(IOException.class, () -> CacheDirectory.all(failing)));
        assertTrue(closed[0]);
    }
}
