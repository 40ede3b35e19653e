// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbcc.JbccException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Views over memory that clang laid out: the C variable {@code event} of fixture.bpf.c. */
final class StructViewTest {
    private static final class Point extends StructView {
        private final IntField x = integer("x");
        private final IntField y = integer("y");

        Point() {
            super("point");
        }
    }

    private static final class Named extends StructView {
        private final Point deep = view("deep", new Point());

        Named() {
            super("any name, for the struct has none");
        }
    }

    private static final class Event extends StructView {
        private final IntField min8 = integer("min8");
        private final IntField max8 = integer("max8");
        private final IntField min16 = integer("min16");
        private final IntField max16 = integer("max16");
        private final IntField min32 = integer("min32");
        private final IntField max32 = integer("max32");
        private final IntField min64 = integer("min64");
        private final IntField max64 = integer("max64");
        private final IntField yes = integer("yes");
        private final IntField letter = integer("letter");
        private final IntField state = integer("state");
        private final IntField level = integer("level");
        private final IntField tiny = integer("tiny");
        private final IntField pointer = integer("pointer");
        private final TextField comm = text("comm");
        private final TextField full = text("full");
        private final TextArrayField argv = texts("argv");
        private final IntArrayField slots = integers("slots");
        private final IntArrayField pair = integers("pair");
        private final IntField bitsLow = integer("bits_low");
        private final IntField bitsSigned = integer("bits_signed");
        private final IntField bitsWide = integer("bits_wide");
        private final IntField bit = integer("bit");
        private final Point where = view("where", new Point());
        private final IntField whereY = integer("where.y");
        private final IntField innerA = integer("inner_a");
        private final IntField innerB = integer("inner_b");
        private final BytesField innerBytes = bytes("inner_bytes");
        private final IntField deepX = integer("named.deep.x");
        private final Named named = view("named", new Named());
        private final BytesField address = bytes("address");
        private final IntField v4 = integer("address.v4");
        private final TextField path = text("path");
        private final TextField empty = text("empty");
        private final BytesField huge = bytes("huge");

        Event() {
            super("event");
        }
    }

    private final Event event = new Event();
    private final byte[] memory = Arrays.copyOf(Fixture.littleEvent(), 256 + 64);

    @BeforeEach
    void bind() {
        assumeTrue(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN, "the fixture is little-endian");
        event.bind(Fixture.little());
        event.at(MemorySegment.ofArray(memory), 0, memory.length);
    }

    private static String refused(Executable action) {
        return assertThrows(JbccException.Failed.class, action).getMessage();
    }

    @Test
    void readsEveryWidthAndSign() {
        assertEquals(Byte.MIN_VALUE, event.min8.get());
        assertEquals(255, event.max8.get());
        assertEquals(Short.MIN_VALUE, event.min16.get());
        assertEquals(65535, event.max16.get());
        assertEquals(Integer.MIN_VALUE, event.min32.get());
        assertEquals(0xffff_ffffL, event.max32.get());
        assertEquals(Long.MIN_VALUE, event.min64.get());
        assertEquals(-1, event.max64.getAsLong());
        assertTrue(event.min64.isSigned());
        assertFalse(event.max64.isSigned());
        assertEquals(1, event.yes.get());
        assertTrue(event.yes.isBool());
        assertEquals('j', event.letter.get());
        assertEquals(0x7fff_ffff, event.state.get());
        assertEquals(0xffff_fffbL, event.level.get(), "clang 14 does not say that an enum is signed");
        assertEquals(1, event.tiny.get());
        assertEquals(0xffff_8880_1234_5678L, event.pointer.get());
    }

    @Test
    void readsBitFields() {
        assertEquals(5, event.bitsLow.get());
        assertEquals(-11, event.bitsSigned.get());
        assertEquals(0xfe_dcba_9876L, event.bitsWide.get());
        assertEquals(1, event.bit.get());
    }

