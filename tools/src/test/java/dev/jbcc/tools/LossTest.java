// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events that find no room are lost, and counted to the last one. */
@KernelTest
@Tag("opensnoop")
class LossTest {
    private static final int OPENS = 20_000;

    @ParameterizedTest
    @ValueSource(strings = {"ring", "perf"})
    @Tag("matrix")
    @Tag("smoke")
    void everyLostEventIsCounted(String kind) throws IOException {
        Path file = Scratch.directory("loss").resolve("f");
        try (Workload workload = Workload.start("burst", OPENS, file);
                Jopensnoop tool = Jopensnoop.setup(
                                "-p", workload.pid(), "-o", "json", "-v", "--buffer", kind, "--buffer-size", "4KiB")
                        .start()
                        .awaitAttached()) {
            tool.signal("STOP"); // nobody reads
            assertEquals(0, workload.finish());
            tool.signal("CONT");
            Run run = tool.stop();
            assertEquals(0, run.exit(), run::toString);
            Run.Counts counts = run.counts();
            assertTrue(counts.lost() > OPENS / 2, () -> counts.toString());
            assertTrue(counts.printed() > 0, () -> counts.toString());
            assertEquals(OPENS, counts.printed() + counts.lost());
            assertEquals(OPENS, counts.seen() - counts.filtered());
            assertEquals(0, counts.left());
            assertEquals(1, new HashSet<>(run.field("path")).size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ring", "perf"})
    @Tag("matrix")
    void aBurstThatFitsIsWhole(String kind) throws IOException {
        Path file = Scratch.directory("fits").resolve("f");
        try (Workload workload = Workload.start("burst", OPENS, file);
                Jopensnoop tool = Jopensnoop.setup("-p", workload.pid(), "--buffer", kind, "--buffer-size", "8MiB")
                        .start()
                        .awaitAttached()) {
            tool.signal("STOP");
            assertEquals(0, workload.finish());
            tool.signal("CONT");
            Run run = tool.stop().clean();
            assertEquals(OPENS, run.table().size());
        }
    }
}
