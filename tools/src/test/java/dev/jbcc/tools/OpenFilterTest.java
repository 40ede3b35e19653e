// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each filter passes exactly what it should, and a wrong one nothing; what it leaves out is counted. */
@KernelTest
@EachBuffer
@Tag("opensnoop")
class OpenFilterTest {
    /** The names of the opens in {@link #mixed}, in their order. */
    private static final List<String> ALL =
            List.of("alpha.txt", "beta.log", "missing.txt", "tmp", "dir", "beta.log", "bye");

    private static Path directory;

    /** Opens of every kind in one directory. */
    private static synchronized Object[] mixed() throws IOException {
        if (directory == null) {
            directory = Scratch.directory("mixed");
            Files.createFile(directory.resolve("alpha.txt"));
            Files.createDirectory(directory.resolve("dir"));
            Files.createDirectory(directory.resolve("tmp"));
        }
        return new Object[] {
            "comm",
            "mixed bag",
            "open",
            directory.resolve("alpha.txt"),
            "0",
            "0",
            "open",
            directory.resolve("beta.log"),
            "0101",
            "0644",
            "open",
            directory.resolve("missing.txt"),
            "0",
            "0",
            "open",
            directory.resolve("tmp"),
            "020200002",
            "0600",
            "open",
            directory.resolve("dir"),
            "02200000",
            "0",
            "open",
            directory.resolve("beta.log"),
            "02002001",
            "0",
            "open",
            directory.resolve("bye"),
            "0302",
            "0600",
        };
    }

    private static Arguments filter(String options, String... expected) {
        return Arguments.of(options, List.of(expected));
    }

    /** One for each way in which the program in the kernel can test. */
    static Stream<Arguments> kernelFilters() {
        return Stream.of(
                filter("-f creat,O_APPEND", "beta.log", "beta.log", "bye"),
                filter("-u root -n ed#ba", "alpha.txt", "beta.log", "missing.txt", "tmp", "dir", "beta.log", "bye"),
                filter("-n mixed#bag2"),
                filter("--path @/alpha.txt", "alpha.txt"),
                filter("--path @/b*", "beta.log", "beta.log", "bye"),
                filter("--path @/c*"),
                filter("-x --path *.txt", "missing.txt"));
    }

    static Stream<Arguments> otherFilters() {
        return Stream.of(
                filter("-f O_WRONLY", "beta.log", "beta.log"),
                filter("-f O_RDONLY", "alpha.txt", "missing.txt", "dir"), // BCC's mask of 0 matches nothing
                filter("-f O_TMPFILE", "tmp"),
                filter("-f O_DIRECTORY", "tmp", "dir"), // its bit is in O_TMPFILE
                filter("-f O_EXCL -f O_CLOEXEC", "dir", "beta.log", "bye"),
                filter("-f O_NOATIME"),
                filter("-u 12345"),
                filter("-n mixed", "alpha.txt", "beta.log", "missing.txt", "tmp", "dir", "beta.log", "bye"),
                filter("-n bags"),
                filter("--path @/alpha.tx"),
                filter("--path *.txt", "alpha.txt", "missing.txt"),
                filter("--path *.txtx"),
                filter("--path *a.t??", "alpha.txt"),
                filter("--path *a.????"),
                filter("--path *a.???", "alpha.txt", "beta.log", "beta.log"),
                filter("--path *[!a-l]pha.txt"),
                filter("--path */[a-c]*[et]*", "alpha.txt", "beta.log", "beta.log", "bye"),
                filter("--path *eta*", "beta.log", "beta.log"));
    }

    @ParameterizedTest
    @MethodSource("kernelFilters")
    @Tag("matrix")
    void filterPassesExactly(String options, List<String> expected) throws IOException {
        passesExactly(options, expected);
    }

    @ParameterizedTest
    @MethodSource("otherFilters")
    void filterOfAnotherKindPassesExactly(String options, List<String> expected) throws IOException {
        passesExactly(options, expected);
    }