    @Test
    void readsTexts() {
        assertEquals("opensnoop", event.comm.string());
        assertEquals("full", event.full.string());
        assertEquals(3, event.argv.length());
        assertEquals("ls", event.argv.string(0));
        assertEquals("/var/lib", event.argv.string(2));
        byte[] into = new byte[4];
        assertEquals(2, event.argv.read(1, into));
        assertEquals('-', into[0]);
        assertEquals(4, event.comm.read(into), "cut to the array");
        assertEquals("open", new String(into, StandardCharsets.UTF_8));
        memory[0x58] = (byte) 0xff;
        assertEquals("\ufffdpensnoop", event.comm.string());
        memory[0x58] = 0;
        assertEquals("", event.comm.string());
        assertEquals(0, event.comm.read(into));
        assertThrows(IndexOutOfBoundsException.class, () -> event.argv.read(3, into));
    }

    @Test
    void readsTextsOfEveryLength() {
        for (int length = 0; length <= 16; length++) {
            Arrays.fill(memory, 0x58, 0x58 + length, (byte) 0x81);
            Arrays.fill(memory, 0x58 + length, 0x68, (byte) 0);
            byte[] into = new byte[20];
            assertEquals(length, event.comm.read(into));
            assertArrayEquals(Arrays.copyOfRange(memory, 0x58, 0x58 + length), Arrays.copyOf(into, length));
        }
    }

