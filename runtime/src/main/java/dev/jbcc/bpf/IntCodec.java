// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.JbccException;
import java.lang.foreign.MemorySegment;

/** A C integer as a boxed Java integer or Boolean. */
final class IntCodec<T> extends Codec<T> {
    private final String label;
    private final IntShape shape;
    private final Class<T> type;

    /** {@code type} is the boxed type, and {@link #suits} the shape. */
    IntCodec(String label, IntShape shape, Class<T> type) {
        super(shape.size());
        this.label = label;
        this.shape = shape;
        this.type = type;
    }

    /** Whether the Java type, boxed, holds every value of the C type; Long takes unsigned 64-bit ones as bits. */
    static boolean suits(IntShape shape, Class<?> type) {
        if (type == Boolean.class) {
            return shape.isBool() || shape.bits() == 1 && !shape.isSigned();
        }
        int needed = shape.bits() + (shape.isSigned() ? 0 : 1);
        return type == Long.class
                || type == Integer.class && needed <= Integer.SIZE
                || type == Short.class && needed <= Short.SIZE
                || type == Byte.class && needed <= Byte.SIZE;
    }

    @Override
    public T decode(MemorySegment segment, long offset) {
        long value = shape.read(segment, offset);
        Object boxed;
        if (type == Long.class) {
            boxed = value;
        } else if (type == Integer.class) {
            boxed = (int) value;
        } else if (type == Short.class) {
            boxed = (short) value;
        } else if (type == Byte.class) {
            boxed = (byte) value;
        } else {
            boxed = value != 0;
        }
        return type.cast(boxed);
    }

    @Override
    public void encode(T value, MemorySegment segment, long offset) {
        long number = value instanceof Boolean yes ? yes ? 1 : 0 : ((Number) value).longValue();
        if (!shape.holds(number)) {
            throw new JbccException.Failed(label + " cannot be " + number + ": it holds " + shape.range());
        }
        shape.write(segment, offset, number);
    }
}
