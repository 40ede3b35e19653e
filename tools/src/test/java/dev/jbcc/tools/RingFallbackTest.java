// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What the tools do on a kernel before 5.8. There is none here, so the declarations of the rings get a type of map that
 * no kernel has: it is refused as those kernels refuse the ring buffer.
 */
@KernelTest
class RingFallbackTest {
    private static Path homeWithoutRings() throws IOException {
        Path home = FailureTest.home();
        Path header = home.resolve("bpf-src/include/jbcc.h");
        String text = Files.readString(header);
        String without = text.replace("__uint(type, BPF_MAP_TYPE_RINGBUF)", "__uint(type, 9999)");
        assertTrue(text.length() - without.length() > 0, "jbcc.h has no rings");
        Files.writeString(header, without);
        return home;
    }

    @Test
    void perfBuffersAreTakenByThemselves() throws IOException {
        Path home = homeWithoutRings();
        Path file = Scratch.directory("old").resolve("f");
        List<String> command = Workload.command("open", file, "0", "0");
        Run run = Jopensnoop.setup("-o", "json")
                .chosenBuffer()
                .home(home)
                .tracing(command)
                .run()
                .clean();
        assertEquals(List.of(file.toString()), run.field("path"));
        run = Jopensnoop.setup("-v").chosenBuffer().home(home).tracing(command).run();
        assertEquals(0, run.exit(), run::toString);
        assertTrue(run.err().contains("no BPF ring buffer: taking the perf buffer"), run::toString);
    }

    @Test
    void containersToo() throws IOException {
        String id = Cgroups.containerId(7);
        Path container = Files.createDirectory(Cgroups.require("").resolve("docker-" + id + ".scope"));
        try {
            Run run = Jopensnoop.setup("-o", "json", "--container", id)
                    .chosenBuffer()
                    .home(homeWithoutRings())
                    .tracing(List.of("sh", "-c", "echo $$ > " + container.resolve("cgroup.procs") + "; cat /dev/null"))
                    .run()
                    .clean();
            List<JsonObject> rows = run.rows();
            assertTrue(
                    rows.stream().anyMatch(row -> row.get("path").getAsString().equals("/dev/null")), run::toString);
            for (JsonObject row : rows) {
                assertEquals(id, row.get("container_id").getAsString());
            }
        } finally {
            Cgroups.remove(List.of(container));
        }
    }

    @Test
    void jbccRunTakesThemToo() throws IOException {
        for (Path home : List.of(Jopensnoop.HOME, homeWithoutRings())) {
            Run run = FileRunTest.run("submits.bpf.c", "-o", "json")
                    .chosenBuffer()
                    .home(home)
                    .tracing(List.of("sh", "-c", "/bin/true; /bin/true; true"))
                    .run();
            run.noDefect();
            String buffer = home.equals(Jopensnoop.HOME) ? "jbcc_ring" : "jbcc_perf";
            assertEquals(3, FileRunTest.of(FileRunTest.json(run), buffer).size(), run::toString);
        }
    }

    @Test
    void whoAsksForTheRingIsToldThatThereIsNone() throws IOException {
        Run run = Jopensnoop.setup("--buffer", "ring").home(homeWithoutRings()).run();
        run.failed(1, "cannot load opensnoop: ");
    }
}
