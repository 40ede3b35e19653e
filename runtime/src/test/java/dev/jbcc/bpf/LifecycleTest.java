// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.ffi.Libc;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class LifecycleTest {
    private static final class Seen extends StructView {
        final IntField s8 = integer("s8");
        final IntField s16 = integer("s16");
        final IntField s32 = integer("s32");
        final IntField s64 = integer("s64_");
        final IntField u8 = integer("u8");
        final IntField u16 = integer("u16");
        final IntField u32 = integer("u32");
        final IntField u64 = integer("u64_");
        final IntField yes = integer("yes");
        final IntField color = integer("color");
        final IntField data = integer("data");
        final IntArrayField longs = integers("longs");
        final TextField text = text("text");

        Seen() {
            super("seen");
        }
    }

    /** Loads, makes one event happen, and reads what the program saw. */
    private static Seen run(OpenObject open) {
        BpfObject object = TestBpf.load(open);
        try (object) {
            object.attach();
            TestBpf.trigger(1);
            object.detach();
            // Copied, for the memory goes with the object.
            MemorySegment memory = object.variable("seen").orElseThrow();
            byte[] bytes = memory.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
            Seen seen = new Seen();
            seen.bind(object.btf());
            seen.at(MemorySegment.ofArray(bytes), 0, bytes.length);
            return seen;
        }
    }

    private static String refused(Executable action) {
        return assertThrows(IllegalArgumentException.class, action).getMessage();
    }

    private static String late(Executable action) {
        return assertThrows(IllegalStateException.class, action).getMessage();
    }

    @Test
    void countsEventsWhileAttached() {
        try (BpfObject object = TestBpf.load("lifecycle")) {
            TestBpf.trigger(3);
            assertEquals(0, TestBpf.count(object, "events"), "loaded is not attached");
            object.attach();
            TestBpf.trigger(23);
            object.detach();
            TestBpf.trigger(5);
            assertEquals(23, TestBpf.count(object, "events"));
            object.detach();
            BpfLink link = object.attach("on_enter");
            TestBpf.trigger(2);
            link.close();
            link.close();
            TestBpf.trigger(5);
            assertEquals(25, TestBpf.count(object, "events"));
            assertTrue(object.missed() >= 0);
        }
    }

    @Test
    void loadsOnlyWhatIsAskedFor() {
        try (OpenObject open = TestBpf.open("lifecycle")) {
            assertEquals(List.of("on_enter", "raw_enter", "absent"), open.programs());
            open.autoload("on_enter", false);
            open.autoload("raw_enter", true);
            try (BpfObject object = TestBpf.load(open)) {
                assertEquals("lifecycle has no loaded program on_enter", refused(() -> object.attach("on_enter")));
                object.attach("raw_enter");
                TestBpf.trigger(1);
                object.detach();
                assertTrue(TestBpf.count(object, "raw_events") > 0);
                assertEquals(0, TestBpf.count(object, "events"));
            }
        }
    }

    @Test
    void saysWhatCannotBeAttached() {
        try (OpenObject open = TestBpf.open("lifecycle")) {
            open.autoload("absent", true);
            try (BpfObject object = TestBpf.load(open)) {
                JbccException e = assertThrows(JbccException.NotSupported.class, object::attach);
                assertTrue(
                        e.getMessage().startsWith("cannot attach absent to raw_tp/no_such_tracepoint: this kernel ("));
            }
        }
    }

    @Test
    void setsGlobalsOfEveryWidth() {
        try (OpenObject open = TestBpf.open("lifecycle")) {
            open.global("in_s8", -128);
            open.global("in_s16", -32768);
            open.global("in_s32", Integer.MIN_VALUE);
            open.global("in_s64", Long.MIN_VALUE);
            open.global("in_u8", 255);
            open.global("in_u16", 65535);
            open.global("in_u32", 0xffff_ffffL);
            open.global("in_u64", -1);
            open.global("in_bool", 1);
            open.global("in_enum", 7);
            open.global("in_data", 0x8000_0000L);
            open.global("in_longs", new long[] {Long.MIN_VALUE, 2});
            open.global("in_text", "jbcc".getBytes(StandardCharsets.US_ASCII));
            Seen seen = run(open);
            assertEquals(-128, seen.s8.get());
            assertEquals(-32768, seen.s16.get());
            assertEquals(Integer.MIN_VALUE, seen.s32.get());
            assertEquals(Long.MIN_VALUE, seen.s64.get());
            assertEquals(255, seen.u8.get());
            assertEquals(65535, seen.u16.get());
            assertEquals(0xffff_ffffL, seen.u32.get());
            assertEquals(-1, seen.u64.get());
            assertEquals(1, seen.yes.get());
            assertEquals(7, seen.color.get());
            assertEquals(0x8000_0000L, seen.data.get());
            assertEquals(Long.MIN_VALUE, seen.longs.get(0));
            assertEquals(2, seen.longs.get(1));
            assertEquals(0, seen.longs.get(2));
            assertEquals("jbcc", seen.text.string());
        }
    }

    @Test
    void leavesGlobalsAsTheCSaysUnlessSet() {
        try (OpenObject open = TestBpf.open("lifecycle")) {
            open.global("in_s8", 127);
            open.global("in_s16", 32767);
            open.global("in_s32", Integer.MAX_VALUE);
            open.global("in_s64", Long.MAX_VALUE);
            open.global("in_text", "12345678".getBytes(StandardCharsets.US_ASCII));
            Seen seen = run(open);
            assertEquals(127, seen.s8.get());
            assertEquals(32767, seen.s16.get());
            assertEquals(Integer.MAX_VALUE, seen.s32.get());
            assertEquals(Long.MAX_VALUE, seen.s64.get());
            assertEquals("12345678", seen.text.string());
            assertEquals(0, seen.u8.get());
            assertEquals(1, seen.color.get());
            assertEquals(5, seen.data.get());
        }
    }

    @Test
    void refusesValuesThatDoNotFit() {
        try (OpenObject open = TestBpf.open("lifecycle")) {
            assertEquals("in_u8 holds 0 to 255, not 256", refused(() -> open.global("in_u8", 256)));
            refused(() -> open.global("in_u8", -1));
            refused(() -> open.global("in_s8", 128));
            refused(() -> open.global("in_s8", -129));
            refused(() -> open.global("in_s16", -32769));
            refused(() -> open.global("in_u16", 65536));
            refused(() -> open.global("in_s32", Integer.MIN_VALUE - 1L));
            refused(() -> open.global("in_u32", 1L << 32));
            refused(() -> open.global("in_bool", 2));
            refused(() -> open.global("in_longs", 1));
            assertEquals("in_text holds 8 bytes", refused(() -> open.global("in_text", new byte[9])));
            assertEquals("in_longs holds 3 values", refused(() -> open.global("in_longs", new long[4])));
            assertEquals("lifecycle has no global in_u9", refused(() -> open.global("in_u9", 1)));
            assertEquals(0, run(open).u8.get(), "nothing of what was refused is done again at load");
        }
    }

    @Test
    void refusesNamesThatAreNotThere() {
        try (OpenObject open = TestBpf.open("lifecycle")) {
            assertEquals("lifecycle has no program on_exit", refused(() -> open.autoload("on_exit", true)));
            assertEquals("lifecycle has no map size", refused(() -> open.maxEntries("size", 1)));
            assertEquals("lifecycle has no map size", refused(() -> open.leaveOut("size")));
            try (BpfObject object = TestBpf.load(open)) {
                assertEquals("lifecycle has no loaded program x", refused(() -> object.attach("x")));
                assertEquals("lifecycle has no map x", refused(() -> object.map("x", Long.class, Long.class)));
                assertEquals("lifecycle has no map x", refused(() -> object.ringBuffer("x")));
                assertEquals("lifecycle has no map x", refused(() -> object.setDescriptor("x", 0, 0)));
                assertTrue(object.variable("x").isEmpty());
                assertTrue(object.variable("in_u8").isEmpty(), "a const global cannot be written");
                assertTrue(object.variable("in_data").isPresent());
            }
        }
    }

    @Test
    void sizesMapsAndLeavesThemOut() {
        try (OpenObject open = TestBpf.open("lifecycle")) {
            open.maxEntries("sized", 3);
            open.leaveOut("spare");
            try (BpfObject object = TestBpf.load(open)) {
                BpfMap<Long, Long> sized = object.map("sized", Long.class, Long.class);
                sized.update(1L, 1L);
                sized.update(2L, 1L);
                sized.update(3L, 1L);
                JbccException e = assertThrows(JbccException.Failed.class, () -> sized.update(4L, 1L));
                assertTrue(e.getMessage().startsWith("cannot update map sized: E2BIG"), e.getMessage());
                assertThrows(
                        RuntimeException.class,
                        () -> object.map("spare", Long.class, Long.class).lookup(0L));
            }
        }
    }

    @Test
    void cannotBeConfiguredOnceLoadedOrClosed() {
        OpenObject open = TestBpf.open("lifecycle");
        TestBpf.load(open).close();
        String expected = "lifecycle is loaded or closed: configure it before load";
        assertEquals(expected, late(() -> open.global("in_u8", 1)));
        assertEquals(expected, late(() -> open.global("in_text", new byte[1])));
        assertEquals(expected, late(() -> open.global("in_longs", new long[1])));
        assertEquals(expected, late(() -> open.autoload("on_enter", false)));
        assertEquals(expected, late(() -> open.maxEntries("sized", 2)));
        assertEquals(expected, late(() -> open.leaveOut("spare")));
        assertEquals(expected, late(() -> open.usePinned("sized", "/sys/fs/bpf/x")));
        late(open::programs);
        late(open::load);
        assertNotNull(open.btf());
        open.close();
        open.close();

        OpenObject closed = TestBpf.open("lifecycle");
        closed.close();
        closed.close();
        late(closed::load);
        late(closed::programs);
        late(() -> closed.global("in_u8", 1));
    }

    @Test
    void refusesUseAfterClose() {
        BpfObject object = TestBpf.load("lifecycle");
        BpfMap<Long, Long> map = object.map("spare", Long.class, Long.class);
        BpfLink link = object.attach("on_enter");
        object.close();
        object.close();
        link.close();
        object.detach();
        assertEquals("lifecycle is closed", late(object::attach));
        late(() -> object.attach("on_enter"));
        late(() -> object.map("spare", Long.class, Long.class));
        late(() -> object.variable("events"));
        late(() -> object.ringBuffer("spare"));
        late(() -> object.setDescriptor("spare", 0, 0));
        late(object::missed);
        assertEquals("lifecycle is closed", late(() -> map.lookup(0L)));
        late(() -> map.update(0L, 1L));
        late(() -> map.updateAll(0L, List.of(1L)));
        late(() -> map.delete(0L));
        late(() -> map.forEach((key, value) -> {}));
        assertEquals("spare", map.name());
    }

    @Test
    void refusesBuffersThatAreClosed() {
        RingBuffer ring;
        try (BpfObject object = TestBpf.load("ring")) {
            ring = object.ringBuffer("ring");
            assertEquals(0, ring.consume((memory, offset, length) -> {}, 1));
        }
        late(() -> ring.consume((memory, offset, length) -> {}, 1));
        late(() -> ring.await(0));
        late(ring::available);
        ring.close();

        PerfBuffer perf;
        try (BpfObject object = TestBpf.load("perf")) {
            perf = object.perfBuffer("perf", 4096);
            assertEquals(0, perf.consume((memory, offset, length) -> {}, 1));
        }
        late(() -> perf.consume((memory, offset, length) -> {}, 1));
        late(() -> perf.await(0));
        assertEquals(0, perf.lost());
        perf.close();
    }

    @Test
    void refusesWhatIsNoObject() {
        TestBpf.open("lifecycle").close(); // or skip
        JbccException e = assertThrows(
                JbccException.Failed.class, () -> OpenObject.open("#!/bin/sh".getBytes(StandardCharsets.UTF_8), "sh"));
        assertTrue(e.getMessage().startsWith("cannot open the object of sh: bpf_object__open_mem: "), e.getMessage());
        assertFalse(e.detail().orElse("").isEmpty());
        assertThrows(JbccException.Failed.class, () -> OpenObject.open(new byte[0], "empty"));
        byte[] elf = TestBpf.elf("lifecycle");
        for (int length = 1; length < elf.length; length += elf.length / 50) {
            byte[] cut = java.util.Arrays.copyOf(elf, length);
            assertThrows(JbccException.Failed.class, () -> OpenObject.open(cut, "cut"));
        }
    }

    @Test
    void refusesAnObjectWithoutTypes() {
        TestBpf.open("lifecycle").close(); // or skip
        byte[] elf = TestBpf.elf("chatty", "-g0");
        JbccException e = assertThrows(JbccException.Failed.class, () -> OpenObject.open(elf, "chatty"));
        assertEquals("the object of chatty has no type information (BTF)", e.getMessage());
    }

    @Test
    void saysWhatKindOfMapABufferNeeds() {
        try (BpfObject object = TestBpf.load("lifecycle")) {
            assertEquals("map sized of lifecycle is no ring buffer", refused(() -> object.ringBuffer("sized")));
            assertEquals(
                    "map sized of lifecycle is no perf event array", refused(() -> object.perfBuffer("sized", 4096)));
            assertEquals(
                    "map sized of lifecycle does not hold descriptors",
                    refused(() -> object.setDescriptor("sized", 0, 0)));
        }
        try (BpfObject object = TestBpf.load("perf")) {
            refused(() -> object.perfBuffer("perf", 12288));
            refused(() -> object.perfBuffer("perf", 0));
        }
    }

    @Test
    void processIdIsThatOfTheTest() {
        assertEquals(ProcessHandle.current().pid(), Libc.processId());
    }
}
