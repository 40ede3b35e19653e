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
 * the outermost struct; or its {@code struct long_text}, the same with {@code __u32}.
 *
 * <p>{@link RingBuffer} shows its use.
 */
public final class TextField extends Field implements TextSource {
    /** No text: {@code off} is 0, where the struct itself is. */
    private static final long ABSENT = 0;

    private static final long LENGTH = 0xffff_ffffL;

    /** The bytes of a {@code char[N]}, or 0 for a struct text. */
    private int width;

    /** Whether it is a struct long_text. */
    private boolean isLong;

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
        long found = find();
        if (found == ABSENT) {
            return -1;
        }
        int count = (int) Math.min(found & LENGTH, into.length);
        if (count == 0) {
            return 0;
        }
        MemorySegment.copy(view.segment, ValueLayout.JAVA_BYTE, view.record + (found >>> 32), into, 0, count);
        return count;
    }

    /** The text as UTF-8, with what is malformed replaced; empty when there is none. */
    public String string() {
        long found = width != 0 ? CharArray.length(view.segment, at(), width) : find();
        byte[] bytes = new byte[(int) (found & LENGTH)];
        return new String(bytes, 0, Math.max(read(bytes), 0), StandardCharsets.UTF_8);
    }

    /** Where the text is in the record (high half) and how long it is (low half); {@link #ABSENT} if there is none. */
    private long find() {
        long at = at();
        long start;
        long length;
        if (isLong) {
            start = view.segment.get(ValueLayout.JAVA_INT_UNALIGNED, at) & LENGTH;
            length = view.segment.get(ValueLayout.JAVA_INT_UNALIGNED, at + 4) & LENGTH;
        } else {
            start = view.segment.get(ValueLayout.JAVA_SHORT_UNALIGNED, at) & 0xffff;
            length = view.segment.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + 2) & 0xffff;
        }
        if (start == 0) {
            return ABSENT;
        }
        if (length > 0 && start + length > view.recordLength) {
            throw new JbccException.Failed(view.label(name()) + " is said to be " + length + " bytes at " + start
                    + " of a record of " + view.recordLength);
        }
        return start << 32 | length;
    }

    @Override
    boolean accepts(Btf btf, Place place) {
        width = place.isWhole() ? CharArray.width(btf, place.type()) : 0;
        isLong = place.isWhole() && isStruct(btf, place.type(), "long_text", 4);
        return width != 0 || isLong || place.isWhole() && isStruct(btf, place.type(), "text", 2);
    }

    private static boolean isStruct(Btf btf, int type, String name, int bytes) {
        return btf.resolve(type) instanceof BtfType.Struct struct
                && struct.name().equals(name)
                && struct.size() == 2 * bytes
                && struct.members().size() == 2
                && isUnsigned(btf, struct.members().get(0), "off", 0, bytes)
                && isUnsigned(btf, struct.members().get(1), "len", 8 * bytes, bytes);
    }

    private static boolean isUnsigned(Btf btf, BtfType.Member member, String name, int bitOffset, int bytes) {
        return member.name().equals(name)
                && member.bitOffset() == bitOffset
                && member.bitSize() == 0
                && btf.resolve(member.type()) instanceof BtfType.Int integer
                && integer.size() == bytes
                && integer.bits() == 8 * bytes
                && !integer.isSigned();
    }

    @Override
    String wanted() {
        return "a text, char[N], struct text or struct long_text";
    }
}
