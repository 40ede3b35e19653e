// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Filters pass exactly what they should; ends of programs, ancestry and parents are as they were. */
@KernelTest
@EachBuffer
@Tag("execsnoop")
class ExecFilterTest {
    /** Starts true, echo and ls, the last of which fails. */
    private static final List<String> SCRIPT =
            List.of("sh", "-c", "/bin/true -O2 one; /bin/echo one.two >/dev/null; /bin/ls /absent 2>/dev/null; exit 0");

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            -n true ; true
            -n ^(echo|ls)$ ; echo ls
            -n ^ru ;
            --name h ; sh echo
            -l one\\.two ; sh echo
            -l ^/bin/true.-O[23] ; true
            -l ^true ;
            -l /absent$ ; ls
            --line=-O2.one$ ; true
            -n true -l two ;
            -u root ; sh true echo ls
            -u 4242 ;
            -P 1 ;
            """)
    void filtersTestWhatTheySay(String options, String expected) {
        Run run = Execs.json(List.of(options.strip().split(" ")), SCRIPT).clean();
        assertEquals(expected == null ? List.of() : List.of(expected.split(" ")), run.field("comm"), run::toString);
        assertTrue(run.counts().seen() >= 4);
    }

    @Test
    @Tag("matrix")
    void byParent() {
        try (Jopensnoop tool = Jopensnoop.tool(
                        "execsnoop",
                        "-o",
                        "json",
                        "-v",
                        "-P",
                        ProcessHandle.current().pid())
                .start()
                .awaitAttached()) {
            assertEquals(0, Program.exit(SCRIPT));
            Run run = tool.stop();
            assertEquals(
                    List.of("sh"),
                    run.rows().stream()
                            .filter(row -> row.get("args").toString().contains("/absent"))
                            .map(row -> row.get("comm").getAsString())
                            .toList());
            run.rows()
                    .forEach(row -> assertEquals(
                            ProcessHandle.current().pid(), row.get("ppid").getAsLong()));
        }
    }

    /** The parent at the time of the exec: init or a subreaper, once the one that forked has ended. */
    @Test
    @Tag("matrix")
    void anOrphansParentIsNotTheOneThatHasEnded() {
        List<JsonObject> rows = Execs.json(List.of(), Execs.command("fork", "execve", Execs.TRUE, "true"))
                .clean()
                .rows();
        assertEquals(2, rows.size());
        assertNotEquals(rows.getFirst().get("pid"), rows.getLast().get("ppid"));
        assertNotEquals(rows.getFirst().get("comm"), rows.getLast().get("pcomm"));
    }

    @ParameterizedTest
    @CsvSource({
        "exit 0, 0, 0, ",
        "exit 3, 3, 3, ",
        "signal 9, SIGKILL, , 9",
        "signal 15, SIGTERM, , 15",
        "signal 40, SIG40, , 40"
    })
    @Tag("matrix")
    void endsAreShown(String words, String status, Integer exit, Integer signal) {
        List<String> command =
                new ArrayList<>(List.of("sh", "-c", "exec 2>/dev/null; ulimit -c 0; \"$@\"; true", "sh"));
        command.addAll(Execs.command((Object[]) words.split(" ")));
        List<JsonObject> rows =
                Execs.json(List.of("--exit", "-n", "^execs-"), command).clean().rows();
        assertEquals(2, rows.size(), rows::toString);
        JsonObject start = rows.getFirst();
        JsonObject end = rows.getLast();
        assertEquals("exit", end.get("event").getAsString());
        assertEquals(start.get("pid"), end.get("pid"));
        assertEquals(start.get("args"), end.get("args"));
        assertEquals(status, end.get("status").getAsString());
        assertEquals(
                exit == null ? "null" : exit.toString(), end.get("exit_status").toString());
        assertEquals(
                signal == null ? "null" : signal.toString(),
                end.get("exit_signal").toString());
        assertEquals(signal == null ? "null" : "false", end.get("core_dumped").toString());
        assertTrue(end.get("ret").isJsonNull());
        long between = end.get("time").getAsLong() - start.get("time").getAsLong();
        assertEquals(between, end.get("duration").getAsLong());
    }

    /** The kernel has changed its mind about which thread's status is that of the process. */
    @Test
    @Tag("matrix")
    void theLastThreadEndsTheProgram() {
        String status = Integer.toString(Program.exit(Execs.command("last", 0)));
        List<JsonObject> rows = Execs.json(
                        List.of("--exit", "-n", "^execs-"), List.of("sh", "-c", Execs.path() + " last 0; true"))
                .clean()
                .rows();
        assertEquals(2, rows.size());
        assertEquals(status, rows.getLast().get("status").getAsString());
        assertTrue(rows.getLast().get("duration").getAsLong() > 20_000_000, "it is not the end of the first thread");
    }

    @Test
    void theEndOfTheCommandItselfIsShown() {
        Run run = Execs.table(List.of("--exit"), List.of("sh", "-c", "/bin/true; exit 0"))
                .clean();
        List<String> lines = run.lines();
        assertTrue(lines.get(0).matches("EVENT  COMM +PID +PPID +RET STATUS  SECONDS   ARGS"), lines.get(0));
        assertEquals(5, lines.size());
        assertTrue(
                lines.get(4).matches("exit   sh +\\d+ +\\d+ +- 0 +0\\.\\d{6}  \\S+sh -c /bin/true; exit 0"),
                lines.get(4));
    }

    @Test
    void theTreeIsIndented() {
        Run run = Execs.table(
                        List.of("--tree"),
                        List.of("sh", "-c", "sh -c '(/bin/true a; :); /bin/true b; :'; /bin/true c; :"))
                .clean();
        List<String> shown = run.table().stream()
                .map(line -> line.substring(37).replaceFirst("sh -c .*", "sh").replace("/usr/bin/", "/bin/"))
                .toList();
        assertEquals(List.of("/bin/sh", "  /bin/sh", "    /bin/true a", "    /bin/true b", "  /bin/true c"), shown);
    }
}
