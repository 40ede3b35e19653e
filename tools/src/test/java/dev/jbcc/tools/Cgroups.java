// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The cgroup hierarchies, as the tests find them by themselves, and cgroups in them. */
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

    /**
     * Where the tree with this controller, or with this {@code name=…}, is mounted; empty text: cgroup v2. Skips the test
     * where it is not there or not writable.
     */
    static Path require(String tree) throws IOException {
        Path found = Files.readAllLines(Path.of("/proc/mounts")).stream()
                .map(line -> line.split(" "))
                .filter(fields -> tree.isEmpty()
                        ? fields[2].equals("cgroup2")
                        : fields[2].equals("cgroup")
                                && List.of(fields[3].split(",")).contains(tree))
                .map(fields -> Path.of(fields[1]))
                .findFirst()
                .orElse(null);
        String name = tree.isEmpty() ? "cgroup v2" : "cgroup v1 with " + tree;
        assumeTrue(found != null && Files.isWritable(found), name + " is not mounted, or not writable");
        return found;
    }

    /** The number of a process's cgroup in the v1 tree that containers are in; null on a host without. */
    static Long v1Of(long pid) throws IOException {
        for (String controller : List.of("memory", "pids", "cpu", "devices", "freezer", "cpuset")) {
            for (String line : Files.readAllLines(Path.of("/proc/mounts"))) {
                String[] mount = line.split(" ");
                if (mount[2].equals("cgroup") && List.of(mount[3].split(",")).contains(controller)) {
                    String path = Files.readAllLines(Path.of("/proc/" + pid + "/cgroup")).stream()
                            .map(own -> own.split(":", 3))
                            .filter(own -> List.of(own[1].split(",")).contains(controller))
                            .map(own -> own[2])
                            .findFirst()
                            .orElseThrow();
                    return (Long) Files.getAttribute(Path.of(mount[1] + path), "unix:ino");
                }
            }
        }
        return null;
    }

    /** Moves a process. */
    static void move(long pid, Path cgroup) throws IOException {
        Files.writeString(cgroup.resolve("cgroup.procs"), Long.toString(pid));
    }

    /** Removes cgroups, the innermost first, as soon as they are empty. */
    static void remove(List<Path> cgroups) {
        for (Path cgroup : cgroups) {
            Await.until(() -> cgroup.toFile().delete() || !Files.exists(cgroup), () -> "removal of " + cgroup);
        }
    }

    /** An id as Docker makes it, that no other test has. */
    static String containerId(int number) {
        return String.format(
                "%08x%056x", number + 0xabc0000, ProcessHandle.current().pid());
    }

    /** The number of a cgroup: the inode of its directory. */
    static String number(Path cgroup) throws IOException {
        return Files.getAttribute(cgroup, "unix:ino").toString();
    }
}
