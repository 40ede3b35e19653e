// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbcc.host.Kernel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CPUs that come and go during a run. Only in a guest: the CPUs of a machine are not the test's to switch off. */
@KernelTest
@Tag("matrix")
class CpuHotplugTest {
    private static final int OPENS = 20_000;
    private static final Path SWITCH = Path.of("/sys/devices/system/cpu/cpu1/online");

    @BeforeEach
    void canSwitch() {
        assumeTrue(Guest.running(), "CPU hotplug is tried in guests of scripts/vmtest only");
        assumeTrue(Files.isWritable(SWITCH), "this machine has no second CPU that can be switched off: " + SWITCH);
    }

    @AfterEach
    void switchOn() {
        if (Guest.running() && Files.isWritable(SWITCH)) {
            online(true);
        }
    }

    private static void online(boolean on) {
        try {
            if (Kernel.onlineCpus().contains(1) != on) {
                Files.writeString(SWITCH, on ? "1" : "0");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertEquals(on, Kernel.onlineCpus().contains(1));
    }

    /** A shell by this name that is busy on the second CPU. */
    private static Process busy(Path shell) throws IOException {
        return new ProcessBuilder("taskset", "-c", "1", shell.toString(), "-c", "while :; do :; done").start();
    }

    private static void awaitSaid(Jopensnoop tool, String what) {
        Await.until(() -> tool.err().contains(what), () -> what + " in " + tool.err());
    }

    /** Lets it run on the second CPU for a second of CPU time. */
    private static void awaitCpuTime(Process busy) {
        Await.until(
                () -> busy.toHandle()
                                .info()
                                .totalCpuDuration()
                                .map(time -> time.toMillis())
                                .orElse(0L)
                        >= 1000,
                () -> "a second of CPU time of " + busy.info());
    }

    private static void assertSampled(Run run) {
        assertEquals(0, run.exit(), run::toString);
        long samples = run.lines().stream()
                .filter(line -> line.startsWith("hotplugged;"))
                .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
        assertTrue(samples > 20, () -> samples + " of some 100 samples of a second: " + run);
        assertEquals(run.counts().printed(), samples, run::toString);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCpuThatComesIsSampled(boolean wasThereBefore) throws IOException {
        Path shell = Scratch.directory("hotplug").resolve("hotplugged");
        Files.createSymbolicLink(shell, Path.of("/bin/sh"));
        online(wasThereBefore);
        try (Jopensnoop tool = Jopensnoop.tool("profile", "-F", 99, "-f", "-v", "-n", "hotplugged")
                .start()
                .awaitAttached()) {
            online(false);
            online(true);
            awaitSaid(tool, "CPU 1 has come online, and is sampled");
            Process busy = busy(shell);
            try {
                awaitCpuTime(busy);
                assertSampled(tool.stop());
            } finally {
                busy.destroyForcibly();
            }
        }
    }

    @Test
    void aCpuThatGoesDoesNoHarm() throws IOException {
        Path shell = Scratch.directory("hotplug").resolve("hotplugged");
        Files.createSymbolicLink(shell, Path.of("/bin/sh"));
        try (Jopensnoop tool = Jopensnoop.tool("profile", "-F", 99, "-f", "-v", "-n", "hotplugged")
                .start()
                .awaitAttached()) {
            Process busy = busy(shell);
            try {
                awaitCpuTime(busy);
                online(false); // the kernel moves the process to the first CPU
                awaitSaid(tool, "CPU 1 has gone offline");
                assertSampled(tool.stop());
            } finally {
                busy.destroyForcibly();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ring", "perf"})
    void noOpenIsLostWhenACpuGoes(String kind) throws IOException {
        Path file = Scratch.directory("hotplug").resolve("f");
        try (Workload before = Workload.startBy(List.of("taskset", "-c", "1"), "burst", OPENS, file);
                Workload after = Workload.start("burst", OPENS, file);
                Jopensnoop tool = Jopensnoop.setup(
                                "-p", before.pid() + "," + after.pid(), "--buffer", kind, "--buffer-size", "8MiB")
                        .start()
                        .awaitAttached()) {
            tool.signal("STOP"); // so that the first CPU's events wait in its ring when it goes
            assertEquals(0, before.finish());
            online(false);
            tool.signal("CONT");
            assertEquals(0, after.finish());
            Run run = tool.stop().clean();
            assertEquals(2 * OPENS, run.table().size());
        }
    }

    /**
     * There is one perf ring for each CPU that was online at the start, so what happens on one that comes later, or comes
     * back, is lost in it, and counted; the ring of all CPUs has it.
     */
    @ParameterizedTest
    @CsvSource({"ring, false", "perf, false", "perf, true"})
    void opensOnACpuThatComesAreThereOrCounted(String kind, boolean wasThereBefore) throws IOException {
        Path file = Scratch.directory("hotplug").resolve("f");
        online(wasThereBefore);
        try (Workload workload = Workload.start("burst", OPENS, file);
                Jopensnoop tool = Jopensnoop.setup(
                                "-v", "-p", workload.pid(), "-o", "json", "--buffer", kind, "--buffer-size", "8MiB")
                        .start()
                        .awaitAttached()) {
            online(false);
            online(true);
            assertEquals(0, Program.exit(List.of("taskset", "-p", "-c", "1", Long.toString(workload.pid()))));
            assertEquals(0, workload.finish());
            Run run = tool.stop();
            assertEquals(0, run.exit(), run::toString);
            Run.Counts counts = run.counts();
            assertEquals(kind.equals("ring") ? 0 : OPENS, counts.lost(), counts::toString);
            assertEquals(OPENS, counts.printed() + counts.lost(), counts::toString);
            assertEquals(
                    counts.lost() > 0,
                    run.err().contains(" (on CPUs that came online later " + OPENS + ")"),
                    run::toString);
        }
    }
}
