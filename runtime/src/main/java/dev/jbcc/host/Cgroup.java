// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host;

import dev.jbcc.JbccException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A directory of the cgroup v2 hierarchy, as {@code --cgroup} names it.
 *
 * @param path of the directory, absolute
 * @param id its inode, which is what {@code bpf_get_current_cgroup_id} returns since Linux 5.5 on 64-bit machines;
 *     before, that returned a generation number in the upper half as well
 */
public record Cgroup(Path path, long id) {
    /**
     * Finds a cgroup by the path of its directory. A path that is relative, or that does not exist and so may be the
     * one that /proc/PID/cgroup shows, is taken below the place where cgroup2 is mounted.
     *
     * @throws JbccException.Usage when there is no such directory, or it is not of a cgroup v2
     * @throws JbccException.NotPermitted when it may not be looked at
     * @throws JbccException.NotSupported when cgroup v2 is needed to find it and is not mounted
     */
    public static Cgroup open(String path) {
        return open(path, Mount.all());
    }

    static Cgroup open(String path, List<Mount> mounts) {
        Path unified = unified(mounts);
        Path given;
        try {
            given = Path.of(path);
        } catch (InvalidPathException e) {
            throw new JbccException.Usage("not a path: " + e.getMessage());
        }
        if (path.isEmpty()) {
            throw new JbccException.Usage("the path of the cgroup is empty", hint(unified));
        }
        if (given.isAbsolute() && !Files.notExists(given)) {
            return check(given, mounts, unified);
        }
        if (unified == null) {
            if (given.isAbsolute()) {
                throw new JbccException.Usage("no such cgroup: " + path, hint(null));
            }
            throw new JbccException.NotSupported(
                    "cannot find cgroup " + path + ": cgroup v2 is not mounted", hint(null));
        }
        Path below = unified.resolve(given.isAbsolute() ? given.subpath(0, given.getNameCount()) : given);
        if (given.isAbsolute() && Files.notExists(below)) {
            throw new JbccException.Usage("no such cgroup: " + path, hint(unified));
        }
        return check(below, mounts, unified);
    }

    private static Cgroup check(Path directory, List<Mount> mounts, Path unified) {
        Map<String, Object> stat;
        try {
            stat = Files.readAttributes(directory, "unix:dev,ino,isDirectory");
        } catch (NoSuchFileException | NotDirectoryException e) {
            throw new JbccException.Usage("no such cgroup: " + directory, hint(unified));
        } catch (AccessDeniedException e) {
            throw new JbccException.NotPermitted(
                    "cannot look at cgroup " + directory + ": permission denied",
                    e,
                    "Run it as root, with sudo.",
                    null);
        } catch (IOException e) {
            throw new JbccException.Failed("cannot look at the cgroup: " + e.getMessage(), e);
        }
        // By device and not by path: true also behind symbolic links and bind mounts.
        long device = (Long) stat.get("dev");
        Mount on = null;
        for (Mount mount : mounts) {
            if (mount.major() == Device.major(device) && mount.minor() == Device.minor(device)) {
                on = mount;
            }
        }
        String type = on == null ? "" : on.type();
        if (type.equals("cgroup")) {
            throw new JbccException.Usage(directory + " is a cgroup v1, and BPF knows only cgroup v2", hint(unified));
        }
        if (!type.equals("cgroup2")) {
            throw new JbccException.Usage(directory + " is not a cgroup", hint(unified));
        }
        if (!Boolean.TRUE.equals(stat.get("isDirectory"))) {
            throw new JbccException.Usage(
                    directory + " is a file", "Give the directory that it is in: " + directory.getParent());
        }
        return new Cgroup(directory, (Long) stat.get("ino"));
    }

    /** Where cgroup2 is mounted, best as a whole; null when it is not. */
    private static Path unified(List<Mount> mounts) {
        Mount best = null;
        for (Mount mount : mounts) {
            if (mount.type().equals("cgroup2")
                    && (best == null || mount.root().equals("/") && !best.root().equals("/"))) {
                best = mount;
            }
        }
        return best == null ? null : best.point();
    }

    private static String hint(Path unified) {
        return unified == null
                ? "Mount it with: mkdir -p /run/cgroup2 && mount -t cgroup2 none /run/cgroup2"
                : "cgroup v2 is mounted at " + unified + ": give a directory below it.";
    }
}
