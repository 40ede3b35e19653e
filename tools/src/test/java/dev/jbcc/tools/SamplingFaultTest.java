// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What can go wrong around sampling, which has no buffer of events: see {@link FaultTest} for the others. */
@KernelTest
class SamplingFaultTest {
    @ParameterizedTest
    @ValueSource(strings = {"profile", "stacks.bpf.c"})
    void aKilledToolLeavesNothing(String tool) throws IOException {
        FaultTest.leavesNothingWhenKilled(tool);
    }

    /**
     * The JVM that is asked for names is left without a file. For some milliseconds there can be one; if it was then that
     * we were killed, the next one removes it.
     */
    @ParameterizedTest
    @ValueSource(ints = {100, 1000})
    void aKilledToolLeavesNoFileInAJvm(int millis) throws IOException, InterruptedException {
        try (Burn java = Burn.java(Path.of(System.getProperty("java.home")), 60)) {
            Set<String> before = FaultTest.leftovers();
            try (Jopensnoop killed =
                    Jopensnoop.tool("profile", "-p", java.pid(), "-v").start()) {
                Await.until(() -> killed.err().contains(" attached"), killed::err);
                Thread.sleep(millis); // the JVM is asked at some time after
                killed.signal("KILL");
                assertEquals(128 + 9, killed.await().exit());
            }
            Set<String> left = FaultTest.leftovers();
            left.removeAll(before);
            for (String file : left) {
                assertTrue(file.matches("/tmp/\\.(jbcc-perf-[0-9a-f]+\\.map|attach_pid" + java.pid() + ")"), file);
                Files.setLastModifiedTime(Path.of(file), FileTime.fromMillis(0));
            }
            assertTrue(left.size() <= 1, left::toString);
            Run next = Jopensnoop.tool("profile", "-p", java.pid(), "--duration", 1, "-f")
                    .run();
            assertEquals(0, next.exit(), next::toString);
            assertEquals(before, FaultTest.leftovers());
        }
    }

    @Test
    void aReusedPidHasTheNamesOfEachProgram() throws IOException {
        // The same file, but not at the same addresses.
        Run run = FaultTest.alone(Jopensnoop.tool("profile", "-F", 199, "-f", "-U"))
                .tracing(FaultTest.reusing(
                        Burn.PROGRAM + " user 0.6 one </dev/null", Burn.PROGRAM + " paths 0.6 two </dev/null"))
                .run();
        run.noDefect();
        assertEquals(0, run.exit(), run::toString);
        long one = samples(run, "one;", ";sixty;|;thirty;|;ten;|;sixty |;thirty |;ten ");
        long two = samples(run, "two;", ";left;|;right;|;left |;right ");
        assertTrue(one > 10 && one > samples(run, "one;", "") * 9 / 10, run::toString);
        assertTrue(two > 10 && two > samples(run, "two;", "") * 9 / 10, run::toString);
        assertEquals(0, samples(run, "one;", ";left;|;right;"));
        assertEquals(0, samples(run, "two;", ";sixty;|;thirty;|;ten;"));
    }

    private static long samples(Run run, String comm, String part) {
        return run.lines().stream()
                .filter(line -> line.startsWith(comm) && (part.isEmpty() || line.matches(".*(" + part + ").*")))
                .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
