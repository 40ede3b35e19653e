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
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** jprofile on programs whose proportions are known. */
@KernelTest
class ProfileTest {
    private static final int HERTZ = 199;

    /** A line of folded stacks. */
    private record Folded(String stack, long count) {
        private static final Pattern LINE = Pattern.compile("(.*) (\\d+)");

        static List<Folded> of(Run run) {
            return run.lines().stream()
                    .filter(line -> !line.matches("\\d+")) // burn.c says its pid
                    .map(line -> {
                        Matcher matcher = LINE.matcher(line);
                        assertTrue(matcher.matches(), line);
                        return new Folded(matcher.group(1), Long.parseLong(matcher.group(2)));
                    })
                    .toList();
        }

        List<String> frames() {
            return List.of(stack.split(";"));
        }
    }

    private static Jopensnoop.Setup profile(Object... options) {
        return Jopensnoop.tool("profile", "-F", HERTZ).with(options);
    }

    private static long samples(List<Folded> lines, String part) {
        return lines.stream()
                .filter(line -> (";" + line.stack() + ";").contains(part))
                .mapToLong(Folded::count)
                .sum();
    }

    private static void assertShare(double expected, List<Folded> lines, String part) {
        long samples = samples(lines, "");
        double share = (double) samples(lines, part) / samples;
        double deviation = Math.sqrt(expected * (1 - expected) / samples);
        // Five standard deviations of the sampling, and what the program does besides.
        assertEquals(expected, share, 5 * deviation + 0.03, () -> part + " in " + lines);
    }

    private static void assertBurnt(List<Folded> lines, String prefix, String suffix) {
        assertShare(0.6, lines, ";" + prefix + "sixty" + suffix + ";");
        assertShare(0.3, lines, ";" + prefix + "thirty" + suffix + ";");
        assertShare(0.1, lines, ";" + prefix + "ten" + suffix + ";");
    }

    @Test
    void sharesNamesAndOrderOfAProgram() {
        Run run = profile("-f", "-U").tracing(Burn.command("user", 2)).run();
        assertEquals(0, run.exit(), run::toString);
        run.noDefect();
        List<Folded> lines = Folded.of(run);
        assertBurnt(lines, "", "");
        Folded first = lines.getFirst();
        List<String> frames = first.frames();
        assertEquals(Burn.comm(), frames.getFirst());
        assertEquals(List.of("main", "run"), frames.subList(frames.size() - 3, frames.size() - 1), first::stack);
        assertTrue(List.of("sixty", "thirty").contains(frames.getLast()), first::stack);
        assertEquals(lines.size(), lines.stream().map(Folded::stack).distinct().count());
        assertEquals(
                lines.stream()
                        .map(Folded::count)
                        .sorted((a, b) -> Long.compare(b, a))
                        .toList(),
                lines.stream().map(Folded::count).toList());
        assertEquals(run.counts().printed(), samples(lines, ""));
    }

    @Test
    void kernelStacksFollowThoseOfTheProgram() {
        Run run = profile("-f", "-a", "-d").tracing(Burn.command("kernel", 2)).run();
        List<Folded> lines = Folded.of(run);
        Folded most = lines.getFirst();
        List<String> frames = most.frames();
        int dash = frames.indexOf("-");
        assertTrue(dash > 0, most::stack);
        assertTrue(frames.subList(0, dash).contains("main"), most::stack);
        List<String> kernel = frames.subList(dash + 1, frames.size());
        assertTrue(kernel.stream().allMatch(frame -> frame.endsWith("_[k]")), most::stack);
        assertTrue(kernel.contains("vfs_read_[k]"), most::stack);
        assertTrue(kernel.indexOf("vfs_read_[k]") < kernel.size() - 1, "the leaf is last: " + most.stack());
    }

    @Test
    void oneSideOnly() {
        Run user = profile("-f", "-U", "-a").tracing(Burn.command("kernel", 1)).run();
        assertFalse(user.out().contains("_[k]"), user::toString);
        Run kernel =
                profile("-f", "-K", "-a").tracing(Burn.command("kernel", 1)).run();
        assertTrue(kernel.out().contains("_[k]"), kernel::toString);
        assertFalse(kernel.out().contains(";main"), kernel::toString);
    }

