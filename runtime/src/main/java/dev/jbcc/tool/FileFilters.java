// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.BpfObject;
import dev.jbcc.bpf.Btf;
import dev.jbcc.bpf.OpenObject;
import dev.jbcc.host.Mount;
import dev.jbcc.host.PidNamespace;
import dev.jbcc.host.container.CgroupHierarchy;
import dev.jbcc.host.container.ContainerSelector;
import dev.jbcc.host.container.HostContainers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/** The filters that every tool has, for C files that include {@code jbcc.h}; other files have to do without. */
final class FileFilters {
    /** What marks an object whose source includes {@code jbcc.h}. */
    private static final String MARK = "jbcc_self";

    /** Names of maps of {@code jbcc.h} begin with this. */
    static final String PREFIX = "jbcc_";

    private static final String COUNTS = "jbcc_counts";
    private static final String PIDS = "jbcc_pids";

    private final StandardOptions standard;
    private final boolean there;
    private final boolean follow;

    private FileFilters(StandardOptions standard, boolean there, boolean follow) {
        this.standard = standard;
        this.there = there;
        this.follow = follow;
    }

    /** Resolves {@code --container} to the cgroup that the container has, so that the kernel can decide on everything. */
    static void prepare(StandardOptions standard) {
        if (standard.container.given()) {
            if (standard.cgroup.given()) {
                throw new JbccException.Usage("--container and --cgroup are both a cgroup; give one");
            }
            standard.cgroup.parse(List.of(cgroup(standard.container.get()).toString()));
        }
        Session.checkPids(standard);
    }

    private static Path cgroup(ContainerSelector which) {
        if (!(which instanceof ContainerSelector.Named named)) {
            throw new JbccException.Usage(
                    "--container: " + FileCommand.NAME + " can look at one container that is there, by its name or id",
                    "any and new are for the tools, whose events say their container");
        }
        List<Mount> mounts = Mount.all();
        HostContainers containers = HostContainers.open(mounts, Path.of("/"));
        CgroupHierarchy tree = CgroupHierarchy.v1(mounts)
                .or(() -> CgroupHierarchy.v2(mounts))
                .orElseThrow(
                        () -> new JbccException.NotSupported("no cgroup is mounted, so there are no containers", null));
        Collection<Path> found;
        try {
            found = new ContainerCgroups(tree, containers, named).find();
        } catch (IOException failure) {
            throw new JbccException.Failed("cannot look for containers in " + tree.point() + ": " + failure, failure);
        }
        if (found.size() != 1) {
            throw new JbccException.Usage(
                    "--container: there " + (found.isEmpty() ? "is no container " : "are several containers ")
                            + named.text(),
                    "names are known of Docker, containerd, CRI-O and Podman; else give the id, or --cgroup PATH");
        }
        return found.iterator().next();
    }

    /**
     * Sets the filters before load.
     *
     * @param follow whether a command is to be followed
     * @throws JbccException.Usage when a filter is asked for that the object does not have
     */
    static FileFilters configure(OpenObject open, StandardOptions standard, boolean follow) {
        boolean there = false;
        for (Btf.Variable variable : open.btf().variables(".rodata")) {
            there |= variable.name().equals(MARK);
        }
        FileFilters filters = new FileFilters(standard, there, follow);
        if (!there) {
            checkBuffer(standard, false);
            Option<?> typed = typed(standard);
            if (typed != null) {
                throw new JbccException.Usage(
                        typed.names().getLast() + " filters by jbcc.h, which the C does not include",
                        "#include \"jbcc.h\" and begin programs with jbcc_begin(), or filter by a global of the C and -D");
            }
            return filters;
        }
        try {
            Session.configure(open, follow, standard, PidNamespace.own());
        } catch (IllegalArgumentException absent) {
            throw new JbccException.Usage(
                    "the object was compiled without a part of jbcc.h that an option needs: " + absent.getMessage(),
                    "give the source in place of the object");
        }
        Session.prepareBuffer(open, standard);
        return filters;
    }

    private static Option<?> typed(StandardOptions standard) {
        for (Option<?> option : filters(standard)) {
            if (option.given()) {
                return option;
            }
        }
        return null;
    }

    private static List<Option<?>> filters(StandardOptions standard) {
        return List.of(
                standard.pids,
                standard.tid,
                standard.uid,
                standard.name,
                standard.container,
                standard.cgroup,
                standard.mountNamespace,
                standard.pidNamespace,
                standard.networkNamespace,
                standard.cgroupMap,
                standard.mountNamespaceMap);
    }

    /**
     * Fills the maps of the filters after load.
     *
     * @throws JbccException.Usage when no program applies them
     */
    void fill(BpfObject object, TracedCommand traced) {
        if (!there) {
            return;
        }
        Option<?> typed = typed(standard);
        boolean byPid = follow || standard.pids.given();
        if (typed != null && !isUsed(object, COUNTS) || byPid && !isUsed(object, PIDS)) {
            String what = typed == null ? "-- COMMAND" : typed.names().getLast();
            throw new JbccException.Usage(
                    what + " would filter nothing: the C includes jbcc.h, but no program calls jbcc_begin()",
                    "begin programs with: struct jbcc_task who; if (!jbcc_begin(&who)) return 0;");
        }
        checkBuffer(standard, isUsed(object, Session.PERF));
        Session.fillFilters(object, traced, standard);
    }

    /** The other kinds are no mistake: what does not send its events by jbcc.h has the buffers that it declares. */
    private static void checkBuffer(StandardOptions standard, boolean submits) {
        if (standard.buffer.get() == StandardOptions.BufferKind.PERF && !submits) {
            throw new JbccException.Usage(
                    "--buffer perf is for what jbcc_submit of jbcc.h sends, and the C does not call it",
                    "buffers of the C are of the kind that it declares");
        }
    }

    /** Whether a map is one of {@code jbcc.h}, and not to be printed. */
    boolean isOurs(String map) {
        return there && map.startsWith(PREFIX);
    }

    /** What became of the events; null when nobody counts them. */
    EventCounts counts(BpfObject object, long printed, long left) {
        return there && isUsed(object, COUNTS) ? EventCounts.read(object, printed, 0, left) : null;
    }

    /** Whether a program of the C's own uses a map. */
    static boolean isUsed(BpfObject object, String map) {
        for (String program : object.usersOf(map)) {
            if (!program.startsWith(PREFIX)) {
                return true;
            }
        }
        return false;
    }

    /** Parts of {@code jbcc.h} that the options need, for clang. */
    static List<String> defines(StandardOptions standard) {
        return Session.variants(standard, PidNamespace.own());
    }
}
