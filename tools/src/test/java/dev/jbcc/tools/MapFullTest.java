// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dev.jbcc.JbccException;
import dev.jbcc.host.Kernel.Feature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A map of the programs that is full: what is not there then is counted, and what is there is right. */
@KernelTest
@EachBuffer
class MapFullTest {
    private static final int RENAMES = 5;

    /** A shell that waits, then opens a file itself, and has two children do so. */
    private static List<String> family(Path gate, Path file) {
        assertEquals(0, Program.exit(List.of("mkfifo", gate.toString())));
        String script =
                "read go < " + gate + "; : < " + file + "; /bin/cat " + file + "; /bin/cat " + file + "; exit 0";
        return List.of("sh", "-c", script);
    }

    /** The rows of one process, when it is the only one that has some. */
    private static List<JsonObject> rowsOf(ProcessHandle process, Run run) {
        List<JsonObject> rows = run.rows();
        for (JsonObject row : rows) {
            assertEquals(process.pid(), row.get("pid").getAsLong(), run::toString);
        }
        return rows;
    }

    @Test
    void childrenOfTheCommandThatAreNotFollowed() throws IOException {
        Path gate = Scratch.fresh("gate");
        Path file = Files.createFile(Scratch.fresh("opened"));
        try (Jopensnoop tool = Jopensnoop.setup("-o", "json", "-v")
                .tracing(family(gate, file))
                .start()
                .awaitAttached()) {
            ProcessHandle shell = tool.child();
            tool.fill("jbcc_pids");
            Files.writeString(gate, "go\n");
            Run run = tool.await();
            assertTrue(run.err().contains(", processes not followed 2\n"), run::toString);
            assertEquals(
                    1,
                    rowsOf(shell, run).stream()
                            .filter(row -> row.get("path").getAsString().equals(file.toString()))
                            .count(),
                    run::toString);
        }
    }

    @Test
    void programsWhoseEndIsNotAwaited() throws IOException {
        Path gate = Scratch.fresh("gate");
        Path file = Files.createFile(Scratch.fresh("opened"));
        try (Jopensnoop tool = Jopensnoop.tool("execsnoop", "-o", "json", "-v", "--exit")
                .tracing(family(gate, file))
                .start()
                .awaitAttached()) {
            ProcessHandle shell = tool.child();
            Await.until(() -> tool.out().contains("sh"), tool::err); // it is awaited
            tool.fill("running");
            Files.writeString(gate, "go\n");
            Run run = tool.await();
            assertTrue(run.err().contains(", processes not followed 2\n"), run::toString);
            List<String> seen = new ArrayList<>();
            for (JsonObject row : run.rows()) {
                boolean own = row.get("pid").getAsLong() == shell.pid();
                seen.add((own ? "sh " : "cat ") + row.get("event").getAsString());
            }
            assertEquals(List.of("sh exec", "cat exec", "cat exec", "sh exit"), seen, run::toString);
        }
    }

    /** Those of an overlay, whose renames below it the kernel has to do itself; {@code full} is a map of the tool. */
    private static Run renames(String full) throws IOException {
        Path mounted = Renames.overlay();
        try {
            List<Object> operations = new ArrayList<>();
            Path file = Files.writeString(mounted.resolve("0"), "new");
            for (int i = 1; i <= RENAMES; i++) {
                operations.addAll(List.of("rename", file, file.resolveSibling("" + i)));
                file = file.resolveSibling("" + i);
            }
            try (Workload workload = Workload.start(operations.toArray());
                    Jopensnoop tool = Jopensnoop.tool("renamesnoop", "-o", "json", "-v", "-p", workload.pid())
                            .start()
                            .awaitAttached()) {
                if (!tool.err().contains(": fentry\n") && !tool.err().contains(": kprobe\n")) {
                    JbccException none =
                            new JbccException.NotSupported(tool.err().replace('\n', ' '), null);
                    throw MissingFeature.skip(Feature.KPROBE, "vfs_rename", none);
                }
                tool.fill(full);
                assertEquals(0, workload.finish());
                Run run = tool.stop();
                List<String> lines = run.rows().stream().map(Renames::line).toList();
                assertEquals(RENAMES, lines.size(), run::toString);
                for (int i = 0; i < RENAMES; i++) {
                    assertEquals("rename 0 - " + mounted + "/" + i + " " + mounted + "/" + (i + 1), lines.get(i));
                }
                return run;
            }
        } finally {
            Program.exit(List.of("umount", mounted.toString()));
            Program.exit(List.of("umount", mounted.getParent().toString()));
        }
    }

    @Test
    @Tag("matrix")
    void renamesOfTheKernelThatAreNotKept() throws IOException {
        Run run = renames("renamings");
        assertEquals(RENAMES, run.counts().lost(), run::toString);
        assertTrue(run.err().contains(" (not tracked to the end " + RENAMES + ")"), run::toString);
    }

    /** The call and what the kernel does for it. */
    @Test
    @Tag("matrix")
    void callsThatAreNotFollowed() throws IOException {
        Run run = renames("depths");
        assertEquals(0, run.counts().lost(), run::toString);
        assertTrue(run.err().contains(", processes not followed " + 2 * RENAMES + "\n"), run::toString);
    }
}
