// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbcc.JbccException;
import dev.jbcc.host.Privileges;
import dev.jbcc.host.Processes;
import dev.jbcc.host.Users;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs real commands. They write to files, as the standard output of this JVM belongs to Maven. */
@Timeout(30)
class TracedCommandTest {
    @TempDir
    Path directory;

    private static void kill(int pid, int signal) {
        try {
            new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " " + pid)
                    .start()
                    .waitFor();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** As the user that a test names, and as nobody else when the tests themselves run under sudo. */
    private static TracedCommand start(Map<String, String> env, String... argv) {
        return TracedCommand.start(List.of(argv), !env.containsKey("SUDO_UID"), env, TracedCommandTest::kill);
    }

    private static int finish(TracedCommand command) throws InterruptedException {
        command.resume();
        while (!command.ended()) {
            Thread.sleep(1);
        }
        return command.exitStatus();
    }

    private static int run(String... argv) throws InterruptedException {
        try (TracedCommand command = start(Map.of(), argv)) {
            return finish(command);
        }
    }

    private Path script(String name, String text) throws IOException {
        Path file = Files.writeString(directory.resolve(name), text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file;
    }

    @Test
    void givesTheExitStatusOfTheCommand() throws Exception {
        assertEquals(0, run("true"));
        assertEquals(3, run("sh", "-c", "exit 3"));
    }

    @Test
    void givesTheSignalThatEndedTheCommand() throws Exception {
        assertEquals(128 + 9, run("sh", "-c", "kill -9 $$"));
        assertEquals(128 + 15, run("sh", "-c", "kill -15 $$"));
    }

    @Test
    void standsStillUntilResumedAndKeepsItsPid() throws Exception {
        Path out = directory.resolve("pid");
        try (TracedCommand command = start(Map.of("OUT", out.toString()), "sh", "-c", "echo $$ > \"$OUT\"")) {
            Thread.sleep(50);
            assertFalse(Files.exists(out));
            assertFalse(command.ended());
            assertEquals('T', Processes.state(command.pid()));
            assertThrows(IllegalStateException.class, command::exitStatus);
            assertEquals(0, finish(command));
            assertEquals(command.pid() + "\n", Files.readString(out));
        }
    }

    @Test
    void handsOnArgumentsUnchanged() throws Exception {
        List<String> arguments = new ArrayList<>(
                List.of("", " ", "two words", "'", "\"", "\\", "a\nb\n", "-c", "--", "-", "$HOME", "`id`", "*", "!"));
        if (System.getProperty("sun.jnu.encoding").equals("UTF-8")) {
            arguments.add("\u00e4\u20ac\ud83d\ude00");
        }
        Path out = directory.resolve("args");
        List<String> argv = new ArrayList<>();
        argv.add(script("dump", "#!/bin/sh\nprintf '%s\\0' \"$@\" > \"$OUT\"\n").toString());
        argv.addAll(arguments);
        try (TracedCommand command =
                TracedCommand.start(argv, true, Map.of("OUT", out.toString()), TracedCommandTest::kill)) {
            assertEquals(0, finish(command));
        }
        assertArrayEquals(
                (String.join("\0", arguments) + "\0").getBytes(StandardCharsets.UTF_8), Files.readAllBytes(out));
    }

    @Test
    void refusesWhatTheLocaleLost() {
        JbccException.Usage e = assertThrows(JbccException.Usage.class, () -> start(Map.of(), "true", "a", "b\uFFFD"));
        assertTrue(e.getMessage().startsWith("argument 2 of the command cannot"), e.getMessage());
        assertTrue(e.hint().orElseThrow().contains("LC_ALL"));
    }

    @Test
    void keepsTheNameAsTyped() throws Exception {
        Path out = directory.resolve("cmdline");
        Map<String, String> env = Map.of("OUT", out.toString());
        try (TracedCommand command = start(env, "sh", "-c", "tr '\\0' ' ' < /proc/$$/cmdline > $OUT; :")) {
            assertEquals(0, finish(command));
        }
        assertTrue(Files.readString(out).startsWith("sh -c "), Files.readString(out));
    }

    @Test
    void runsACommandWhoseNameBeginsWithADash() throws Exception {
        Path out = directory.resolve("dash");
        script("-l", "#!/bin/sh\necho \"$1\" > \"$OUT\"\n");
        String path = directory + ":" + System.getenv("PATH");
        try (TracedCommand command = start(Map.of("PATH", path, "OUT", out.toString()), "-l", "-x")) {
            assertEquals(0, finish(command));
        }
        assertEquals("-x\n", Files.readString(out));
    }

    @Test
    void handsOnTheEnvironment() throws Exception {
        Path out = directory.resolve("env");
        Map<String, String> env = Map.of("OUT", out.toString(), "A_B", " x='1'\n2", "EMPTY", "");
        try (TracedCommand command = start(env, "sh", "-c", "cat /proc/$$/environ > \"$OUT\"")) {
            assertEquals(0, finish(command));
        }
        List<String> variables = List.of(Files.readString(out).split("\0"));
        assertTrue(variables.contains("A_B= x='1'\n2"), variables.toString());
        assertTrue(variables.contains("EMPTY="), variables.toString());
        assertTrue(variables.contains("PATH=" + System.getenv("PATH")), variables.toString());
    }

    @Test
    void handsOnJavaOptionsThatTheLauncherHasHidden() throws Exception {
        Path out = directory.resolve("options");
        Map<String, String> env =
                Map.of("OUT", out.toString(), "JBCC_COMMAND_JAVA_TOOL_OPTIONS", "-XX:+PreserveFramePointer -Da=$b");
        try (TracedCommand command = start(env, "sh", "-c", "env > \"$OUT\"")) {
            assertEquals(0, finish(command));
        }
        List<String> variables = Files.readAllLines(out);
        assertTrue(variables.contains("JAVA_TOOL_OPTIONS=-XX:+PreserveFramePointer -Da=$b"), variables.toString());
        assertFalse(variables.toString().contains("JBCC_COMMAND_"), variables.toString());
    }

    @Test
    void handsOnVariablesThatAShellCannotHave() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "no bash, and other shells drop such variables");
        Path out = directory.resolve("env");
        Map<String, String> env =
                Map.of("OUT", out.toString(), "server.port", "8080", "BASH_FUNC_kill%%", "() { echo taken; }");
        try (TracedCommand command = start(env, "dd", "if=/proc/self/environ", "of=" + out, "status=none")) {
            assertEquals(0, finish(command));
        }
        List<String> variables = List.of(Files.readString(out).split("\0"));
        assertTrue(variables.contains("server.port=8080"), variables.toString());
        assertTrue(variables.contains("BASH_FUNC_kill%%=() { echo taken; }"), variables.toString());
    }

