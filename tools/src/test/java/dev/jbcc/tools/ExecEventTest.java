// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way to start a program is one row, with every field right. */
@KernelTest
@EachBuffer
@Tag("execsnoop")
class ExecEventTest {
    private static final int COUNT = 23;
    private static final int ARGS_BYTES = 128 << 10;
    private static final String SHELL = "/bin/sh";

    @Test
    @Tag("matrix")
    @Tag("smoke")
    void twentyThreeExecsAreTwentyThreeRows() throws IOException {
        long cgroup = Cgroups.idOf(ProcessHandle.current().pid());
        long before = System.nanoTime();
        Run run = Execs.json(List.of(), Execs.command("times", COUNT, Execs.TRUE, "true", "a b", ""))
                .clean();
        List<JsonObject> rows = new ArrayList<>(run.rows());
        assertEquals(COUNT + 1, rows.size());
        JsonObject parent = rows.removeFirst();
        long pid = parent.get("pid").getAsLong();
        String cwd = Path.of("").toAbsolutePath().toString();
        String parentName = parent.get("comm").getAsString();
        long last = before;
        for (JsonObject row : rows) {
            long time = row.remove("time").getAsLong();
            assertTrue(time > last && time < System.nanoTime(), row::toString);
            last = time;
            assertTrue(row.remove("elapsed").getAsLong() > 0);
            assertTrue(row.remove("timestamp").getAsString().endsWith("Z"));
            long child = row.remove("pid").getAsLong();
            assertNotEquals(pid, child);
            assertEquals(child, row.remove("tid").getAsLong());
            row.remove("cpu");
            assertEquals(
                    "{\"event\":\"exec\",\"uid\":0,\"user\":\"root\",\"comm\":\"true\",\"pcomm\":\"" + parentName
                            + "\",\"ppid\":" + pid + ",\"ret\":0,\"error\":null,\"status\":null,\"exit_status\":null,"
                            + "\"exit_signal\":null,\"core_dumped\":null,\"duration\":null,\"cgroup\":" + cgroup
                            + ",\"cgroup_v1\":"
                            + Cgroups.v1Of(ProcessHandle.current().pid())
                            + ",\"cgroup_path\":\""
                            + Cgroups.pathOf(ProcessHandle.current().pid())
                            + "\",\"container\":null,\"container_id\":null,\"runtime\":null,\"pod\":null,"
                            + "\"namespace\":null,\"in_init_tree\":null,\"depth\":1,\"cwd\":\"" + cwd + "\",\"exe\":\""
                            + Path.of(Execs.TRUE).toRealPath()
                            + "\",\"interp\":null,\"filename\":\"/bin/true\",\"argv\":[\"true\",\"a b\",\"\"],"
                            + "\"truncated\":false,\"cwd_cut\":false,\"exe_cut\":false,"
                            + "\"args\":[\"/bin/true\",\"a b\",\"\"]}",
                    row.toString());
        }
    }

