// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Containers and cgroups in the trees of cgroup v2 and v1, made as Docker and containerd make them. */
@KernelTest
@EachBuffer
class ContainerFilterTest {
    private static final String V2 = "";
    private static final String V1 = "memory";
    private static final int BURST = 20_000;

    private final String id = Cgroups.containerId(1);
    private final String otherId = Cgroups.containerId(2);

    @ParameterizedTest
    @ValueSource(strings = {V2, V1})
    void byId(String tree) throws IOException {
        Path mount = Cgroups.require(tree);
        Path container = Files.createDirectory(mount.resolve("docker-" + id + ".scope"));
        Path inner = Files.createDirectory(container.resolve("inner"));
        Path other = Files.createDirectory(mount.resolve("docker-" + otherId + ".scope"));
        try (SameEvents events = new SameEvents()) {
            Cgroups.move(events.workload().pid(), container);
            Cgroups.move(events.workload().pid(), inner);
            Cgroups.move(events.workload().pid(), other);
            events.workload();
            events.filter(List.of("--container", id), 0, 1);
            events.filter(List.of("--container", id.substring(0, 60), "-u", 0), 0, 1);
            events.filter(List.of("--container", otherId), 2);
            events.filter(List.of("--container", "any"), 0, 1, 2);
            events.filter(List.of("--container", "any", "-u", 4242));
            events.filter(List.of("--container", "new"));
            List<JsonObject> rows = events.check();
            for (int i = 0; i < 2; i++) {
                JsonObject row = rows.get(i);
                Path place = i == 0 ? container : inner;
                assertEquals(id, row.get("container_id").getAsString());
                assertEquals(id.substring(0, 12), row.get("container").getAsString());
                assertEquals("docker", row.get("runtime").getAsString());
                assertEquals(
                        "/" + mount.relativize(place), row.get("cgroup_path").getAsString());
                assertEquals(
                        Cgroups.number(place),
                        row.get(tree.isEmpty() ? "cgroup" : "cgroup_v1").getAsString());
            }
            assertEquals(otherId, rows.get(2).get("container_id").getAsString());
            assertTrue(rows.get(3).get("container").isJsonNull());
        } finally {
            Cgroups.remove(List.of(inner, container, other));
        }
    }

    /** Of containerd's state, which the test writes where there is no containerd. */
    @ParameterizedTest
    @ValueSource(strings = {V2, V1})
    void byNameAndByPod(String tree) throws IOException {
        Path state = Path.of("/run/containerd");
        assumeTrue(Files.notExists(state), "containerd is installed here");
        Path pod = Cgroups.require(tree).resolve("kubepods-pod2c48913c_b29f_11e7_9350_" + id.substring(52) + ".slice");
        Path container = pod.resolve("cri-containerd-" + id + ".scope");
        try (SameEvents events = new SameEvents()) {
            Path bundle = Files.createDirectories(
                    state.resolve("io.containerd.runtime.v2.task/k8s.io").resolve(id));
            Files.writeString(bundle.resolve("config.json"), """
                    {"annotations": {"io.kubernetes.cri.container-name": "nginx",
                     "io.kubernetes.cri.sandbox-name": "web-0", "io.kubernetes.cri.sandbox-namespace": "shop"}}""");
            Files.createDirectories(container);
            Cgroups.move(events.workload().pid(), container);
            Cgroups.move(events.workload().pid(), pod);
            events.filter(List.of("--container", "nginx"), 0);
            events.filter(List.of("--container", "ngin"));
            events.filter(List.of("--pod", "shop/web-1"));
            events.filter(List.of("--pod", "shop/web-0", "--container", "nginx"), 0);
            events.filter(List.of("--pod", "shop/web-0"), 0);
            JsonObject row = events.check().getFirst();
            assertEquals("nginx", row.get("container").getAsString());
            assertEquals("web-0", row.get("pod").getAsString());
            assertEquals("shop", row.get("namespace").getAsString());
            assertEquals("containerd", row.get("runtime").getAsString());
        } finally {
            Cgroups.remove(List.of(container, pod));
            Program.exit(List.of("rm", "-rf", state.toString()));
        }
    }

    /** Made, used once and removed while the tool cannot look; after it has been told of the other cgroups. */
    @ParameterizedTest
    @ValueSource(strings = {V2, V1})
    void theFirstEventOfAShortContainer(String tree) throws IOException {
        Path container = Cgroups.require(tree).resolve("docker-" + id + ".scope");
        Path file = Scratch.directory("short").resolve("f");
        List<Jopensnoop> tools = new ArrayList<>();
        try {
            for (String which : List.of("any", "new", id, otherId)) {
                tools.add(Jopensnoop.setup("--container", which, "-o", "json", "-v")
                        .start());
            }
            tools.forEach(Jopensnoop::awaitAttached);
            assertEquals(0, Program.exit(Workload.command("open", file, "0", "0")), "what the host does");
            tools.forEach(tool -> tool.signal("STOP"));
            Files.createDirectory(container);
            try (Workload workload = Workload.start("open", file, "0", "0")) {
                Cgroups.move(workload.pid(), container);
                assertEquals(0, workload.finish());
            }
            Cgroups.remove(List.of(container));
            tools.forEach(tool -> tool.signal("CONT"));
            for (int i = 0; i < tools.size(); i++) {
                Run run = tools.get(i).stop();
                assertEquals(0, run.exit(), run::toString);
                List<JsonObject> rows = run.rows().stream()
                        .filter(row -> row.get("path").getAsString().equals(file.toString()))
                        .toList();
                assertEquals(i < 3 ? 1 : 0, rows.size(), run::toString);
                for (JsonObject row : rows) {
                    assertEquals(id, row.get("container_id").getAsString());
                    assertEquals(
                            "/" + container.getFileName(),
                            row.get("cgroup_path").getAsString());
                }
            }
        } finally {
            tools.forEach(Jopensnoop::close);
            Cgroups.remove(List.of(container));
        }
    }

