// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bit-fields of both byte orders against memory that clang laid out, and at every offset and width. */
final class IntShapeTest {
    private static long compiled(Btf btf, byte[] data, String member) {
        Place place = new MemberSearch(btf, new ArrayList<>())
                .find(btf.struct("event").orElseThrow(), member);
        return IntShape.of(btf, place).readBits(MemorySegment.ofArray(data), place.offset(), btf.order());
    }

    @Test
    void readsWhatClangWroteInBothByteOrders() {
        Btf[] btfs = {Fixture.little(), Fixture.big()};
        byte[][] data = {Fixture.littleEvent(), Fixture.bigEvent()};
        for (int i = 0; i < btfs.length; i++) {
            assertEquals(5, compiled(btfs[i], data[i], "bits_low"));
            assertEquals(-11, compiled(btfs[i], data[i], "bits_signed"));
            assertEquals(0xfe_dcba_9876L, compiled(btfs[i], data[i], "bits_wide"));
            assertEquals(1, compiled(btfs[i], data[i], "bit"));
        }
    }

    @Test
    void writesEveryOffsetAndWidthAndNothingElse() {
        Random random = new Random(1);
        byte[] before = new byte[9];
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            for (int shift = 0; shift < 8; shift++) {
                for (int bits = 1; bits + shift <= 64; bits++) {
                    random.nextBytes(before);
                    byte[] after = before.clone();
                    MemorySegment memory = MemorySegment.ofArray(after);
                    IntShape signed = IntShape.bitField(shift, bits, true, false);
                    IntShape unsigned = IntShape.bitField(shift, bits, false, false);
                    long old = signed.readBits(memory, 0, order);
                    signed.writeBits(memory, 0, ~old, order);
                    assertEquals(~old, signed.readBits(memory, 0, order));
                    assertEquals(~old & -1L >>> 64 - bits, unsigned.readBits(memory, 0, order));
                    assertTrue(signed.holds(~old));
                    signed.writeBits(memory, 0, old, order);
                    assertArrayEquals(before, after);
                }
            }
        }
    }

    @Test
    void knowsItsRange() {
        IntShape signed = IntShape.bitField(0, 3, true, false);
        assertTrue(signed.holds(-4) && signed.holds(3));
        assertFalse(signed.holds(-5) || signed.holds(4));
        assertEquals("-4 to 3", signed.range());
        IntShape unsigned = IntShape.bitField(0, 3, false, false);
        assertTrue(unsigned.holds(0) && unsigned.holds(7));
        assertFalse(unsigned.holds(-1) || unsigned.holds(8));
        assertEquals("0 to 7", unsigned.range());
        assertEquals(
                "0 to 18446744073709551615",
                IntShape.bitField(0, 64, false, false).range());
        assertEquals(
                Long.MIN_VALUE + " to " + Long.MAX_VALUE,
                IntShape.bitField(0, 64, true, false).range());
        assertEquals("-1 to 0", IntShape.bitField(0, 1, true, false).range());
        assertEquals("0 to 1", IntShape.bitField(5, 1, false, true).range());
    }

    @Test
    void refusesABitFieldAcrossNineBytes() {
        assertNull(IntShape.bitField(7, 58, false, false));
        assertNull(IntShape.bitField(0, 0, false, false));
    }
}