    /** In the options, {@code @} is the directory and {@code #} a blank. */
    private static void passesExactly(String options, List<String> expected) throws IOException {
        Object[] operations = mixed();
        List<String> words = Arrays.stream(options.split(" "))
                .map(word -> word.replace("@", directory.toString()).replace('#', ' '))
                .toList();
        Files.deleteIfExists(directory.resolve("bye"));
        Run run = Jopensnoop.json(words, operations).clean();
        assertEquals(expected, names(run));
        // Every open of the workload was seen: what is not printed was left out by a filter, none is lost.
        assertEquals(0, run.counts().lost());
        assertTrue(run.counts().filtered() >= ALL.size() - expected.size(), run::toString);
    }

    /** The last names of the paths. */
    private static List<String> names(Run run) {
        return run.field("path").stream()
                .map(path -> path.substring(path.lastIndexOf(File.separatorChar) + 1))
                .toList();
    }

    @Test
    void failedOnly() throws IOException {
        Object[] operations = mixed();
        Files.deleteIfExists(directory.resolve("bye"));
        Run run = Jopensnoop.json(List.of("-x"), operations).clean();
        List<JsonObject> rows = run.rows();
        assertTrue(names(run).contains("missing.txt"), run::toString);
        assertTrue(rows.stream().allMatch(row -> row.get("err").getAsInt() > 0), run::toString);
        // Whether O_TMPFILE works is the file system's business.
        assertTrue(List.of("missing.txt", "tmp").containsAll(names(run)), run::toString);
    }

    @Test
    @Tag("matrix")
    void processesByPid() throws IOException {
        Path file = Scratch.directory("pid").resolve("f");
        try (Workload one = Workload.start("open", file, "0", "0");
                Workload two = Workload.start("open", file, "0", "0");
                Workload three = Workload.start("open", file, "0", "0");
                Jopensnoop tool =
                        Jopensnoop.setup("-p", one.pid() + "," + three.pid()).start()) {
            tool.awaitAttached();
            for (Workload workload : List.of(three, two, one)) {
                assertEquals(0, workload.finish());
            }
            Run run = tool.stop().clean();
            assertEquals(List.of(row(three.pid(), file), row(one.pid(), file)), run.table());
            assertTrue(run.counts().filtered() >= 1, run::toString);
        }
    }

    private static String row(long id, Path file) {
        return String.format("%-6d %-16s %4d %3d %s", id, Workload.comm(), -1, 2, file);
    }

    @Test
    @Tag("matrix")
    void oneThread() throws IOException {
        Path file = Scratch.directory("tid").resolve("f");
        Path gate = Scratch.fresh("gate");
        // The second thread opens one file; the first thread, once that has ended, the other.
        try (Workload workload = Workload.startGated(
                gate, "comm", "threads", "side", "gate", gate, "open", file, "0", "0", "join", "open", gate, "0",
                "0")) {
            long pid = workload.pid();
            Path tasks = Path.of("/proc/" + pid + "/task");
            Await.until(() -> tids(tasks).size() == 2, () -> "two threads of " + pid);
            long tid = tids(tasks).stream().filter(id -> id != pid).findFirst().orElseThrow();
            try (Jopensnoop main = Jopensnoop.setup("-t", pid).start();
                    Jopensnoop side = Jopensnoop.setup("-t", tid).start()) {
                main.awaitAttached();
                side.awaitAttached();
                assertEquals(0, workload.finish());
                Run run = main.stop().clean();
                assertEquals(
                        "TID    COMM               FD ERR PATH", run.lines().getFirst());
                assertEquals(List.of(String.format("%-6d threads             3   0 %s", pid, gate)), run.table());
                run = side.stop().clean();
                assertEquals(
                        "TID    COMM               FD ERR PATH", run.lines().getFirst());
                assertEquals(List.of(String.format("%-6d threads            -1   2 %s", tid, file)), run.table());
            }
        }
    }

