// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.JbccException;
import java.util.function.LongSupplier;

/**
 * A member that is a whole number: an integer, character, bool, enum, pointer or bit-field, of the width and sign that
 * BTF says. An unsigned 64-bit one is read and written as its bits.
 *
 * <p>{@link RingBuffer} shows its use.
 */
public final class IntField extends Field implements LongSupplier {
    private IntShape shape;

    IntField(StructView view, String name) {
        super(view, name);
    }

    public long get() {
        return shape.read(view.segment, at());
    }

    @Override
    public long getAsLong() {
        return get();
    }

    /** Writes the member; fails if the C type does not hold the value. */
    public void set(long value) {
        if (!shape.holds(value)) {
            throw new JbccException.Failed(
                    view.label(name()) + " cannot be set to " + value + ": it holds " + shape.range());
        }
        shape.write(view.segment, at(), value);
    }

    /** Whether the C type is signed; if not, a negative value stands for one of 2^63 or more. */
    public boolean isSigned() {
        return shape.isSigned();
    }

    /** Whether the C type is bool. */
    public boolean isBool() {
        return shape.isBool();
    }

    @Override
    boolean accepts(Btf btf, Place place) {
        shape = IntShape.of(btf, place);
        return shape != null;
    }

    @Override
    String wanted() {
        return "an integer of 1, 2, 4 or 8 bytes";
    }
}
