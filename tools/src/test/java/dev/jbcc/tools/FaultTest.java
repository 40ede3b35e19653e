// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.jbcc.host.Processes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What can go wrong around a tool: it is killed or stopped, processes end or change, and many tools run at once. */
@KernelTest
@EachBuffer
class FaultTest {
    private static final Path TMP = Path.of("/tmp");
    private static final Path PINNED = Path.of("/sys/fs/bpf");
    private static final int TOOLS = 50;
    /** A JVM with all that it needs is smaller than this many MiB. */
    private static final long TOOL_MEMORY = 100;

    private static final int OPENS = 2000;
    private static final int EXECS = 1000;

    @ParameterizedTest
    @ValueSource(strings = {"opensnoop", "execsnoop", "renamesnoop", "submits.bpf.c"})
    void aKilledToolLeavesNothing(String tool) throws IOException {
        leavesNothingWhenKilled(tool);
    }

    /** Of a tool, or of {@code jbcc run} with a C file of the tests. */
    static void leavesNothingWhenKilled(String tool) throws IOException {
        try (Burn burn = Burn.start(Burn.command("user", 60)).go()) {
            Set<String> before = leftovers();
            Jopensnoop.Setup setup = tool.endsWith(".c") ? FileRunTest.run(tool) : Jopensnoop.tool(tool);
            try (Jopensnoop killed = setup.with("-p", burn.pid(), "-v").start()) {
                Await.until(() -> killed.err().contains(" attached"), killed::err);
                Set<String> ids = killed.bpfIds();
                for (String kind : List.of("prog_id", "map_id")) {
                    assertTrue(ids.stream().anyMatch(id -> id.startsWith(kind)), ids::toString);
                }
                killed.signal("KILL");
                assertEquals(128 + 9, killed.await().exit());
                // The kernel frees them after a grace period.
                Await.until(
                        () -> Workload.lines("bpf").stream().noneMatch(ids::contains),
                        () -> ids + " still there: " + Workload.lines("bpf"));
            }
            assertEquals(before, leftovers());
        }
    }