    @Test
    void refusesWhatCannotBeRunBeforeAnythingIsStarted() throws Exception {
        script("data", "x");
        Files.setPosixFilePermissions(directory.resolve("data"), PosixFilePermissions.fromString("rw-r--r--"));
        String data = directory.resolve("data").toString();
        assertEquals("command not found: 'no-such-command'", usage("no-such-command"));
        assertEquals("command not found: '/no/such'", usage("/no/such"));
        assertEquals("command not found: ''", usage(""));
        assertEquals("cannot run '" + data + "': it is not executable", usage(data));
        assertEquals("cannot run '" + directory + "': it is a directory", usage(directory.toString()));
        assertEquals("there is no command after --", usage());
        assertTrue(usage("a\0b").startsWith("cannot run 'a\0b': "));
    }

    private static String usage(String... argv) {
        return assertThrows(JbccException.Usage.class, () -> start(Map.of(), argv))
                .getMessage();
    }

    @Test
    void skipsWhatIsNotExecutableOnThePath() throws Exception {
        Path first = Files.createDirectories(directory.resolve("first"));
        Files.writeString(first.resolve("true"), "exit 7");
        Files.createDirectories(first.resolve("false"));
        Map<String, String> env = Map.of("PATH", first + ":" + System.getenv("PATH"));
        try (TracedCommand command = start(env, "true")) {
            assertEquals(0, finish(command));
        }
        try (TracedCommand command = start(env, "false")) {
            assertEquals(1, finish(command));
        }
    }

    @Test
    void killsACommandThatWasNeverResumed() throws Exception {
        Path out = directory.resolve("ran");
        TracedCommand command = start(Map.of(), "touch", out.toString());
        command.close();
        assertTrue(command.ended());
        assertEquals(128 + 9, command.exitStatus());
        assertFalse(Processes.exists(command.pid()));
        command.close();
        assertFalse(Files.exists(out));
    }

    @Test
    void killsACommandThatCannotBeResumed() {
        TracedCommand command = TracedCommand.start(List.of("true"), true, Map.of(), (pid, signal) -> {
            throw new JbccException.Failed("no signals today");
        });
        try (command) {
            assertThrows(JbccException.Failed.class, command::resume);
        }
        assertTrue(command.ended());
    }

    @Test
    void leavesAResumedCommandRunning() throws Exception {
        TracedCommand command = start(Map.of(), "sleep", "60");
        command.resume();
        command.resume();
        command.close();
        assertFalse(command.ended());
        kill(command.pid(), 9);
        while (!command.ended()) {
            Thread.sleep(1);
        }
        assertEquals(128 + 9, command.exitStatus());
    }

    @Test
    void takesACommandKilledWhileItStoodForEnded() throws Exception {
        try (TracedCommand command = start(Map.of(), "true")) {
            kill(command.pid(), 9);
            assertEquals(128 + 9, finish(command));
        }
    }