    @Test
    void theTableIsThatOfBcc() {
        Run run = profile("-d", "-A").tracing(Burn.command("kernel", 1)).run();
        List<String> lines = run.lines();
        assertEquals(
                "Sampling at " + HERTZ + " Hertz of all threads by user + kernel stack... Hit Ctrl-C to end.",
                lines.getFirst());
        int end = lines.size() - 1;
        assertEquals("", lines.get(end));
        assertTrue(lines.get(end - 1).matches(" {8}\\d+"), run::toString);
        assertTrue(lines.get(end - 2).matches(" {4}- {16}" + Burn.comm() + " \\(\\d+\\)"), run::toString);
        assertTrue(lines.get(end - 3).matches(" {4}[0-9a-f]{1,16} +\\S.*"), run::toString);
        assertTrue(lines.contains("    --"), run::toString);
    }

    @Test
    void jsonHasEverySampleOfAProcess() {
        try (Burn burn = Burn.start(Burn.command("user", 20));
                Jopensnoop tool = profile("-v", "-o", "json", "-p", burn.pid(), "--duration", 1)
                        .start()
                        .awaitAttached()) {
            burn.go();
            Run run = tool.await();
            List<JsonObject> all = run.lines().stream()
                    .map(line -> JsonParser.parseString(line).getAsJsonObject())
                    .toList();
            JsonObject summary = all.getLast().getAsJsonObject("summary");
            assertEquals(run.counts().printed(), summary.get("counted").getAsLong());
            List<JsonObject> rows = all.subList(0, all.size() - 1);
            assertFalse(rows.isEmpty(), run::toString);
            for (JsonObject row : rows) {
                assertEquals(burn.pid(), row.get("pid").getAsLong());
                assertEquals(Burn.comm(), row.get("comm").getAsString());
                assertEquals(
                        row.getAsJsonArray("user").size(),
                        row.getAsJsonArray("user_module").size());
            }
            long samples = rows.stream()
                    .mapToLong(row -> row.get("samples").getAsLong())
                    .sum();
            assertEquals(run.counts().printed(), samples);
            String leaf = rows.getFirst().getAsJsonArray("user").get(0).getAsString();
            assertTrue(List.of("sixty", "thirty").contains(leaf), run::toString);
        }
    }

    @Test
    void picturesAreFilesAndHaveTheSameStacksAsTheLines() throws IOException {
        Path directory = Scratch.directory("pictures");
        Path page = directory.resolve("out.html");
        Path picture = directory.resolve("out.svg");
        Run run = profile("-f", "-a", "--flame", page, "--svg", picture, "--title", "a <title>")
                .tracing(Burn.command("user", 1))
                .run();
        assertTrue(run.err().contains("wrote " + page), run::toString);
        Run back = Jopensnoop.tool("flame", "--folded", page).run();
        assertEquals(run.lines().stream().filter(line -> !line.matches("\\d+")).toList(), back.lines());
        String svg = Files.readString(picture);
        assertTrue(svg.contains("a &lt;title>") || svg.contains("a &lt;title&gt;"), svg);
        assertTrue(svg.contains("sixty"), svg);
        Run quiet = profile("--flame", page).tracing(List.of("true")).run();
        assertEquals("", quiet.out());
    }

    @Test
    void aPictureThatCannotBeWrittenIsAnError() throws IOException {
        Path missing = Scratch.directory("no").resolve("such/file.html");
        Run run = profile("--flame", missing).tracing(Burn.command("user", 0.1)).run();
        assertEquals(1, run.exit(), run::toString);
        assertTrue(run.err().contains("cannot write " + missing + ": there is no such directory"), run::toString);
        run.noDefect();
    }