    @Test
    @Tag("matrix")
    void theTableIsThatOfBcc() {
        Run run = Execs.table(List.of(), Execs.command("execve", Execs.TRUE, "x", "a", "b"))
                .clean();
        List<String> lines = run.lines();
        assertEquals("COMM             PID     PPID    RET ARGS", lines.get(0));
        assertTrue(lines.get(2).matches("true {13}\\d+ +\\d+ +0 /bin/true a b"), lines.get(2));
        assertEquals(36, lines.get(2).indexOf(" /bin/true"));
        run = Execs.table(List.of("-T", "-t", "-U", "-M", "-C"), Execs.command("execve", Execs.TRUE, "x"))
                .clean();
        lines = run.lines();
        assertEquals(
                "TIME     TIME(s) UID   COMM             PID     PCOMM            PPID    CPU  RET ARGS", lines.get(0));
        assertTrue(
                lines.get(2)
                        .matches(
                                "\\d\\d:\\d\\d:\\d\\d \\d\\.\\d{3}   0     true {13}\\d+ +java +\\d+ +\\d+ +0 /bin/true"),
                lines.get(2));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "execve /bin/true zero one",
                "execveat /bin true zero one",
                "fexecve /bin/true zero one",
                "thread /bin/true zero one",
                "memfd /bin/true zero one"
            })
    @Tag("matrix")
    void everyCallIsSeen(String words) throws IOException {
        Run run = Execs.json(List.of(), Execs.command((Object[]) words.split(" ")))
                .clean();
        List<JsonObject> rows = run.rows();
        assertEquals(2, rows.size());
        JsonObject row = rows.getLast();
        assertEquals("[\"zero\",\"one\"]", row.get("argv").toString());
        assertEquals("one", args(row).get(1));
        String file = row.get("filename").getAsString();
        String exe = row.get("exe").getAsString();
        switch (words.split(" ")[0]) {
            case "execve", "thread" -> assertEquals(Execs.TRUE, file);
            case "execveat" -> assertTrue(file.matches("/dev/fd/\\d+/true"), file);
            default -> assertTrue(file.matches("/dev/fd/\\d+"), file);
        }
        assertEquals(
                words.startsWith("memfd")
                        ? "/memfd:hidden"
                        : Path.of(Execs.TRUE).toRealPath().toString(),
                exe);
        assertEquals(
                words.startsWith("thread"),
                row.get("tid").getAsLong() != row.get("pid").getAsLong());
        assertEquals(rows.getFirst().get("pid"), row.get("pid"));
    }

    @Test
    @Tag("matrix")
    void thirtyTwoBitProgramsAreSeen() {
        assumeTrue(Execs.compat(), "no 32-bit programs can be made or run here");
        List<JsonObject> rows = Execs.json(List.of(), Execs.command32(Execs.TRUE, "one"))
                .clean()
                .rows();
        assertEquals(List.of(Execs.TRUE, "one"), args(rows.getLast()));
        rows = Execs.json(List.of("-x"), Execs.command32("/absent/32", "one two", "three"))
                .rowsBefore("ended with exit status 2");
        JsonObject failed = rows.getLast();
        assertEquals("failed", failed.get("event").getAsString());
        assertEquals(List.of("/absent/32", "one two", "three"), args(failed));
    }

    @Test
    @Tag("matrix")
    void scriptsShowWhatTheyWereCalledWith() throws IOException {
        Path directory = Scratch.directory("scripts");
        Path inner = script(directory.resolve("inner"), "#!" + SHELL + " -e\n:\n");
        Path outer = script(directory.resolve("outer"), "#!" + inner + "\n");
        List<JsonObject> rows = Execs.json(List.of(), List.of(outer.toString(), "a", "", "b c"))
                .clean()
                .rows();
        JsonObject row = rows.getLast();
        assertEquals(List.of(outer.toString(), "a", "", "b c"), args(row));
        assertEquals("outer", row.get("comm").getAsString());
        assertEquals(SHELL, row.get("interp").getAsString());
        assertEquals(Path.of(SHELL).toRealPath().toString(), row.get("exe").getAsString());
        assertEquals(
                List.of(SHELL, "-e", inner.toString(), outer.toString(), "a", "", "b c"),
                strings(row.getAsJsonArray("argv")));
    }

    private static Path script(Path file, String text) throws IOException {
        Files.writeString(file, text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Two long arguments, with one byte to spare, one too many, and 101 too many; perf buffers take less. */
    @Test
    void longListsAreWholeUpToTheBound() {
        int name = "long".length() + 1;
        for (int more : new int[] {0, 1, 51}) {
            int size = (ARGS_BYTES - name) / 2 - 1 + more;
            JsonObject row = Execs.json(List.of("--buffer", "ring"), Execs.command("long", 2, size, Execs.TRUE))
                    .rows()
                    .getLast();
            assertEquals(more > 0, row.get("truncated").getAsBoolean());
            List<String> argv = strings(row.getAsJsonArray("argv"));
            assertEquals("b".repeat(size), argv.get(1));
            assertEquals(
                    Math.min(size, ARGS_BYTES - name - size - 1), argv.get(2).length());
        }
        Run many = Execs.json(List.of("--buffer", "ring"), Execs.command("long", 6000, 10, Execs.TRUE));
        JsonObject row = many.rows().getLast();
        assertEquals(6001, row.getAsJsonArray("args").size());
        assertEquals(false, row.get("truncated").getAsBoolean());
        assertTrue(many.clean().err().contains("lost 0"));
    }

    @Test
    void aCutIsShown() {
        Run run = Execs.table(List.of(), Execs.command("long", 20, 10_000, Execs.TRUE));
        assertTrue(run.lines().getLast().endsWith(" …"), "no …");
        assertTrue(run.err().contains("with a string cut 1"), run.err());
        run = Execs.table(List.of("--max-args", "3"), Execs.command("execve", Execs.TRUE, "0", "1", "2", "3"));
        assertTrue(
                run.lines().getLast().endsWith(" /bin/true 1 2 …"), run.lines().getLast());
        run = Execs.table(List.of("--max-args", "4"), Execs.command("execve", Execs.TRUE, "0", "1", "2", "3"));
        assertTrue(
                run.lines().getLast().endsWith(" /bin/true 1 2 3"), run.lines().getLast());
    }

    @Test
    @Tag("matrix")
    void perfBufferCutsAtItsRecordSize() {
        JsonObject row =
                Execs.json(List.of("--buffer", "perf"), Execs.command("long", 20, 10_000, Execs.TRUE)).rows().stream()
                        .filter(each -> each.get("comm").getAsString().equals("true"))
                        .findFirst()
                        .orElseThrow();
        assertTrue(row.get("truncated").getAsBoolean());
        assertTrue(row.getAsJsonArray("argv").size() >= 6);
    }

    @Test
    void failedCallsAreShownOnRequest() throws IOException {
        Path file = Scratch.directory("fails").resolve("plain");
        Files.writeString(file, "x");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertEquals(
                1,
                Execs.json(List.of(), Execs.command("execve", "/absent", "a"))
                        .rowsBefore("ended with exit status 2")
                        .size());
        for (String kind : List.of("execve", "thread")) {
            JsonObject row = failed(kind, "/absent", "zero", "one two");
            assertEquals(-2, row.get("ret").getAsInt());
            assertEquals("ENOENT", row.get("error").getAsString());
            assertEquals(List.of("/absent", "one two"), args(row));
            assertEquals("[\"zero\",\"one two\"]", row.get("argv").toString());
            assertEquals(Path.of("").toAbsolutePath().toString(), row.get("cwd").getAsString());
        }
        JsonObject row = failed("execve", file, "zero");
        assertEquals(-13, row.get("ret").getAsInt());
        assertEquals(List.of(file.toString()), args(row));
        row = failed("long", 2000, 20, "/absent");
        assertEquals(true, row.get("truncated").getAsBoolean());
        assertEquals(1024, row.getAsJsonArray("argv").size());
        row = failed("long", 3, 90_000, "/absent");
        assertEquals(true, row.get("truncated").getAsBoolean());
        row = failed("long", 1, 60_000, "/absent");
        assertEquals(false, row.get("truncated").getAsBoolean());
        assertEquals(60_000, args(row).get(1).length());
    }

    @Test
    @Tag("matrix")
    void aFailedCallKeepsItsArguments() throws IOException {
        Path directory = Scratch.directory("fails");
        JsonObject row = failed("execveat", directory, "none", "zero", "one");
        assertEquals(-2, row.get("ret").getAsInt());
        assertEquals(List.of("none", "one"), args(row));
        assertEquals(false, row.get("truncated").getAsBoolean());
        assertEquals(Path.of("").toAbsolutePath().toString(), row.get("cwd").getAsString());
    }

    private static JsonObject failed(Object... words) {
        List<JsonObject> rows = new ArrayList<>(Jopensnoop.tool("execsnoop", "-o", "json", "-x", "-n", "^execs-")
                .tracing(Execs.command(words))
                .run()
                .rowsBefore(words[0].equals("execve") && words[1].toString().contains("plain") ? "13" : "2"));
        rows.removeIf(row -> row.get("event").getAsString().equals("exec"));
        assertEquals(1, rows.size());
        return rows.getFirst();
    }

    /** What the arguments hold is neither a new line nor a command to the terminal; and sh reads it back from -q. */
    @Test
    void hostileArgumentsAreEscapedAndQuotesCanBePasted() throws IOException {
        List<String> nasty =
                List.of("a\nb", "\u001b[2J", "it's", "", "\\", "$(id)", "\t x", "`w`", "*", "é€\n", "\r\n");
        List<Object> words = new ArrayList<>(List.of("execve", "/usr/bin/printf", "printf", "%s\\0"));
        words.addAll(nasty);
        Run plain = Execs.table(List.of("-n", "^printf$"), silenced(words)).clean();
        assertEquals(2, plain.lines().size());
        assertTrue(
                plain.lines()
                        .get(1)
                        .endsWith(" /usr/bin/printf %s\\\\0 a\\nb \\x1b[2J it's  \\\\ $(id) \\t x `w` * é€\\n \\r\\n"),
                plain.lines().get(1));
        Run quoted =
                Execs.table(List.of("-q", "-n", "^printf$"), silenced(words)).clean();
        String line = quoted.lines().get(1);
        String command = line.substring(line.indexOf("/usr/bin/printf"));
        Path script = Scratch.fresh("pasted");
        Files.writeString(script, command + "\n");
        String printed = Program.output(List.of("sh", script.toString()));
        assertEquals(String.join("\0", nasty) + "\0", printed);
    }

    /** The command with its output thrown away, which the tool's is the same file as. */
    private static List<String> silenced(List<Object> words) {
        List<String> command = new ArrayList<>(List.of(SHELL, "-c", "exec \"$@\" >/dev/null", "sh"));
        command.addAll(Execs.command(words.toArray()));
        return command;
    }

    @Test
    void aBurstIsComplete() {
        int burst = 2000;
        Run run = Jopensnoop.tool("execsnoop", "--exit")
                .tracing(Execs.command("times", burst, Execs.TRUE, "true"))
                .run()
                .clean();
        assertEquals(2 * burst + 2, run.counts().printed());
        assertEquals(0, run.counts().lost());
        run = Jopensnoop.tool("execsnoop", "--buffer-size", "4KiB")
                .tracing(Execs.command("times", burst, Execs.TRUE, "true"))
                .run();
        assertEquals(burst + 1, run.counts().printed() + run.counts().lost());
    }

    static List<String> args(JsonObject row) {
        return strings(row.getAsJsonArray("args"));
    }

    private static List<String> strings(JsonArray array) {
        List<String> strings = new ArrayList<>();
        array.forEach(element -> strings.add(element.getAsString()));
        return strings;
    }

    /** The bytes that are no UTF-8 are not lost either. */
    @Test
    void brokenUtf8IsEscaped() throws IOException {
        Path script = Scratch.fresh("latin1");
        Files.write(script, "exec /bin/true 'caf\u00e9'\n".getBytes(StandardCharsets.ISO_8859_1));
        JsonObject row = Execs.json(List.of(), List.of(SHELL, script.toString()))
                .clean()
                .rows()
                .getLast();
        assertEquals("caf\\xe9", args(row).get(1));
    }
}