    @Test
    void runsAsTheUserWhoCalledSudo() throws Exception {
        assumeTrue(Privileges.own().root(), "only root can become another user");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path out = directory.resolve("who");
        Map<String, String> env = Map.of("SUDO_UID", "65534", "SUDO_GID", "65534", "OUT", out.toString());
        String[] who = {"sh", "-c", "echo $$ $(id -u) $(id -g) $(id -G) $USER $LOGNAME $HOME > $OUT"};
        try (TracedCommand command = start(env, who)) {
            assertEquals('T', Processes.state(command.pid()));
            assertEquals(0, finish(command));
            Users.Account nobody = Users.account(65534).orElseThrow();
            assertEquals(
                    command.pid() + " 65534 65534 65534 " + nobody.name() + " " + nobody.name() + " " + nobody.home()
                            + "\n",
                    Files.readString(out));
        }
        Files.delete(out);
        try (TracedCommand command = TracedCommand.start(List.of(who), true, env, TracedCommandTest::kill)) {
            assertEquals(0, finish(command));
            assertTrue(Files.readString(out).startsWith(command.pid() + " 0 0 "), Files.readString(out));
        }
    }

    @Test
    void runsAsAUserWithoutAnAccount() throws Exception {
        assumeTrue(Privileges.own().root(), "only root can become another user");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path out = directory.resolve("who");
        Map<String, String> env = Map.of("SUDO_UID", "3999999999", "SUDO_GID", "7", "OUT", out.toString());
        try (TracedCommand command = start(env, "sh", "-c", "echo $(id -u) $(id -G) $USER $HOME > $OUT")) {
            assertEquals(0, finish(command));
        }
        assertEquals("3999999999 7 3999999999 /\n", Files.readString(out));
    }

    @Test
    void saysThatSetprivIsMissingOrUnfit() throws Exception {
        assumeTrue(Privileges.own().root(), "only root can become another user");
        Map<String, String> env = Map.of("SUDO_UID", "65534", "SUDO_GID", "65534");
        JbccException.NotSupported none = assertThrows(
                JbccException.NotSupported.class,
                () -> TracedCommand.start(List.of("true"), false, env, TracedCommandTest::kill, directory.toString()));
        assertEquals(
                "cannot run the command as user " + Users.name(65534) + ": setpriv is not installed",
                none.getMessage());
        assertTrue(none.hint().orElseThrow().contains("--as-root"));

        script("setpriv", "#!/bin/sh\nexit 5\n");
        JbccException.Failed unfit = assertThrows(
                JbccException.Failed.class,
                () -> TracedCommand.start(List.of("true"), false, env, TracedCommandTest::kill, directory.toString()));
        assertTrue(unfit.getMessage().endsWith("ended with status 5"), unfit.getMessage());
    }

    @Test
    void refusesABrokenSudoEnvironment() {
        assumeTrue(Privileges.own().root(), "only root looks at SUDO_UID");
        for (String uid : List.of("", "root", "-1", "0x10", "4294967295", "99999999999")) {
            assertThrows(JbccException.Usage.class, () -> start(Map.of("SUDO_UID", uid, "SUDO_GID", "1"), "true"), uid);
        }
        assertThrows(JbccException.Usage.class, () -> start(Map.of("SUDO_UID", "1", "SUDO_GID", ""), "true"));
    }

    @Test
    void handsOnStandardInputAndOutput() throws Exception {
        Process tool = tool("resume", "cat");
        try (var in = tool.getOutputStream()) {
            in.write("one\ntwo".getBytes(StandardCharsets.US_ASCII));
        }
        assertEquals("one\ntwo", new String(tool.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
        assertEquals(0, tool.waitFor());
    }

    @Test
    void leavesNoStoppedProcessWhenTheJvmExits() throws Exception {
        Process tool = tool("exit", "sleep", "60");
        int pid = Integer.parseInt(new String(tool.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip());
        assertEquals(1, tool.waitFor());
        // Orphaned, it is waited for by init, at init's leisure.
        for (int i = 0; i < 1000 && Processes.exists(pid) && Processes.state(pid) != 'Z'; i++) {
            Thread.sleep(1);
        }
        assertTrue(!Processes.exists(pid) || Processes.state(pid) == 'Z', "state " + Processes.state(pid));
    }

    private static Process tool(String... arguments) throws IOException {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Tool.class.getName()));
        line.addAll(List.of(arguments));
        return new ProcessBuilder(line)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** A tool in a JVM of its own, whose standard streams are the test's. */
    static final class Tool {
        private Tool() {}

        public static void main(String[] arguments) throws InterruptedException {
            List<String> argv = List.of(arguments).subList(1, arguments.length);
            TracedCommand command = TracedCommand.start(argv, true, Map.of(), TracedCommandTest::kill);
            if (arguments[0].equals("exit")) {
                System.out.println(command.pid());
                System.exit(1);
            }
            System.exit(finish(command));
        }
    }
}