    private void path(int offset, int length) {
        MemorySegment segment = MemorySegment.ofArray(memory);
        segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, 0xe0, (short) offset);
        segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, 0xe2, (short) length);
    }

    @Test
    void readsTextsBehindTheStruct() {
        byte[] name = "/etc/passwd\0x".getBytes(StandardCharsets.UTF_8);
        System.arraycopy(name, 0, memory, 256, name.length);
        path(256, name.length);
        assertEquals("/etc/passwd\0x", event.path.string());
        path(256 + 64 - 3, 3);
        assertEquals("\0\0\0", event.path.string());
        assertEquals("", event.empty.string());
        assertEquals(-1, event.empty.read(new byte[1]), "off is 0: there is no text");
        path(0xffff, 0);
        assertEquals("", event.path.string(), "where an empty text is does not matter");
        assertEquals(0, event.path.read(new byte[1]));
    }

    @Test
    void refusesTextsOutsideOfTheRecord() {
        path(256 + 64 - 2, 3);
        assertEquals("event.path is said to be 3 bytes at 318 of a record of 320", refused(event.path::string));
        path(0xffff, 0xffff);
        refused(() -> event.path.read(new byte[1]));
        path(256, 10);
        event.at(MemorySegment.ofArray(memory), 0, 265);
        refused(event.path::string);
        event.at(MemorySegment.ofArray(memory), 0, 266);
        assertEquals(10, event.path.string().length());
    }

    @Test
    void readsArraysAndBytes() {
        assertEquals(4, event.slots.length());
        assertEquals(-1, event.slots.get(2));
        assertEquals(-1, event.pair.get(0));
        assertEquals(300, event.pair.get(1));
        assertThrows(IndexOutOfBoundsException.class, () -> event.pair.get(2));
        assertEquals(16, event.address.length());
        assertArrayEquals(new byte[] {32, 1, 13, (byte) 184, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, event.address.get());
        assertEquals(0xb80d_0120L, event.v4.get());
        assertEquals(2, event.address.read(new byte[2]));
        assertArrayEquals(new byte[16], event.huge.get());
    }

    @Test
    void readsNestedAndAnonymousStructs() {
        assertEquals(-7, event.where.x.get());
        assertEquals(8, event.where.y.get());
        assertEquals(8, event.whereY.get());
        assertEquals(0x1122_3344, event.innerA.get());
        assertEquals(0x5566_7788, event.innerB.get());
        assertArrayEquals(new byte[] {(byte) 0x88, 0x77, 0x66, 0x55}, event.innerBytes.get());
        assertEquals(9, event.deepX.get());
        assertEquals(9, event.named.deep.x.get());
        assertEquals(-10, event.named.deep.y.get());
    }

    @Test
    void movesNestedViewsToo() {
        byte[] two = new byte[2 * 256 + 3];
        System.arraycopy(Fixture.littleEvent(), 0, two, 259, 256);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(two.length).copyFrom(MemorySegment.ofArray(two));
            event.at(memory, 0, 256);
            assertEquals(0, event.named.deep.x.get());
            event.at(memory, 259, 256);
            assertEquals(9, event.named.deep.x.get());
            assertEquals(-7, event.where.x.get());
            assertEquals("opensnoop", event.comm.string());
        }
    }

    @Test
    void writesInPlace() {
        for (IntField field : List.of(event.min8, event.min16, event.min32, event.min64, event.bitsSigned)) {
            field.set(-2);
            assertEquals(-2, field.get(), field.name());
        }
        for (IntField field : List.of(event.max8, event.max16, event.max32, event.max64, event.bitsLow, event.letter)) {
            field.set(3);
            assertEquals(3, field.get(), field.name());
        }
        event.where.y.set(77);
        assertEquals(77, event.whereY.get());
        event.bit.set(0);
        assertEquals(0, event.bit.get());
        assertEquals(-2, event.bitsSigned.get(), "neighbours stay");
        assertEquals("event.max16 cannot be set to 65536: it holds 0 to 65535", refused(() -> event.max16.set(65536)));
        refused(() -> event.min8.set(128));
        refused(() -> event.max32.set(-1));
        refused(() -> event.yes.set(2));
        refused(() -> event.bitsLow.set(8));
        assertEquals(
                "event.where.x cannot be set to 2147483648: it holds -2147483648 to 2147483647",
                refused(() -> event.where.x.set(1L << 31)));
    }

    @Test
    void refusesRecordsThatAreTooShort() {
        MemorySegment segment = MemorySegment.ofArray(new byte[300]);
        assertEquals(
                "a record of 255 bytes is too short for struct event of 256", refused(() -> event.at(segment, 0, 255)));
        refused(() -> event.at(segment, 0, -1));
        refused(() -> event.at(segment, -1, 256));
        refused(() -> event.at(segment, 45, 256));
        refused(() -> event.at(segment, Long.MAX_VALUE, 256));
        refused(() -> event.at(segment, 301, 256));
        refused(() -> event.at(segment, 0, Long.MAX_VALUE));
        event.at(segment, 44, 256);
        assertThrows(IllegalStateException.class, () -> new Event().at(segment, 0, 300));
    }

    @Test
    void tellsItsShape() {
        assertEquals(256, event.size());
        assertEquals("event", event.cName());
        assertEquals("min8", event.fields().getFirst().name());
        assertEquals("huge", event.fields().getLast().name());
        assertEquals(33, event.fields().size());
    }

    private static final class Wrong extends StructView {
        Wrong() {
            super("event");
            integer("mx8");
            integer("nothing_like_it");
            integer("comm");
            integer("huge");
            integer("single");
            integer("where");
            text("max8");
            text("where");
            text("slots");
            text("flexible");
            texts("comm");
            integers("comm.x");
            integers("argv");
            bytes("bits_low");
            bytes("flexible");
            integer("where.z");
            view("address", new Point());
            view("where", new Named());
        }
    }

    @Test
    void listsEverythingThatDoesNotMatch() {
        String message = refused(() -> new Wrong().bind(Fixture.little()));
        String[] lines = message.split("\n  ");
        assertEquals(
                "the BPF object does not match Wrong: struct event has no member 'mx8'; did you mean 'max8'?",
                lines[0]);
        assertTrue(
                lines[1].startsWith("struct event has no member 'nothing_like_it'; it has min8, max8, min16"),
                lines[1]);
        assertTrue(lines[1].endsWith("comm, full and 18 more"), lines[1]);
        assertEquals("""
                event.comm is char[16], not an integer of 1, 2, 4 or 8 bytes
                event.huge is __int128, not an integer of 1, 2, 4 or 8 bytes
                event.single is float, not an integer of 1, 2, 4 or 8 bytes
                event.where is struct point, not an integer of 1, 2, 4 or 8 bytes
                event.max8 is u8, not a text, char[N], struct text or struct long_text
                event.where is struct point, not a text, char[N], struct text or struct long_text
                event.slots is u64[4], not a text, char[N], struct text or struct long_text
                event.flexible is char[], not a text, char[N], struct text or struct long_text
                event.comm is char[16], not an array of texts, char[N][M]
                struct event: 'comm' is char[16] and has no members
                event.argv is char[3][8], not an array of integers
                event.bits_low is a bit-field of u32, 3 wide, not a member of one or more bytes
                event.flexible is char[], not a member of one or more bytes
                struct point has no member 'z'; it has x, y
                event.address is union address, not struct point
                event.where is struct point, not struct any name, for the struct has none
                """.strip(), String.join("\n", Arrays.asList(lines).subList(2, lines.length)));
    }

    @Test
    void saysHowToKeepAStruct() {
        JbccException.Failed e = assertThrows(JbccException.Failed.class, () -> new Named().bind(Fixture.little()));
        assertTrue(e.getMessage().startsWith("the BPF object has no struct any name"));
        assertTrue(e.hint().orElseThrow().contains("*unused_"));
    }

    @Test
    void refusesAnotherByteOrder() {
        assertTrue(refused(() -> new Event().bind(Fixture.big())).contains("byte order"));
    }

    @Test
    void refusesAViewInTwoPlaces() {
        Point point = new Point();
        Event first = new Event();
        assertThrows(IllegalArgumentException.class, () -> first.view("where", first));
        first.view("where", point);
        assertThrows(IllegalArgumentException.class, () -> new Event().view("where", point));
    }

    private static final class Crowded extends StructView {
        private final IntField second = integer("second");

        Crowded() {
            super("crowded");
        }
    }

    @Test
    void readsUnalignedMembers() {
        Crowded crowded = new Crowded();
        crowded.bind(Fixture.little());
        crowded.at(MemorySegment.ofArray(new byte[] {9, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0}), 0, 13);
        assertEquals(0x0403_0201, crowded.second.get());
    }

    private static final class Hostile extends StructView {
        Hostile(String member) {
            super("s");
            integer(member);
        }
    }

    @Test
    void refusesHostileLayouts() {
        BtfBuilder outside = new BtfBuilder();
        int integer = outside.integer("int", 4, true);
        outside.struct("s", 4, outside.name("a"), integer, 8, outside.name("b"), integer, -1);
        assertTrue(refused(() -> new Hostile("a").bind(outside.btf())).contains("smaller than its member 'a' needs"));
        assertTrue(refused(() -> new Hostile("b").bind(outside.btf())).contains("smaller than its member 'b' needs"));

        BtfBuilder itself = new BtfBuilder();
        itself.struct("s", 4, 0, 1, 0, 0, 1, 0);
        assertEquals(
                "the BPF object does not match Hostile: struct s has no member 'x'; it has none",
                refused(() -> new Hostile("x").bind(itself.btf())));

        BtfBuilder chain = new BtfBuilder();
        for (int id = 1; id < 100_000; id++) {
            chain.struct(id == 1 ? "s" : "", 4, 0, id + 1, 0);
        }
        chain.struct("", 4);
        refused(() -> new Hostile("x").bind(chain.btf()));
    }

    @Test
    void takesABitFieldOfOldCompilers() {
        BtfBuilder builder = new BtfBuilder();
        int bits = builder.add("unsigned int", BtfSection.INT, false, 0, 4, 12 << 16 | 6);
        builder.struct("s", 4, builder.name("a"), bits, 0);
        Hostile view = new Hostile("a");
        view.bind(builder.btf());
        view.at(MemorySegment.ofArray(new byte[] {0, (byte) 0xa0, 2, 0}), 0, 4);
        assertEquals(0b101010, ((IntField) view.fields().getFirst()).get());
    }
}
