// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.JbccException;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Array;
import java.util.Objects;

/** A C array of integers as a Java array of a type that holds them. */
final class IntArrayCodec<T> extends Codec<T> {
    private final String label;
    private final IntShape shape;
    private final int length;
    private final Class<T> type;

    /** {@code type} is int[], long[] or short[]. */
    IntArrayCodec(String label, IntShape shape, int length, Class<T> type) {
        super(shape.size() * length);
        this.label = label;
        this.shape = shape;
        this.length = length;
        this.type = type;
    }

    @Override
    public T decode(MemorySegment segment, long offset) {
        Objects.checkFromIndexSize(offset, size(), segment.byteSize());
        T array = type.cast(Array.newInstance(type.componentType(), length));
        for (int i = 0; i < length; i++) {
            long value = shape.read(segment, offset + (long) i * shape.size());
            if (array instanceof long[] longs) {
                longs[i] = value;
            } else if (array instanceof int[] ints) {
                ints[i] = (int) value;
            } else {
                ((short[]) array)[i] = (short) value;
            }
        }
        return array;
    }

    @Override
    public void encode(T value, MemorySegment segment, long offset) {
        int given = Array.getLength(value);
        if (given != length) {
            throw new JbccException.Failed(label + " has " + length + " elements, not " + given);
        }
        for (int i = 0; i < length; i++) {
            long number = Array.getLong(value, i);
            if (!shape.holds(number)) {
                throw new JbccException.Failed(
                        label + "[" + i + "] cannot be " + number + ": it holds " + shape.range());
            }
            shape.write(segment, offset + (long) i * shape.size(), number);
        }
    }
}
