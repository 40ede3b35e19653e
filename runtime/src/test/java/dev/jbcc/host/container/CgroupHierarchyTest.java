// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host.container;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbcc.host.Cgroup;
import dev.jbcc.host.Mount;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CgroupHierarchyTest {
    private static final Mount MEMORY = mount("/sys/fs/cgroup/memory", "/", "cgroup", "rw,memory");
    private static final Mount CPU = mount("/sys/fs/cgroup/cpu,cpuacct", "/", "cgroup", "rw,cpu,cpuacct");
    private static final Mount UNIFIED = mount("/sys/fs/cgroup/unified", "/", "cgroup2", "rw");

    private static Mount mount(String point, String root, String type, String options) {
        return new Mount(0, 30, root, Path.of(point), type, options);
    }

    private static Optional<CgroupHierarchy> seen(Mount mount, String controller) {
        int number = Cgroup.hierarchyOf(mount.options());
        return Optional.of(new CgroupHierarchy(mount.point(), mount.root(), controller, number));
    }

    @Test
    void bothOnAHybridHost() {
        List<Mount> hybrid = List.of(CPU, MEMORY, UNIFIED);
        assertEquals(seen(UNIFIED, ""), CgroupHierarchy.v2(hybrid));
        assertEquals(seen(MEMORY, "memory"), CgroupHierarchy.v1(hybrid));
        assertEquals("memory_cgrp_id", CgroupHierarchy.v1(hybrid).orElseThrow().subsystem());
        assertEquals(Optional.empty(), CgroupHierarchy.v1(List.of(UNIFIED)));
        assertEquals(seen(CPU, "cpu"), CgroupHierarchy.v1(List.of(CPU)));
        assertEquals(Optional.empty(), CgroupHierarchy.v2(List.of(CPU)));
        assertEquals(Optional.empty(), CgroupHierarchy.v1(List.of(mount("/", "/", "ext4", "rw,memory"))));
    }

    @Test
    void findsAControllerOfCgroup1() {
        assertEquals(seen(CPU, "cpuacct"), CgroupHierarchy.v1(List.of(UNIFIED, MEMORY, CPU), "cpuacct"));
        assertEquals(Optional.empty(), CgroupHierarchy.v1(List.of(UNIFIED, MEMORY, CPU), "pids"));
        assertEquals(Optional.empty(), CgroupHierarchy.v1(List.of(UNIFIED, MEMORY, CPU), "acct"));
    }

    @Test
    void prefersTheWholeTree() {
        Mount part = mount("/sys/fs/cgroup", "/docker/1", "cgroup2", "rw");
        assertEquals(seen(UNIFIED, ""), CgroupHierarchy.v2(List.of(part, UNIFIED)));
        assertEquals(seen(UNIFIED, ""), CgroupHierarchy.v2(List.of(UNIFIED, part)));
        assertEquals(seen(part, ""), CgroupHierarchy.v2(List.of(part)));
    }
}
