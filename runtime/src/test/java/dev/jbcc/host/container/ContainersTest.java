// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.host.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With cgroups that exist in a map only, a clock set by hand, and a host's files in a temporary folder. */
class ContainersTest {
    private static final String A = "a1".repeat(32);
    private static final String UID = "2c48913c-b29f-11e7-9350-020968147796";
    private static final String POD = "/kubepods/burstable/pod" + UID + "/";
    private static final long SECOND = 1_000_000_000;

    @TempDir
    Path root;

    private final Map<Long, String> tree = new HashMap<>();
    private final List<Long> asked = new ArrayList<>();
    private long now = Long.MAX_VALUE - SECOND; // System.nanoTime may overflow
    private long tick;
    private Containers containers;

    @BeforeEach
    void setUp() {
        containers = new Containers(
                id -> {
                    asked.add(id);
                    return tree.get(id);
                },
                path -> tree.entrySet().stream()
                        .filter(entry -> entry.getValue().equals(path))
                        .mapToLong(Map.Entry::getKey)
                        .findFirst()
                        .orElse(0),
                () -> tree.keySet().stream().mapToLong(id -> id).max().orElse(0),
                root,
                () -> now += tick);
    }

    private void file(String path, String content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private static String id(int number) {
        return Integer.toHexString(number + (1 << 20)).repeat(11).substring(0, 64);
    }

    @Test
    void hostIsNoContainer() {
        tree.put(1L, "/");
        tree.put(2L, "/system.slice/ssh.service");
        assertFalse(containers.of(1).exists());
        assertEquals("/system.slice/ssh.service", containers.of(2).cgroup());
        assertEquals("", containers.of(2).label());
        assertSame(Container.NONE, containers.of(99));
    }

    @Test
    void unknownIsAskedForAtMostEachSecond() {
        assertSame(Container.NONE, containers.of(7));
        assertSame(Container.NONE, containers.of(7));
        assertEquals(List.of(7L), asked);
        tree.put(7L, "/docker/" + A);
        now += SECOND;
        assertEquals(A, containers.of(7).id());
        assertEquals(List.of(7L, 7L), asked);
        now += 1000 * SECOND;
        assertEquals(A, containers.of(7).id());
        assertEquals(List.of(7L, 7L), asked);
    }

    @Test
    void removedCgroupsAreKeptHalfAMinuteUnderChurn() {
        int checked = 0;
        for (int i = 0; i < 100_000; i++) {
            long id = 1000 + 19L * i;
            tree.put(id, "/system.slice/docker-" + id(i) + ".scope");
            assertEquals(id(i), containers.of(id).id());
            tree.remove(id);
            now += SECOND / 260;
            int late = i - 7700; // removed 29.6 seconds ago, and asked for it counts as used again
            if (late >= 0) {
                assertEquals(id(late), containers.of(1000 + 19L * late).id());
                checked++;
            }
        }
        assertEquals(92_300, checked);
        assertEquals(100_000, asked.size());
        assertTrue(containers.remembered() > 4096);
        assertSame(Container.NONE, containers.of(1000), "long ago");
        now += 40 * SECOND;
        containers.of(2);
        assertEquals(4096, containers.remembered(), "nothing else was used lately");
    }

    @Test
    void memoryIsBoundedWhateverTheRate() {
        for (int i = 0; i < 100_000; i++) {
            tree.put((long) i, "/system.slice/docker-" + id(i) + ".scope" + (i % 20 != 0 ? "" : "/x".repeat(1900)));
            containers.of(i);
            tree.remove((long) i);
            asked.clear();
        }
        assertTrue(containers.remembered() > 1000 && containers.remembered() <= 1 << 14);
        assertTrue(containers.characters() <= 4 << 20);
    }

    @Test
    void aKnownCgroupIsNotMadeAnew() {
        tree.put(1L, "/docker/" + A);
        Container first = containers.of(1);
        assertSame(first, containers.of(1));
        assertEquals(List.of(1L), asked);
    }

    @Test
    void whatWasHeardOfIsKnownAfterItsRemoval() {
        containers.heardOf(5, "/docker/" + A);
        assertEquals(A, containers.of(5).id());
        assertEquals(5, containers.of(5).cgroupId());
        assertEquals(List.of(5L), asked);
        assertSame(Container.NONE, containers.of(6));
        containers.heardOf(6, "/docker/" + id(6)); // not a second later: it was on its way
        assertEquals(id(6), containers.of(6).id());
    }

    @Test
    void whatWasHeardOfIsBoundedToo() {
        for (int i = 0; i < 100_000; i++) {
            containers.heardOf(i, "/docker/" + id(i) + (i % 20 != 0 ? "" : "/x".repeat(1900)));
            now += SECOND / 1000;
        }
        assertEquals(0, containers.remembered(), "nobody has asked");
        assertTrue(containers.characters() <= 2 << 20);
        assertEquals(id(99_999), containers.of(99_999).id());
        assertSame(Container.NONE, containers.of(1));
    }

    @Test
    void settledIsWhatWillNotChange() throws IOException {
        assertFalse(containers.settled(1, false));
        containers.of(1);
        assertFalse(containers.settled(1, false), "it is not found, but may be");
        tree.put(2L, "/system.slice");
        containers.of(2);
        assertTrue(containers.settled(2, true), "the host has no names");
        tree.put(3L, "/docker/" + A);
        containers.of(3);
        assertTrue(containers.settled(3, false));
        assertFalse(containers.settled(3, true));
        file("var/lib/docker/containers/" + A + "/config.v2.json", "{\"Name\":\"/web\"}");
        now += SECOND;
        containers.of(3);
        assertTrue(containers.settled(3, true));
    }

    @Test
    void newIsWhatWasMadeAfterTheMark() {
        tree.put(10L, "/docker/" + A);
        containers.markStart();
        tree.put(20L, "/docker/" + A + "/inner");
        tree.put(30L, "/docker/" + id(1));
        tree.put(40L, "/docker/" + id(1) + "/inner");
        assertFalse(containers.of(10).isNew());
        assertFalse(containers.of(20).isNew(), "a new cgroup in an old container");
        assertTrue(containers.of(30).isNew());
        assertTrue(containers.of(40).isNew());
        assertEquals(30, containers.of(40).cgroupId());
        assertEquals(10, containers.of(20).cgroupId());
    }

    @Test
    void withoutAMarkNothingIsNew() {
        tree.put(10L, "/docker/" + A);
        assertFalse(containers.of(10).isNew());
    }

    @Test
    void kubeletsNamesComeLater() throws IOException {
        tree.put(1L, POD + A);
        Container container = containers.of(1);
        assertEquals("", container.name());
        assertEquals(A.substring(0, 12), container.label());
        assertEquals(UID, container.podUid());
        file("var/log/containers/web-0_default_nginx-" + A + ".log", "");
        assertEquals("", containers.of(1).name());
        now += SECOND;
        assertEquals("", containers.of(1).name(), "the directory was listed a second ago");
        now += 2 * SECOND;
        container = containers.of(1);
        assertEquals("nginx", container.name());
        assertEquals("nginx", container.label());
        assertEquals("web-0", container.pod());
        assertEquals("default", container.namespace());
        assertEquals(1, container.cgroupId());
    }

    @Test
    void seekingNamesEnds() throws IOException {
        tree.put(1L, "/docker/" + A);
        for (int i = 0; i < 40; i++) {
            containers.of(1);
            now += SECOND;
        }
        file("var/lib/docker/containers/" + A + "/config.v2.json", "{\"Name\":\"/web\"}");
        for (int i = 0; i < 40; i++) {
            assertEquals("", containers.of(1).name());
            now += SECOND;
        }
    }

    @Test
    void namesTakeATenthOfTheTime() throws IOException {
        for (int i = 0; i < 20; i++) {
            tree.put((long) i, "/docker/" + id(i));
            file("var/lib/docker/containers/" + id(i) + "/config.v2.json", "{\"Name\":\"/web" + i + "\"}");
        }
        tick = SECOND / 100; // each look at the clock
        int named = 0;
        for (int i = 0; i < 20; i++) {
            named += containers.of(i).name().isEmpty() ? 0 : 1;
        }
        assertTrue(named > 0 && named < 20, () -> "not all at once");
        now += 5 * SECOND;
        for (int i = 0; i < 20; i++) {
            containers.of(i);
            now += SECOND;
        }
        now += 5 * SECOND;
        for (int i = 0; i < 20; i++) {
            assertEquals("web" + i, containers.of(i).name());
        }
    }

    @Test
    void podOfItsOwnCgroup() throws IOException {
        file("var/log/pods/default_web-0_" + UID + "/nginx/0.log", "");
        tree.put(1L, POD.substring(0, POD.length() - 1));
        Container container = containers.of(1);
        assertFalse(container.exists());
        assertEquals("web-0 default " + UID, container.pod() + " " + container.namespace() + " " + container.podUid());
    }

    @Test
    void opensOnThisHost() {
        assertNotNull(
                Containers.open(CgroupHierarchy.v2(Mount.all()), Path.of("/")).of(1));
        assertSame(
                Container.NONE,
                Containers.open(java.util.Optional.empty(), Path.of("/")).of(1));
    }
}
