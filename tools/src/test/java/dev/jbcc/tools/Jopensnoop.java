// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import dev.jbcc.tool.Main;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The real tool, jopensnoop unless another is named, in a JVM of its own, as the launcher starts it; killed by {@link #close} if it still runs. */
final class Jopensnoop implements AutoCloseable {
    /** The checkout. */
    static final Path HOME = Path.of(System.getProperty("jbcc.home"));

    /** An installed {@code jbcc} to be tested instead of the classes of the checkout; null: none. It starts faster. */
    private static final String LAUNCHER = System.getProperty("jbcc.test.launcher");

    /** What {@code --buffer} is where a test does not say it; null: the tool chooses. See {@link EachBuffer}. */
    static String buffer = System.getProperty("jbcc.test.buffer");

    private final Process process;
    private final Path out;
    private final Path err;

    private Jopensnoop(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** How to start it. */
    static final class Setup {
        private final Map<String, String> environment = new HashMap<>(System.getenv());
        private final List<String> arguments = new ArrayList<>();
        private final String tool;
        private List<String> before = List.of();
        private boolean choosesBuffer;
        private List<Path> classPath;
        private Path home = HOME;
        private Path stdout = Scratch.fresh("out");

        private Setup(String tool) {
            this.tool = tool;
            environment.keySet().removeIf(name -> name.startsWith("SUDO_") || name.startsWith("JBCC_"));
            environment.put("JBCC_CACHE_DIR", Scratch.cache().toString());
        }

        /** Adds arguments of the tool. */
        Setup with(Object... more) {
            for (Object argument : more) {
                arguments.add(argument.toString());
            }
            return this;
        }

        /** Adds the command to run and trace. */
        Setup tracing(List<String> command) {
            arguments.add("--");
            arguments.addAll(command);
            return this;
        }

        /** Puts a command before the JVM. */
        Setup under(String... command) {
            before = List.of(command);
            return this;
        }

        /** Lets the tool choose the kind of buffer, whatever the run of the tests is about. */
        Setup chosenBuffer() {
            choosesBuffer = true;
            return this;
        }

        Setup env(String name, Object value) {
            environment.put(name, value.toString());
            return this;
        }

        Setup classPath(List<Path> other) {
            classPath = other;
            return this;
        }

        Setup home(Path other) {
            home = other;
            return this;
        }

        Setup stdout(Path file) {
            stdout = file;
            return this;
        }

        /** The whole command line. */
        List<String> command() {
            List<String> command = new ArrayList<>(before);
            if (LAUNCHER != null && classPath == null && home.equals(HOME)) {
                command.add(LAUNCHER);
            } else {
                List<Path> classes = classPath == null ? Jopensnoop.classPath() : classPath;
                command.add(System.getProperty("java.home") + "/bin/java");
                command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx48m"));
                command.add("--enable-native-access=ALL-UNNAMED");
                command.add("-Djbcc.home=" + home);
                command.add("-cp");
                command.add(String.join(
                        File.pathSeparator, classes.stream().map(Path::toString).toList()));
                command.add(Main.class.getName());
            }
            command.add(tool);
            if (buffer != null && !choosesBuffer && !tool.equals("profile") && !arguments.contains("--buffer")) {
                command.addAll(List.of("--buffer", buffer));
            }
            command.addAll(arguments);
            return command;
        }

        Jopensnoop start() {
            Path err = Scratch.fresh("err");
            ProcessBuilder builder = new ProcessBuilder(command());
            builder.environment().clear();
            builder.environment().putAll(environment);
            builder.redirectInput(new File("/dev/null"));
            builder.redirectOutput(stdout.toFile());
            builder.redirectError(err.toFile());
            try {
                return new Jopensnoop(builder.start(), stdout, err);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        Run run() {
            try (Jopensnoop tool = start()) {
                return tool.await();
            }
        }
    }

    static Setup setup(Object... arguments) {
        return new Setup("opensnoop").with(arguments);
    }

    /** Another tool, by the name of its C source. */
    static Setup tool(String stem, Object... arguments) {
        return new Setup(stem).with(arguments);
    }

    static Run run(Object... arguments) {
        return setup(arguments).run();
    }

    /** Runs the tool with JSON output and further options on a workload. */
    static Run json(Collection<?> options, Object... operations) {
        return setup("-o", "json")
                .with(options.toArray())
                .tracing(Workload.command(operations))
                .run();
    }

    /** The tool's classes and what they need, without those of the tests. */
    static List<Path> classPath() {
        try {
            List<Path> paths = new ArrayList<>();
            for (Class<?> of : List.of(Main.class, Opensnoop.class, Class.forName("picocli.CommandLine"))) {
                paths.add(Path.of(
                        of.getProtectionDomain().getCodeSource().getLocation().toURI()));
            }
            return paths;
        } catch (ClassNotFoundException | URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    long pid() {
        return process.pid();
    }

    /** Waits until the programs are attached: the header is out, or with {@code -v} it says so. */
    Jopensnoop awaitAttached() {
        Await.until(
                () -> read(out).indexOf('\n') >= 0 || read(err).contains(" ms: attached") || !process.isAlive(),
                () -> "attached: " + read(err));
        if (!process.isAlive()) {
            throw new AssertionError("ended with " + process.exitValue() + ": " + read(err));
        }
        return this;
    }

    /** What it has written to stdout so far. */
    String out() {
        return read(out);
    }

    /** What it has written to stderr so far. */
    String err() {
        return read(err);
    }

    /** The process that the command before the JVM has started. */
    ProcessHandle child() {
        return process.children().findFirst().orElseThrow();
    }

    /** The programs, maps and links that it has descriptors of, as {@code prog_id 17}. */
    Set<String> bpfIds() throws IOException {
        Set<String> ids = new HashSet<>();
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/" + pid() + "/fdinfo"))) {
            for (Path descriptor : descriptors) {
                try {
                    for (String line : Files.readAllLines(descriptor)) {
                        if (line.matches("(prog|map|link)_id:\\s+\\d+")) {
                            ids.add(line.replaceFirst(":\\s+", " "));
                        }
                    }
                } catch (NoSuchFileException closed) {
                    // Since the directory was read.
                }
            }
        }
        return ids;
    }

    /** Fills up one of its maps with keys that no process has, so that nothing else finds room in it. */
    void fill(String map) throws IOException {
        List<String> filled = new ArrayList<>();
        for (String id : bpfIds()) {
            if (id.startsWith("map_id ")) {
                filled.addAll(Workload.lines("fill", map, id.substring("map_id ".length())));
            }
        }
        if (filled.size() != 1 || filled.getFirst().equals("filled 0")) {
            throw new AssertionError("map " + map + ": " + filled);
        }
    }

    /** Sends a signal, such as {@code INT}. */
    void signal(String name) {
        int status = Program.exit(List.of("sh", "-c", "kill -s " + name + " " + pid()));
        if (status != 0) {
            throw new AssertionError("cannot send " + name + " to " + pid());
        }
    }

    /** Ends it as {@code kill} does. */
    Run stop() {
        process.destroy();
        return await();
    }

    /** Waits for its end. */
    Run await() {
        try {
            if (!process.waitFor(Await.LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("the tool does not end: " + read(out) + read(err));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
        return new Run(process.exitValue(), Files.isRegularFile(out) ? read(out) : "", read(err));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
