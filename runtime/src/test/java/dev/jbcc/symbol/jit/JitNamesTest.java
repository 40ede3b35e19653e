// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.jit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.host.Processes;
import dev.jbcc.symbol.Frame;
import dev.jbcc.symbol.Symbolizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real JVMs and Node.js, which the test starts; jcmd of the same JDK says what is right. */
@Timeout(120)
class JitNamesTest {
    private static final String NO_FRAME_POINTERS =
            "Java frames need -XX:+PreserveFramePointer; start it with that flag"
                    + " (JAVA_TOOL_OPTIONS=-XX:+PreserveFramePointer)";
    private static final String NO_NAMES = "no names of Java methods: ";
    private static final Path OWN_JDK = Path.of(System.getProperty("java.home"));
    private static final Symbolizer.Identity ANYBODY = (pid, image) -> true;

    /** The machine may be busy. */
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(40);

    private static final int SIGSTOP = 19;
    private static final int SIGCONT = 18;

    /** Not below /tmp, where some of the processes have a file system of their own. */
    private static Path classes;

    private final List<Process> processes = new ArrayList<>();
    private Path output;

    @BeforeAll
    static void compile() throws IOException {
        classes = Files.createTempDirectory(Path.of("/var/tmp"), "jbcc-test-");
        Files.setPosixFilePermissions(classes, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path source = classes.resolve("Busy.java");
        Files.writeString(source, """
                public class Busy {
                    static volatile long sink;

                    static long spin(int n, String[] unused) {
                        long sum = 0;
                        for (int i = 0; i < n; i++) {
                            sum += i ^ sum;
                        }
                        return sum;
                    }

                    public static void main(String[] arguments) {
                        java.util.function.LongUnaryOperator lambda = x -> x + spin(100, null);
                        for (int i = 0; i < 30_000; i++) {
                            sink += lambda.applyAsLong(i);
                        }
                        System.out.println("ready");
                        while (true) {
                            sink += lambda.applyAsLong(sink);
                            java.util.concurrent.locks.LockSupport.parkNanos(100_000);
                        }
                    }
                }
                """);
        assertEquals(
                0,
                ToolProvider.findFirst("javac")
                        .orElseThrow()
                        .run(System.out, System.err, "--release", "17", source.toString()));
    }

    @AfterAll
    static void delete() throws IOException {
        try (Stream<Path> files = Files.list(classes)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(classes);
    }

    @AfterEach
    void end() throws Exception {
        for (Process process : processes) {
            List<ProcessHandle> children = process.descendants().toList();
            process.destroyForcibly();
            for (ProcessHandle child : children) {
                child.destroyForcibly();
                child.onExit().get(30, TimeUnit.SECONDS);
            }
            process.waitFor();
        }
        if (output != null) {
            Files.deleteIfExists(output);
        }
    }

    private static Path jdk17() {
        Path jdk = Path.of("/usr/lib/jvm/java-17-openjdk-amd64");
        assumeTrue(Files.isExecutable(jdk.resolve("bin/jcmd")), "there is no JDK 17 at " + jdk);
        return jdk;
    }

    private static List<String> busy(Path jdk, String... flags) {
        List<String> command = new ArrayList<>(List.of(jdk.resolve("bin/java").toString(), "-Xmx64m"));
        command.addAll(List.of(flags));
        command.addAll(List.of("-cp", classes.toString(), "Busy"));
        return command;
    }

    /** Starts a program and waits until it prints that it is ready. */
    private Process start(List<String> command) throws Exception {
        output = Files.createTempFile("jbcc-test", ".out");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.directory(output.getParent().toFile()); // Node.js writes a log there
        builder.environment().keySet().removeIf(name -> name.contains("JAVA") && name.contains("OPTIONS"));
        Process process = builder.start();
        processes.add(process);
        while (!Files.readString(output).contains("ready")) {
            assertTrue(process.isAlive(), () -> {
                try {
                    return command + ": " + Files.readString(output);
                } catch (IOException e) {
                    return command.toString();
                }
            });
            Thread.sleep(10);
        }
        return process;
    }

    private static List<String> in(String wrapper, List<String> command) {
        List<String> all = new ArrayList<>(List.of(wrapper.split(" ")));
        all.addAll(command);
        return all;
    }

    private static String tell(long pid, String what) {
        return "pid " + pid + " (java): " + what;
    }

    /** What jcmd has the JVM write, by address and without what is shortened. */
    private static Map<Long, String> oracle(Path jdk, long pid) throws Exception {
        Path written = Path.of("/tmp/perf-" + pid + ".map");
        Process jcmd = new ProcessBuilder(jdk.resolve("bin/jcmd").toString(), Long.toString(pid), "Compiler.perfmap")
                .redirectErrorStream(true)
                .start();
        String said = new String(jcmd.getInputStream().readAllBytes());
        assertEquals(0, jcmd.waitFor(), said);
        Map<Long, String> names = new HashMap<>();
        Pattern method = Pattern.compile("\\S+ (\\S+\\.\\S+)\\(.*\\)");
        for (String line : Files.readAllLines(written)) {
            String[] parts = line.split(" ", 3);
            Matcher matcher = method.matcher(parts[2]);
            String name = matcher.matches() ? matcher.group(1) : parts[2];
            name = name.replaceAll("/0x[0-9a-f]+(?=\\.)", "").replaceAll("\\$\\$Lambda\\$\\d+", "\\$\\$Lambda");
            names.put(Long.decode(parts[0]), name);
        }
        Files.delete(written);
        return names;
    }

    /** What was left of the questions to one process. */
    private static Set<String> files(long pid) throws IOException {
        String trigger = Attach.triggerName(Target.of((int) pid));
        Set<String> files = new HashSet<>();
        try (Stream<Path> all = Files.list(Path.of("/proc/" + pid + "/root/tmp"))) {
            for (Path file : all.toList()) {
                String name = file.getFileName().toString();
                if (name.equals(trigger) || name.startsWith(".jbcc") || name.equals("perf-" + pid + ".map")) {
                    files.add(name);
                }
            }
        }
        return files;
    }

    private static List<String> sightAndEnd(JitNames names, long pid) {
        names.started((int) pid, 1);
        names.at((int) pid, 1, 0); // so that it has begun before the end
        names.ending();
        return names.remarks();
    }

    private void namesMatch(Path jdk, String[] flags, boolean framePointers) throws Exception {
        long pid = start(busy(jdk, flags)).pid();
        try (JitNames names = new JitNames(true, ANYBODY, PATIENCE)) {
            Map<Long, String> before = oracle(jdk, pid);
            assertEquals(framePointers ? List.of() : List.of(tell(pid, NO_FRAME_POINTERS)), sightAndEnd(names, pid));
            Map<Long, String> after = oracle(jdk, pid);
            int compared = 0;
            Set<String> found = new HashSet<>();
            for (Map.Entry<Long, String> entry : before.entrySet()) {
                if (entry.getValue().equals(after.get(entry.getKey()))) {
                    Frame expected = new Frame(Frame.Kind.JAVA, entry.getValue(), null, 0, null);
                    assertEquals(expected, names.at((int) pid, 1, entry.getKey()));
                    found.add(entry.getValue());
                    compared++;
                }
            }
            assertTrue(compared > 200, compared + " of " + before.size());
            assertTrue(found.contains("Busy.spin") && found.contains("Busy$$Lambda.applyAsLong"), found::toString);
            assertTrue(found.contains("Interpreter"), found::toString);
            assertNull(names.at((int) pid, 1, 16));
            assertEquals(List.of(), names.remarks());
        }
        assertEquals(Set.of(), files(pid));
        assertFalse(Files.readString(output).contains("Full thread dump"));
    }

    @Test
    void namesOfOurOwnJdk() throws Exception {
        namesMatch(OWN_JDK, new String[] {"-XX:+PreserveFramePointer"}, true);
    }

    @Test
    void namesOfJdk17AndItsMissingFlag() throws Exception {
        namesMatch(jdk17(), new String[0], false);
    }

    @Test
    void youngJvmsAreAskedMoreOftenThanOldOnes() {
        long second = TimeUnit.SECONDS.toNanos(1);
        assertEquals(second, JitNames.pause(0, 0));
        assertEquals(6 * second, JitNames.pause(0, 3 * second));
        assertEquals(30 * second, JitNames.pause(2 * second, 0));
        assertEquals(30 * second, JitNames.pause(15 * second, 0));
        assertEquals(90 * second, JitNames.pause(15 * second, 30 * second));
        assertEquals(7200 * second, JitNames.pause(3600 * second, 0));
    }

    @Test
    void aMapOfTheUsersStays() throws Exception {
        long pid = start(busy(OWN_JDK, "-XX:+PreserveFramePointer")).pid();
        Path map = Path.of("/tmp/perf-" + pid + ".map");
        Files.writeString(map, "10 10 mine\n");
        try (JitNames names = new JitNames(true, ANYBODY, PATIENCE)) {
            assertEquals(List.of(), sightAndEnd(names, pid));
            assertEquals("10 10 mine\n", Files.readString(map));
        } finally {
            Files.delete(map);
        }
    }

    @Test
    void jdk17RewritesAMapThatWasThereButNeverALink() throws Exception {
        Path jdk = jdk17();
        long pid = start(busy(jdk, "-XX:+PreserveFramePointer")).pid();
        Path map = Path.of("/tmp/perf-" + pid + ".map");
        Path precious = classes.resolve("precious");
        Files.writeString(precious, "precious");
        try (JitNames names = new JitNames(true, ANYBODY, PATIENCE)) {
            Files.createSymbolicLink(map, precious);
            assertEquals(
                    List.of(tell(pid, NO_NAMES + "/tmp/perf-" + pid + ".map is not a plain file")),
                    sightAndEnd(names, pid));
            assertEquals("precious", Files.readString(precious));
            Files.delete(map);
            Files.writeString(map, "10 10 mine\n");
            names.ending();
            assertTrue(Files.readString(map).contains("Interpreter"));
        } finally {
            Files.delete(map);
            Files.delete(precious);
        }
    }

    @Test
    void aStoppedJvmIsLeftAlone() throws Exception {
        long pid = start(busy(OWN_JDK)).pid();
        Libc.kill((int) pid, SIGSTOP);
        while (Processes.state((int) pid) != 'T') {
            Thread.sleep(1);
        }
        try (JitNames names = new JitNames(true, ANYBODY, PATIENCE)) {
            assertEquals(
                    List.of(tell(pid, NO_NAMES + "it is stopped"), tell(pid, NO_FRAME_POINTERS)),
                    sightAndEnd(names, pid));
            assertEquals(Set.of(), files(pid));
            Libc.kill((int) pid, SIGCONT);
            names.ending(); // and when it goes on, it is asked
            assertEquals(Set.of(), files(pid));
            assertTrue(oracle(OWN_JDK, pid).entrySet().stream()
                    .anyMatch(e -> e.getValue().equals("Busy.spin") && names.at((int) pid, 1, e.getKey()) != null));
        }
        assertFalse(Files.readString(output).contains("Full thread dump"));
    }

    @Test
    void saysThatAttachIsDisabled() throws Exception {
        long pid = start(busy(OWN_JDK, "-XX:+PreserveFramePointer", "-XX:+DisableAttachMechanism"))
                .pid();
        try (JitNames names = new JitNames(true, ANYBODY, PATIENCE)) {
            assertEquals(
                    List.of(tell(pid, NO_NAMES + "attach is disabled (-XX:+DisableAttachMechanism)")),
                    sightAndEnd(names, pid));
        }
        assertFalse(Files.readString(output).contains("Full thread dump"));
    }

    @Test
    void aJvmWithoutAHandlerListensFromItsStart() throws Exception {
        Process process = start(busy(OWN_JDK, "-XX:+PreserveFramePointer", "-Xrs"));
        assertFalse(Target.of((int) process.pid()).catches(3));
        namesAreThere(process.pid());
        assertTrue(process.isAlive());
    }

    @Test
    void neverSignalsWhatOnlyLooksLikeAJvm() throws Exception {
        Path fake = classes.resolve("libjvm.so");
        Files.copy(Path.of("/bin/sleep"), fake, StandardCopyOption.REPLACE_EXISTING);
        Process process = new ProcessBuilder(fake.toString(), "1000").start();
        processes.add(process);
        while (!"libjvm.so\n".equals(Files.readString(Path.of("/proc/" + process.pid() + "/comm")))) {
            Thread.sleep(1);
        }
        try (JitNames names = new JitNames(true, ANYBODY, PATIENCE)) {
            List<String> remarks = sightAndEnd(names, process.pid());
            assertEquals(
                    "pid " + process.pid() + " (libjvm.so): " + NO_NAMES + "it does not take SIGQUIT", remarks.get(0));
        }
        assertTrue(process.isAlive());
    }

    @Test
    void withoutJavaNobodyIsAsked() throws Exception {
        long pid = start(busy(OWN_JDK)).pid();
        Files.deleteIfExists(Path.of("/tmp/.java_pid" + pid)); // of a JVM that was killed
        try (JitNames names = new JitNames(false, ANYBODY, PATIENCE)) {
            assertEquals(List.of(tell(pid, NO_FRAME_POINTERS)), sightAndEnd(names, pid));
        }
        assertFalse(Files.exists(Path.of("/tmp/.java_pid" + pid)));
        assertEquals(Set.of(), files(pid));
    }

    @Test
    void asksAcrossPidAndMountNamespaces() throws Exception {
        assumeTrue(Target.of(Libc.processId()).uid() == 0, "only root can make namespaces");
        String java = String.join(" ", busy(OWN_JDK, "-XX:+PreserveFramePointer"));
        Process unshare = start(in(
                "unshare --mount --pid --fork --mount-proc",
                List.of("sh", "-c", "mount -t tmpfs none /tmp && exec " + java)));
        long pid = unshare.children().findFirst().orElseThrow().pid();
        namesAreThere(pid);
        assertEquals(1, Target.of((int) pid).ownPid());
    }

    @Test
    void asksTheJvmsOfOtherUsers() throws Exception {
        assumeTrue(Target.of(Libc.processId()).uid() == 0, "only root can become another user");
        Process process = start(
                in("setpriv --reuid 65534 --regid 65534 --clear-groups", busy(jdk17(), "-XX:+PreserveFramePointer")));
        namesAreThere(process.pid());
    }

    @Test
    void asksAcrossUserNamespaces() throws Exception {
        assumeTrue(Target.of(Libc.processId()).uid() == 0, "only root can become another user");
        String wrapper =
                "setpriv --reuid 65534 --regid 65534 --clear-groups unshare --user --map-user=1000 --map-group=1000";
        assumeTrue(
                new ProcessBuilder(in(wrapper, List.of("true"))).start().waitFor() == 0,
                "users may make no user namespaces here");
        Process process = start(in(wrapper, busy(OWN_JDK, "-XX:+PreserveFramePointer")));
        assertFalse(Target.of((int) process.pid()).sharesUsers());
        namesAreThere(process.pid());
    }

    /** For JVMs that jcmd does not reach, or not by the same name: addresses are tried over the whole code cache. */
    private static void namesAreThere(long pid) throws Exception {
        Set<String> found = new HashSet<>();
        try (JitNames names = new JitNames(true, ANYBODY, PATIENCE)) {
            assertEquals(List.of(), sightAndEnd(names, pid));
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/maps"))) {
                String[] range = line.split("[ -]");
                if (range[2].startsWith("rwx")) {
                    for (long at = Long.parseLong(range[0], 16); at < Long.parseLong(range[1], 16); at += 64) {
                        Frame frame = names.at((int) pid, 1, at);
                        if (frame != null) {
                            found.add(frame.name());
                        }
                    }
                }
            }
        }
        assertTrue(found.contains("Busy.spin") && found.contains("Interpreter"), found::toString);
        assertEquals(Set.of(), files(pid));
    }

    @Test
    void readsWhatNodeWrites() throws Exception {
        Path script = classes.resolve("busy.js");
        Files.writeString(script, """
                function spin(n) { let s = 0; for (let i = 0; i < n; i++) { s += i ^ s; } return s; }
                for (let i = 0; i < 30000; i++) { spin(100); }
                console.log('ready');
                setInterval(() => spin(1000), 1);
                """);
        boolean node;
        try {
            node = new ProcessBuilder("node", "--version").start().waitFor() == 0;
        } catch (IOException e) {
            node = false;
        }
        assumeTrue(node, "there is no node");
        Process process = start(List.of("node", "--perf-basic-prof", script.toString()));
        Path map = Path.of("/tmp/perf-" + process.pid() + ".map");
        Pattern optimized = Pattern.compile("([0-9a-f]+) [0-9a-f]+ (\\S+:\\*spin .*busy\\.js:1:14)");
        try (JitNames names = new JitNames(true, ANYBODY, PATIENCE)) {
            names.started((int) process.pid(), 1);
            long address = 0;
            String name = null;
            while (name == null) {
                for (String line : Files.readAllLines(map)) {
                    Matcher matcher = optimized.matcher(line);
                    if (matcher.matches()) {
                        address = Long.parseLong(matcher.group(1), 16);
                        name = matcher.group(2);
                    }
                }
            }
            names.ending();
            process.destroyForcibly().waitFor(); // the file is read all the same
            Frame frame = names.at((int) process.pid(), 1, address + 1);
            assertNotNull(frame, name);
            assertEquals(new Frame(Frame.Kind.JIT, name, null, 1, null), frame);
            assertEquals(List.of(), names.remarks());
        } finally {
            Files.delete(map);
        }
    }

    @Test
    void saysWhyAMapIsNotUsed() throws Exception {
        Process process = new ProcessBuilder("sleep", "1000").start();
        processes.add(process);
        Path map = Path.of("/tmp/perf-" + process.pid() + ".map");
        Files.createSymbolicLink(map, Path.of("/etc/passwd"));
        try (JitNames names = new JitNames(true, ANYBODY, PATIENCE)) {
            names.started((int) process.pid(), 1);
            assertNull(names.at((int) process.pid(), 1, 0x1000));
            assertEquals(
                    List.of("pid " + process.pid() + " (sleep): no names of generated code: " + map
                            + " is not a plain file"),
                    names.remarks());
            assertEquals(List.of(), names.remarks());
        } finally {
            Files.delete(map);
        }
    }

    /** A process runs one program after the other, and each writes to the same file. */
    @Test
    void namesAreNotThoseOfALaterProgram() throws Exception {
        Process process = new ProcessBuilder("sleep", "1000").start();
        processes.add(process);
        int pid = (int) process.pid();
        Path map = Files.writeString(Path.of("/tmp/perf-" + pid + ".map"), "1000 100 later\n");
        try (JitNames names = new JitNames(true, (of, image) -> image != 1, PATIENCE)) {
            names.started(pid, 1);
            assertNull(names.at(pid, 1, 0x1000));
            names.started(pid, 2);
            assertEquals("later", names.at(pid, 2, 0x1000).name());
            names.started(pid, 3);
            names.ending();
            assertNull(names.at(pid, 1, 0x1000));
            assertEquals("later", names.at(pid, 2, 0x1000).name(), "it was read in time");
            names.started(pid, 4);
            names.started(pid, 5);
            assertNull(names.at(pid, 5, 0x2000)); // waits until it was looked at
            process.destroyForcibly().waitFor();
            assertNull(names.at(pid, 4, 0x1000));
            assertEquals("later", names.at(pid, 5, 0x1000).name());
        } finally {
            Files.delete(map);
        }
    }

    @Test
    void processesThatAreGoneHaveNoNames() throws Exception {
        Process process = new ProcessBuilder("true").start();
        process.waitFor();
        try (JitNames names = new JitNames(true, ANYBODY, PATIENCE)) {
            names.started((int) process.pid(), 1);
            names.started(0, 1);
            names.started(Libc.processId(), 1);
            names.ending();
            assertNull(names.at((int) process.pid(), 1, 0x1000));
            assertNull(names.at(0, 1, 0x1000));
            assertNull(names.at(Libc.processId(), 1, 0x1000));
            assertEquals(List.of(), names.remarks());
        }
    }
}
