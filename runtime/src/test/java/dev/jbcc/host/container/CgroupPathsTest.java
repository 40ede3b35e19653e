// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbcc.host.Mount;
import dev.jbcc.host.Privileges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On cgroups that it makes and removes, in the cgroup v2 tree and in a v1 tree. */
class CgroupPathsTest {
    private static final int MANY = 2000;

    private final List<Path> made = new ArrayList<>();
    private long now;

    private CgroupHierarchy hierarchy(String controller) {
        assumeTrue(Privileges.own().root(), "only root can make cgroups");
        Optional<CgroupHierarchy> found =
                controller.isEmpty() ? CgroupHierarchy.v2(Mount.all()) : CgroupHierarchy.v1(Mount.all(), controller);
        assumeTrue(found.isPresent() && found.get().controller().equals(controller), "no such cgroup tree here");
        assumeTrue(Files.isWritable(found.get().point()), "the cgroup tree is mounted read-only");
        return found.get();
    }

    private long make(CgroupHierarchy hierarchy, String path) throws IOException {
        Path directory = Path.of(hierarchy.point() + path);
        Files.createDirectory(directory);
        made.add(directory);
        return (Long) Files.getAttribute(directory, "unix:ino");
    }

    @AfterEach
    void remove() throws IOException {
        for (Path directory : made.reversed()) {
            Files.deleteIfExists(directory);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "pids"})
    void opensByNumber(String controller) throws IOException {
        CgroupHierarchy hierarchy = hierarchy(controller);
        CgroupPaths paths = new CgroupPaths(hierarchy, true, () -> now);
        String base = "/jbcc-paths-" + ProcessHandle.current().pid();
        long id = make(hierarchy, base);
        assertEquals(base, paths.find(id));
        assumeTrue(paths.byNumber(), "open_by_handle_at is refused here");
        assertEquals(id, paths.idOf(base));
        assertEquals("/", paths.find(paths.idOf("/")));
        assertNull(paths.find(id + 1_000_000));
        assertNull(paths.find(-1));
        long odd = make(hierarchy, base + "/a (deleted)");
        assertEquals(base + "/a (deleted)", paths.find(odd));
        long child = make(hierarchy, base + "/child");
        assertEquals(base + "/child", paths.find(child));
        assertTrue(Long.compareUnsigned(paths.greatest(), child) >= 0);
        Files.delete(made.removeLast());
        assertNull(paths.find(child));
        assertEquals(0, paths.idOf(base + "/child"));
        assertTrue(paths.byNumber());

        // What the kernel shows when only a part of the tree is mounted
        CgroupHierarchy part = new CgroupHierarchy(Path.of(hierarchy.point() + base), "/outer" + base, controller, 0);
        CgroupPaths inPart = new CgroupPaths(part, true, () -> now);
        assertEquals("/outer" + base, inPart.find(id));
        assertEquals("/outer" + base + "/a (deleted)", inPart.find(odd));
        assertEquals(odd, inPart.idOf("/outer" + base + "/a (deleted)"));
        assertEquals(id, inPart.idOf("/outer" + base));
        assertEquals(0, inPart.idOf("/elsewhere"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "pids"})
    void walksWhenThatIsRefused(String controller) throws IOException {
        CgroupHierarchy hierarchy = hierarchy(controller);
        String base = "/jbcc-walk-" + ProcessHandle.current().pid();
        make(hierarchy, base);
        long leaf = make(hierarchy, base + "/leaf");
        CgroupPaths paths = new CgroupPaths(hierarchy, false, () -> now);
        assertEquals(base + "/leaf", paths.find(leaf));
        assertEquals("/", paths.find(paths.idOf("/")));
        CgroupHierarchy part = new CgroupHierarchy(Path.of(hierarchy.point() + base), base, controller, 0);
        assertEquals(base + "/leaf", new CgroupPaths(part, false, () -> now).find(leaf));
        assertEquals(base, new CgroupPaths(part, false, () -> now).find(paths.idOf(base)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "pids"})
    void resolvesThousandsAlsoWhenTheyAreGone(String controller) throws IOException {
        CgroupHierarchy hierarchy = hierarchy(controller);
        Containers containers = Containers.open(Optional.of(hierarchy), Path.of("/no/such/root"));
        String base = "/jbcc-churn-" + ProcessHandle.current().pid();
        make(hierarchy, base);
        containers.markStart();
        long[] ids = new long[MANY];
        for (int i = 0; i < MANY; i++) {
            String path = base + "/docker-" + id(i) + ".scope";
            ids[i] = make(hierarchy, path);
            Container container = containers.of(ids[i]);
            assertEquals(id(i), container.id());
            assertEquals(path, container.cgroup());
            assertEquals(ids[i], container.cgroupId());
            assertTrue(container.isNew());
            Files.delete(made.removeLast());
        }
        for (int i = 0; i < MANY; i++) {
            assertEquals(id(i), containers.of(ids[i]).id(), "after its removal");
        }
    }

    private static String id(int number) {
        return Integer.toHexString(number + (1 << 20)).repeat(11).substring(0, 64);
    }
}
