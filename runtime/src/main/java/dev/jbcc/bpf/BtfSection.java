// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.JbccException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The bytes of one BTF section, checked so far that every type with all that follows it lies inside; what the numbers
 * in it refer to is checked when it is read. The format is that of the kernel's include/uapi/linux/btf.h.
 */
final class BtfSection {
    static final int INT = 1;
    static final int PTR = 2;
    static final int ARRAY = 3;
    static final int STRUCT = 4;
    static final int UNION = 5;
    static final int ENUM = 6;
    static final int FWD = 7;
    static final int TYPEDEF = 8;
    static final int VOLATILE = 9;
    static final int CONST = 10;
    static final int RESTRICT = 11;
    static final int FUNC = 12;
    static final int FUNC_PROTO = 13;
    static final int VAR = 14;
    static final int DATASEC = 15;
    static final int FLOAT = 16;
    static final int DECL_TAG = 17;
    static final int TYPE_TAG = 18;
    static final int ENUM64 = 19;

    /** What precedes the kind's own data: name_off, info, and size or type. */
    static final int COMMON = 12;

    private static final int HEADER = 24;

    /** Twenty times the BTF of a distribution's kernel. */
    private static final int MAX_BYTES = 128 << 20;

    /** Twice KSYM_NAME_LEN, the kernel's own limit of an identifier, for tags may be longer. */
    private static final int MAX_NAME = 1024;

    /** Bits of btf_type.info that no kind uses so far; 16 to 23 may one day be more of the count. */
    private static final int RESERVED_INFO = 0x60ff_0000;

    private final byte[] bytes;
    private final ByteBuffer numbers;
    private final int[] starts;
    private final int stringsStart;
    private final int stringsLength;

    /** Copies {@code raw}, which may be freed afterwards. */
    BtfSection(MemorySegment raw) {
        long total = raw.byteSize();
        if (total < HEADER) {
            throw damaged("it has " + total + " bytes, its header alone has " + HEADER);
        }
        if (total > MAX_BYTES) {
            throw damaged("it has " + total + " bytes, more than " + MAX_BYTES);
        }
        bytes = raw.toArray(ValueLayout.JAVA_BYTE);
        numbers = ByteBuffer.wrap(bytes).order(byteOrder());
        if (bytes[2] != 1 || bytes[3] != 0) {
            throw damaged("its version is " + (bytes[2] & 0xff) + " with flags " + (bytes[3] & 0xff)
                    + ", jbcc knows version 1 without flags");
        }
        long header = word(4);
        long typesStart = header + word(8);
        long typesEnd = typesStart + word(12);
        long namesStart = header + word(16);
        long namesEnd = namesStart + word(20);
        if (header < HEADER || typesEnd > total || namesEnd > total || (typesStart & 3) != 0) {
            throw damaged("its header points outside of its " + total + " bytes");
        }
        if (namesStart == namesEnd || bytes[(int) namesStart] != 0 || bytes[(int) namesEnd - 1] != 0) {
            throw damaged("its names are not terminated");
        }
        stringsStart = (int) namesStart;
        stringsLength = (int) (namesEnd - namesStart);
        starts = index((int) typesStart, (int) typesEnd);
    }

    private ByteOrder byteOrder() {
        if (bytes[0] == (byte) 0x9f && bytes[1] == (byte) 0xeb) {
            return ByteOrder.LITTLE_ENDIAN;
        }
        if (bytes[0] == (byte) 0xeb && bytes[1] == (byte) 0x9f) {
            return ByteOrder.BIG_ENDIAN;
        }
        throw damaged("it does not start with the number eb9f");
    }

    /** Where each type starts, by id; entry 0 stands for void. */
    private int[] index(int from, int end) {
        int[] found = new int[(end - from) / COMMON + 1];
        int count = 1;
        int at = from;
        while (at < end) {
            long next = (long) at + COMMON;
            if (next <= end) {
                next += following(count, numbers.getInt(at + 4));
            }
            if (next > end) {
                throw damaged("type " + count + " reaches beyond the last byte");
            }
            found[count++] = at;
            at = (int) next;
        }
        return Arrays.copyOf(found, count);
    }

