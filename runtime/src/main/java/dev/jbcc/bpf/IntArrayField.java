// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import java.util.Objects;

/**
 * A member that is an array of integers, such as the slots of a histogram.
 *
 * {@snippet :
 * final class Event extends StructView {
 *     final IntArrayField slots = integers("slots");
 *
 *     Event() {
 *         super("event");
 *     }
 * }
 * Event event = new Event();
 * event.bind(object.btf());
 * object.ringBuffer("events").consume(
 *         (memory, offset, length) -> {
 *             event.at(memory, offset, length);
 *             System.out.println(event.slots.get(0) + " of " + event.slots.length());
 *         },
 *         1000);
 * }
 */
public final class IntArrayField extends Field {
    private IntShape shape;
    private int length;

    IntArrayField(StructView view, String name) {
        super(view, name);
    }

    /** How many elements there are. */
    public int length() {
        return length;
    }

    /** The element {@code index}, from 0; an unsigned 64-bit one as its bits. */
    public long get(int index) {
        return shape.read(view.segment, at() + (long) Objects.checkIndex(index, length) * shape.size());
    }

    @Override
    boolean accepts(Btf btf, Place place) {
        if (!(place.isWhole() && btf.resolve(place.type()) instanceof BtfType.Array array)) {
            return false;
        }
        shape = IntShape.of(btf, new Place(0, 0, array.element(), place.inUnion()));
        length = (int) Math.min(array.length(), Integer.MAX_VALUE);
        return shape != null && length == array.length() && length > 0 && shape.size() == btf.sizeof(array.element());
    }

    @Override
    String wanted() {
        return "an array of integers";
    }
}