    private static List<Long> tids(Path tasks) {
        return Arrays.stream(tasks.toFile().list()).map(Long::valueOf).toList();
    }

    @Test
    @Tag("matrix")
    void userByNumber() throws IOException {
        Path file = Scratch.directory("uid").resolve("f");
        try (Workload nobody = Workload.start("uid", 54321, "open", file, "0", "0");
                Workload root = Workload.start("open", file, "0", "0");
                Jopensnoop tool = Jopensnoop.setup("-u", 54321, "-U").start()) {
            tool.awaitAttached();
            assertEquals(0, root.finish());
            assertEquals(0, nobody.finish());
            Run run = tool.stop().clean();
            assertEquals(List.of("54321 " + row(nobody.pid(), file)), run.table());
        }
    }

    @Test
    @Tag("matrix")
    void cgroupAndThoseBelow() throws IOException {
        Path mount = Cgroups.mount().orElse(null);
        assumeTrue(mount != null && Files.isWritable(mount), "cgroup v2 is not mounted, or not writable");
        Path file = Scratch.directory("cgroup").resolve("f");
        Path group = mount.resolve("jbcc-test-" + ProcessHandle.current().pid());
        Path below = group.resolve("below");
        Path sibling = mount.resolve(group.getFileName() + "-sibling");
        List<Path> groups = List.of(group, below, sibling);
        for (Path made : groups) {
            Files.createDirectory(made);
        }
        try (Workload in = Workload.start("open", file, "0", "0");
                Workload deeper = Workload.start("open", file, "0", "0");
                Workload beside = Workload.start("open", file, "0", "0");
                Workload outside = Workload.start("open", file, "0", "0")) {
            List<Workload> placed = List.of(in, deeper, beside);
            for (int i = 0; i < placed.size(); i++) {
                Files.writeString(
                        groups.get(i).resolve("cgroup.procs"),
                        Long.toString(placed.get(i).pid()));
            }
            try (Jopensnoop tool = Jopensnoop.setup("--cgroup", group, "-o", "json", "-v")
                            .start();
                    Jopensnoop relative = Jopensnoop.setup("--cgroup", mount.relativize(below))
                            .start()) {
                tool.awaitAttached();
                relative.awaitAttached();
                for (Workload workload : List.of(outside, beside, deeper, in)) {
                    assertEquals(0, workload.finish());
                }
                Run run = tool.stop();
                assertEquals(List.of(Long.toString(deeper.pid()), Long.toString(in.pid())), run.field("pid"));
                assertEquals(List.of(inode(below), inode(group)), run.field("cgroup"));
                assertEquals(
                        List.of(row(deeper.pid(), file)),
                        relative.stop().clean().table());
            }
        } finally {
            List<Path> innermostFirst = new ArrayList<>(List.of(below, group, sibling));
            for (Path made : innermostFirst) {
                Await.until(() -> made.toFile().delete() || !Files.exists(made), () -> "removal of " + made);
            }
        }
    }