    /** Probes in tracefs, pinned objects, and files that tools make. */
    static Set<String> leftovers() {
        try {
            Set<String> found = probes();
            for (Path directory : List.of(TMP, PINNED)) {
                if (Files.isDirectory(directory)) {
                    try (DirectoryStream<Path> files = Files.newDirectoryStream(
                            directory,
                            path -> directory.equals(PINNED)
                                    || path.getFileName()
                                            .toString()
                                            .matches("\\.attach_pid.*|\\.jbcc-.*|jbcc-[^k].*"))) {
                        files.forEach(file -> found.add(file.toString()));
                    }
                }
            }
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Those in tracefs. */
    static Set<String> probes() throws IOException {
        Set<String> found = new TreeSet<>();
        for (String events : List.of("kprobe_events", "uprobe_events")) {
            Path file = Path.of("/sys/kernel/tracing").resolve(events);
            if (Files.isReadable(file)) {
                found.addAll(Files.readAllLines(file));
            }
        }
        return found;
    }

    /** They are gone before the reader sees anything of them. */
    @Test
    void processesThatHaveEndedAreWhole() throws IOException {
        Path directory = Scratch.directory("ended");
        List<Workload> workloads = new ArrayList<>();
        try {
            List<String> pids = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                workloads.add(Workload.start("open", directory.resolve("f" + i), "0", "0"));
                pids.add(Long.toString(workloads.getLast().pid()));
            }
            try (Jopensnoop tool = Jopensnoop.setup(
                            "-p",
                            String.join(",", pids),
                            "-o",
                            "json",
                            "-v",
                            "-F",
                            "--fields",
                            "pid,comm,path,container")
                    .start()
                    .awaitAttached()) {
                tool.signal("STOP");
                for (Workload workload : workloads) {
                    assertEquals(0, workload.finish());
                }
                tool.signal("CONT");
                Run run = tool.stop();
                run.noDefect();
                assertEquals(0, run.exit(), run::toString);
                assertEquals(0, run.counts().lost(), run::toString);
                assertEquals(
                        pids, run.field("pid").stream().sorted(this::byOrderOf).toList());
                for (int i = 0; i < pids.size(); i++) {
                    int row = run.field("pid").indexOf(pids.get(i));
                    assertEquals(directory + "/f" + i, run.field("path").get(row));
                    assertEquals(Workload.comm(), run.field("comm").get(row));
                }
            }
        } finally {
            workloads.forEach(Workload::close);
        }
    }

    private int byOrderOf(String one, String other) {
        return Long.compare(Long.parseLong(one), Long.parseLong(other));
    }

    /** In a pid namespace of its own, where nobody else takes the number; the tool says that of its namespace. */
    static Jopensnoop.Setup alone(Jopensnoop.Setup setup) {
        assumeTrue(
                Program.exit(List.of(
                                "unshare",
                                "--pid",
                                "--fork",
                                "--mount-proc",
                                "sh",
                                "-c",
                                "echo 99 > /proc/sys/kernel/ns_last_pid"))
                        == 0,
                "unshare --pid or ns_last_pid does not work here");
        return setup.under("unshare", "--pid", "--fork", "--mount-proc");
    }

    /** Runs commands one after the other, each with the process number 4711. */
    static List<String> reusing(String... commands) {
        StringBuilder script = new StringBuilder();
        for (String command : commands) {
            script.append("echo 4710 > /proc/sys/kernel/ns_last_pid; ")
                    .append(command)
                    .append(" & wait; ");
        }
        return List.of("sh", "-c", script.toString());
    }

    @Test
    void aReusedPidIsEachTimeTheProcessThatHasIt() {
        Run run = alone(Jopensnoop.tool("execsnoop", "-o", "json"))
                .tracing(reusing("/bin/true one", "/bin/echo two", "/bin/true three"))
                .run();
        run.noDefect();
        List<JsonObject> rows = rows(run, 4711);
        assertEquals(3, rows.size(), run::toString);
        assertEquals(
                List.of("true", "echo", "true"),
                rows.stream().map(row -> row.get("comm").getAsString()).toList());
        List<String> last = rows.stream()
                .map(row -> row.get("args").toString())
                .map(args -> args.contains("one")
                        ? "one"
                        : args.contains("two") ? "two" : args.contains("three") ? "three" : args)
                .toList();
        assertEquals(List.of("one", "two", "three"), last, run::toString);
    }

    private static List<JsonObject> rows(Run run, int pid) {
        return run.lines().stream()
                .filter(line -> line.startsWith("{"))
                .map(line -> JsonParser.parseString(line).getAsJsonObject())
                .filter(row -> row.has("pid") && row.get("pid").getAsInt() == pid)
                .toList();
    }

    /** Stopped for five seconds while events come, then going on while events come. */
    @Test
    void aReaderThatIsSuspendedLosesSomeAndCountsThem() throws IOException, InterruptedException {
        Path directory = Scratch.directory("suspended");
        Path second = Scratch.fresh("gate");
        Object[] bursts = {
            "burst", OPENS, directory.resolve("during"), "gate", second, "burst", OPENS, directory.resolve("after")
        };
        try (Workload workload = Workload.start(bursts);
                Jopensnoop tool = Jopensnoop.setup("-p", workload.pid(), "-o", "json", "-v", "--buffer-size", "4KiB")
                        .start()
                        .awaitAttached()) {
            tool.signal("STOP");
            FutureTask<Integer> finish = new FutureTask<>(workload::finish);
            new Thread(finish, "workload").start();
            Thread.sleep(5000); // what is tested, not something that must be long enough
            tool.signal("CONT");
            Await.until(() -> tool.out().contains("during"), tool::err);
            Files.createFile(second);
            assertEquals(0, finish.get());
            Run run = tool.stop();
            assertEquals(0, run.exit(), run::toString);
            Run.Counts counts = run.counts();
            assertEquals(2 * OPENS, counts.printed() + counts.lost());
            assertEquals(2 * OPENS, counts.seen() - counts.filtered());
            assertTrue(counts.lost() > OPENS / 2, counts::toString);
            List<String> paths = run.field("path");
            assertEquals(Set.of(directory + "/during", directory + "/after"), new HashSet<>(paths), "whole paths");
            assertTrue(paths.indexOf(directory + "/after") > paths.lastIndexOf(directory + "/during"), "in order");
        } catch (ExecutionException failure) {
            throw new AssertionError(failure.getCause());
        }
    }

    @Test
    void execsThatFindNoRoomAreCounted() throws IOException {
        Path gate = Scratch.fresh("gate");
        assertEquals(0, Program.exit(List.of("mkfifo", gate.toString())));
        String execs = String.join(" ", Execs.command("times", EXECS, Execs.TRUE, "true", "one", "two"));
        try (Jopensnoop tool = Jopensnoop.tool("execsnoop", "-o", "json", "-v", "--buffer-size", "4KiB")
                .tracing(List.of("sh", "-c", "read go < " + gate + "; exec " + execs))
                .start()
                .awaitAttached()) {
            tool.signal("STOP"); // nobody reads
            ProcessHandle command = tool.child();
            Files.writeString(gate, "go\n");
            Await.until(() -> Processes.state((int) command.pid()) == 'Z', tool::err);
            tool.signal("CONT");
            Run run = tool.await();
            assertEquals(0, run.exit(), run::toString);
            Run.Counts counts = run.counts();
            assertTrue(counts.lost() > EXECS / 2, counts::toString);
            assertEquals(EXECS + 2, counts.seen() - counts.filtered(), "with the shell, and what it becomes");
            for (JsonObject row : run.rows()) {
                String args = row.get("args").toString();
                assertTrue(
                        args.contains("one") && args.contains("two") && args.length() < 40
                                || !row.get("comm").getAsString().equals("true"),
                        args);
            }
        }
    }

    @Test
    void twoCopiesSeeTheSame() throws IOException {
        Path file = Scratch.directory("copies").resolve("f");
        try (Workload workload = Workload.start("burst", OPENS, file);
                Jopensnoop one = Jopensnoop.setup("-p", workload.pid()).start().awaitAttached();
                Jopensnoop two = Jopensnoop.setup("-p", workload.pid()).start().awaitAttached()) {
            assertEquals(0, workload.finish());
            for (Jopensnoop copy : List.of(one, two)) {
                assertEquals(OPENS, copy.stop().clean().table().size());
            }
        }
    }

    /** Of three kinds, each of which has to see what one workload does, to the event. */
    @Test
    @Timeout(240) // fifty JVMs start, on two cores perhaps
    void fiftyToolsAtOnce() throws IOException {
        assumeTrue(
                freeMemory() > TOOLS * TOOL_MEMORY,
                TOOLS + " tools need " + TOOLS * TOOL_MEMORY + " MiB, and " + freeMemory() + " are free");
        List<Jopensnoop> opens = new ArrayList<>();
        List<Jopensnoop> execs = new ArrayList<>();
        List<Jopensnoop> profiles = new ArrayList<>();
        Path file = Scratch.directory("fifty").resolve("f");
        for (String tool : List.of("opensnoop", "execsnoop", "profile")) {
            Jopensnoop.tool(tool).tracing(List.of("true")).run(); // so that not fifty of them compile
        }
        try (Workload workload = Workload.start("burst", OPENS, file, "exec", "/bin/true")) {
            for (int i = 0; i < TOOLS; i++) {
                switch (i % 5) {
                    case 3 -> execs.add(start("execsnoop", workload));
                    case 4 -> profiles.add(start("profile", workload));
                    default -> opens.add(start("opensnoop", workload));
                }
            }
            for (List<Jopensnoop> kind : List.of(opens, execs, profiles)) {
                for (Jopensnoop tool : kind) {
                    Await.until(() -> tool.err().contains(" ms: attached"), tool::err);
                }
            }
            workload.finish();
            StringBuilder kill = new StringBuilder("kill -s TERM");
            for (List<Jopensnoop> kind : List.of(opens, execs, profiles)) {
                kind.forEach(tool -> kill.append(' ').append(tool.pid()));
            }
            assertEquals(0, Program.exit(List.of("sh", "-c", kill.toString()))); // together, as they were started
            for (Jopensnoop tool : opens) {
                assertEquals(OPENS, printed(tool) - others(tool, file));
            }
            for (Jopensnoop tool : execs) {
                assertEquals(1, printed(tool));
            }
            for (Jopensnoop tool : profiles) {
                printed(tool);
            }
        } finally {
            opens.forEach(Jopensnoop::close);
            execs.forEach(Jopensnoop::close);
            profiles.forEach(Jopensnoop::close);
        }
    }

    private static Jopensnoop start(String tool, Workload workload) {
        return Jopensnoop.tool(tool, "-p", workload.pid(), "-v")
                .stdout(Scratch.fresh("out"))
                .start();
    }

    /** What it has printed at its end, when all numbers add up. */
    private static long printed(Jopensnoop tool) {
        Run run = tool.await();
        assertEquals(0, run.exit(), run::toString);
        run.noDefect();
        Run.Counts counts = run.counts();
        assertEquals(0, counts.lost(), run::toString);
        return counts.printed();
    }

    /** The rows of other files, those that the program opens that the workload becomes. */
    private static long others(Jopensnoop tool, Path file) {
        return tool.out().lines().filter(line -> !line.endsWith(" " + file)).count() - 1;
    }

    private static long freeMemory() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
            if (line.startsWith("MemAvailable:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024;
            }
        }
        return 0;
    }
}