    @Test
    void aTerminalSeesHowFarItIs() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "no script(1) here, which makes a terminal");
        Path err = Scratch.directory("progress").resolve("err");
        List<String> inner = profile("--no-java", "-o", "json", 3).command();
        // Of the three, only stderr is a terminal.
        String line = inner.stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
        Program.exit(List.of("script", "-q", "-e", "-c", line + " </dev/null >/dev/null", err.toString()));
        String seen = Files.readString(err);
        assertTrue(
                Pattern.compile("\rjprofile: \\d s, \\d+ samples\u001b\\[K")
                        .matcher(seen)
                        .find(),
                seen);
        assertTrue(seen.contains("\r\u001b[K"), "it is wiped at the end: " + seen);
    }

    @Test
    void onlyOneContainer() throws IOException {
        Path mount = Cgroups.require("");
        String id = Cgroups.containerId(7);
        Path container = Files.createDirectory(mount.resolve("docker-" + id + ".scope"));
        try (Burn inside = Burn.start(Burn.command("user", 20, "inside"));
                Burn outside = Burn.start(Burn.command("user", 20, "outside"))) {
            Cgroups.move(inside.pid(), container);
            inside.go();
            outside.go();
            Run run = profile(
                            "-o",
                            "json",
                            "--container",
                            id.substring(0, 12),
                            "-p",
                            inside.pid() + "," + outside.pid(),
                            1)
                    .run();
            List<String> lines = run.lines();
            assertTrue(lines.size() > 1, run::toString);
            for (String line : lines.subList(0, lines.size() - 1)) {
                JsonObject row = JsonParser.parseString(line).getAsJsonObject();
                assertEquals(inside.pid(), row.get("pid").getAsLong());
                assertEquals(id, row.get("container_id").getAsString());
                assertEquals("docker", row.get("runtime").getAsString());
            }
            assertTrue(run.counts().filtered() > 0, run::toString);
            Run none = profile("-f", "--container", "0123456789ab", "-p", inside.pid(), 0.5)
                    .run();
            assertEquals("", none.out());
        } finally {
            Cgroups.remove(List.of(container));
        }
    }

    @Test
    void namesOfAProcessCannotBreakALine() {
        Run run = profile("-f", "-U")
                .tracing(Burn.command("user", 0.7, "a;b\n\u001b[31m 1"))
                .run();
        List<Folded> lines = Folded.of(run);
        assertTrue(
                lines.stream()
                        .allMatch(line -> line.stack().startsWith("a:b\\x0a\\x1b[31m 1;")
                                || line.stack().startsWith(Burn.comm() + ";")),
                run::toString);
    }

    @Test
    void otherProcessesAreFiltered() {
        try (Burn burn = Burn.start(Burn.command("user", 20)).go();
                Burn other = Burn.start(Burn.command("user", 20, "elsewhere"))) {
            Run run = profile("-f", "-p", other.pid(), "--duration", 0.5).run();
            assertEquals(List.of(), run.lines(), "it sleeps");
            assertEquals(0, run.counts().printed());
            other.go();
            Run both = profile("-f", "-p", other.pid() + "," + burn.pid(), "--duration", 1)
                    .run();
            assertTrue(both.out().contains("elsewhere;"), both::toString);
            assertTrue(both.out().contains(Burn.comm() + ";"), both::toString);
            Run thread = profile("-f", "-L", other.pid(), "--duration", 1).run();
            assertTrue(thread.lines().stream().allMatch(line -> line.startsWith("elsewhere;")), thread::toString);
        }
    }

    @Test
    void anExitedProcessKeepsItsNames() {
        // The shell's children are gone long before the end.
        Run run = profile("-f", "-U")
                .tracing(List.of("sh", "-c", Burn.PROGRAM + " user 0.5; sleep 1"))
                .run();
        assertBurnt(
                Folded.of(run).stream()
                        .filter(line -> line.stack().startsWith(Burn.comm() + ";"))
                        .toList(),
                "",
                "");
    }

    /** They have the image of their parent, and end before the others start. */
    @Test
    void forkedProcessesKeepTheirNames() {
        String burn = "( x=0; while [ $x -lt 60000 ]; do x=$((x+1)); done ); ";
        Run run = profile("-o", "json", "-U")
                .tracing(List.of("sh", "-c", burn.repeat(6)))
                .run();
        List<JsonObject> rows = run.lines().stream()
                .map(line -> JsonParser.parseString(line).getAsJsonObject())
                .filter(row -> row.has("samples"))
                .toList();
        assertTrue(
                rows.stream().map(row -> row.get("pid").getAsLong()).distinct().count() > 3, run::toString);
        assertFalse(run.out().contains("\"exited\""), run::toString);
    }

    @Test
    void aProgramThatOnlyItsMountNamespaceHas() throws IOException {
        assumeTrue(Program.exit(List.of("unshare", "-m", "true")) == 0, "no mount namespaces here");
        Path inside = Scratch.directory("inside");
        String script = "mount -t tmpfs none " + inside + " && cp " + Burn.PROGRAM + " " + inside + "/boxed && exec "
                + inside + "/boxed user 1.5";
        Run run = profile("-f", "-U")
                .tracing(List.of("unshare", "-m", "sh", "-c", script))
                .run();
        assertEquals(List.of(), Files.list(inside).toList());
        List<Folded> boxed = Folded.of(run).stream()
                .filter(line -> line.stack().startsWith("boxed;"))
                .toList();
        assertBurnt(boxed, "", "");
    }

    @Test
    void deepStacksAreCutAndSaidToBe() {
        Run run = profile("-f", "-U", "--perf-max-stack-depth", 20)
                .tracing(Burn.command("deep", 1))
                .run();
        Folded most = Folded.of(run).getFirst();
        assertEquals(21, most.frames().size(), most::stack); // with the comm
        assertTrue(run.err().contains("stacks cut; a larger --perf-max-stack-depth helps"), run::toString);
    }

    @Test
    void aNarrowTableLosesNothingSilently() {
        Run run = profile("-f", "--hash-storage-size", 1, "--stack-storage-size", 1)
                .tracing(Burn.command("user", 1))
                .run();
        run.counts(); // adds up
        assertTrue(
                run.err().contains("--hash-storage-size helps")
                        || run.err().contains("--stack-storage-size helps")
                        || run.counts().lost() == 0,
                run::toString);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-F 99 -c 1000",
                "-U -K",
                "-f -o json",
                "--fields pid",
                "-o json --fields nosuch",
                "--java --no-java",
                "--title x",
                "-o wide",
                "-F 0",
                "-C 65000"
            })
    void contradictionsAreUsageErrors(String options) {
        Run run = Jopensnoop.tool("profile").with((Object[]) options.split(" ")).run();
        assertEquals(2, run.exit(), run::toString);
        assertEquals("", run.out());
        assertTrue(run.err().startsWith("jprofile: "), run::toString);
        run.noDefect();
    }

    @Test
    void javaMethodsHaveTheirNames() {
        Path jdk = Path.of(System.getProperty("java.home"));
        try (Burn burn = Burn.java(jdk, 30, "-XX:+PreserveFramePointer")) {
            Run run = profile("-f", "-U", "-p", burn.pid(), "--duration", 2).run();
            List<Folded> lines = Folded.of(run);
            assertBurnt(lines, Burner.class.getName() + ".", "_[j]");
            assertFalse(run.err().contains("PreserveFramePointer"), run::toString);
        }
    }

    /** There was nothing yet when it was asked first, and there is nobody to ask at the end. */
    @Test
    void aJvmThatStartsAndEndsInTheRunIsNamed() {
        Path jdk = Path.of(System.getProperty("java.home"));
        List<String> command = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" >/dev/null", "sh"));
        command.addAll(Burn.javaCommand(jdk, 5, "-XX:+PreserveFramePointer"));
        // So often that it is seen before it has mapped its JVM, and in between.
        Run run = Jopensnoop.tool("profile", "-f", "-U", "-F", 4999)
                .tracing(command)
                .run();
        List<Folded> lines = Folded.of(run);
        long named = lines.stream()
                .filter(line -> line.stack().contains(";" + Burner.class.getName() + ".sixty_[j]"))
                .mapToLong(Folded::count)
                .sum();
        long all = lines.stream().mapToLong(Folded::count).sum();
        assertTrue(named > all * 0.3, run::toString);
    }

    @Test
    void aJvmThatEndsBeforeTheRunKeepsItsNames() {
        Path jdk = Path.of(System.getProperty("java.home"));
        try (Burn burn = Burn.java(jdk, 5, "-XX:+PreserveFramePointer")) {
            Run run = profile("-f", "-U", "-p", burn.pid(), "--duration", 8).run();
            assertBurnt(Folded.of(run), Burner.class.getName() + ".", "_[j]");
        }
    }

    @Test
    void aJvmWithoutFramePointersIsNamed() {
        Path jdk = Path.of(System.getProperty("java.home"));
        try (Burn burn = Burn.java(jdk, 30)) {
            Run run = profile("-f", "-U", "-p", burn.pid(), "--duration", 1).run();
            assertTrue(run.err().contains(Long.toString(burn.pid())), run::toString);
            assertTrue(run.err().contains("-XX:+PreserveFramePointer"), run::toString);
            Run without = profile("-f", "-U", "--no-java", "-p", burn.pid(), "--duration", 1)
                    .run();
            assertFalse(without.out().contains("_[j]"), without::toString);
        }
    }
}
