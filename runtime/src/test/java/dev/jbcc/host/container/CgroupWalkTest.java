// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On directories of a temporary folder, whose inode numbers serve as ids. */
class CgroupWalkTest {
    @TempDir
    Path top;

    private long now;

    private static long id(Path directory) throws IOException {
        return (Long) Files.getAttribute(directory, "unix:ino");
    }

    @Test
    void findsDirectoriesAtAnyDepth() throws IOException {
        Path deep = Files.createDirectories(top.resolve("a/b/c/d"));
        Path other = Files.createDirectories(top.resolve("a/x"));
        Files.writeString(top.resolve("a/cgroup.procs"), "");
        Path link = Files.createSymbolicLink(top.resolve("link"), deep);
        CgroupWalk walk = new CgroupWalk(top, () -> now);
        assertEquals("/a/b/c/d", walk.find(id(deep)));
        assertEquals("/a/x", walk.find(id(other)));
        assertEquals("/", walk.find(id(top)));
        assertNull(walk.find((Long) Files.getAttribute(link, "unix:ino", java.nio.file.LinkOption.NOFOLLOW_LINKS)));
        assertNull(walk.find(id(top.resolve("a/cgroup.procs"))));
    }

    @Test
    void looksAgainAfterAPauseAndRemembersTheLastRound() throws IOException {
        Path first = Files.createDirectories(top.resolve("first"));
        long gone = id(first);
        CgroupWalk walk = new CgroupWalk(top, () -> now);
        assertEquals("/first", walk.find(gone));
        Path late = Files.createDirectories(top.resolve("late"));
        Files.delete(first);
        assertNull(walk.find(id(late)), "too early");
        now += 60_000_000;
        assertEquals("/late", walk.find(id(late)));
    }

    @Test
    void aStepIsBoundedInTime() throws IOException {
        List<Path> made = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            made.add(Files.createDirectories(top.resolve("d" + i + "/e")));
        }
        // Each look at the clock takes 0.1 ms, so a step of 5 ms is some 50 looks.
        CgroupWalk walk = new CgroupWalk(top, () -> now += 100_000);
        int steps = 0;
        for (Path path : made) {
            while (walk.find(id(path)) == null) {
                now += 60_000_000;
                steps++;
                assertTrue(steps < 200);
            }
        }
        assertTrue(steps > 10, () -> "one step saw too much");
    }

    @Test
    void greatestIsOfAllDirectories() throws IOException {
        long greatest = id(top);
        for (int i = 0; i < 20; i++) {
            greatest = Math.max(greatest, id(Files.createDirectories(top.resolve("a" + i % 3 + "/b" + i))));
            greatest = Math.max(greatest, id(top.resolve("a" + i % 3)));
        }
        CgroupWalk walk = new CgroupWalk(top, () -> now);
        assertEquals(greatest, walk.greatest());
        assertEquals(greatest, walk.greatest());
    }

    @Test
    void withoutADirectoryThereIsNothing() {
        CgroupWalk walk = new CgroupWalk(top.resolve("missing"), () -> now);
        assertNull(walk.find(1));
        assertEquals(0, walk.greatest());
    }
}
