// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code jbcc run} on C files of several styles. */
@KernelTest
class FileRunTest {
    private static final Path FILES = Jopensnoop.HOME.resolve("tools/src/test/resources/run");
    private static final List<String> TWO_EXECS = List.of("sh", "-c", "/bin/true; exit 3");
    /** Cgroups that come and go. */
    private static final int CROWD = 300;

    @TempDir
    Path temp;

    static Jopensnoop.Setup run(String file, Object... arguments) {
        return Jopensnoop.tool("run", FILES.resolve(file)).with(arguments);
    }

    /** The same where tracefs is mounted, in a mount namespace of its own if it is not here. */
    private static Jopensnoop.Setup traced(String file, Object... arguments) {
        if (Files.exists(Path.of("/sys/kernel/tracing/events"))) {
            return run(file, arguments);
        }
        String mount = "mount -t tracefs tracefs /sys/kernel/tracing";
        assumeTrue(
                Program.exit(List.of("unshare", "-m", "--propagation", "private", "sh", "-c", mount)) == 0,
                "tracefs is not mounted and cannot be");
        return run(file, arguments)
                .under("unshare", "-m", "--propagation", "private", "sh", "-c", mount + "; exec \"$@\"", "sh");
    }

    static List<JsonObject> json(Run run) {
        return run.lines().stream()
                .filter(line -> line.startsWith("{")) // the command may print too
                .map(line -> JsonParser.parseString(line).getAsJsonObject())
                .toList();
    }

    @Test
    void printsWhatTheProgramsPrint() {
        Run run = traced("hello.bpf.c", "-D", "greeting=good day,how=LOUDLY", "-D", "polite=false")
                .tracing(TWO_EXECS)
                .run();
        run.noDefect();
        assertEquals(3, run.exit(), run::toString);
        List<String> lines = run.lines().stream()
                .filter(line -> line.endsWith(": good day, 7: 0"))
                .toList();
        assertTrue(lines.size() >= 2, run::toString);
        assertTrue(run.out().contains("\ngreeted = "), run::toString);
        assertTrue(run.err().contains("jbcc run: attached 1 program\n"), run::toString);
        assertTrue(run.err().contains("sh ended with exit status 3"), run::toString);
    }

    @Test
    void linesAreObjectsInJson() {
        Run run = traced("hello.bpf.c", "-o", "json").tracing(TWO_EXECS).run();
        List<JsonObject> lines = of(json(run).subList(0, 2), "printk");
        assertEquals(2, lines.size(), run::toString);
        for (JsonObject line : lines) {
            assertEquals("hello, 0: 1", line.get("text").getAsString());
            assertTrue(line.get("tid").getAsInt() > 0, run::toString);
            assertTrue(line.get("time").getAsLong() > 0, run::toString);
        }
    }

    @Test
    void decodesBuffersAndMaps() {
        Run run = run("records.bpf.c", "-o", "json").tracing(TWO_EXECS).run();
        run.noDefect();
        List<JsonObject> all = json(run);
        assertTrue(all.getFirst().get("tasks").getAsString().matches("task \\d+"), run::toString);
        List<JsonObject> starts = of(all, "starts");
        assertTrue(
                starts.stream()
                        .anyMatch(start -> start.get("file").getAsString().equals("/bin/true")),
                run::toString);
        assertTrue(of(all, "ends").stream().anyMatch(end -> end.get("code").getAsInt() == 3), run::toString);
        long total = all.stream()
                .filter(line -> line.has("total"))
                .findFirst()
                .orElseThrow()
                .get("total")
                .getAsLong();
        assertEquals(starts.size(), total, run::toString);
        assertEquals(total, of(all, "per_cpu").getFirst().get("value").getAsLong(), run::toString);
        List<JsonObject> execs = of(all, "execs");
        long sum = 0;
        long last = 0;
        for (JsonObject exec : execs) {
            long value = exec.get("value").getAsLong();
            assertTrue(value >= last, run::toString);
            last = value;
            sum += value;
        }
        assertEquals(total, sum, run::toString);
    }

    static List<JsonObject> of(List<JsonObject> all, String key) {
        return all.stream()
                .filter(line -> line.has(key))
                .map(line -> line.getAsJsonObject(key))
                .toList();
    }

