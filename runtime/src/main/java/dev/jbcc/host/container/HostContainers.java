// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host.container;

import dev.jbcc.host.Mount;
import dev.jbcc.output.TextSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The containers of this host by the cgroup ids of events. On a host with cgroup v1 controllers each process has a cgroup
 * in v2 and one in v1, with ids of their own: there runtimes make a container's cgroup in the tree of each controller, and
 * in v2 only some do. So the v1 tree is asked first, and then v2. For one thread.
 *
 * {@snippet :
 * HostContainers containers = HostContainers.open(Mount.all(), Path.of("/"));
 * Container container = containers.of(Cgroup.open("/sys/fs/cgroup/system.slice").id(), 0);
 * System.out.println(container.exists() ? container.label() : "the host");
 * }
 *
 * @see Containers
 */
public final class HostContainers {
    private final Containers unified;
    private final Containers controller;
    private final int controllerNumber;

    HostContainers(Containers unified, Containers controller, int controllerNumber) {
        this.unified = unified;
        this.controller = controller;
        this.controllerNumber = controllerNumber;
    }

    /**
     * @param mounts those of this host
     * @param root where the host's files are: {@code /}, or in a container {@code /proc/1/root} with the host's pids, or
     *     where the host is mounted. Absolute symbolic links below it are followed from our own root.
     */
    public static HostContainers open(List<Mount> mounts, Path root) {
        Optional<CgroupHierarchy> v1 = CgroupHierarchy.v1(mounts);
        return new HostContainers(
                Containers.open(CgroupHierarchy.v2(mounts), root),
                v1.isEmpty() ? null : Containers.open(v1, root),
                v1.map(CgroupHierarchy::number).orElse(0));
    }

    /**
     * The container that a process with these cgroups is in; never null, and with the path of a cgroup also when there is
     * none. Allocates nothing for cgroups that are known.
     *
     * @param v2 id of the cgroup in v2
     * @param v1 id of the cgroup in the v1 tree that containers are in; 0 when there is none
     */
    public Container of(long v2, long v1) {
        if (v1 == 0 || controller == null) {
            return unified.of(v2);
        }
        Container inController = controller.of(v1);
        if (isContainer(inController)) {
            return inController;
        }
        Container inUnified = unified.of(v2);
        return isContainer(inUnified) || !inUnified.cgroup().isEmpty() ? inUnified : inController;
    }

    private static boolean isContainer(Container container) {
        return container.exists() || !container.podUid().isEmpty();
    }

    /** Whether what {@link #of} has just said will not change; {@code names}: nor the names. */
    public boolean settled(long v2, long v1, boolean names) {
        if (v1 == 0 || controller == null) {
            return unified.settled(v2, names);
        }
        return controller.settled(v1, names) && (isContainer(controller.of(v1)) || unified.settled(v2, names));
    }

    /**
     * Remembers the path of a cgroup that was made or removed, for events that come when it is gone.
     *
     * @param hierarchy number of its tree, 0 for v2; others than those that are looked at do not matter
     */
    public void heardOf(int hierarchy, long cgroupId, String path) {
        if (hierarchy == 0) {
            unified.heardOf(cgroupId, path);
        } else if (hierarchy == controllerNumber) {
            controller.heardOf(cgroupId, path);
        }
    }

    /** From now on, a container whose cgroup is made later is new. Looks at all cgroups, half a second at most. */
    public void markStart() {
        unified.markStart();
        if (controller != null) {
            controller.markStart();
        }
    }

    /** A part of the container of the current event as a column's text; it has no value where the part is empty. */
    public static TextSource text(Supplier<Container> container, Function<Container, String> part) {
        return into -> copy(part.apply(container.get()), into);
    }

    private static int copy(String text, byte[] into) {
        if (text.isEmpty()) {
            return -1;
        }
        int length = text.length();
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
                length = Math.min(utf8.length, into.length);
                System.arraycopy(utf8, 0, into, 0, length);
                return length;
            }
            if (i == into.length) {
                return into.length;
            }
            into[i] = (byte) c;
        }
        return length;
    }
}
