// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes BTF by hand, for what clang 14 does not emit and for what no compiler would. Little-endian. */
final class BtfBuilder {
    private final ByteArrayOutputStream names = new ByteArrayOutputStream();
    private final List<Integer> words = new ArrayList<>();
    private int count;

    BtfBuilder() {
        names.write(0);
    }

    /** The offset of a name in the strings. */
    int name(String name) {
        if (name.isEmpty()) {
            return 0;
        }
        int offset = names.size();
        names.writeBytes((name + "\0").getBytes(StandardCharsets.UTF_8));
        return offset;
    }

    /** A type; returns its id. {@code sizeOrType} and the words after it are as the kind wants them. */
    int add(String name, int kind, boolean flag, int vlen, int sizeOrType, int... more) {
        words.add(name(name));
        words.add((flag ? 1 << 31 : 0) | kind << 24 | vlen);
        words.add(sizeOrType);
        for (int word : more) {
            words.add(word);
        }
        return ++count;
    }

    int integer(String name, int size, boolean signed) {
        return add(name, BtfSection.INT, false, 0, size, (signed ? 1 << 24 : 0) | size * 8);
    }

    /** A struct of members given as name offset, type and bit offset. */
    int struct(String name, int size, int... members) {
        return add(name, BtfSection.STRUCT, false, members.length / 3, size, members);
    }

    int array(int element, int length) {
        return add("", BtfSection.ARRAY, false, 0, 0, element, element, length);
    }

    byte[] bytes() {
        ByteBuffer out =
                ByteBuffer.allocate(24 + 4 * words.size() + names.size()).order(ByteOrder.LITTLE_ENDIAN);
        out.putShort((short) 0xeb9f).put((byte) 1).put((byte) 0).putInt(24);
        out.putInt(0).putInt(4 * words.size()).putInt(4 * words.size()).putInt(names.size());
        words.forEach(out::putInt);
        out.put(names.toByteArray());
        return out.array();
    }

    Btf btf() {
        return Btf.parse(MemorySegment.ofArray(bytes()));
    }
}
