// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

/**
 * One member of the C struct that a {@link StructView} is over; it reads at the view's current position.
 *
 * <p>{@link StructView} shows its use.
 */
public abstract sealed class Field permits IntField, IntArrayField, TextField, TextArrayField, BytesField {
    final StructView view;
    private final String name;

    /** In bytes from the start of the view's struct. */
    long offset;

    Field(StructView view, String name) {
        this.view = view;
        this.name = name;
    }

    /** The C member's name, with dots if it is inside of others. */
    public final String name() {
        return name;
    }

    /** Takes over where and what the member is; false if it is not what this field reads. */
    final boolean bind(Btf btf, Place place) {
        offset = place.offset();
        return accepts(btf, place);
    }

    abstract boolean accepts(Btf btf, Place place);

    /** What {@link #accepts} wants, for messages. */
    abstract String wanted();

    /** The position of the member in the view's memory. */
    final long at() {
        return view.base + offset;
    }
}
