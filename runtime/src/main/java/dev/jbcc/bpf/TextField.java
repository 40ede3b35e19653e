// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.JbccException;
import dev.jbcc.output.TextSource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * A member that is a text: a {@code char[N]} (any type of one byte), ended by a zero byte or full; or jbcc.h's
 * {@code struct text { __u16 off; __u16 len; }}, which says where in the record the text is, counted from the start of
 * the outermost struct.
 */
public final class TextField extends Field implements TextSource {
    /** No text: {@code off} is 0, where the struct itself is. */
    private static final int ABSENT = 0;

    /** The bytes of a {@code char[N]}, or 0 for a struct text. */
    private int width;

    TextField(StructView view, String name) {
        super(view, name);
    }

    /**
     * Copies the text, as many bytes as the array takes, and returns how many, or -1 when there is none ({@code off} is
     * 0). Fails if it is not in the record.
     */
    @Override
    public int read(byte[] into) {
        if (width != 0) {
            return CharArray.read(view.segment, at(), width, into);
        }
        int found = find();
        if (found == ABSENT) {
            return -1;
        }
        int count = Math.min(found & 0xffff, into.length);
        if (count == 0) {
            return 0;
        }
        MemorySegment.copy(view.segment, ValueLayout.JAVA_BYTE, view.record + (found >>> 16), into, 0, count);
        return count;
    }

    /** The text as UTF-8, with what is malformed replaced; empty when there is none. */
    public String string() {
        int found = width != 0 ? CharArray.length(view.segment, at(), width) : find();
        byte[] bytes = new byte[found == ABSENT ? 0 : found & 0xffff];
        return new String(bytes, 0, Math.max(read(bytes), 0), StandardCharsets.UTF_8);
    }

    /** Where a struct text is in the record (high half) and how long it is (low half); {@link #ABSENT} if there is none. */
    private int find() {
        long at = at();
        int start = view.segment.get(ValueLayout.JAVA_SHORT_UNALIGNED, at) & 0xffff;
        int length = view.segment.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + 2) & 0xffff;
        if (start == 0) {
            return ABSENT;
        }
        if (length > 0 && start + length > view.recordLength) {
            throw new JbccException.Failed(view.label(name()) + " is said to be " + length + " bytes at " + start
                    + " of a record of " + view.recordLength);
        }
        return start << 16 | length;
    }

    @Override
    boolean accepts(Btf btf, Place place) {
        width = place.isWhole() ? CharArray.width(btf, place.type()) : 0;
        return width != 0 || place.isWhole() && isStructText(btf, place.type());
    }

    private static boolean isStructText(Btf btf, int type) {
        return btf.resolve(type) instanceof BtfType.Struct struct
                && struct.name().equals("text")
                && struct.size() == 4
                && struct.members().size() == 2
                && isU16(btf, struct.members().get(0), "off", 0)
                && isU16(btf, struct.members().get(1), "len", 16);
    }

    private static boolean isU16(Btf btf, BtfType.Member member, String name, int bitOffset) {
        return member.name().equals(name)
                && member.bitOffset() == bitOffset
                && member.bitSize() == 0
                && btf.resolve(member.type()) instanceof BtfType.Int integer
                && integer.size() == 2
                && integer.bits() == 16
                && !integer.isSigned();
    }

    @Override
    String wanted() {
        return "a text, char[N] or struct text";
    }
}
