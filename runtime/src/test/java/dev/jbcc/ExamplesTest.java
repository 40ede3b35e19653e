// SPDX-License-Identifier: Apache-2.0
package dev.jbcc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.clang.Clang;
import dev.jbcc.host.Kernel;
import dev.jbcc.host.Privileges;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each program of {@code runtime/examples}, started from its source as the README says. */
@Tag("kernel")
@Timeout(180)
class ExamplesTest {
    private static final long LIMIT_NANOS = 120_000_000_000L;
    private static final Path EXAMPLES = Path.of(System.getProperty("jbcc.home"), "runtime/examples");
    private static final String MOUNT =
            "[ -d /sys/kernel/tracing/events ] || mount -t tracefs tracefs /sys/kernel/tracing";

    @TempDir
    static Path cache;

    @TempDir
    Path temp;

    /** What a test does again and again until it shows. */
    private interface Event {
        void happen() throws IOException, InterruptedException;
    }

    @BeforeAll
    static void canRun() {
        Assumptions.assumeTrue(Privileges.own().root(), "BPF needs root");
        Assumptions.assumeTrue(Kernel.hasBtf(), "this kernel has no BTF");
        try {
            Clang.find();
        } catch (JbccException.Failed none) {
            Assumptions.abort(none.getMessage());
        }
    }

