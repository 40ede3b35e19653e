// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.JbccException;
import java.lang.foreign.MemorySegment;

/** A C enum as the constants of a Java enum. */
final class EnumCodec<T> extends Codec<T> {
    private final String label;
    private final IntShape shape;
    private final T[] constants;
    private final long[] values;

    /** {@code values} are those of the {@code constants}, which are all of the enum in their order. */
    EnumCodec(String label, IntShape shape, T[] constants, long[] values) {
        super(shape.size());
        this.label = label;
        this.shape = shape;
        this.constants = constants;
        this.values = values;
    }

    @Override
    public T decode(MemorySegment segment, long offset) {
        long value = shape.read(segment, offset);
        for (int i = 0; i < values.length; i++) {
            if (values[i] == value) {
                return constants[i];
            }
        }
        throw new JbccException.Failed(label + " is " + value + ", which is none of the enum's values");
    }

    @Override
    public void encode(T value, MemorySegment segment, long offset) {
        long number = values[((Enum<?>) value).ordinal()];
        if (!shape.holds(number)) {
            throw new JbccException.Failed(label + " cannot be " + value + ": it holds " + shape.range());
        }
        shape.write(segment, offset, number);
    }
}
