// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbcc.JbccException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Records and values against memory that clang laid out: the types of fixture.bpf.c. */
final class CodecTest {
    private final Btf btf = Fixture.little();

    @BeforeEach
    void sameByteOrder() {
        assumeTrue(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN, "the fixture is little-endian");
    }

    private int id(String struct) {
        return btf.struct(struct).orElseThrow().id();
    }

    private int member(String name) {
        return btf.struct("event").orElseThrow().members().stream()
                .filter(m -> m.name().equals(name))
                .findFirst()
                .orElseThrow()
                .type();
    }

    private static String refused(Executable action) {
        return assertThrows(JbccException.Failed.class, action).getMessage();
    }

    private static <T> byte[] encoded(Codec<T> codec, T value) {
        byte[] bytes = new byte[codec.size() + 2];
        Arrays.fill(bytes, (byte) 0x55);
        codec.encode(value, MemorySegment.ofArray(bytes), 1);
        assertEquals(0x55, bytes[0], "the byte before");
        assertEquals(0x55, bytes[bytes.length - 1], "the byte after");
        return Arrays.copyOfRange(bytes, 1, bytes.length - 1);
    }

    private static <T> T decoded(Codec<T> codec, int... bytes) {
        byte[] memory = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            memory[i] = (byte) bytes[i];
        }
        return codec.decode(MemorySegment.ofArray(memory), 0);
    }

    private record Key(long pid, String comm, long startNs) {}

    @Test
    void writesARecordWithZeroPadding() {
        Codec<Key> codec = Codec.of(Key.class, btf, id("key_t"));
        assertEquals(32, codec.size());
        byte[] bytes = encoded(codec, new Key(0xffff_fffeL, "bash", 1L << 40));
        byte[] wanted = new byte[32];
        System.arraycopy(new byte[] {-2, -1, -1, -1, 'b', 'a', 's', 'h'}, 0, wanted, 0, 8);
        wanted[24 + 5] = 1;
        assertArrayEquals(wanted, bytes);
        assertEquals(new Key(0xffff_fffeL, "bash", 1L << 40), codec.decode(MemorySegment.ofArray(bytes), 0));
    }

    private enum State {
        IDLE,
        RUNNING,
        DEAD
    }

    private record Point(int x, int y) {}

    private record Named(Point deep) {}

    private record Event(
            byte min8,
            short max8,
            Short min16,
            int max16,
            Integer min32,
            long max32,
            long min64,
            Long max64,
            boolean yes,
            byte letter,
            State state,
            long pointer,
            String comm,
            String full,
            byte[] argv,
            long[] slots,
            short[] pair,
            byte bits_low,
            byte bitsSigned,
            long bits_wide,
            Boolean bit,
            Point where,
            long inner_a,
            byte[] inner_bytes,
            Named named,
            byte[] address,
            byte[] huge) {}

    @Test
    void readsAndWritesEveryKindOfMember() {
        Codec<Event> codec = Codec.of(Event.class, btf, id("event"));
        byte[] memory = Fixture.littleEvent();
        Event event = codec.decode(MemorySegment.ofArray(memory), 0);
        assertEquals(-128, event.min8);
        assertEquals(255, event.max8);
        assertEquals(Short.MIN_VALUE, event.min16);
        assertEquals(65535, event.max16);
        assertEquals(Integer.MIN_VALUE, event.min32);
        assertEquals(0xffff_ffffL, event.max32);
        assertEquals(Long.MIN_VALUE, event.min64);
        assertEquals(-1, event.max64);
        assertTrue(event.yes);
        assertEquals('j', event.letter);
        assertEquals(State.DEAD, event.state);
        assertEquals(0xffff_8880_1234_5678L, event.pointer);
        assertEquals("opensnoop", event.comm);
        assertEquals("full", event.full);
        assertEquals('l', event.argv[0]);
        assertArrayEquals(new long[] {1, 2, -1, 4}, event.slots);
        assertArrayEquals(new short[] {-1, 300}, event.pair);
        assertEquals(5, event.bits_low);
        assertEquals(-11, event.bitsSigned);
        assertEquals(0xfe_dcba_9876L, event.bits_wide);
        assertTrue(event.bit);
        assertEquals(new Point(-7, 8), event.where);
        assertEquals(0x1122_3344, event.inner_a);
        assertEquals(new Point(9, -10), event.named.deep);
        assertEquals(32, event.address[0]);

        byte[] again = encoded(codec, event);
        // What has no component is zero: level and tiny, single, bits_level, path.
        Arrays.fill(memory, 0x28, 0x2d, (byte) 0);
        Arrays.fill(memory, 0x48, 0x4c, (byte) 0);
        memory[0xb5] &= 0x01;
        Arrays.fill(memory, 0xe0, 0xe4, (byte) 0);
        assertArrayEquals(memory, again);
    }

    @Test
    void convertsSingleValues() {
        assertEquals(0xffff_fffeL, decoded(Codec.of(Long.class, btf, member("max32")), 0xfe, 0xff, 0xff, 0xff));
        assertEquals(-2, decoded(Codec.of(Integer.class, btf, member("min32")), 0xfe, 0xff, 0xff, 0xff));
        assertEquals(-2, decoded(Codec.of(int.class, btf, member("min32")), 0xfe, 0xff, 0xff, 0xff));
        assertEquals((short) -2, decoded(Codec.of(Short.class, btf, member("min16")), 0xfe, 0xff));
        assertEquals((byte) -2, decoded(Codec.of(Byte.class, btf, member("min8")), 0xfe));
        assertEquals(true, decoded(Codec.of(Boolean.class, btf, member("yes")), 1));
        assertEquals(State.RUNNING, decoded(Codec.of(State.class, btf, member("state")), 7, 0, 0, 0));
        assertArrayEquals(new byte[] {7, 0, 0, 0}, encoded(Codec.of(State.class, btf, member("state")), State.RUNNING));
        assertArrayEquals(new byte[] {1}, encoded(Codec.of(Boolean.class, btf, member("yes")), true));
        assertEquals("ab", decoded(Codec.of(String.class, btf, member("full")), 'a', 'b', 0, 'c'));
        assertArrayEquals(new byte[] {'a', 'b', 0, 0}, encoded(Codec.of(String.class, btf, member("full")), "ab"));
        assertArrayEquals(
                new byte[] {'a', 'b', 'c', 'd'}, encoded(Codec.of(String.class, btf, member("full")), "abcd"));
        Codec<int[]> pair = Codec.of(int[].class, btf, member("pair"));
        assertArrayEquals(new int[] {-2, 3}, decoded(pair, 0xfe, 0xff, 3, 0));
        assertArrayEquals(new byte[] {-2, -1, 3, 0}, encoded(pair, new int[] {-2, 3}));
        assertArrayEquals(new byte[] {1, 2, 3}, decoded(Codec.raw(3), 1, 2, 3));
        assertArrayEquals(new byte[] {1, 2, 3}, encoded(Codec.raw(3), new byte[] {1, 2, 3}));
        assertArrayEquals(new byte[0], encoded(Codec.raw(0), new byte[0]));
    }

    @Test
    void refusesValuesThatDoNotFit() {
        Codec<Key> key = Codec.of(Key.class, btf, id("key_t"));
        MemorySegment memory = MemorySegment.ofArray(new byte[32]);
        assertEquals(
                "struct {...}.pid cannot be -1: it holds 0 to 4294967295",
                refused(() -> key.encode(new Key(-1, "", 0), memory, 0)));
        assertEquals(
                "struct {...}.comm holds 16 bytes, '0123456789abcde\u00e4' has 17 in UTF-8",
                refused(() -> key.encode(new Key(1, "0123456789abcde\u00e4", 0), memory, 0)));
        assertTrue(refused(() -> key.encode(new Key(1, "a\0b", 0), memory, 0)).contains("zero byte"));
        assertEquals("struct {...}: comm is null", refused(() -> key.encode(new Key(1, null, 0), memory, 0)));
        assertTrue(refused(() -> Codec.raw(3).encode(new byte[4], memory, 0)).contains("3 bytes, not 4"));
        Codec<int[]> pair = Codec.of(int[].class, btf, member("pair"));
        assertTrue(refused(() -> pair.encode(new int[1], memory, 0)).contains("2 elements, not 1"));
        assertTrue(refused(() -> pair.encode(new int[] {0, 40_000}, memory, 0)).contains("[1] cannot be 40000"));
        assertTrue(refused(() -> decoded(Codec.of(State.class, btf, member("state")), 3, 0, 0, 0))
                .contains("is 3, which is none"));
        assertThrows(IndexOutOfBoundsException.class, () -> key.decode(memory, 1));
    }

    private enum OtherState {
        IDLE,
        RUNING,
    }

    private record Union(long v4) {}

    private record Wrong(
            int max32,
            byte max8,
            boolean bits_signed,
            String slots,
            String max16,
            int[] slot,
            int[] slots2,
            OtherState state,
            long innerB,
            Union address,
            double twice,
            Object single,
            long huge,
            byte[] bits_low,
            Point named,
            byte[] flexible,
            State max64) {}

    @Test
    void listsEverythingThatDoesNotMatch() {
        assertEquals("""
                struct event of the BPF object does not match Wrong: \
                struct event.max32 is u32 in C, which is not Integer: it holds 0 to 4294967295; use Long
                  struct event.max8 is u8 in C, which is not Byte: it holds 0 to 255; use Short
                  struct event.bits_signed is s32:5 in C, which is not Boolean: it holds -16 to 15; use Byte
                  struct event.slots is u64[4] in C, which is not String
                  struct event.max16 is u16 in C, which is not String
                  struct event has no member 'slot'; did you mean 'slots'?
                  struct event has no member 'slots2'; did you mean 'slots'?
                  struct event.state: enum state has no value 'RUNING'; did you mean 'RUNNING'?
                  struct event.state: OtherState has no constant for 'RUNNING' of enum state
                  struct event.state: OtherState has no constant for 'DEAD' of enum state
                  struct event.inner_b is in a union: it can only be a byte[]
                  struct event.address is union address in C, which is not record Union
                  struct event.twice: jbcc has no C type for double
                  struct event.single: jbcc has no C type for Object
                  struct event.huge is __int128 in C, which is not Long
                  struct event.bits_low is u32:3 in C, which is not byte[]
                  struct {...} has no member 'x'; it has deep
                  struct {...} has no member 'y'; it has deep
                  struct event.flexible has 0 bytes
                  struct event.max64 is u64 in C, which is not enum State""", refused(() -> Codec.of(Wrong.class, btf, id("event"))));
    }

    private record Circle(Circle deep) {}

    private record Picky(int x, int y) {
        Picky {
            if (x > y) {
                throw new IllegalArgumentException("x is beyond y");
            }
        }
    }

    @Test
    void refusesOddRecords() {
        assertTrue(
                refused(() -> Codec.of(Circle.class, btf, member("named"))).contains("record Circle contains itself"));
        Codec<Picky> picky = Codec.of(Picky.class, btf, id("point"));
        assertEquals(new Picky(1, 2), decoded(picky, 1, 0, 0, 0, 2, 0, 0, 0));
        assertEquals(
                "record Picky refuses the values of struct point: x is beyond y",
                refused(() -> decoded(picky, 2, 0, 0, 0, 1, 0, 0, 0)));
    }

    private record Huge(byte[] a) {}

    @Test
    void refusesHostileTypes() {
        BtfBuilder builder = new BtfBuilder();
        int element = builder.integer("int", 4, true);
        int large = builder.array(element, 0x3fff_ffff);
        int struct = builder.struct("huge", -1, builder.name("a"), large, 0);
        Btf hostile = builder.btf();
        assertTrue(refused(() -> Codec.of(byte[].class, hostile, large)).contains("has 4294967292 bytes"));
        assertTrue(refused(() -> Codec.of(int[].class, hostile, large)).contains("has 4294967292 bytes"));
        assertTrue(refused(() -> Codec.of(Huge.class, hostile, struct)).contains("has 4294967295 bytes"));
        refused(() -> Codec.of(Long.class, hostile, 77));
        BtfBuilder fitting = new BtfBuilder();
        int big = fitting.array(fitting.integer("char", 1, true), Integer.MAX_VALUE);
        Codec<String> codec = Codec.of(String.class, fitting.btf(), big);
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> codec.decode(MemorySegment.ofArray(new byte[8]), 0),
                "no memory");
    }
}
