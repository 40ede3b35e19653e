// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host.container;

import dev.jbcc.host.Mount;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A mounted tree of cgroups, in which the id that a BPF program sees is the inode number of a directory.
 *
 * @param point where it is mounted
 * @param root the cgroup that is seen there, {@code /} when it is the whole tree
 * @param controller of a cgroup v1 tree, whose {@code <controller>_cgrp_id} gives a task's cgroup in BPF; empty for
 *     cgroup v2, where {@code bpf_get_current_cgroup_id} does
 */
public record CgroupHierarchy(Path point, String root, String controller) {
    /**
     * The cgroup v1 controllers in the order in which we look for them: those that all container runtimes use first.
     */
    private static final List<String> CONTROLLERS = List.of("memory", "pids", "cpu", "devices", "freezer", "cpuset");

    /** The cgroup v2 tree or, on a host without, the v1 tree that containers most likely have; empty without either. */
    public static Optional<CgroupHierarchy> host() {
        return host(Mount.all());
    }

    static Optional<CgroupHierarchy> host(List<Mount> mounts) {
        Optional<CgroupHierarchy> found = find(mounts, "cgroup2", "");
        for (int i = 0; i < CONTROLLERS.size() && found.isEmpty(); i++) {
            found = v1(mounts, CONTROLLERS.get(i));
        }
        return found;
    }

    /** The cgroup v1 tree of a controller, such as {@code memory}; empty when there is none mounted. */
    public static Optional<CgroupHierarchy> v1(String controller) {
        return v1(Mount.all(), controller);
    }

    static Optional<CgroupHierarchy> v1(List<Mount> mounts, String controller) {
        return find(mounts, "cgroup", controller);
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
        return Optional.ofNullable(best).map(mount -> new CgroupHierarchy(mount.point(), mount.root(), controller));
    }
}
