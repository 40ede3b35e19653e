// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * A member {@code char[N][M]}: N texts of at most M bytes, each ended by a zero byte or full.
 *
 * {@snippet :
 * final class Event extends StructView {
 *     final TextArrayField args = texts("args");
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
 *             System.out.println(event.args.string(0));
 *         },
 *         1000);
 * }
 */
public final class TextArrayField extends Field {
    private int length;
    private int width;

    TextArrayField(StructView view, String name) {
        super(view, name);
    }

    /** How many texts there are. */
    public int length() {
        return length;
    }

    /** Copies the bytes of the text {@code index}, from 0, as many as the array takes, and returns how many. */
    public int read(int index, byte[] into) {
        long at = at() + (long) Objects.checkIndex(index, length) * width;
        return CharArray.read(view.segment, at, width, into);
    }

    /** The text {@code index}, from 0, as UTF-8 with what is malformed replaced. */
    public String string(int index) {
        byte[] bytes = new byte[width];
        return new String(bytes, 0, read(index, bytes), StandardCharsets.UTF_8);
    }

    @Override
    boolean accepts(Btf btf, Place place) {
        if (!(place.isWhole() && btf.resolve(place.type()) instanceof BtfType.Array array)) {
            return false;
        }
        width = CharArray.width(btf, array.element());
        length = (int) Math.min(array.length(), Integer.MAX_VALUE);
        return width > 0 && length == array.length() && length > 0;
    }

    @Override
    String wanted() {
        return "an array of texts, char[N][M]";
    }
}
