// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host.container;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/**
 * The containers of one tree of cgroups by the ids of the cgroups, found without asking any daemon. Not for more than one
 * thread.
 *
 * <p>The last 4096 cgroups are remembered, and beyond that those asked for in the last 30 seconds up to 16,384, and the
 * same number of those that {@link #heardOf} tells: so a late event of a removed cgroup still has its container. One
 * that is first heard of when it is gone stays unknown.
 *
 * <p>Something new costs some 50 µs: the path by id, then the files that may have a name. Names take at most a tenth of
 * the time; what is put off, or not yet written by the runtime, is tried again with later events of that cgroup, after
 * 1, 2, 4, 8 and 16 seconds.
 */
final class Containers {
    private static final int CAPACITY = 4096;
    private static final int LIMIT = 1 << 14;
    private static final long MAX_CHARS = 4 << 20; // a container can make cgroups with paths of PATH_MAX
    private static final long HOLD_NANOS = 30_000_000_000L;
    private static final long SECOND = 1_000_000_000;
    private static final long NAMES_PER_SECOND = SECOND / 10;
    private static final int MAX_TRIES = 6;

    private final LongFunction<String> paths;
    private final ToLongFunction<String> ids;
    private final LongSupplier greatest;
    private final KubeletLogs kubelet;
    private final RuntimeState state;
    private final LongSupplier nanos;
    private final IdCache<Known> cache = new IdCache<>(CAPACITY, LIMIT, MAX_CHARS, HOLD_NANOS);
    private final IdCache<String> heard = new IdCache<>(CAPACITY, LIMIT, MAX_CHARS / 2, HOLD_NANOS);
    private boolean marked;
    private long newestAtMark;
    private long secondBegan;
    private long spentOnNames;

    /** What is known of a cgroup, and when to try again if that is not all; {@code tries} 0: nothing more is sought. */
    private record Known(Container container, int tries, long retryAt) {}

    /**
     * @param paths of cgroups by id, null when not found
     * @param ids of cgroups by path, 0 when not found
     * @param greatest id of all cgroups
     */
    Containers(
            LongFunction<String> paths,
            ToLongFunction<String> ids,
            LongSupplier greatest,
            Path root,
            LongSupplier nanos) {
        this.paths = paths;
        this.ids = ids;
        this.greatest = greatest;
        this.kubelet = new KubeletLogs(root, nanos);
        this.state = new RuntimeState(root);
        this.nanos = nanos;
        this.secondBegan = nanos.getAsLong();
    }

    /**
     * @param hierarchy that the ids are from; without one, no cgroup is found
     * @param root where the host's files are: {@code /}, or in a container {@code /proc/1/root} with the host's pids, or
     *     where the host is mounted. Absolute symbolic links below it are followed from our own root.
     */
    static Containers open(Optional<CgroupHierarchy> hierarchy, Path root) {
        if (hierarchy.isEmpty()) {
            return new Containers(id -> null, path -> 0, () -> 0, root, System::nanoTime);
        }
        CgroupPaths paths = new CgroupPaths(hierarchy.get(), true, System::nanoTime);
        return new Containers(paths::find, paths::idOf, paths::greatest, root, System::nanoTime);
    }

    /** The container that a cgroup is, or is in; never null. Allocates nothing for a cgroup that is known. */
    Container of(long cgroupId) {
        long now = nanos.getAsLong();
        Known known = cache.get(cgroupId, now);
        if (known != null && (known.tries == 0 || now - known.retryAt < 0)) {
            return known.container;
        }
        if (known == null || known.container == Container.NONE) {
            String path = paths.apply(cgroupId);
            return resolve(cgroupId, path == null ? heard.get(cgroupId, now) : path, null, now);
        }
        return resolve(cgroupId, known.container.cgroup(), known, now);
    }

    /**
     * Remembers the path of a cgroup that was made or removed, so that its events have a container even when they come
     * after its removal.
     *
     * @param path as the kernel's tracepoints {@code cgroup_mkdir} and {@code cgroup_rmdir} give it, which is as in
     *     /proc/PID/cgroup outside of all containers
     */
    void heardOf(long cgroupId, String path) {
        heard.put(cgroupId, path, path.length(), nanos.getAsLong());
        Known known = cache.peek(cgroupId);
        if (known != null && known.container == Container.NONE) {
            resolve(cgroupId, path, null, nanos.getAsLong());
        }
    }

    /**
     * Whether what {@link #of} says of a cgroup will not change: its path is known and, if {@code names} matter, so are
     * its names, or they are no longer sought.
     */
    boolean settled(long cgroupId, boolean names) {
        Known known = cache.peek(cgroupId);
        return known != null && known.container != Container.NONE && (known.tries == 0 || !names);
    }

    /** From now on, a container whose cgroup is made later is new. Looks at all cgroups, half a second at most. */
    void markStart() {
        newestAtMark = greatest.getAsLong();
        marked = true;
    }

    /** How many cgroups are remembered now. */
    int remembered() {
        return cache.size();
    }

    /** How many characters what is remembered now takes. */
    long characters() {
        return cache.weight() + heard.weight();
    }

    private Container resolve(long id, String path, Known before, long now) {
        Known known = path == null ? new Known(Container.NONE, 1, now + SECOND) : known(id, path, before, now);
        cache.put(id, known, chars(known.container), now);
        return known.container;
    }

    private Known known(long id, String path, Known before, long now) {
        ContainerPath parsed = ContainerPath.parse(path);
        if (parsed.id().isEmpty() && parsed.podUid().isEmpty()) {
            return new Known(Container.ofHost(path), 0, 0);
        }
        long own = before != null ? before.container.cgroupId() : 0;
        if (own == 0 && !parsed.id().isEmpty()) {
            own = parsed.end() == path.length() ? id : ids.applyAsLong(path.substring(0, parsed.end()));
        }
        // When the container's own cgroup is gone, that of the event, which is at least as new, stands for it.
        boolean isNew = marked && Long.compareUnsigned(own == 0 ? id : own, newestAtMark) > 0;
        boolean named = !parsed.id().isEmpty() && !ContainerPath.isId(parsed.id()); // the id is the name
        Names names = named ? new Names("", parsed.id(), "", "", "") : names(parsed, now);
        int tries = before == null ? 1 : before.tries + 1;
        if (named || names != null && complete(parsed, names) || tries == MAX_TRIES) {
            tries = 0;
        }
        names = names == null ? Names.NONE : names;
        Container container = new Container(
                parsed.id(),
                parsed.runtime().isEmpty() ? names.runtime() : parsed.runtime(),
                names.name(),
                names.pod(),
                names.namespace(),
                parsed.podUid().isEmpty() ? names.podUid() : parsed.podUid(),
                path,
                own,
                isNew);
        return new Known(container, tries, now + (SECOND << Math.max(0, tries - 1)));
    }

    /** What the files say; null when looking at them is put off, as it took too much of this second already. */
    private Names names(ContainerPath parsed, long now) {
        if (now - secondBegan >= SECOND) {
            secondBegan = now;
            spentOnNames = 0;
        }
        if (spentOnNames >= NAMES_PER_SECOND) {
            return null;
        }
        Names names = Names.NONE;
        if (!parsed.id().isEmpty()) {
            names = names.or(kubelet.container(parsed.id()));
            if (names.name().isEmpty() || parsed.runtime().isEmpty()) {
                names = names.or(state.find(parsed.id(), parsed.runtime()));
            }
        }
        if (names.pod().isEmpty() && !parsed.podUid().isEmpty()) {
            names = names.or(kubelet.pod(parsed.podUid()));
        }
        spentOnNames += nanos.getAsLong() - now;
        return names;
    }

    private static boolean complete(ContainerPath parsed, Names names) {
        boolean ofPod = !parsed.podUid().isEmpty() && !ContainerPath.isId(parsed.podUid());
        return (!names.name().isEmpty() || parsed.id().isEmpty())
                && (!names.pod().isEmpty() || !ofPod);
    }

    private static int chars(Container container) {
        return container.cgroup().length()
                + container.id().length()
                + container.name().length()
                + container.pod().length()
                + container.namespace().length();
    }
}
