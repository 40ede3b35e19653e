// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reads the C text in a {@code char[N]}: up to the first zero byte, or all N. */
final class CharArray {
    private CharArray() {}

    /** N of a {@code char[N]}, or of an array of another kind of byte; 0 for any other type. */
    static int width(Btf btf, int type) {
        if (btf.resolve(type) instanceof BtfType.Array array
                && array.length() <= Integer.MAX_VALUE
                && btf.resolve(array.element()) instanceof BtfType.Int element
                && element.size() == 1
                && element.bits() == 8
                && !element.isBool()) {
            return (int) array.length();
        }
        return 0;
    }

    /** How many bytes the text at {@code at} has, at most {@code width}. */
    static int length(MemorySegment segment, long at, int width) {
        int i = 0;
        for (; i <= width - 8; i += 8) {
            long word = segment.get(ValueLayout.JAVA_LONG_UNALIGNED, at + i);
            // Not 0 exactly if one of the eight bytes is; which one is left to the loop below.
            if ((word - 0x0101_0101_0101_0101L & ~word & 0x8080_8080_8080_8080L) != 0) {
                break;
            }
        }
        while (i < width && segment.get(ValueLayout.JAVA_BYTE, at + i) != 0) {
            i++;
        }
        return i;
    }

    /** Copies the text at {@code at}, at most {@code width} bytes, as far as it fits, and returns how many bytes. */
    static int read(MemorySegment segment, long at, int width, byte[] into) {
        int count = length(segment, at, Math.min(width, into.length));
        MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, at, into, 0, count);
        return count;
    }
}
