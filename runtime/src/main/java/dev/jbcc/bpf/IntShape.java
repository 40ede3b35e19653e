// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * How an integer lies in memory: width, sign, and for a bit-field the first bit. Values are longs; an unsigned 64-bit
 * one is its bits. Byte order is this machine's.
 */
final class IntShape {
    private static final int S8 = 0;
    private static final int U8 = 1;
    private static final int S16 = 2;
    private static final int U16 = 3;
    private static final int S32 = 4;
    private static final int U32 = 5;
    private static final int W64 = 6;
    private static final int BITS = 7;

    private final int kind;
    private final int bits;
    private final int shift;
    private final boolean isSigned;
    private final boolean isBool;

    private IntShape(int kind, int bits, int shift, boolean isSigned, boolean isBool) {
        this.kind = kind;
        this.bits = bits;
        this.shift = shift;
        this.isSigned = isSigned;
        this.isBool = isBool;
    }

    /** The shape of an integer, character, bool, enum or pointer; null for anything else, and for other widths. */
    static IntShape of(Btf btf, Place place) {
        BtfType type = btf.resolve(place.type());
        if (type instanceof BtfType.Int integer) {
            boolean whole = integer.bitOffset() == 0 && integer.bits() == 8 * integer.size();
            return whole || place.bitSize() != 0
                    ? of(place.bitOffset(), place.bitSize(), integer.size(), integer.isSigned(), integer.isBool())
                    : null;
        }
        if (type instanceof BtfType.Enum enumeration) {
            return of(place.bitOffset(), place.bitSize(), enumeration.size(), enumeration.isSigned(), false);
        }
        return type instanceof BtfType.Ptr
                ? of(place.bitOffset(), place.bitSize(), Btf.POINTER_SIZE, false, false)
                : null;
    }

    private static IntShape of(long bitOffset, int bitSize, long size, boolean isSigned, boolean isBool) {
        if (bitSize != 0 || (bitOffset & 7) != 0) {
            return bitSize == 0 ? null : bitField(bitOffset, bitSize, isSigned, isBool);
        }
        return switch ((int) Math.min(size, 9)) {
            case 1 -> new IntShape(isSigned ? S8 : U8, 8, 0, isSigned, isBool);
            case 2 -> new IntShape(isSigned ? S16 : U16, 16, 0, isSigned, isBool);
            case 4 -> new IntShape(isSigned ? S32 : U32, 32, 0, isSigned, isBool);
            case 8 -> new IntShape(W64, 64, 0, isSigned, isBool);
            default -> null;
        };
    }

    /** A bit-field; null if it does not lie in 8 bytes from the one it starts in. */
    static IntShape bitField(long bitOffset, int bits, boolean isSigned, boolean isBool) {
        int shift = (int) bitOffset & 7;
        return bits < 1 || shift + bits > 64 ? null : new IntShape(BITS, bits, shift, isSigned, isBool);
    }

    /** How many bytes it touches. */
    int size() {
        return (shift + bits + 7) >>> 3;
    }

    boolean isSigned() {
        return isSigned;
    }

    boolean isBool() {
        return isBool;
    }

    /** The width in bits. */
    int bits() {
        return bits;
    }

    long read(MemorySegment segment, long at) {
        return switch (kind) {
            case S8 -> segment.get(ValueLayout.JAVA_BYTE, at);
            case U8 -> segment.get(ValueLayout.JAVA_BYTE, at) & 0xffL;
            case S16 -> segment.get(ValueLayout.JAVA_SHORT_UNALIGNED, at);
            case U16 -> segment.get(ValueLayout.JAVA_SHORT_UNALIGNED, at) & 0xffffL;
            case S32 -> segment.get(ValueLayout.JAVA_INT_UNALIGNED, at);
            case U32 -> segment.get(ValueLayout.JAVA_INT_UNALIGNED, at) & 0xffff_ffffL;
            case W64 -> segment.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
            default -> readBits(segment, at, ByteOrder.nativeOrder());
        };
    }

    /** Writes a value that {@link #holds}. */
    void write(MemorySegment segment, long at, long value) {
        switch (kind) {
            case S8, U8 -> segment.set(ValueLayout.JAVA_BYTE, at, (byte) value);
            case S16, U16 -> segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, (short) value);
            case S32, U32 -> segment.set(ValueLayout.JAVA_INT_UNALIGNED, at, (int) value);
            case W64 -> segment.set(ValueLayout.JAVA_LONG_UNALIGNED, at, value);
            default -> writeBits(segment, at, value, ByteOrder.nativeOrder());
        }
    }

    /** Bit-fields are counted from the lowest bit of little-endian memory, from the highest of big-endian. */
    long readBits(MemorySegment segment, long at, ByteOrder order) {
        int unused = 64 - bits;
        long value = bytes(segment, at, order) >>> down(order) << unused;
        return isSigned ? value >> unused : value >>> unused;
    }

    void writeBits(MemorySegment segment, long at, long value, ByteOrder order) {
        int down = down(order);
        long mask = -1L >>> 64 - bits << down;
        long all = bytes(segment, at, order) & ~mask | value << down & mask;
        for (int i = 0, size = size(); i < size; i++) {
            segment.set(ValueLayout.JAVA_BYTE, at + i, (byte) (all >>> upTo(i, size, order)));
        }
    }

    /** The touched bytes as one number. */
    private long bytes(MemorySegment segment, long at, ByteOrder order) {
        long all = 0;
        for (int i = 0, size = size(); i < size; i++) {
            all |= (segment.get(ValueLayout.JAVA_BYTE, at + i) & 0xffL) << upTo(i, size, order);
        }
        return all;
    }

    private static int upTo(int i, int size, ByteOrder order) {
        return 8 * (order == ByteOrder.BIG_ENDIAN ? size - 1 - i : i);
    }

    private int down(ByteOrder order) {
        return order == ByteOrder.BIG_ENDIAN ? 8 * size() - shift - bits : shift;
    }

    /** Whether the value can be written: 64-bit ones all can. */
    boolean holds(long value) {
        if (isBool) {
            return value == 0 || value == 1;
        }
        return bits == 64 || (isSigned ? value >> bits - 1 == value >> 63 : value >>> bits == 0);
    }

    /** The values it holds, for messages. */
    String range() {
        if (isBool) {
            return "0 to 1";
        }
        return isSigned
                ? (-1L << bits - 1) + " to " + ~(-1L << bits - 1)
                : "0 to " + Long.toUnsignedString(-1L >>> 64 - bits);
    }
}
