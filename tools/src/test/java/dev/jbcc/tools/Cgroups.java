// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The cgroup v2 hierarchy, as the tests find it by themselves. */
final class Cgroups {
    private Cgroups() {}

    /** Where it is mounted. */
    static Optional<Path> mount() throws IOException {
        return Files.readAllLines(Path.of("/proc/mounts")).stream()
                .map(line -> line.split(" "))
                .filter(fields -> fields[2].equals("cgroup2"))
                .map(fields -> Path.of(fields[1]))
                .findFirst();
    }

    /** The number of a process's cgroup: the inode of its directory. */
    static long idOf(long pid) throws IOException {
        return (long) Files.getAttribute(Path.of(mount().orElseThrow() + pathOf(pid)), "unix:ino");
    }

    /** The path of a process's cgroup, from the root of the hierarchy. */
    static String pathOf(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/cgroup")).stream()
                .filter(line -> line.startsWith("0::"))
                .map(line -> line.substring("0::".length()))
                .findFirst()
                .orElseThrow();
    }
}