    private static String place(Class<?> of) {
        try {
            return Path.of(of.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** The command line; in mount and network namespaces of its own, where tracefs is mounted. */
    private static List<String> java(String example, String... arguments) {
        List<String> command = new ArrayList<>(
                List.of("unshare", "-m", "--propagation", "private", "sh", "-c", MOUNT + "; exec \"$@\"", "sh"));
        command.add(System.getProperty("java.home") + "/bin/java");
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"));
        command.add("-cp");
        command.add(place(BpfSource.class));
        command.add(EXAMPLES.resolve(example + ".java").toString());
        command.addAll(Arrays.asList(arguments));
        return command;
    }

    private Process start(List<String> command, File out) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("JBCC_CACHE_DIR", cache.toString());
        return builder.redirectErrorStream(true)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(out)
                .start();
    }

    private static String read(File file) throws IOException {
        return Files.readString(file.toPath(), StandardCharsets.UTF_8);
    }

    /** Runs an example until a line shows what is looked for. */
    private void shows(String example, String wanted, Event event, String... arguments)
            throws IOException, InterruptedException {
        File out = temp.resolve(example).toFile();
        Process process = start(java(example, arguments), out);
        try {
            long end = System.nanoTime() + LIMIT_NANOS;
            while (!read(out).contains(wanted)) {
                if (!process.isAlive() || System.nanoTime() > end) {
                    skipIfRefused(read(out));
                    throw new AssertionError(example + " did not print '" + wanted + "': " + read(out));
                }
                event.happen();
                Thread.sleep(50);
            }
        } finally {
            process.destroy();
            process.waitFor();
        }
    }

    /** A kernel that refuses BPF to this process altogether. */
    private static void skipIfRefused(String output) {
        Assumptions.assumeFalse(output.contains("JbccException$NotPermitted"), output);
    }

    /** Runs an example to its end, while something happens that it can see. */
    private String output(List<String> command, Event event) throws IOException, InterruptedException {
        File out = temp.resolve("out").toFile();
        Process process = start(command, out);
        try {
            while (process.isAlive()) {
                event.happen();
                Thread.sleep(50);
            }
            int exit = process.waitFor();
            skipIfRefused(read(out));
            assertEquals(0, exit, read(out));
            return read(out);
        } finally {
            process.destroy();
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    @Test
    void hello() throws Exception {
        shows("Hello", "Hello, World!", () -> run("/bin/true"));
    }

    @Test
    void traceOpen() throws Exception {
        Path file = Files.writeString(temp.resolve("opened"), "x");
        shows("TraceOpen", file.toString(), () -> run("cat", file.toString()));
    }

    @Test
    void readSizes() throws Exception {
        String out = output(java("ReadSizes", "1"), () -> run("cat", "/proc/self/status"));
        assertTrue(out.contains("     bytes               : count     distribution"), out);
    }

    @Test
    void cpuCounts() throws Exception {
        String out = output(java("CpuCounts", "1"), () -> run("sh", "-c", "for i in $(seq 20000); do :; done"));
        assertTrue(out.startsWith("SAMPLES  PID      COMM\n") && out.lines().count() > 1, out);
    }

    @Test
    void stacks() throws Exception {
        String out = output(java("Stacks", "1"), () -> run("cat", "/proc/self/status"));
        assertTrue(out.lines().anyMatch(line -> line.matches("\\d+ times by process \\d+")), out);
        assertTrue(out.lines().anyMatch(line -> line.matches("    (do_syscall_64|el0_svc.*|invoke_syscall.*)")), out);
    }

    @Test
    void getAddrInfo() throws Exception {
        shows("GetAddrInfo", "jbcc-example.invalid", () -> run("getent", "ahosts", "jbcc-example.invalid"));
    }

    @Test
    void javaThreads() throws Exception {
        shows("JavaThreads", "an example's", () -> {
            Thread thread = new Thread(() -> {}, "an example's");
            thread.start();
            thread.join();
        });
    }

    @Test
    void tasks() throws Exception {
        String out = output(java("Tasks"), () -> {});
        assertTrue(out.lines().anyMatch(line -> line.matches("\\d+ +java")), out);
    }

    @Test
    void execs() throws Exception {
        shows("Execs", "/bin/echo one two\n", () -> run("/bin/echo", "one", "two"));
    }

    @Test
    void theOneOfTheReadme() throws Exception {
        String readme = Files.readString(Path.of(System.getProperty("jbcc.home"), "README.md"));
        String start = "`Execs.java`:\n\n```java\n";
        int at = readme.indexOf(start) + start.length();
        Path program = Files.createDirectory(temp.resolve("readme")).resolve("Execs");
        Files.writeString(Path.of(program + ".java"), readme.substring(at, readme.indexOf("\n```\n", at)));
        shows(program.toString(), " true\n", () -> run("/bin/true"));
    }

    @Test
    void ipv4Only() throws Exception {
        Assumptions.assumeTrue(Files.exists(Path.of("/proc/net/if_inet6")), "this kernel has no IPv6");
        List<String> command = new ArrayList<>(List.of("unshare", "-n", "bash", "-c", """
                ip link add one type veth peer name two && ip link set two up && ip link set one up || exit 7
                ip -6 address add fd00::1/64 dev one nodad
                (for i in 1 2 3 4 5 6 7 8 9 10; do sleep 1; echo x >/dev/udp/fd00::2/9; done) 2>/dev/null &
                exec "$@"
                """, "sh"));
        command.addAll(java("Ipv4Only", "two", "8"));
        File out = temp.resolve("out").toFile();
        Process process = start(command, out);
        int exit = process.waitFor();
        skipIfRefused(read(out));
        Assumptions.assumeFalse(exit == 7, "no network namespace with a veth pair: " + read(out));
        assertEquals(0, exit, read(out));
        assertTrue(read(out).startsWith("attached\n0x86dd: "), read(out));
    }

    @Test
    void renames() throws Exception {
        Path from = temp.resolve("from");
        shows("Renames", from + " -> " + from + ".new\n", () -> {
            Files.writeString(from, "x");
            run("mv", from.toString(), from + ".new");
        });
    }

    @Test
    void allAreTested() throws IOException {
        Set<String> tested = new TreeSet<>();
        Arrays.stream(ExamplesTest.class.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(Test.class))
                .map(method -> method.getName().toLowerCase(java.util.Locale.ROOT))
                .forEach(tested::add);
        try (DirectoryStream<Path> examples = Files.newDirectoryStream(EXAMPLES, "*.java")) {
            for (Path example : examples) {
                String name = example.getFileName().toString().replace(".java", "");
                assertTrue(tested.contains(name.toLowerCase(java.util.Locale.ROOT)), name);
            }
        }
    }
}
