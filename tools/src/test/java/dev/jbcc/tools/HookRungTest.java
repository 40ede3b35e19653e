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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each rung of each tool's ladder gives the same lines: a workload is seen by the tool as it chooses by itself, and at the
 * same time by one that is told which kind of hook to take.
 */
@KernelTest
@EachBuffer(smoke = false)
@Tag("matrix")
class HookRungTest {
    private static final int NOT_PERMITTED = 3;

    @ParameterizedTest(name = "{0} {2}")
    @CsvSource({"raw_tp, RAW_TRACEPOINT, ''", "raw_tp, RAW_TRACEPOINT, -F"})
    @Tag("opensnoop")
    void opens(String kind, Feature feature, String option) throws IOException {
        Path directory = Scratch.directory("rung");
        List<Object> operations = new ArrayList<>(List.of("hold", directory, "chdir", directory));
        operations.addAll(List.of("open", "a", "0102", "0600", "openat", "held", "b", "0101", "0640"));
        operations.addAll(List.of("openat2", "held", "/a", "0", "0", "16", "open", "absent", "0", "0", "fault"));
        if (Workload.compat()) {
            operations.addAll(
                    List.of("open32", "a", "0", "0", "openat32", "held", "b", "0", "0", "creat32", "c", "0600"));
        }
        List<JsonObject> rows = same("opensnoop", kind, feature, option, operations);
        assertTrue(rows.size() >= 5, rows::toString);
    }

