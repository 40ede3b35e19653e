// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbcc.host.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a run begins and ends: signals, time, pipes, the traced command, and mistakes on the command line. */
@KernelTest
@EachBuffer
@Tag("opensnoop")
class SessionTest {
    @Test
    void durationEndsTheRun() {
        long start = System.nanoTime();
        try (Workload idle = Workload.start();
                Jopensnoop tool =
                        Jopensnoop.setup("-p", idle.pid(), "-d", "0.3").start()) {
            Run run = tool.await().clean();
            assertEquals(List.of(), run.table());
            assertTrue(System.nanoTime() - start >= 300_000_000L);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM", "HUP"})
    void signalEndsTheRunWithItsCounts(String signal) throws IOException {
        Path file = Scratch.directory("signal").resolve("f");
        try (Workload workload = Workload.start("open", file, "0", "0");
                // A build in the background has SIGINT ignored, and what it starts inherits that.
                Jopensnoop tool = Jopensnoop.setup("-p", workload.pid())
                        .under("env", "--default-signal=INT,HUP")
                        .start()
                        .awaitAttached()) {
            assertEquals(0, workload.finish());
            tool.signal(signal);
            Run run = tool.await().clean();
            assertEquals(1, run.table().size());
        }
    }

    @Test
    void maxEventsEndTheRun() throws IOException {
        Path file = Scratch.directory("max").resolve("f");
        try (Workload workload = Workload.start("burst", 10, file);
                Jopensnoop tool = Jopensnoop.setup("-p", workload.pid(), "--max-events", 3)
                        .start()
                        .awaitAttached()) {
            assertEquals(0, workload.finish());
            Run run = tool.await();
            assertEquals(0, run.exit(), run::toString);
            assertEquals(3, run.table().size());
            assertTrue(run.counts().left() <= 7, run::toString);
            assertEquals(1, run.err().lines().count(), run::toString);
        }
    }

    @Test
    void closedPipeEndsTheRunQuietly() throws IOException {
        Path file = Scratch.directory("pipe").resolve("f");
        try (Workload workload = Workload.start("burst", 20_000, file); // more than a pipe holds
                Jopensnoop tool = Jopensnoop.setup("-p", workload.pid())
                        .under("sh", "-c", "{ \"$@\"; echo status $? >&2; } | head -1", "sh")
                        .start()
                        .awaitAttached()) {
            assertEquals(0, workload.finish());
            Run run = tool.await();
            assertEquals("status 0\n", run.err());
            assertEquals("PID    COMM               FD ERR PATH\n", run.out());
        }
    }

    @Test
    void closedPipeEndsARunWithoutEventsToo() throws IOException {
        try (Workload workload = Workload.start();
                Jopensnoop tool = Jopensnoop.setup("-p", workload.pid())
                        .under("sh", "-c", "{ \"$@\"; echo status $? >&2; } | head -1", "sh")
                        .start()
                        .awaitAttached()) {
            Run run = tool.await();
            assertEquals("status 0\n", run.err());
            assertEquals(0, workload.finish());
        }
    }

    @Test
    void fullDiskIsAnError() {
        assumeTrue(Files.exists(Path.of("/dev/full")), "no /dev/full");
        Run run = Jopensnoop.setup()
                .stdout(Path.of("/dev/full"))
                .tracing(List.of("true"))
                .run();
        run.failed(1, "cannot write the output: No space left on device");
        assertEquals(1, run.err().lines().count(), run::toString);
    }

    @Test
    void commandsStatusPassesThrough() {
        Run run = Jopensnoop.json(List.of(), "exit", 7);
        assertEquals(7, run.exit());
        assertEquals(List.of(), run.rowsBefore("ended with exit status 7"));
    }

    @Test
    void commandsSignalPassesThrough() {
        Run run = Jopensnoop.json(List.of(), "signal", 15);
        assertEquals(128 + 15, run.exit());
        assertEquals(List.of(), run.rowsBefore("ended with exit status 143"));
    }

    @Test
    @Tag("matrix")
    void commandsDescendantsAreFollowed() throws IOException {
        Path directory = Scratch.directory("family");
        Run run = Jopensnoop.json(
                        List.of(), "chdir", directory, "open", "a", "0", "0", "fork", "open", "b", "0", "0", "side",
                        "fork", "open", "c", "0", "0", "join")
                .clean();
        assertEquals(List.of("a", "b", "c"), run.field("path"));
        List<String> pids = run.field("pid");
        assertEquals(3, pids.stream().distinct().count(), run::toString);
        assertEquals(pids.subList(0, 2), run.field("ppid").subList(1, 3));
        assertEquals(pids, run.field("tid"));
    }

    /** execve in a thread that is not the first: the first one ends, and the caller takes its number. */
    @Test
    @Tag("matrix")
    void commandThatExecsInAnotherThreadIsFollowed() throws IOException {
        Path directory = Scratch.directory("exec");
        Run run = Jopensnoop.json(
                        List.of(), "chdir", directory, "open", "a", "0", "0", "side", "exec", "open", "b", "0", "0",
                        "fork", "open", "c", "0", "0")
                .clean();
        assertEquals(List.of("a", "b", "c"), run.field("path"));
        assertEquals(run.field("pid").get(0), run.field("pid").get(1));
    }

    @Test
    void commandWhoseFirstThreadEndsIsFollowed() throws IOException {
        Path directory = Scratch.directory("alone");
        Run run = Jopensnoop.json(
                        List.of("--path", "?"),
                        "chdir",
                        directory,
                        "open",
                        "a",
                        "0",
                        "0",
                        "alone",
                        "open",
                        "b",
                        "0",
                        "0",
                        "fork",
                        "open",
                        "c",
                        "0",
                        "0")
                .clean();
        assertEquals(List.of("a", "b", "c"), run.field("path"));
        assertEquals(run.field("pid").get(0), run.field("pid").get(1));
    }

    @Test
    void commandThatIsAShellIsSeenFromItsFirstInstruction() throws IOException {
        Path file = Scratch.directory("shell").resolve("f");
        Run run = Jopensnoop.setup("--path", file)
                .tracing(List.of("sh", "-c", ": > " + file + "; cat " + file + "; exit 3"))
                .run();
        assertEquals(3, run.exit());
        List<String> lines = run.lines();
        assertEquals(3, lines.size(), run::toString);
        assertTrue(lines.get(1).matches("\\d+ +sh +3 +0 " + file), run::toString);
        assertTrue(lines.get(2).matches("\\d+ +cat +3 +0 " + file), run::toString);
    }

    @Test
    void commandIsTheOneWhoCalledSudo() throws IOException {
        Path file = Scratch.directory("sudo").resolve("f");
        List<String> command = Workload.command("open", file, "0", "0");
        Run run = Jopensnoop.setup("-o", "json")
                .env("SUDO_UID", 65534)
                .env("SUDO_GID", 65534)
                .tracing(command)
                .run()
                .clean();
        assertEquals(List.of("65534"), run.field("uid"));
        run = Jopensnoop.setup("-o", "json", "--as-root")
                .env("SUDO_UID", 65534)
                .env("SUDO_GID", 65534)
                .tracing(command)
                .run()
                .clean();
        assertEquals(List.of("0"), run.field("uid"));
    }

    @Test
    void unknownCommandIsFoundOutBeforeAnythingElse() {
        Run run = Jopensnoop.setup().tracing(List.of("no-such-command")).run();
        run.failed(2, "command not found: 'no-such-command'");
        run = Jopensnoop.setup().tracing(List.of("/etc/passwd")).run();
        run.failed(2, "cannot run '/etc/passwd': it is not executable");
        run = Jopensnoop.setup("--").run();
        run.failed(2, "there is no command after --");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-p x",
                "-p 0",
                "-p 4194304",
                "-u nobody-here",
                "-d 0",
                "-d forever",
                "--max-events 0",
                "--buffer-size 5000",
                "--buffer pipe",
                "--path [a",
                "-o xml",
                "--fields pid,nothing",
                "stray",
            })
    void mistakesAreUsageErrors(String options) {
        Run run = Jopensnoop.run((Object[]) options.split(" "));
        run.failed(2, "");
        List<String> lines = run.err().lines().toList();
        assertTrue(lines.getFirst().length() > "jopensnoop: ".length(), run::toString);
        // What the message does not say is in the hint.
        assertTrue(lines.size() == 1 || lines.get(1).startsWith("hint: "), run::toString);
        assertTrue(lines.size() <= 2, run::toString);
    }

    @Test
    void unknownOptionsAndNamesGetAHint() {
        for (String[] options : new String[][] {{"--nonsense"}, {"-f", "O_NONSENSE"}, {"--cgroup", "/no/such/group"}}) {
            Run run = Jopensnoop.run((Object[]) options);
            run.failed(2, "");
            assertTrue(run.err().contains("\nhint: "), run::toString);
        }
    }

    @Test
    void rowsAppearWhileTheToolRuns() throws IOException {
        Path file = Scratch.directory("live").resolve("f");
        try (Workload workload = Workload.start("open", file, "0", "0");
                Jopensnoop tool = Jopensnoop.setup("-p", workload.pid()).start().awaitAttached()) {
            assertEquals(0, workload.finish());
            Await.until(() -> tool.out().endsWith(file + "\n"), () -> "the row in " + tool.out());
            tool.stop().clean();
        }
    }

    @Test
    @Tag("matrix")
    void pidNamespaceHasItsOwnNumbers() throws IOException {
        assumeTrue(
                Program.exit(List.of("unshare", "--pid", "--fork", "--mount-proc", "true")) == 0,
                "unshare --pid does not work here");
        Path directory = Scratch.directory("namespace");
        Path gate = Scratch.fresh("gate");
        String one = quoted(Workload.command("gate", gate, "open", directory.resolve("one"), "0", "0"));
        String two = quoted(Workload.command("gate", gate, "open", directory.resolve("two"), "0", "0"));
        try (Workload outside = Workload.startGated(gate, "gate", gate, "open", directory.resolve("three"), "0", "0");
                Jopensnoop tool = Jopensnoop.setup("-o", "json", "-v", "-p", "2")
                        .under(
                                "unshare",
                                "--pid",
                                "--fork",
                                "--mount-proc",
                                "sh",
                                "-c",
                                one + " & " + two + " & exec \"$@\"",
                                "sh")
                        .start()
                        .awaitAttached()) {
            assertEquals(0, outside.finish());
            ProcessHandle java = tool.child();
            // The tool is the parent of the two workloads, and never waits for them: they stay as zombies.
            Await.until(
                    () -> java.children().allMatch(child -> Processes.state((int) child.pid()) == 'Z'),
                    () -> "end of the workloads");
            java.destroy();
            Run run = tool.await();
            assertEquals(0, run.exit(), run::toString);
            run.noDefect();
            assertEquals(List.of(directory + "/one"), run.field("path"));
            assertEquals(List.of("2"), run.field("pid"));
            assertEquals(List.of("2"), run.field("tid"));
            assertEquals(List.of("1"), run.field("ppid"));
        }
    }

    @Test
    @Tag("matrix")
    void commandInAPidNamespaceIsFollowed() throws IOException {
        assumeTrue(
                Program.exit(List.of("unshare", "--pid", "--fork", "--mount-proc", "true")) == 0,
                "unshare --pid does not work here");
        Path directory = Scratch.directory("namespace");
        Run run = Jopensnoop.setup("-o", "json")
                .under("unshare", "--pid", "--fork", "--mount-proc")
                .tracing(Workload.command("chdir", directory, "open", "a", "0", "0", "fork", "open", "b", "0", "0"))
                .run()
                .clean();
        assertEquals(List.of("a", "b"), run.field("path"));
        assertTrue(run.field("pid").stream().allMatch(pid -> Integer.parseInt(pid) < 1000), run::toString);
        assertEquals(List.of("1", run.field("pid").getFirst()), run.field("ppid"));
        assertFalse(run.field("pid").contains("1"), run::toString);
    }

    private static String quoted(List<String> words) {
        return "'" + String.join("' '", words) + "'";
    }
}
