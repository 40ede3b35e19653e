// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.output.TextSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hybrid host, whose cgroups are in two maps. */
class HostContainersTest {
    private static final String A = "a1".repeat(32);
    private static final String B = "b2".repeat(32);
    private static final int NUMBER = 4;

    @TempDir
    Path root;

    private final Map<Long, String> v2 = new HashMap<>();
    private final Map<Long, String> v1 = new HashMap<>();
    private long now;

    private Containers tree(Map<Long, String> paths) {
        return new Containers(
                paths::get,
                path -> paths.entrySet().stream()
                        .filter(entry -> entry.getValue().equals(path))
                        .mapToLong(Map.Entry::getKey)
                        .findFirst()
                        .orElse(0),
                () -> paths.keySet().stream().mapToLong(id -> id).max().orElse(0),
                root,
                () -> now);
    }

    private HostContainers hybrid() {
        return new HostContainers(tree(v2), tree(v1), NUMBER);
    }

    /** Docker without systemd: in v2 its processes stay where its daemon is. */
    @Test
    void theV1TreeComesFirst() {
        v2.put(10L, "/system.slice/docker.service");
        v1.put(10L, "/");
        v1.put(20L, "/docker/" + A);
        HostContainers host = hybrid();
        assertEquals(A, host.of(10, 20).id());
        assertEquals("/docker/" + A, host.of(10, 20).cgroup());
        assertFalse(host.of(10, 10).exists());
        assertEquals("/system.slice/docker.service", host.of(10, 10).cgroup());
        assertFalse(host.of(10, 0).exists());
    }

    /** systemd-nspawn makes a scope in v2, and none for a controller that nobody wants. */
    @Test
    void whatIsOnlyInV2IsFound() {
        v2.put(10L, "/machine.slice/machine-box.scope");
        v1.put(20L, "/user.slice");
        assertEquals("box", hybrid().of(10, 20).id());
        assertEquals("box", hybrid().of(10, 0).id());
        assertEquals("box", hybrid().of(10, 99).id(), "the v1 cgroup is gone");
    }

    @Test
    void aHostWithOneTreeOnly() {
        v1.put(20L, "/lxc/box");
        v1.put(30L, "/user.slice");
        HostContainers onlyV1 = new HostContainers(tree(v2), tree(v1), NUMBER);
        assertEquals("box", onlyV1.of(1, 20).id());
        assertEquals("/user.slice", onlyV1.of(1, 30).cgroup());
        v2.put(10L, "/docker/" + A);
        HostContainers onlyV2 = new HostContainers(tree(v2), null, 0);
        assertEquals(A, onlyV2.of(10, 20).id());
        onlyV2.markStart();
        assertTrue(onlyV2.settled(10, 20, false));
        assertSame(Container.NONE, onlyV2.of(11, 0));
    }

    @Test
    void settledInBoth() {
        v2.put(10L, "/system.slice/docker.service");
        v1.put(20L, "/docker/" + A);
        v1.put(30L, "/user.slice");
        HostContainers host = hybrid();
        host.of(10, 20);
        assertTrue(host.settled(10, 20, false));
        assertFalse(host.settled(10, 20, true), "its name is still sought");
        host.of(10, 30);
        assertTrue(host.settled(10, 30, true));
        host.of(11, 30);
        assertFalse(host.settled(11, 30, false), "in v2 it may be a container");
        host.of(10, 31);
        assertFalse(host.settled(10, 31, false));
    }

    @Test
    void hearsOfRemovedCgroupsInEach() {
        HostContainers host = hybrid();
        host.heardOf(0, 10, "/docker-" + A + ".scope");
        host.heardOf(NUMBER, 20, "/docker/" + B);
        host.heardOf(NUMBER + 1, 30, "/docker/" + B);
        assertEquals(A, host.of(10, 0).id());
        assertEquals(B, host.of(10, 20).id());
        assertSame(Container.NONE, host.of(9, 30));
    }

    @Test
    void newIsToldOfEachTreeByItself() {
        v2.put(1000L, "/");
        v1.put(10L, "/docker/" + A);
        HostContainers host = hybrid();
        host.markStart();
        v1.put(20L, "/docker/" + B);
        assertFalse(host.of(1000, 10).isNew());
        assertTrue(host.of(1000, 20).isNew());
    }

    @Test
    void textsOfColumns() {
        v2.put(1L, "/lxc.payload.\u00e4b");
        v2.put(2L, "/system.slice");
        HostContainers host = new HostContainers(tree(v2), null, 0);
        long[] current = {1};
        TextSource name = HostContainers.text(() -> host.of(current[0], 0), Container::name);
        TextSource cgroup = HostContainers.text(() -> host.of(current[0], 0), Container::cgroup);
        byte[] into = new byte[20];
        assertEquals("\u00e4b", new String(into, 0, name.read(into), StandardCharsets.UTF_8));
        assertEquals(2, name.read(new byte[2]));
        current[0] = 2;
        assertEquals(-1, name.read(into));
        assertEquals("/system.slice", new String(into, 0, cgroup.read(into), StandardCharsets.UTF_8));
        assertEquals(5, cgroup.read(new byte[5]));
        current[0] = 3;
        assertEquals(-1, cgroup.read(into));
    }
}
