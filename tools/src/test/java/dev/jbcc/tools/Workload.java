// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process that does what the operations of {@code src/test/c/workload.c} say, and opens nothing else. */
final class Workload implements AutoCloseable {
    private static final Path PROGRAM = compile();

    private final Process process;
    private final Path gate;

    private Workload(Process process, Path gate) {
        this.process = process;
        this.gate = gate;
    }

    private static Path compile() {
        Path program = Compiled.program("workload.c", List.of("-O1", "-static", "-pthread", "-Wall"));
        if (program == null) {
            throw new AssertionError("workload.c does not compile");
        }
        return program;
    }

    /** The comm of a workload that does not choose one. */
    static String comm() {
        String name = PROGRAM.getFileName().toString();
        return name.substring(0, Math.min(name.length(), 15));
    }

    /** The command line of a workload. */
    static List<String> command(Object... operations) {
        List<String> command = new ArrayList<>(List.of(PROGRAM.toString()));
        for (Object operation : operations) {
            command.add(operation.toString());
        }
        return command;
    }

    /** Starts a workload that waits before its operations until {@link #finish}. */
    static Workload start(Object... operations) {
        Path gate = Scratch.fresh("gate");
        List<String> command = command("gate", gate);
        command.addAll(command(operations).subList(1, operations.length + 1));
        return launch(command, gate);
    }

    /** The same, started by another command such as {@code unshare}. */
    static Workload startBy(List<String> starter, Object... operations) {
        Path gate = Scratch.fresh("gate");
        List<String> command = new ArrayList<>(starter);
        command.addAll(command("gate", gate));
        command.addAll(command(operations).subList(1, operations.length + 1));
        return launch(command, gate);
    }

    /** The process that runs the operations, once there is one: what was started may be its parent. */
    ProcessHandle inner() {
        Await.until(() -> running() != null, () -> "start of the workload by " + process.info());
        return running();
    }

    private ProcessHandle running() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .filter(some ->
                        some.info().command().filter(PROGRAM.toString()::equals).isPresent())
                .findFirst()
                .orElse(null);
    }

    /** Starts a workload whose operations contain {@code gate} and the file given; {@link #finish} makes the file. */
    static Workload startGated(Path gate, Object... operations) {
        return launch(command(operations), gate);
    }

    private static Workload launch(List<String> command, Path gate) {
        try {
            return new Workload(new ProcessBuilder(command).inheritIO().start(), gate);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long pid() {
        return process.pid();
    }

    /** Lets it run, waits for its end, and returns its exit status. */
    int finish() {
        try {
            Files.createFile(gate);
            if (!process.waitFor(Await.LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("the workload does not end");
            }
            return process.exitValue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /** What a workload prints. */
    static List<String> lines(Object... operations) {
        return Program.output(command(operations)).lines().toList();
    }

    /** Whether 32-bit system calls work here. */
    static boolean compat() {
        return Program.exit(command("compat")) == 0;
    }
}
