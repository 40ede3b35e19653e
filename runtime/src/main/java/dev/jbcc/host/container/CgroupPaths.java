// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host.container;

import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.bpf.ffi.NativeException;
import dev.jbcc.host.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/**
 * Finds the directory of a cgroup by its id: by asking the kernel to open it by number, which takes some 20 µs whatever
 * the size of the tree, or by walking the tree where that is refused (it needs CAP_DAC_READ_SEARCH in the initial user
 * namespace, so it is refused in most containers).
 *
 * <p>What is gone when it is asked for cannot be found, as the kernel keeps no names of removed cgroups. Not for more
 * than one thread.
 */
final class CgroupPaths {
    private static final String DELETED = " (deleted)";

    private final CgroupHierarchy hierarchy;
    private final CgroupWalk walk;
    private boolean byNumber;

    /** @param byNumber false: only by walking */
    CgroupPaths(CgroupHierarchy hierarchy, boolean byNumber, LongSupplier nanos) {
        this.hierarchy = hierarchy;
        this.byNumber = byNumber;
        this.walk = new CgroupWalk(hierarchy.point(), nanos);
    }

    boolean byNumber() {
        return byNumber;
    }

    /** The path as /proc/PID/cgroup shows it; null when there is no such cgroup, or it is not found yet. */
    String find(long id) {
        if (byNumber) {
            try {
                return open(id);
            } catch (NativeException refused) {
                byNumber = false;
            }
        }
        String below = walk.find(id);
        return below == null ? null : join(hierarchy.root(), below);
    }

    private String open(long id) {
        int mount = Libc.openReadOnly(hierarchy.point().toString());
        try {
            int directory = Libc.openByNumber(mount, id);
            try {
                return relative(Libc.pathOf(directory));
            } finally {
                Libc.close(directory);
            }
        } catch (NativeException e) {
            if (e.errno() == Errno.ESTALE || e.errno() == Errno.ENOENT) {
                return null;
            }
            throw e;
        } finally {
            Libc.close(mount);
        }
    }

    private String relative(String absolute) {
        String path = absolute;
        if (path.endsWith(DELETED) && !exists(path)) {
            path = path.substring(0, path.length() - DELETED.length());
        }
        String point = hierarchy.point().toString();
        if (path.equals(point)) {
            return hierarchy.root();
        }
        // A cgroup that is not below the mounted one is shown by the kernel with its path in the whole tree.
        return path.startsWith(point + "/") ? join(hierarchy.root(), path.substring(point.length())) : path;
    }

    private static boolean exists(String path) {
        try {
            return Files.exists(Path.of(path), LinkOption.NOFOLLOW_LINKS);
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static String join(String root, String below) {
        return root.equals("/") ? below : below.equals("/") ? root : root + below;
    }

    /** The id of the cgroup that has this path, or 0 when it is not there or not below what is mounted. */
    long idOf(String path) {
        String root = hierarchy.root();
        String below = root.equals("/") ? path : path.startsWith(root + "/") ? path.substring(root.length()) : "";
        if (below.isEmpty()) {
            return path.equals(root) ? inode(hierarchy.point()) : 0;
        }
        try {
            return inode(Path.of(hierarchy.point() + below));
        } catch (InvalidPathException e) {
            return 0; // a name that this locale cannot express
        }
    }

    private static long inode(Path directory) {
        try {
            return (Long) Files.getAttribute(directory, "unix:ino", LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            return 0;
        }
    }

    /** The greatest id of the cgroups that there are; see {@link CgroupWalk#greatest}. */
    long greatest() {
        return walk.greatest();
    }
}
