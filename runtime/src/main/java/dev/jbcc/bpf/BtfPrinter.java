// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.output.Escape;
import dev.jbcc.output.OutputBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Prints memory by its C type, for programs whose types are not known to any Java class. Members of anonymous structs
 * and unions stand among those of the struct around them. What lies outside of the memory that there is, is left out.
 * For one thread.
 *
 * {@snippet :
 * OutputBuffer out = new OutputBuffer(System.out);
 * BtfPrinter printer = new BtfPrinter(object.btf(), out);
 * int type = object.btf().struct("event").orElseThrow().id();
 * object.ringBuffer("events").consume((memory, offset, length) -> printer.json(memory, offset, type), 1000);
 * out.flush();
 * }
 */
public final class BtfPrinter {
    /** How deep structs and arrays are followed, and how many elements of an array are printed. */
    private static final int MAX_DEPTH = 16;

    private static final int MAX_ELEMENTS = 4096;

    /** How many values are printed of one: types of a strange object can be arrays of arrays of nothing. */
    private static final int MAX_VALUES = 1 << 16;

    private final Btf btf;
    private final OutputBuffer out;
    private boolean json;
    private int budget;

    /** Prints values of types of {@code btf} to {@code out}. */
    public BtfPrinter(Btf btf, OutputBuffer out) {
        this.btf = btf;
        this.out = out;
    }

    /** Appends a value as JSON: numbers raw, a {@code char[N]} as a string, structs as objects by member names. */
    public void json(MemorySegment memory, long at, int type) {
        json = true;
        budget = MAX_VALUES;
        value(memory, at, new Place(0, 0, type, false), 0);
    }

    /** Appends a value as people read it: enums by name, pointers in hexadecimal, texts without quotes. */
    public void text(MemorySegment memory, long at, int type) {
        json = false;
        budget = MAX_VALUES;
        value(memory, at, new Place(0, 0, type, false), 0);
    }

    /** Appends a member of a struct, as {@link #json(MemorySegment, long, int)} does. */
    public void json(MemorySegment memory, long at, BtfType.Member member) {
        json = true;
        budget = MAX_VALUES;
        member(memory, at, member, 0);
    }

    /** Appends a member of a struct, as {@link #text(MemorySegment, long, int)} does. */
    public void text(MemorySegment memory, long at, BtfType.Member member) {
        json = false;
        budget = MAX_VALUES;
        member(memory, at, member, 0);
    }

    private void member(MemorySegment memory, long at, BtfType.Member member, int depth) {
        long bits = member.bitOffset();
        value(memory, at + (bits >>> 3), new Place(bits & 7, member.bitSize(), member.type(), false), depth);
    }

