// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.bpf.ffi.Libc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Lines of {@code bpf_printk}, as text and from the kernel. */
class TracePipeTest {
    private static final Path INSTANCES = Path.of("/sys/kernel/tracing/instances");

    @Test
    void readsLines() {
        assertEquals(
                new TraceLine("java", 4711, 1, 12_345_678_901_000L, "a: b"),
                TraceLine.parse("            java-4711    [001] ...21 12345.678901: bpf_trace_printk: a: b"));
        assertEquals(
                new TraceLine("a-b [x]", 7, 12, 1_000L, ""),
                TraceLine.parse("         a-b [x]-7       [012] d..31     0.000001: bpf_trace_printk: "));
        assertEquals(
                new TraceLine("<...>", 7, 0, 0, "x"),
                TraceLine.parse("           <...>-7     (    900) [000] ....1     0.000000: bpf_trace_printk: x"));
        for (String other : new String[] {
            "",
            ": bpf_trace_printk: x",
            "CPU:1 [LOST 23 EVENTS]",
            "java-4711 [001] 12345.678901: sched_switch: prev_comm=x",
            "java-x [001] d 12345.678901: bpf_trace_printk: x",
            "java-1 [001] d 12345.6: bpf_trace_printk: x",
            "java-1 [99999999999] d 12345.678901: bpf_trace_printk: x",
            "] - [ : bpf_trace_printk: x"
        }) {
            assertNull(TraceLine.parse(other), other);
        }
    }

    private static boolean matches(String format, String text) {
        PrintFormats formats = new PrintFormats();
        formats.add("something else");
        formats.add(format);
        return formats.match(text);
    }

    @Test
    void tellsTextsByTheirFormats() {
        assertTrue(matches("plain\n", "plain"));
        assertFalse(matches("plain", "plainer"));
        assertTrue(matches("%d", ""));
        assertTrue(matches("pid %d of %-16s: %08llx", "pid 7 of x: of y: 0000000a"));
        assertFalse(matches("pid %d of %s", "pid 7"));
        assertFalse(matches("ab%dba", "aba"));
        assertTrue(matches("100%% %s", "100% sure"));
        assertTrue(matches("from %pI4 to %pI6", "from 1.2.3.4 to ::1"));
        assertFalse(matches("%d x %d y", "1 y 2 x"));
        assertTrue(matches("odd %", "odd %"));
        assertTrue(new PrintFormats().match("anything"));
    }

    @Test
    void linesOfOneObjectOnly() throws IOException {
        Assumptions.assumeTrue(Files.isDirectory(INSTANCES), "tracefs is not mounted at /sys/kernel/tracing");
        try (OpenObject open = TestBpf.open("printing");
                OpenObject noise = TestBpf.open("printing")) {
            noise.autoload("on_enter", false);
            noise.autoload("on_exit", true);
            try (BpfObject object = TestBpf.load(open);
                    BpfObject other = TestBpf.load(noise);
                    TracePipe pipe = object.tracePipe()) {
                List<TraceLine> lines = new ArrayList<>();
                object.attach();
                other.attach();
                TestBpf.trigger(3);
                other.detach();
                long end = System.nanoTime() + 10_000_000_000L;
                while (lines.size() < 6 && System.nanoTime() < end) {
                    pipe.await(100);
                    pipe.consume(lines::add);
                }
                List<String> texts = lines.stream().map(TraceLine::text).toList();
                String killed = "killed " + Libc.processId() + ": 100% of it";
                String many = "1 2 3 4 [abc]";
                // The object that prints "another" has the same formats, for it is made of the same source.
                List<String> own =
                        texts.stream().filter(text -> !text.equals("another")).toList();
                assertEquals(List.of(killed, many, killed, many, killed, many), own);
                assertTrue(lines.getFirst().nanos() > 0);
            }
        }
        assertFalse(Files.exists(INSTANCES.resolve("jbcc-" + Libc.processId() + "-1")));
    }

    @Test
    void isClosedWithItsObject() {
        Assumptions.assumeTrue(Files.isDirectory(INSTANCES), "tracefs is not mounted at /sys/kernel/tracing");
        TracePipe pipe;
        try (BpfObject object = TestBpf.load("printing")) {
            assertTrue(object.prints());
            pipe = object.tracePipe();
        }
        assertThrows(IllegalStateException.class, () -> pipe.await(0));
        try (BpfObject object = TestBpf.load("lifecycle")) {
            assertFalse(object.prints());
        }
    }

    @Test
    void whatAKilledProcessLeftIsRemoved() throws IOException {
        Assumptions.assumeTrue(Files.isDirectory(INSTANCES), "tracefs is not mounted at /sys/kernel/tracing");
        Path left = INSTANCES.resolve("jbcc-4194305-1"); // no such pid: PID_MAX_LIMIT is 4194304
        try (BpfObject object = TestBpf.load("printing")) {
            Files.createDirectory(left);
            object.tracePipe().close();
            assertFalse(Files.exists(left));
        } finally {
            Files.deleteIfExists(left);
        }
    }
}