    @ParameterizedTest(name = "{0} {2}")
    @CsvSource({"raw_tp, RAW_TRACEPOINT, ''", "raw_tp, RAW_TRACEPOINT, -x", "raw_tp, RAW_TRACEPOINT, --exit"})
    @Tag("execsnoop")
    void execs(String kind, Feature feature, String option) {
        List<List<JsonObject>> seen = new ArrayList<>();
        List<String> command = List.of("sh", "-c", "/bin/true a b; /nonexistent/x 2>/dev/null; cd /; exec /bin/true c");
        for (String hooks : List.of("", kind)) {
            Jopensnoop.Setup setup = Jopensnoop.tool("execsnoop", "-o", "json", "-v");
            options(setup, option, hooks);
            Run run = setup.tracing(command).run();
            requireHook(run, kind, feature);
            assertEquals(0, run.exit(), run::toString);
            assertHook(run, hooks.isEmpty() ? "tp_btf" : hooks);
            List<JsonObject> rows = run.rows();
            for (JsonObject row : rows) {
                // Two runs, so these differ.
                for (String own : List.of("pid", "tid", "ppid", "cpu", "duration")) {
                    row.remove(own);
                }
            }
            seen.add(withoutTimes(rows));
        }
        assertEquals(seen.getFirst(), seen.getLast());
        assertTrue(seen.getFirst().size() >= 3, seen::toString);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"fentry, FENTRY", "kprobe, KPROBE"})
    @Tag("renamesnoop")
    @Tag("smoke")
    void renamesByTheFunction(String kind, Feature feature) throws IOException {
        renames(kind, feature, "");
    }

    @ParameterizedTest(name = "{0} {2}")
    @CsvSource({"tp_btf, TP_BTF, ''", "raw_tp, RAW_TRACEPOINT, ''", "tracepoint, TRACEPOINT, ''", "kprobe, KPROBE, -x"})
    @Tag("renamesnoop")
    void renames(String kind, Feature feature, String option) throws IOException {
        List<JsonObject> rows = same("renamesnoop", kind, feature, option, Renames.operations());
        assertEquals(
                Renames.expected().stream()
                        .filter(line -> option.isEmpty() || !line.contains(" 0 "))
                        .toList(),
                rows.stream().map(Renames::line).toList());
    }

    /** What the tool sees by this kind of hook is what it sees by the best, and is returned without the times. */
    private static List<JsonObject> same(
            String tool, String kind, Feature feature, String option, List<Object> operations) {
        try (Workload workload = Workload.start(operations.toArray());
                Jopensnoop best = start(tool, option, "", workload);
                Jopensnoop forced = start(tool, option, kind, workload)) {
            best.awaitAttached();
            try {
                forced.awaitAttached();
            } catch (AssertionError ended) {
                requireHook(forced.await(), kind, feature);
                throw ended;
            }
            assertEquals(0, workload.finish());
            List<JsonObject> expected = withoutTimes(best.stop().rows());
            Run run = forced.stop();
            assertHook(run, kind);
            assertEquals(expected, withoutTimes(run.rows()));
            return expected;
        }
    }

    private static void assertHook(Run run, String kind) {
        assertTrue(run.err().contains("ms: hook of ") && run.err().contains(": " + kind + "\n"), run::err);
    }

    private static Jopensnoop start(String tool, String option, String hooks, Workload workload) {
        Jopensnoop.Setup setup = Jopensnoop.tool(tool, "-o", "json", "-v", "-p", workload.pid());
        options(setup, option, hooks);
        return setup.start();
    }

    private static void options(Jopensnoop.Setup setup, String option, String hooks) {
        if (!option.isEmpty()) {
            setup.with(option);
        }
        if (!hooks.isEmpty()) {
            setup.with("--hooks", hooks);
        }
    }

    /** Skips the test when the tool has ended because the kernel has no such hook. */
    private static void requireHook(Run run, String kind, Feature feature) {
        if (run.exit() >= NOT_PERMITTED) {
            throw MissingFeature.skip(feature, "--hooks " + kind, new JbccException.NotSupported(lastLine(run), null));
        }
    }

    private static String lastLine(Run run) {
        return run.err().lines().filter(line -> line.contains("cannot ")).reduce("", (a, b) -> b);
    }

    private static List<JsonObject> withoutTimes(List<JsonObject> rows) {
        for (JsonObject row : rows) {
            for (String time : List.of("time", "elapsed", "timestamp")) {
                row.remove(time);
            }
        }
        return rows;
    }

    /** The kernel's own renames are seen where vfs_rename can be traced: here those of overlayfs below it. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({"fentry, FENTRY", "kprobe, KPROBE"})
    @Tag("renamesnoop")
    void renamesOfTheKernelItself(String kind, Feature feature) throws IOException {
        Path mounted = Renames.overlay();
        Files.writeString(mounted.resolve("lower"), "changed"); // only to copy it up
        Files.writeString(mounted.resolve("upper"), "new");
        try (Workload workload = Workload.start("rename", mounted.resolve("upper"), mounted.resolve("moved"));
                Jopensnoop tool = start("renamesnoop", "", kind, workload)) {
            try {
                tool.awaitAttached();
            } catch (AssertionError ended) {
                requireHook(tool.await(), kind, feature);
                throw ended;
            }
            assertEquals(0, workload.finish());
            List<JsonObject> rows = tool.stop().rows();
            List<String> lines = rows.stream().map(Renames::line).toList();
            assertEquals(2, lines.size(), lines::toString);
            assertTrue(lines.getFirst().matches("kernel 0 - \\S*/u/upper \\S*/u/moved"), lines::toString);
            assertEquals("rename 0 - " + mounted + "/upper " + mounted + "/moved", lines.getLast());
            assertEquals("tmpfs", rows.getFirst().get("fs").getAsString());
        } finally {
            Program.exit(List.of("umount", mounted.toString()));
            Program.exit(List.of("umount", mounted.getParent().toString()));
        }
    }

    @Test
    void aKindThatTheToolDoesNotHaveIsAMistake() {
        Run run = Jopensnoop.run("--hooks", "kprobe");
        run.failed(2, "--hooks kprobe: this tool has no such hook, but tp_btf and raw_tp");
        run = Jopensnoop.run("--hooks", "sideways");
        run.failed(2, "--hooks: 'sideways' is none of ");
    }
}
