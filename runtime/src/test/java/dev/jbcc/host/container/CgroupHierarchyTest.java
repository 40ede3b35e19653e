// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host.container;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
        return Optional.of(new CgroupHierarchy(mount.point(), mount.root(), controller));
    }

    @Test
    void prefersCgroup2() {
        assertEquals(seen(UNIFIED, ""), CgroupHierarchy.host(List.of(MEMORY, UNIFIED, CPU)));
        assertEquals(seen(MEMORY, "memory"), CgroupHierarchy.host(List.of(CPU, MEMORY)));
        assertEquals(seen(CPU, "cpu"), CgroupHierarchy.host(List.of(CPU)));
        assertEquals(Optional.empty(), CgroupHierarchy.host(List.of(mount("/", "/", "ext4", "rw,memory"))));
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
        assertEquals(seen(UNIFIED, ""), CgroupHierarchy.host(List.of(part, UNIFIED)));
        assertEquals(seen(UNIFIED, ""), CgroupHierarchy.host(List.of(UNIFIED, part)));
        assertEquals(seen(part, ""), CgroupHierarchy.host(List.of(part)));
    }
}