    /** A cgroup as Docker makes it is a container, whether there is Docker or not. */
    @Test
    void containers() throws IOException {
        Path mount = Cgroups.mount().orElse(null);
        assumeTrue(mount != null && Files.isWritable(mount), "cgroup v2 is not mounted, or not writable");
        String id = String.format("%064x", ProcessHandle.current().pid());
        Path before = Files.createDirectory(mount.resolve("docker-" + id + ".scope"));
        String newId = id.substring(1) + "f";
        Path after = mount.resolve("docker-" + newId + ".scope");
        Path file = Scratch.directory("container").resolve("f");
        try (Workload in = Workload.start("open", file, "0", "0");
                Workload later = Workload.start("open", file, "0", "0");
                Workload host = Workload.start("open", file, "0", "0")) {
            Files.writeString(before.resolve("cgroup.procs"), Long.toString(in.pid()));
            try (Jopensnoop any = Jopensnoop.setup("--container", "any", "-o", "json", "-v")
                            .start();
                    Jopensnoop one = Jopensnoop.setup("--container", id, "-n", Workload.comm())
                            .start();
                    Jopensnoop isNew = Jopensnoop.setup("--container", "new", "-o", "json", "-v")
                            .start();
                    Jopensnoop other =
                            Jopensnoop.setup("--container", "no-such-name").start();
                    Jopensnoop pod =
                            Jopensnoop.setup("--pod", "default/no-such-pod").start()) {
                for (Jopensnoop tool : List.of(any, one, isNew, other, pod)) {
                    tool.awaitAttached();
                }
                Files.createDirectory(after);
                Files.writeString(after.resolve("cgroup.procs"), Long.toString(later.pid()));
                for (Workload workload : List.of(host, in, later)) {
                    assertEquals(0, workload.finish());
                }
                List<String> pids = any.stop().field("pid");
                assertTrue(pids.contains(Long.toString(in.pid())), pids::toString);
                assertTrue(pids.contains(Long.toString(later.pid())), pids::toString);
                assertFalse(pids.contains(Long.toString(host.pid())), pids::toString);
                Run run = one.stop().clean();
                assertEquals(
                        "PID    COMM               FD ERR CONTAINER    POD          PATH",
                        run.lines().getFirst());
                assertEquals(1, run.table().size(), run::toString);
                assertTrue(run.table().getFirst().contains(id.substring(0, 12)), run::toString);
                run = isNew.stop();
                assertEquals(List.of(Long.toString(later.pid())), run.field("pid"));
                assertEquals(List.of(newId), run.field("container_id"));
                assertEquals(List.of("docker"), run.field("runtime"));
                assertEquals(List.of("/docker-" + newId + ".scope"), run.field("cgroup_path"));
                assertEquals(List.of(), other.stop().clean().table());
                assertEquals(List.of(), pod.stop().clean().table());
            }
        } finally {
            for (Path made : List.of(before, after)) {
                Await.until(() -> made.toFile().delete() || !Files.exists(made), () -> "removal of " + made);
            }
        }
        Jopensnoop.setup("--pod", "nonsense").run().failed(2, "");
    }

    /** BCC's maps, which the user pins: one with the right key, and one with another. */
    @Test
    @Tag("matrix")
    void pinnedMaps() throws IOException {
        Path bpffs = Scratch.directory("bpffs");
        assumeTrue(
                Program.exit(List.of("mount", "-t", "bpf", "bpf", bpffs.toString())) == 0,
                "the BPF file system cannot be mounted");
        try {
            long cgroup = Cgroups.idOf(ProcessHandle.current().pid());
            long namespace = (long) Files.getAttribute(Path.of("/proc/self/ns/mnt"), "unix:ino");
            pinned("--cgroupmap", bpffs.resolve("cgroups"), cgroup, 8);
            pinned("--mntnsmap", bpffs.resolve("namespaces"), namespace, 4);
        } finally {
            assertEquals(0, Program.exit(List.of("umount", bpffs.toString())));
        }
    }

    private static void pinned(String option, Path map, long key, int valueSize) {
        Path other = map.resolveSibling(map.getFileName() + "-other");
        List<String> pin = Workload.command("pin", map, key, valueSize, "pin", other, key + 1, valueSize);
        assertEquals(0, Program.exit(pin), pin::toString);
        Path file = Scratch.fresh("pinned");
        Run run = Jopensnoop.setup(option, map)
                .tracing(Workload.command("open", file, "0", "0"))
                .run()
                .clean();
        assertEquals(1, run.table().size(), run::toString);
        run = Jopensnoop.setup(option, other)
                .tracing(Workload.command("open", file, "0", "0"))
                .run()
                .clean();
        assertEquals(List.of(), run.table());
        Jopensnoop.setup(option, map + "-none").run().failed(2, "cannot open the pinned map");
    }

    private static String inode(Path path) throws IOException {
        return Files.getAttribute(path, "unix:ino").toString();
    }
}
