// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A known workload appears exactly, with every field right, in every format; and so does each system call. */
@KernelTest
@EachBuffer
@Tag("opensnoop")
class OpenEventTest {
    private static final int COUNT = 23;

    @Test
    @Tag("matrix")
    @Tag("smoke")
    void twentyThreeOpensAreTwentyThreeRows() throws IOException {
        Path directory = Scratch.directory("known");
        List<Object> operations = new ArrayList<>(List.of("comm", "twenty three"));
        List<String> paths = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) {
            Path file = directory.resolve("file" + i);
            boolean creates = i % 3 == 1;
            if (i % 3 == 0) {
                Files.createFile(file);
            }
            paths.add(file.toString());
            operations.addAll(List.of("open", file, creates ? "02101" : "0", creates ? "0640" : "0"));
        }
        Instant before = Instant.now();
        long monotonic = System.nanoTime();
        Run run;
        long cgroup;
        long pid;
        try (Workload workload = Workload.start(operations.toArray());
                Jopensnoop tool = Jopensnoop.setup("-o", "json", "-v", "-p", workload.pid())
                        .start()
                        .awaitAttached()) {
            pid = workload.pid();
            cgroup = Cgroups.idOf(pid);
            assertEquals(0, workload.finish());
            run = tool.stop();
        }
        assertEquals(0, run.exit());
        run.noDefect();
        long monotonicEnd = System.nanoTime();
        List<JsonObject> rows = run.rows();
        assertEquals(COUNT, rows.size());
        long last = monotonic;
        for (int i = 0; i < COUNT; i++) {
            JsonObject row = rows.get(i);
            long time = row.remove("time").getAsLong();
            assertTrue(time >= last && time <= monotonicEnd, row::toString);
            assertEquals(
                    time - (i == 0 ? time : first(run)), row.remove("elapsed").getAsLong());
            last = time;
            Instant shown = Instant.parse(row.remove("timestamp").getAsString());
            assertTrue(
                    Duration.between(before, shown).compareTo(Duration.ofMillis(-10)) > 0
                            && Duration.between(shown, Instant.now()).compareTo(Duration.ofMillis(-10)) > 0,
                    () -> before + " " + shown);
            boolean failed = i % 3 == 2;
            boolean creates = i % 3 == 1;
            JsonObject expected = new JsonObject();
            expected.addProperty("uid", 0);
            expected.addProperty("pid", pid);
            expected.addProperty("tid", pid);
            expected.addProperty("ppid", ProcessHandle.current().pid());
            expected.addProperty("comm", "twenty three");
            expected.addProperty("fd", failed ? -1 : 3);
            expected.addProperty("err", failed ? 2 : 0);
            expected.addProperty("error", failed ? "ENOENT" : null);
            expected.addProperty("flags", creates ? 02101 : 0);
            expected.addProperty("flags_names", creates ? "O_WRONLY|O_CREAT|O_APPEND" : "O_RDONLY");
            expected.addProperty("mode", creates ? 0640 : null);
            expected.addProperty("resolve", 0);
            expected.addProperty("cgroup", cgroup);
            expected.addProperty(
                    "cgroup_v1", Cgroups.v1Of(ProcessHandle.current().pid()));
            expected.addProperty(
                    "cgroup_path", Cgroups.pathOf(ProcessHandle.current().pid()));
            for (String part : List.of("container", "container_id", "runtime", "pod", "namespace")) {
                expected.add(part, JsonNull.INSTANCE);
            }
            expected.addProperty("path_cut", false);
            expected.addProperty("dir_cut", false);
            expected.addProperty("path", paths.get(i));
            expected.addProperty("full_path", paths.get(i));
            assertEquals(expected.toString(), row.toString());
        }
    }

    private static long first(Run run) {
        return run.rows().getFirst().get("time").getAsLong();
    }

    @Test
    @Tag("matrix")
    void tablesAreThoseOfBcc() throws IOException {
        Path directory = Scratch.directory("table");
        Path made = directory.resolve("made");
        Path absent = directory.resolve("absent");
        Object[] operations = {"comm", "tabular", "open", made, "02101", "0644", "open", absent, "0", "0"};
        try (Workload workload = Workload.start(operations);
                Jopensnoop plain = Jopensnoop.setup("-p", workload.pid()).start();
                Jopensnoop extended =
                        Jopensnoop.setup("-p", workload.pid(), "-U", "-e").start()) {
            plain.awaitAttached();
            extended.awaitAttached();
            assertEquals(0, workload.finish());
            Run run = plain.stop().clean();
            String pid = String.format("%-6d", workload.pid());
            assertEquals(
                    "PID    COMM               FD ERR PATH\n"
                            + pid + " tabular             3   0 " + made + "\n"
                            + pid + " tabular            -1   2 " + absent + "\n",
                    run.out());
            run = extended.stop().clean();
            assertEquals(
                    "UID   PID    COMM               FD ERR FLAGS    MODE PATH\n"
                            + "0     " + pid + " tabular             3   0 00002101 0644 " + made + "\n"
                            + "0     " + pid + " tabular            -1   2 00000000 n/a  " + absent + "\n",
                    run.out());
        }
    }

    @Test
    void wideTableNamesFlagsAndSeconds() throws IOException {
        Path directory = Scratch.directory("wide");
        Run run = Jopensnoop.setup("-o", "wide", "-T")
                .tracing(Workload.command(
                        "chdir", directory, "open", "w", "0101", "0600", "open", "absent", "0", "0", "exit", 0))
                .run()
                .clean();
        List<String> lines = run.lines();
        assertEquals(3, lines.size());
        assertTrue(
                lines.get(0)
                        .matches(
                                "TIME\\(s\\) +UID +PID +TID +PPID +COMM +FD ERR ERROR +FLAGS +MODE CGROUP +CONTAINER +POD +NAMESPACE +PATH"),
                lines.get(0));
        assertTrue(
                lines.get(1)
                        .matches(
                                "0\\.000000000 +0 +\\d+ +\\d+ +\\d+ +workload-\\d+ +3 +0 - +O_WRONLY\\|O_CREAT +0600 /\\S* +- +- +- +"
                                        + directory + "/w"),
                lines.get(1));
        assertTrue(
                lines.get(2)
                        .matches(
                                "\\d\\.\\d{9} +0 +\\d+ +\\d+ +\\d+ +workload-\\d+ +-1 +2 ENOENT +O_RDONLY +n/a +/\\S* +- +- +- +"
                                        + directory + "/absent"),
                lines.get(2));
    }

    @Test
    @Tag("matrix")
    void everySystemCallIsSeen() throws IOException {
        Path directory = Scratch.directory("calls");
        Object[] operations = {
            "hold",
            directory,
            "chdir",
            directory,
            "open",
            "a",
            "0102",
            "0600",
            "openat",
            "cwd",
            "b",
            "0101",
            "0640",
            "openat",
            "held",
            "c",
            "0",
            "0",
            "openat2",
            "held",
            "d",
            "0102",
            "0604",
            "0",
            "openat2",
            "held",
            "/d",
            "02000000",
            "0",
            "0x10",
            "openat2",
            "held",
            "../x",
            "0",
            "0",
            "8",
            "creat",
            "e",
            "0444",
            "open",
            directory,
            "020200002",
            "0600",
        };
        List<JsonObject> rows = Jopensnoop.json(List.of(), operations).clean().rows();
        assertEquals(
                List.of(
                        directory + " 3 O_RDONLY|O_DIRECTORY|O_PATH null 0",
                        "a 4 O_RDWR|O_CREAT 600 0",
                        "b 4 O_WRONLY|O_CREAT 640 0",
                        "c ENOENT O_RDONLY null 0",
                        "d 4 O_RDWR|O_CREAT 604 0",
                        "/d 4 O_RDONLY|O_CLOEXEC null 16",
                        "../x EXDEV O_RDONLY null 8",
                        "e 4 O_WRONLY|O_CREAT|O_TRUNC 444 0"),
                rows.stream().limit(8).map(OpenEventTest::essence).toList().stream()
                        .map(line -> line.replaceFirst("^(/.* )3 ", "$13 "))
                        .toList());
        // Not every file system can do O_TMPFILE, but the flags and the mode are the caller's.
        assertEquals("O_RDWR|O_TMPFILE", rows.get(8).get("flags_names").getAsString());
        assertEquals(0600, rows.get(8).get("mode").getAsInt());
        assertEquals(9, rows.size());
        assertEquals(directory + "/d", rows.get(5).get("full_path").getAsString());
    }

    @Test
    @Tag("matrix")
    void thirtyTwoBitCallersAreSeen() throws IOException {
        assumeTrue(Workload.compat(), "this kernel or machine has no 32-bit system calls");
        Path directory = Scratch.directory("compat");
        Object[] operations = {
            "hold",
            directory,
            "chdir",
            directory,
            "creat32",
            "a",
            "0604",
            "open32",
            directory + "/a",
            "02000002",
            "0",
            "openat32",
            "held",
            "a",
            "0",
            "0",
            "openat32",
            "held",
            "n",
            "0301",
            "0640",
            "openat32",
            "cwd",
            "absent",
            "0",
            "0",
            "open",
            "a",
            "0",
            "0",
        };
        List<JsonObject> rows = Jopensnoop.json(List.of(), operations).clean().rows();
        assertEquals(
                List.of(
                        "a 4 O_WRONLY|O_CREAT|O_TRUNC 604 0",
                        directory + "/a 4 O_RDWR|O_CLOEXEC null 0",
                        "a 4 O_RDONLY null 0",
                        "n 4 O_WRONLY|O_CREAT|O_EXCL 640 0",
                        "absent ENOENT O_RDONLY null 0",
                        "a 4 O_RDONLY null 0"),
                rows.stream().skip(1).map(OpenEventTest::essence).toList());
        assertEquals(directory + "/n", rows.get(4).get("full_path").getAsString());
    }

    /** A signal ends the wait for the other end: the kernel's own number, before it becomes EINTR or a second try. */
    @Test
    void interruptedOpenHasTheKernelsError() throws IOException {
        Path fifo = Scratch.directory("fifo").resolve("f");
        assertEquals(0, Program.exit(List.of("mkfifo", fifo.toString())));
        Run run = Jopensnoop.json(List.of(), "alarm", fifo).clean();
        assertEquals(List.of("ERESTARTSYS"), run.field("error"));
        assertEquals(List.of("512"), run.field("err"));
    }

    /** A flag changes what people see, never what programs read. */
    @Test
    void flagsDoNotChangeTheJsonSchema() throws IOException {
        Path file = Scratch.directory("schema").resolve("f");
        Object[] operations = {"open", file, "0", "0"};
        JsonObject plain = Jopensnoop.json(List.of(), operations).clean().rows().getFirst();
        for (String options : List.of("-T -U -e -F", "--time clock", "--time iso", "--time mono")) {
            JsonObject row = Jopensnoop.json(List.of(options.split(" ")), operations)
                    .clean()
                    .rows()
                    .getFirst();
            assertEquals(List.copyOf(plain.keySet()), List.copyOf(row.keySet()), options);
        }
    }

    @Test
    void fieldsInTheOrderAsked() throws IOException {
        Path directory = Scratch.directory("fields");
        Run run = Jopensnoop.setup("--fields", "full_path,error,uid")
                .tracing(Workload.command("chdir", directory, "open", "f", "0", "0"))
                .run()
                .clean();
        assertEquals(List.of("PATH ERROR    UID", directory + "/f ENOENT   0"), run.lines());
    }

    /** Path, descriptor or error, flags, mode in octal, resolve. */
    private static String essence(JsonObject row) {
        return row.get("path").getAsString()
                + " "
                + (row.get("error").isJsonNull()
                        ? row.get("fd").getAsString()
                        : row.get("error").getAsString())
                + " " + row.get("flags_names").getAsString()
                + " "
                + (row.get("mode").isJsonNull()
                        ? "null"
                        : Integer.toOctalString(row.get("mode").getAsInt()))
                + " " + row.get("resolve").getAsString();
    }
}