    @Test
    void tablesAndHistogramsForPeople() {
        Run run = run("records.bpf.c").tracing(TWO_EXECS).run();
        List<String> lines = run.lines();
        assertTrue(lines.contains("PID      FILE                             KIND"), run::toString);
        assertTrue(lines.stream().anyMatch(line -> line.contains(" /bin/true ") && line.endsWith(" PIDTYPE_SID")));
        assertTrue(lines.contains("execs") && lines.contains("COMM             VALUE"), run::toString);
        assertTrue(lines.contains("lengths"), run::toString);
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("         8 -> 15         : ")), run::toString);
        assertTrue(run.out().contains("\nby_letter[47]\n"), run::toString);
        assertEquals(run.out().indexOf("per_cpu"), run.out().lastIndexOf("per_cpu"));
    }

    @Test
    void filesOfLibbpfToolsRunAsTheyAre() {
        Run run = traced("opens.bpf.c", "-D", "targ_failed=true", "-v")
                .tracing(List.of("sh", "-c", "ls /no/such/file 2>/dev/null; cat /no/such/file 2>/dev/null; true"))
                .run();
        run.noDefect();
        assertEquals(0, run.exit(), run::toString);
        assertEquals("PID      FLAGS    COMM", run.lines().getFirst());
        assertTrue(run.lines().stream().anyMatch(line -> line.endsWith(" cat")), run::toString);
        assertTrue(run.out().contains("\nhist comm=\n"), run::toString);
        assertTrue(run.err().contains("map stackmap (stack_trace) is not printed"), run::toString);
    }

    @Test
    void aTypeOfLocalVariablesAloneIsFound() {
        Run run = run("locals.bpf.c", "-o", "json").tracing(TWO_EXECS).run();
        run.noDefect();
        assertTrue(
                of(json(run), "events").stream()
                        .anyMatch(event -> event.get("comm").getAsString().equals("true")),
                run::toString);
        assertFalse(run.err().contains("printed as bytes"), run::toString);
    }

    @Test
    void staticProbesHaveNoMapsOfTheirOwn() throws IOException {
        Path jvm = Path.of(System.getProperty("java.home"), "lib/server/libjvm.so");
        Path file = Files.writeString(temp.resolve("sleeps.bpf.c"), """
                #include "vmlinux.h"
                #include "maps.h"
                #include <bpf/usdt.bpf.h>

                char LICENSE[] SEC("license") = "GPL";
                BPF_HASH(sleeps, u32, u64);

                SEC("usdt/%s:hotspot:thread__sleep__begin")
                int on_sleep(void *ctx)
                {
                	u32 pid = bpf_get_current_pid_tgid() >> 32;

                	map_add(&sleeps, &pid, 1);
                	return 0;
                }
                """.formatted(jvm));
        Run run = Jopensnoop.tool("run", file).tracing(TWO_EXECS).run();
        run.noDefect();
        assumeTrue(run.exit() != 4, () -> "this JVM has no static probes: " + run.err());
        assertEquals(3, run.exit(), run::toString);
        assertFalse(run.out().contains("__bpf_usdt"), run::toString);
    }

    @Test
    void histogramsOfLibbpfTools() {
        Run run = run("waits.bpf.c", "-d", "1", "-i", "0.4").run();
        run.noDefect();
        assertEquals(0, run.exit(), run::toString);
        assertTrue(run.out().contains("\nhists["), run::toString);
        assertTrue(run.lines().stream().anyMatch(line -> line.matches("by_pid\\[\\d+] comm=.+")), run::toString);
        assertTrue(run.out().contains("\nversion = "), run::toString);
        assertTrue(run.lines().stream()
                        .filter(line -> line.matches("\\d\\d:\\d\\d:\\d\\d"))
                        .count()
                >= 1);
    }

    @Test
    void stacksFoldedHaveTheNamesOfTheProgram() {
        Run run = run("stacks.bpf.c", "-F", "199", "-o", "folded")
                .tracing(Burn.command("user", 2))
                .run();
        run.noDefect();
        assertEquals(0, run.exit(), run::toString);
        long seen = counts(run);
        long sum = 0;
        long sixty = 0;
        for (String line : run.lines()) {
            long count = Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
            boolean isOfCommand = line.startsWith(Burn.comm() + ";") || line.startsWith("sh;");
            sum += isOfCommand ? count : 0; // others are the keys alone, which have no comm
            sixty += line.contains(";main;run;sixty") ? count : 0;
        }
        assertTrue(sum > 0 && sum <= seen, run::toString);
        assertTrue(sixty > sum / 3, run::toString); // it burns 60 % there
    }

    /** What it has seen and not filtered, which it says at the end. */
    private static long counts(Run run) {
        Matcher matcher = Pattern.compile(
                        "jbcc run: seen (\\d+), filtered (\\d+); printed (\\d+) records?, lost (\\d+).*")
                .matcher(run.err().lines().reduce("", (a, b) -> b));
        assertTrue(matcher.matches(), run::toString);
        return Long.parseLong(matcher.group(1)) - Long.parseLong(matcher.group(2));
    }

    @Test
    void stacksOfMapsForPeopleAndInJson() {
        Run kernel = run("stacks.bpf.c", "-F", "199")
                .tracing(Burn.command("kernel", 1))
                .run();
        kernel.noDefect();
        assertTrue(kernel.out().contains("\nsamples\n    "), kernel::toString);
        assertTrue(
                Pattern.compile(
                                "    vfs_read\n(    .*\n)*    --\n(    .*\n)*    main\n(    .*\n)* {8}\\d+ pid=\\d+ comm="
                                        + Burn.comm() + "\n")
                        .matcher(kernel.out())
                        .find(),
                kernel::toString);
        assertTrue(kernel.out().contains("\nleaves\n"), kernel::toString);
        assertFalse(kernel.out().contains("kern_stack_id"), kernel::toString);

        Run json = run("stacks.bpf.c", "-F", "199", "-o", "json", "-D", "with_records=true")
                .tracing(Burn.command("user", 1))
                .run();
        json.noDefect();
        JsonObject sample = of(json(json), "samples").getLast();
        assertTrue(sample.getAsJsonObject("key").has("kern_stack_id"), json::toString);
        List<String> user = strings(sample.getAsJsonObject("stacks"), "user_stack_id");
        assertTrue(user.contains("main") && user.indexOf("run") < user.indexOf("main"), json::toString);
        assertTrue(
                json(json).stream()
                        .filter(line -> line.has("jbcc_ring"))
                        .anyMatch(line ->
                                strings(line.getAsJsonObject("stacks"), "where").contains("main")),
                json::toString);
    }

    private static List<String> strings(JsonObject object, String name) {
        return object.has(name)
                ? object.getAsJsonArray(name).asList().stream()
                        .map(element -> element.getAsString())
                        .toList()
                : List.of();
    }

    @Test
    void fieldsTimesAndTheLastRecordAreThoseAskedFor() {
        Run run = run(
                        "stacks.bpf.c",
                        "-F",
                        "199",
                        "-D",
                        "with_records=true",
                        "--fields",
                        "number,tgid",
                        "--max-events",
                        "3",
                        "--time",
                        "clock")
                .tracing(Burn.command("user", 5))
                .run();
        run.noDefect();
        assertTrue(run.lines().stream().anyMatch(line -> line.matches("TIME +NUMBER +TGID *")), run::toString);
        assertEquals(
                3,
                run.lines().stream()
                        .filter(line -> line.matches("\\d\\d:\\d\\d:\\d\\d\\.\\d{6} +[0-9]+ +[0-9]+ *"))
                        .count(),
                run::toString);
        assertTrue(run.err().contains("printed 3 records"), run::toString);
    }

    @Test
    void filtersAreThoseOfEveryToolOrRefused() {
        try (Burn burn = Burn.start(Burn.command("user", 20)).go()) {
            Run other = run("stacks.bpf.c", "-n", "no-such-comm", "-d", "0.5", "-F", "199")
                    .run();
            other.noDefect();
            assertEquals(0, counts(other), other::toString);
            Run one = run("stacks.bpf.c", "-p", burn.pid(), "-d", "0.5", "-F", "199", "-o", "json")
                    .run();
            one.noDefect();
            List<JsonObject> samples = of(json(one), "samples");
            assertFalse(samples.isEmpty(), one::toString);
            for (JsonObject sample : samples) {
                assertEquals(
                        burn.pid(), sample.getAsJsonObject("key").get("pid").getAsLong());
            }
        }
        for (String[] options :
                new String[][] {{"-p", "1"}, {"-n", "x"}, {"-u", "0"}, {"--netns", "/proc/self/ns/net"}}) {
            Run refused = run("hello.bpf.c", (Object[]) options).run();
            assertEquals(2, refused.exit(), refused::toString);
            assertTrue(refused.err().contains(" filters by jbcc.h, which the C does not include"), refused::toString);
        }
        for (String[] options : new String[][] {
            {"--container", "any"}, {"--container", "no-such"}, {"--fields", "nothing"}, {"-o", "folded", "-i", "1"}
        }) {
            Run refused = run("stacks.bpf.c", (Object[]) options).run();
            assertEquals(2, refused.exit(), refused::toString);
            refused.noDefect();
        }
        Run folded = run("records.bpf.c", "-o", "folded", "-d", "1").run();
        assertTrue(folded.err().startsWith("jbcc run: -o folded prints stacks, and this file has no stack ids"));
        Run rate = run("records.bpf.c", "-F", "99").run();
        assertEquals(2, rate.exit(), rate::toString);
        assertTrue(rate.err().startsWith("jbcc run: -F is how often perf_event programs run, and the C has none"));
        Run time = run("packets.bpf.c", "-T").run();
        assertEquals(4, time.exit(), time::toString);
    }

    /** In a file without jbcc.h, and in one with jbcc.h that sends nothing by it. */
    @Test
    void theKindOfTheBufferIsForWhatJbccSubmitSends() {
        for (String file : List.of("records.bpf.c", "ring.bpf.c")) {
            for (String kind : List.of("auto", "ring")) {
                Run run = run(file, "--buffer", kind, "-d", "0.2").run();
                run.noDefect();
                assertEquals(0, run.exit(), run::toString);
            }
            Run perf = run(file, "--buffer", "perf", "-d", "0.2").run();
            assertEquals(2, perf.exit(), perf::toString);
            assertTrue(
                    perf.err().startsWith("jbcc run: --buffer perf is for what jbcc_submit of jbcc.h sends"),
                    perf::toString);
        }
        Run sent = run("submits.bpf.c", "--buffer", "perf", "-o", "json")
                .tracing(TWO_EXECS)
                .run();
        assertEquals(3, sent.exit(), sent::toString);
        assertFalse(of(json(sent), "jbcc_perf").isEmpty(), sent::toString);
    }

    @Test
    void linesOfPrintkAreEvents() throws IOException {
        Path lasts = Files.createFile(temp.resolve("lasts"));
        String script = "/bin/true; while test -e " + lasts + "; do sleep 0.1; done; exit 3";
        try {
            for (String format : List.of("table", "json")) {
                Run run = traced("hello.bpf.c", "--max-events", "1", "-o", format)
                        .tracing(List.of("sh", "-c", script))
                        .run();
                run.noDefect();
                assertEquals(0, run.exit(), run::toString); // it has not waited for the command
                assertEquals(
                        1,
                        run.lines().stream()
                                .filter(line -> line.contains("hello, 0: 1"))
                                .count(),
                        run::toString);
            }
        } finally {
            Files.delete(lasts); // ends the commands
        }
    }

    @Test
    void recordsMayEndBeforeTheirLastMembers() {
        try (Burn burn = Burn.start(Burn.command("user", 20)).go()) {
            for (String format : List.of("folded", "json", "table")) {
                Run run = run("ring.bpf.c", "-p", burn.pid(), "-o", format, "-F", "199", "--max-events", "5")
                        .run();
                run.noDefect();
                assertEquals(0, run.exit(), run::toString);
                assertTrue(run.out().contains("main"), run::toString);
                assertFalse(run.lines().stream().anyMatch(line -> line.startsWith(";")), run::toString);
            }
        }
    }

    @Test
    void aContainerIsFoundWhileOtherCgroupsComeAndGo() throws IOException, InterruptedException {
        boolean v1 = Cgroups.v1Of(ProcessHandle.current().pid()) != null;
        Path tree = Cgroups.require(v1 ? "memory" : "");
        String id = Cgroups.containerId(11);
        Path container = Files.createDirectory(tree.resolve("docker-" + id + ".scope"));
        Path crowd = Files.createDirectory(
                tree.resolve("jbcc-crowd-" + ProcessHandle.current().pid()));
        AtomicBoolean ends = new AtomicBoolean();
        Thread churn = new Thread(() -> {
            while (!ends.get()) {
                for (int i = 0; i < CROWD; i++) {
                    crowd.resolve("c" + i).toFile().mkdir();
                }
                for (int i = 0; i < CROWD; i++) {
                    crowd.resolve("c" + i).toFile().delete();
                }
            }
        });
        try {
            churn.start();
            for (String kind : List.of("ring", "perf", "ring", "perf")) {
                Run run = run("submits.bpf.c", "--container", id, "-o", "json", "--buffer", kind)
                        .tracing(List.of(
                                "sh", "-c", "echo $$ > " + container.resolve("cgroup.procs") + "; /bin/true; true"))
                        .run();
                run.noDefect();
                assertEquals(0, run.exit(), run::toString);
                assertFalse(of(json(run), "jbcc_" + kind).isEmpty(), run::toString);
            }
        } finally {
            ends.set(true);
            churn.join();
            Cgroups.remove(List.of(crowd, container));
        }
    }

    @Test
    void refusesByName() throws IOException {
        Run packets = run("packets.bpf.c").run();
        assertEquals(4, packets.exit(), packets::toString);
        assertTrue(packets.err().startsWith("jbcc run: program pass has the section \"xdp\", which does not say"));
        packets.noDefect();
        for (String[] wrong : new String[][] {
            {"limit=x", "'x' is no value for limit"},
            {"limit=99999999999", "limit holds -2147483648 to 2147483647, not 99999999999"},
            {"greeting=0123456789abcdef", "greeting holds 15 bytes, not 16"},
            {"polite=7", "polite holds 0 to 1, not 7"},
            {"none=1", "the C has no global none"},
        }) {
            Run run = run("hello.bpf.c", "-D", wrong[0]).run();
            assertEquals(2, run.exit(), run::toString);
            assertTrue(run.err().startsWith("jbcc run: -D: " + wrong[1]), run::toString);
        }
        Run none = Jopensnoop.tool("run", Files.writeString(temp.resolve("none.bpf.c"), "int x;\n"))
                .run();
        assertEquals(2, none.exit(), none::toString);
        assertTrue(none.err().startsWith("jbcc run: there is no program in none that is to be attached\n"), none.err());
        Run absent = run("no-such.bpf.c").run();
        assertEquals(2, absent.exit(), absent::toString);
        assertEquals(2, run("hello.bpf.c", "-o", "csv").run().exit());
        assertEquals(2, Jopensnoop.tool("run").run().exit());
    }

    @Test
    void staticVariablesArePrintedAndOptionalProgramsLeftOut() {
        Run run = run("statics.bpf.c", "-v").tracing(TWO_EXECS).run();
        run.noDefect();
        assertTrue(run.out().contains("calls = "), run::toString);
        assertTrue(run.err().contains(": program passes is optional (?xdp) and is left out\n"), run::toString);
        assertTrue(run.err().contains("attached 1 program\n"), run::toString);
        Run help = run("statics.bpf.c", "--help").run();
        assertTrue(help.out().contains("\n  passes                  ?xdp\n"), help::toString);
    }

    @Test
    void errorsOfTheSourceAreClangsWithFileAndLine() throws IOException {
        Path broken = Files.writeString(temp.resolve("broken.bpf.c"), "int f(void)\n{\n\treturn x;\n}\n");
        Run run = Jopensnoop.tool("run", broken).run();
        assertEquals(1, run.exit(), run::toString);
        assertTrue(run.err().contains(broken + ":3:9: error: use of undeclared identifier 'x'"), run::toString);
    }

    @Test
    void explainsAFile() {
        Run run = run("records.bpf.c", "--help").run();
        assertEquals(0, run.exit(), run::toString);
        assertTrue(run.out().contains("\n  on_exec                 tp_btf/sched_process_exec\n"), run::toString);
        assertTrue(
                run.out().contains("\n  starts                  ringbuf\n      programs that start\n"), run::toString);
        Run hello = run("hello.bpf.c", "--help").run();
        assertTrue(
                hello.out().contains("\n  limit                   const volatile int\n      only so many, unless 0\n"),
                hello::toString);
        assertTrue(
                hello.out().contains("\n  hello                   tp_btf/sched_process_exec\n      On each exec.\n"),
                hello::toString);
        assertTrue(run.out().lines().allMatch(line -> line.length() <= 80), run::toString);
    }

    @Test
    void loadsAChangedFileAgainAndKeepsTheOldOneWhileItIsBroken() throws IOException {
        Path file = temp.resolve("watched.bpf.c");
        String text = Files.readString(FILES.resolve("records.bpf.c"));
        Files.writeString(file, text);
        try (Jopensnoop run =
                Jopensnoop.tool("run", file, "--watch", "-o", "json").start()) {
            Await.until(() -> run.err().contains("attached"), () -> run.err());
            Files.writeString(file, "int broken");
            Await.until(() -> run.err().contains("goes on"), () -> run.err());
            Files.writeString(file, text.replace("task %d", "again %d"));
            Await.until(() -> run.err().contains("again\n"), () -> run.err());
            Await.until(() -> run.out().contains("\"again "), () -> run.out());
            run.signal("INT");
            Run ended = run.await();
            assertEquals(0, ended.exit(), ended::toString);
            assertFalse(ended.err().contains("defect"), ended::toString);
        }
    }
}
