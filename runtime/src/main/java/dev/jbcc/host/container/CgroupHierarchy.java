// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host.container;

import dev.jbcc.host.Cgroup;
import dev.jbcc.host.Mount;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A mounted tree of cgroups, in which the id that a BPF program sees is the inode number of a directory.
 *
 * {@snippet :
 * CgroupHierarchy.v1(Mount.all()).ifPresent(tree -> System.out.println(tree.controller() + " at " + tree.point()));
 * }
 *
 * @param point where it is mounted
 * @param root the cgroup that is seen there, {@code /} when it is the whole tree
 * @param controller of a cgroup v1 tree; empty for cgroup v2
 * @param number of a cgroup v1 tree in the kernel; 0 for cgroup v2
 */
public record CgroupHierarchy(Path point, String root, String controller, int number) {
    /**
     * The cgroup v1 controllers in the order in which we look for them: those that all container runtimes use first.
     */
    private static final List<String> CONTROLLERS = List.of("memory", "pids", "cpu", "devices", "freezer", "cpuset");

    /** The cgroup v2 tree; empty on a host without. */
    public static Optional<CgroupHierarchy> v2(List<Mount> mounts) {
        return find(mounts, "cgroup2", "");
    }

    /**
     * The cgroup v1 tree that containers have their cgroups in: on a host that has v1 controllers, runtimes make one in
     * the tree of each. Empty on a host without.
     */
    public static Optional<CgroupHierarchy> v1(List<Mount> mounts) {
        Optional<CgroupHierarchy> found = Optional.empty();
        for (int i = 0; i < CONTROLLERS.size() && found.isEmpty(); i++) {
            found = v1(mounts, CONTROLLERS.get(i));
        }
        return found;
    }

    static Optional<CgroupHierarchy> v1(List<Mount> mounts, String controller) {
        return find(mounts, "cgroup", controller);
    }

    /** What the kernel calls the controller, in {@code enum cgroup_subsys_id}. */
    public String subsystem() {
        return controller + "_cgrp_id";
    }

    private static Optional<CgroupHierarchy> find(List<Mount> mounts, String type, String controller) {
        Mount best = null;
        for (Mount mount : mounts) {
            if (mount.type().equals(type)
                    && (controller.isEmpty() || ("," + mount.options() + ",").contains("," + controller + ","))
                    && (best == null || mount.root().equals("/") && !best.root().equals("/"))) {
                best = mount;
            }
        }
        return Optional.ofNullable(best)
                .map(mount -> new CgroupHierarchy(
                        mount.point(),
                        mount.root(),
                        controller,
                        controller.isEmpty() ? 0 : Cgroup.hierarchyOf(mount.options())));
    }
}