    private void value(MemorySegment memory, long at, Place place, int depth) {
        if (--budget < 0) {
            missing();
            return;
        }
        BtfType type = btf.resolve(place.type());
        IntShape shape = IntShape.of(btf, place);
        if (shape != null) {
            if (fits(memory, at, shape.size())) {
                integer(shape, shape.read(memory, at), type);
            } else {
                missing();
            }
        } else if (depth > MAX_DEPTH) {
            missing();
        } else if (type instanceof BtfType.Struct struct) {
            out.append('{');
            members(memory, at, struct, depth, true);
            out.append('}');
        } else if (type instanceof BtfType.Array array) {
            array(memory, at, array, depth);
        } else if (type instanceof BtfType.Float number && number.size() == 8 && fits(memory, at, 8)) {
            floating(memory.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, at));
        } else if (type instanceof BtfType.Float number && number.size() == 4 && fits(memory, at, 4)) {
            floating(memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at));
        } else {
            bytes(memory, at, place);
        }
    }

    private void integer(IntShape shape, long value, BtfType type) {
        if (shape.isBool()) {
            out.append(value == 0 ? "false" : "true");
        } else if (!json && type instanceof BtfType.Ptr) {
            out.append("0x");
            out.hex(value);
        } else if (!json && type instanceof BtfType.Enum enumeration && name(enumeration, value) != null) {
            out.append(name(enumeration, value));
        } else if (shape.isSigned()) {
            out.decimal(value);
        } else {
            out.unsigned(value);
        }
    }

    private static String name(BtfType.Enum enumeration, long value) {
        for (BtfType.Value constant : enumeration.values()) {
            if (constant.value() == value) {
                return constant.name();
            }
        }
        return null;
    }

    private void floating(double number) {
        out.append(json && !Double.isFinite(number) ? "null" : Double.toString(number));
    }

    private boolean members(MemorySegment memory, long at, BtfType.Struct struct, int depth, boolean first) {
        boolean none = first;
        for (BtfType.Member member : struct.members()) {
            if (!member.name().isEmpty()) {
                if (!none) {
                    out.append(json ? "," : ", ");
                }
                none = false;
                if (json) {
                    out.append('"');
                    Escape.json(utf8(member.name()), utf8(member.name()).length, out);
                    out.append("\":");
                } else {
                    out.append(member.name());
                    out.append('=');
                }
                member(memory, at, member, depth + 1);
            } else if (btf.resolve(member.type()) instanceof BtfType.Struct inner && depth < MAX_DEPTH) {
                none = members(memory, at + (member.bitOffset() >>> 3), inner, depth + 1, none);
            }
        }
        return none;
    }

    private void array(MemorySegment memory, long at, BtfType.Array array, int depth) {
        int width = CharArray.width(btf, array.id());
        if (width != 0 && isText(array)) {
            chars(memory, at, width);
            return;
        }
        long size = btf.sizeof(array.element());
        out.append('[');
        for (long i = 0; i < Math.min(array.length(), MAX_ELEMENTS) && budget > 0; i++) {
            if (i > 0) {
                out.append(json ? "," : " ");
            }
            value(memory, at + i * size, new Place(0, 0, array.element(), false), depth + 1);
        }
        if ((array.length() > MAX_ELEMENTS || budget <= 0) && !json) {
            out.append(" …");
        }
        out.append(']');
    }

    /** Whether the elements are of the type char; an array of __u8 holds addresses and the like. */
    private boolean isText(BtfType.Array array) {
        return btf.resolve(array.element()) instanceof BtfType.Int element
                && (element.name().equals("char") || element.isChar());
    }

    private void chars(MemorySegment memory, long at, int width) {
        if (!fits(memory, at, width)) {
            missing();
            return;
        }
        byte[] text = memory.asSlice(at, width).toArray(ValueLayout.JAVA_BYTE);
        int length = 0;
        while (length < width && text[length] != 0) {
            length++;
        }
        if (json) {
            out.append('"');
            Escape.json(text, length, out);
            out.append('"');
        } else {
            Escape.terminal(text, length, out);
        }
    }

    /** Whatever has no form of its own, in hexadecimal. */
    private void bytes(MemorySegment memory, long at, Place place) {
        long size = place.isWhole() && !(btf.resolve(place.type()) instanceof BtfType.Fwd) ? sizeOf(place.type()) : 0;
        if (size == 0 || !fits(memory, at, size)) {
            missing();
            return;
        }
        out.append(json ? "\"" : "");
        hex(memory, at, size, out);
        out.append(json ? "\"" : "");
    }

    private long sizeOf(int type) {
        return switch (btf.resolve(type)) {
            case BtfType.Int integer -> integer.size();
            case BtfType.Float number -> number.size();
            default -> 0;
        };
    }

    /** Appends bytes as two hexadecimal digits each. */
    public static void hex(MemorySegment memory, long at, long size, OutputBuffer out) {
        for (long i = 0; i < Math.min(size, MAX_ELEMENTS); i++) {
            int b = memory.get(ValueLayout.JAVA_BYTE, at + i) & 0xff;
            out.append(Character.forDigit(b >> 4, 16));
            out.append(Character.forDigit(b & 15, 16));
        }
    }

    private static boolean fits(MemorySegment memory, long at, long size) {
        return at >= 0 && size <= memory.byteSize() - at;
    }

    private void missing() {
        out.append(json ? "null" : "?");
    }

    private static byte[] utf8(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    /** The value as a number if it is an integer, else that of the first integer in it; 0 when there is none. */
    public long rank(MemorySegment memory, long at, int type) {
        return rank(memory, at, new Place(0, 0, type, false), 0);
    }

    private long rank(MemorySegment memory, long at, Place place, int depth) {
        IntShape shape = IntShape.of(btf, place);
        if (shape != null) {
            return fits(memory, at, shape.size()) ? shape.read(memory, at) : 0;
        }
        if (depth < MAX_DEPTH
                && btf.resolve(place.type()) instanceof BtfType.Struct struct
                && !struct.members().isEmpty()) {
            BtfType.Member member = struct.members().getFirst();
            long bits = member.bitOffset();
            return rank(
                    memory, at + (bits >>> 3), new Place(bits & 7, member.bitSize(), member.type(), false), depth + 1);
        }
        return 0;
    }

    /** Adds the integers of one value to those of another: what the CPUs of a per-CPU map have together. */
    public void add(MemorySegment to, MemorySegment from, int type) {
        budget = MAX_VALUES;
        add(to, from, 0, new Place(0, 0, type, false), 0);
    }

    private void add(MemorySegment to, MemorySegment from, long at, Place place, int depth) {
        if (--budget < 0) {
            return;
        }
        IntShape shape = IntShape.of(btf, place);
        if (shape != null) {
            if (fits(to, at, shape.size()) && !shape.isBool()) {
                long sum = shape.read(to, at) + shape.read(from, at);
                long cut = 64 - shape.bits();
                shape.write(to, at, shape.isSigned() ? sum << cut >> cut : sum << cut >>> cut);
            }
        } else if (depth < MAX_DEPTH
                && btf.resolve(place.type()) instanceof BtfType.Struct struct
                && !struct.isUnion()) {
            for (BtfType.Member member : struct.members()) {
                long bits = member.bitOffset();
                Place inner = new Place(bits & 7, member.bitSize(), member.type(), false);
                add(to, from, at + (bits >>> 3), inner, depth + 1);
            }
        } else if (depth < MAX_DEPTH && btf.resolve(place.type()) instanceof BtfType.Array array && !isText(array)) {
            long size = btf.sizeof(array.element());
            for (long i = 0; i < Math.min(array.length(), MAX_ELEMENTS) && budget > 0; i++) {
                add(to, from, at + i * size, new Place(0, 0, array.element(), false), depth + 1);
            }
        }
    }

    /** The integers of an array of integers, or null when the type is none. */
    public long[] integers(MemorySegment memory, long at, int type) {
        if (!(btf.resolve(type) instanceof BtfType.Array array) || array.length() > MAX_ELEMENTS) {
            return null;
        }
        IntShape shape = IntShape.of(btf, new Place(0, 0, array.element(), false));
        if (shape == null || !fits(memory, at, shape.size() * array.length())) {
            return null;
        }
        long[] values = new long[(int) array.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = shape.read(memory, at + (long) i * shape.size());
        }
        return values;
    }
}
