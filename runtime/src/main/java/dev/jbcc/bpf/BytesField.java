// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A member of any type taken as raw bytes, such as an IPv6 address.
 *
 * {@snippet :
 * final class Event extends StructView {
 *     final BytesField address = bytes("address");
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
 *             System.out.println(HexFormat.of().formatHex(event.address.get()));
 *         },
 *         1000);
 * }
 */
public final class BytesField extends Field {
    private int length;

    BytesField(StructView view, String name) {
        super(view, name);
    }

    /** How many bytes the member has. */
    public int length() {
        return length;
    }

    /** Copies the bytes to the start of an array, as many as it takes, and returns how many that were. */
    public int read(byte[] into) {
        int count = Math.min(length, into.length);
        MemorySegment.copy(view.segment, ValueLayout.JAVA_BYTE, at(), into, 0, count);
        return count;
    }

    /** A copy of the bytes. */
    public byte[] get() {
        byte[] bytes = new byte[length];
        read(bytes);
        return bytes;
    }

    @Override
    boolean accepts(Btf btf, Place place) {
        if (!place.isWhole()) {
            return false;
        }
        long size = btf.sizeof(place.type());
        length = (int) Math.min(size, Integer.MAX_VALUE);
        return length == size && length > 0;
    }

    @Override
    String wanted() {
        return "a member of one or more bytes";
    }
}