    /** Once a cgroup is known not to be asked for, its events do not come to the buffer, which would be too small. */
    @ParameterizedTest
    @ValueSource(strings = {V2, V1})
    void theKernelLeavesOutTheOthers(String tree) throws IOException {
        Path mount = Cgroups.require(tree);
        Path container = Files.createDirectory(mount.resolve("docker-" + id + ".scope"));
        Path other = Files.createDirectory(mount.resolve("docker-" + otherId + ".scope"));
        Path file = Scratch.directory("burst").resolve("f");
        Path first = Scratch.fresh("gate");
        Path second = Scratch.fresh("gate");
        try (Workload loud = Workload.startGated(
                        second,
                        "gate",
                        first,
                        "open",
                        file,
                        "0",
                        "0",
                        "rmdir",
                        directory(),
                        "gate",
                        second,
                        "burst",
                        BURST,
                        file);
                Workload wanted = Workload.start("open", file, "0", "0");
                Jopensnoop tool = Jopensnoop.setup(
                                "--container", id, "-n", Workload.comm(), "--buffer-size", "4KiB", "-o", "json", "-v")
                        .start()
                        .awaitAttached()) {
            Cgroups.move(loud.pid(), other);
            Cgroups.move(wanted.pid(), container);
            Files.createFile(first);
            Await.until(() -> !Files.exists(lastDirectory), () -> "the first open");
            assertEquals(0, wanted.finish());
            Await.until(() -> tool.out().contains(file.toString()), () -> "the container's open");
            tool.signal("STOP");
            assertEquals(0, loud.finish());
            tool.signal("CONT");
            Run run = tool.stop();
            assertEquals(List.of(file.toString()), run.field("path"));
            assertEquals(0, run.counts().lost(), run::toString);
            assertTrue(run.counts().filtered() > BURST, run::toString);
        } finally {
            Cgroups.remove(List.of(container, other));
        }
    }

    private Path lastDirectory;

    /** One that the workload removes to say where it is. */
    private Path directory() throws IOException {
        lastDirectory = Scratch.directory("sign");
        return lastDirectory;
    }

    /** With its descendants, and not with others; by controller, and in a tree that has only a name. */
    @ParameterizedTest
    @ValueSource(strings = {V1, "name=systemd"})
    void cgroups(String tree) throws IOException {
        Path mount = Cgroups.require(tree);
        Path group = Files.createDirectory(mount.resolve("jbcc-test-" + id.substring(52)));
        Path below = Files.createDirectory(group.resolve("below"));
        Path beside = Files.createDirectory(mount.resolve(group.getFileName() + "-2"));
        try (SameEvents events = new SameEvents()) {
            Cgroups.move(events.workload().pid(), group);
            Cgroups.move(events.workload().pid(), below);
            Cgroups.move(events.workload().pid(), beside);
            events.filter(List.of("--cgroup", group), 0, 1);
            events.filter(List.of("--cgroup", "/" + mount.relativize(group)), 0, 1);
            events.filter(List.of("--cgroup", below), 1);
            events.filter(List.of("--cgroup", mount), 0, 1, 2);
            events.check();
        } finally {
            Cgroups.remove(List.of(below, group, beside));
        }
    }

    /** All filters together: one that does not fit is enough. */
    @Test
    void filtersAddUp() throws IOException {
        Path container = Files.createDirectory(Cgroups.require(V2).resolve("docker-" + id + ".scope"));
        List<Object> all = List.of(
                "--container",
                id,
                "--cgroup",
                container,
                "-u",
                0,
                "-n",
                Workload.comm(),
                "--mntns",
                "/proc/self/ns/mnt",
                "--pidns",
                "/proc/self/ns/pid",
                "--netns",
                "/proc/self/ns/net");
        try (SameEvents events = new SameEvents()) {
            Cgroups.move(events.workload().pid(), container);
            events.workload();
            events.filter(all, 0);
            List<Object> wrong = new ArrayList<>(all);
            wrong.set(1, otherId);
            events.filter(wrong);
            wrong = new ArrayList<>(all);
            wrong.set(5, 4242);
            events.filter(wrong);
            events.check();
        } finally {
            Cgroups.remove(List.of(container));
        }
    }
}