    /** How many bytes of the kind's own data follow the common ones. */
    private static int following(int id, int info) {
        if ((info & RESERVED_INFO) != 0) {
            throw damaged("type " + id + " uses bits that jbcc does not know");
        }
        int count = info & 0xffff;
        int kind = info >>> 24 & 0x1f;
        return switch (kind) {
            case INT, VAR, DECL_TAG -> 4;
            case PTR, FWD, TYPEDEF, VOLATILE, CONST, RESTRICT, FUNC, FLOAT, TYPE_TAG -> 0;
            case ARRAY -> 12;
            case STRUCT, UNION, DATASEC, ENUM64 -> 12 * count;
            case ENUM, FUNC_PROTO -> 8 * count;
            default -> throw damaged("type " + id + " is of kind " + kind + ", which jbcc does not know");
        };
    }

    ByteOrder order() {
        return numbers.order();
    }

    /** How many types there are; their ids are 1 to this number. */
    int count() {
        return starts.length - 1;
    }

    /** The position of a type's first byte, for the id of an existing type other than void. */
    int start(int id) {
        if (id <= 0 || id >= starts.length) {
            throw damaged("it refers to type " + Integer.toUnsignedString(id) + " of " + count());
        }
        return starts[id];
    }

    int kind(int id) {
        return numbers.getInt(start(id) + 4) >>> 24 & 0x1f;
    }

    /** How many members, values, parameters or variables the type has, or the linkage of a function. */
    int vlen(int id) {
        return numbers.getInt(start(id) + 4) & 0xffff;
    }

    boolean flag(int id) {
        return numbers.getInt(start(id) + 4) < 0;
    }

    /** The type that a type of a kind without a size refers to. */
    int link(int id) {
        return numbers.getInt(start(id) + 8);
    }

    /** The size in bytes of a type of a kind that has one. */
    long size(int id) {
        return word(start(id) + 8);
    }

    String name(int id) {
        return string(numbers.getInt(start(id)));
    }

    int number(int at) {
        return numbers.getInt(at);
    }

    long word(int at) {
        return Integer.toUnsignedLong(numbers.getInt(at));
    }

    /** The name at an offset in the section's strings; offset 0 is the empty one. */
    String string(int offset) {
        int from = stringsStart + checkedName(offset);
        int to = from;
        while (bytes[to] != 0) {
            if (++to - from > MAX_NAME) {
                throw damaged("a name is longer than " + MAX_NAME + " bytes");
            }
        }
        return from == to ? "" : new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }

    private int checkedName(int offset) {
        if (offset < 0 || offset >= stringsLength) {
            throw damaged("a name is at " + Integer.toUnsignedString(offset) + ", beyond the " + stringsLength
                    + " bytes of names");
        }
        return offset;
    }

    /** The hash of a type's name that {@link #hash(byte[])} gives for the same bytes, or 0 if there is no name. */
    int nameHash(int id) {
        int from = stringsStart + checkedName(numbers.getInt(start(id)));
        int hash = 0;
        for (int at = from; bytes[at] != 0 && at - from < MAX_NAME; at++) {
            hash = 31 * hash + bytes[at];
        }
        return hash;
    }

    static int hash(byte[] name) {
        int hash = 0;
        for (byte b : name) {
            hash = 31 * hash + b;
        }
        return hash;
    }

    /** Whether the type has this name. */
    boolean isNamed(int id, byte[] name) {
        int from = stringsStart + checkedName(numbers.getInt(start(id)));
        int to = from + name.length;
        return to < stringsStart + stringsLength
                && bytes[to] == 0
                && Arrays.equals(bytes, from, to, name, 0, name.length);
    }

    static JbccException.Failed damaged(String why) {
        return new JbccException.Failed("the BTF type information cannot be used: " + why);
    }
}
