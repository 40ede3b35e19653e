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
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs that are put into a container: unshare makes one in a cgroup as Docker's, nsenter goes into it. */
@KernelTest
@EachBuffer
class InjectedTest {
    private final String id = Cgroups.containerId(3);
    private final Path gate = Scratch.fresh("gate");

    @ParameterizedTest
    @ValueSource(strings = {"", "memory"})
    void injected(String tree) throws IOException {
        assumeTrue(Program.exit(List.of("unshare", "-pmf", "true")) == 0, "unshare is not possible here");
        Path mount = Cgroups.require(tree);
        Path container = Files.createDirectory(mount.resolve("docker-" + id + ".scope"));
        Path sidecar = Files.createDirectory(mount.resolve("docker-" + Cgroups.containerId(4) + ".scope"));
        String init =
                "while [ ! -e " + gate + " ]; do sleep 0.1; done; /bin/true by-init; (/bin/true by-child; :); exit 0";
        Process unshare = in(container, List.of("unshare", "-pmf", "--kill-child", "/bin/sh", "-c", init));
        try (Jopensnoop all = start();
                Jopensnoop injected = start("--injected", "--exit")) {
            all.awaitAttached();
            injected.awaitAttached();
            Await.until(() -> unshare.descendants().findAny().isPresent(), () -> "the container's init");
            long first = unshare.descendants().findFirst().orElseThrow().pid();
            Await.until(() -> isShell(first), () -> "the container's init to be a shell");
            List<String> enter = List.of("nsenter", "-t", Long.toString(first), "-m", "-p");
            String script = "/bin/true by-injected-shell; exit 0";
            run(in(container, with(enter, "/bin/sh", "-c", script)));
            run(in(container, with(enter, "/bin/true", "injected")));
            run(in(sidecar, with(enter, "/bin/true", "shares-the-pid-namespace")));
            run(new ProcessBuilder(with(enter, "/bin/true", "only-by-namespace")).start());
            run(in(container, List.of("/bin/true", "in-the-hosts-pid-namespace")));
            run(new ProcessBuilder("/bin/true", "on-the-host").start());
            Files.createFile(gate);
            run(unshare);

            Map<String, String> expected = new TreeMap<>(Map.of(
                    "by-init", "true",
                    "by-child", "true",
                    "by-injected-shell", "false",
                    "injected", "false",
                    "shares-the-pid-namespace", "null",
                    "only-by-namespace", "false",
                    "in-the-hosts-pid-namespace", "null",
                    "on-the-host", "null"));
            List<JsonObject> rows = all.stop().rows();
            Map<String, String> seen = new TreeMap<>();
            rows.forEach(row -> {
                if (expected.containsKey(last(row))) {
                    seen.put(last(row), row.get("in_init_tree").toString());
                }
            });
            assertEquals(expected, seen);
            rows = new ArrayList<>(injected.stop().rows());
            List<JsonObject> ends = rows.stream()
                    .filter(row -> row.get("event").getAsString().equals("exit"))
                    .toList();
            rows.removeAll(ends);
            assertEquals(
                    List.of(script, "by-injected-shell", "injected", "only-by-namespace"),
                    rows.stream().map(InjectedTest::last).toList());
            assertEquals(
                    List.of("by-injected-shell", script, "injected", "only-by-namespace"),
                    ends.stream().map(InjectedTest::last).toList());
            for (JsonObject row : rows.subList(0, 3)) {
                assertEquals(id, row.get("container_id").getAsString());
            }
            assertTrue(rows.getLast().get("container_id").isJsonNull(), "its cgroup is of the host");
        } finally {
            unshare.descendants().forEach(ProcessHandle::destroyForcibly);
            unshare.destroyForcibly();
            Cgroups.remove(List.of(container, sidecar));
        }
    }

    private static Jopensnoop start(String... options) {
        return Jopensnoop.tool("execsnoop", "-o", "json", "-v")
                .with((Object[]) options)
                .start();
    }

    private static boolean isShell(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/comm")).equals("sh\n");
        } catch (IOException e) {
            return false;
        }
    }

    private static List<String> with(List<String> command, String... more) {
        List<String> all = new ArrayList<>(command);
        all.addAll(List.of(more));
        return all;
    }

    /** Runs a command in a cgroup, as runtimes do: who goes into it is not yet what is to run there. */
    private static Process in(Path cgroup, List<String> command) throws IOException {
        List<String> all = new ArrayList<>(
                List.of("/bin/sh", "-c", "echo $$ > " + cgroup.resolve("cgroup.procs") + "; exec \"$@\"", "sh"));
        all.addAll(command);
        return new ProcessBuilder(all).redirectErrorStream(true).start();
    }

    private static void run(Process process) throws IOException {
        process.getInputStream().readAllBytes();
        try {
            assertEquals(0, process.waitFor());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** The last word of a command line; empty when there is none. */
    private static String last(JsonObject row) {
        return row.get("args").isJsonNull() || row.getAsJsonArray("args").isEmpty()
                ? ""
                : row.getAsJsonArray("args")
                        .get(row.getAsJsonArray("args").size() - 1)
                        .getAsString();
    }
}
