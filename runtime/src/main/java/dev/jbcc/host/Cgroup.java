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
 * A directory of a cgroup hierarchy, as {@code --cgroup} names it.
 *
 * {@snippet :
 * Cgroup cgroup = Cgroup.open("system.slice");
 * System.out.println(cgroup.path() + " has the id " + cgroup.id());
 * }
 *
 * @param path of the directory, absolute
 * @param id its inode, which is what {@code bpf_get_current_cgroup_id} returns since Linux 5.5 on 64-bit machines;
 *     before, that returned a generation number in the upper half as well
 * @param hierarchy number of a cgroup v1 tree, which has controllers or just a name; 0: cgroup v2
 */
public record Cgroup(Path path, long id, int hierarchy) {
    private static final Path OWN = Path.of("/proc/self/cgroup");
    private static final int MAX_BYTES = 1 << 20;

    /**
     * Finds a cgroup by the path of its directory. A path that is relative, or that does not exist and so may be the
     * one that /proc/PID/cgroup shows, is taken below the place where cgroup2 is mounted or, when it is not there, below
     * the first cgroup v1 that has it.
     *
     * @throws JbccException.Usage when there is no such directory, or it is not of a cgroup
     * @throws JbccException.NotPermitted when it may not be looked at
     * @throws JbccException.NotSupported when a mounted cgroup is needed to find it and there is none
     */
    public static Cgroup open(String path) {
        return open(path, Mount.all(), own());
    }

    private static String own() {
        return KernelText.read(OWN, MAX_BYTES).orElse("");
    }

    /** Whether it is of cgroup v1. */
    public boolean isV1() {
        return hierarchy != 0;
    }

    /**
     * The number of a cgroup v1 tree, which the kernel gives anew when one is mounted.
     *
     * @param options of the mount, among which are its controllers or its name
     * @return 0 when it is not known
     */
    public static int hierarchyOf(String options) {
        return hierarchyOf(options, own());
    }

    /** From lines of /proc/self/cgroup, such as {@code 4:cpu,cpuacct:/} and {@code 9:name=systemd:/}. */
    static int hierarchyOf(String options, String own) {
        int found = 0;
        for (int start = 0; start < own.length(); ) {
            int end = own.indexOf('\n', start);
            end = end < 0 ? own.length() : end;
            String[] field = own.substring(start, end).split(":", 3);
            start = end + 1;
            if (field.length == 3 && !field[1].isEmpty()) {
                int comma = field[1].indexOf(',');
                String first = comma < 0 ? field[1] : field[1].substring(0, comma);
                if (("," + options + ",").contains("," + first + ",")) {
                    found = (int) Math.max(0, KernelText.number(field[0], Integer.MAX_VALUE));
                }
            }
        }
        return found;
    }

    static Cgroup open(String path, List<Mount> mounts, String own) {
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
            return check(given, mounts, unified, own);
        }
        Path part = given.isAbsolute() ? given.subpath(0, given.getNameCount()) : given;
        if (unified != null && !Files.notExists(unified.resolve(part))) {
            return check(unified.resolve(part), mounts, unified, own);
        }
        boolean v1 = false;
        for (Mount mount : mounts) {
            if (mount.type().equals("cgroup")) {
                v1 = true;
                if (!Files.notExists(mount.point().resolve(part))) {
                    return check(mount.point().resolve(part), mounts, unified, own);
                }
            }
        }
        if (unified == null && !v1 && !given.isAbsolute()) {
            throw new JbccException.NotSupported("cannot find cgroup " + path + ": no cgroup is mounted", hint(null));
        }
        throw new JbccException.Usage(
                "no such cgroup: " + (unified == null || given.isAbsolute() ? path : unified.resolve(part)),
                hint(unified));
    }

    private static Cgroup check(Path directory, List<Mount> mounts, Path unified, String own) {
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
        boolean v1 = type.equals("cgroup");
        if (!v1 && !type.equals("cgroup2")) {
            throw new JbccException.Usage(directory + " is not a cgroup", hint(unified));
        }
        if (!Boolean.TRUE.equals(stat.get("isDirectory"))) {
            throw new JbccException.Usage(
                    directory + " is a file", "Give the directory that it is in: " + directory.getParent());
        }
        int hierarchy = v1 ? hierarchyOf(on.options(), own) : 0;
        if (v1 && hierarchy == 0) {
            throw new JbccException.Usage("cannot tell which cgroup v1 " + directory + " is of", hint(unified));
        }
        return new Cgroup(directory, (Long) stat.get("ino"), hierarchy);
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
