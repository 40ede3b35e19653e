// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Matches a Java type with a C type, part by part, and makes the codec between them. */
final class CodecBinder {
    private final Btf btf;
    private final List<String> problems;
    private final MemberSearch search;

    /** The records that are being matched, outermost last. */
    private final Deque<Class<?>> open = new ArrayDeque<>();

    /** What does not match is added to {@code problems}. */
    CodecBinder(Btf btf, List<String> problems) {
        this.btf = btf;
        this.problems = problems;
        search = new MemberSearch(btf, problems);
    }

    /** The codec for a whole key or value; null after a problem was noted. */
    <T> Codec<T> top(Class<T> type, int typeId) {
        return codec(btf.spell(typeId), type, new Place(0, 0, typeId, false));
    }

    /** The codec for {@code type}, which is {@code T} or its primitive; null after a problem was noted. */
    @SuppressWarnings("unchecked") // each codec is made for the type that was asked for
    private <T> Codec<T> codec(String label, Class<T> type, Place place) {
        Class<?> boxed = boxed(type);
        Codec<?> codec;
        if (type.isRecord()) {
            codec = record(label, type, place);
        } else if (type.isEnum()) {
            codec = enumeration(label, type, place);
        } else if (type == byte[].class) {
            codec = raw(label, place);
        } else if (type == int[].class || type == long[].class || type == short[].class) {
            codec = array(label, type, place);
        } else if (type == String.class) {
            codec = text(label, place);
        } else if (boxed != null) {
            codec = integer(label, boxed, place);
        } else {
            problems.add(label + ": jbcc has no C type for " + type.getSimpleName());
            codec = null;
        }
        return (Codec<T>) codec;
    }

    private static Class<?> boxed(Class<?> type) {
        if (type == long.class || type == Long.class) {
            return Long.class;
        }
        if (type == int.class || type == Integer.class) {
            return Integer.class;
        }
        if (type == short.class || type == Short.class) {
            return Short.class;
        }
        if (type == byte.class || type == Byte.class) {
            return Byte.class;
        }
        return type == boolean.class || type == Boolean.class ? Boolean.class : null;
    }

    private <C> Codec<C> mismatch(String label, Place place, String java) {
        String width = place.bitSize() == 0 ? "" : ":" + place.bitSize();
        problems.add(label + " is " + btf.spell(place.type()) + width + " in C, which is not " + java);
        return null;
    }

    private <C> Codec<C> integer(String label, Class<C> boxed, Place place) {
        IntShape shape = IntShape.of(btf, place);
        if (shape == null) {
            return mismatch(label, place, boxed.getSimpleName());
        }
        if (!IntCodec.suits(shape, boxed)) {
            return mismatch(
                    label, place, boxed.getSimpleName() + ": it holds " + shape.range() + suggestion(shape, boxed));
        }
        return new IntCodec<>(label, shape, boxed);
    }

    private static String suggestion(IntShape shape, Class<?> boxed) {
        for (Class<?> larger : new Class<?>[] {Byte.class, Short.class, Integer.class, Long.class}) {
            if (IntCodec.suits(shape, larger)) {
                return "; use " + larger.getSimpleName();
            }
        }
        throw new AssertionError(boxed); // Long suits all
    }

    private Codec<String> text(String label, Place place) {
        int width = place.isWhole() ? CharArray.width(btf, place.type()) : 0;
        return width == 0 ? mismatch(label, place, "String") : new TextCodec(label, width);
    }

    private Codec<byte[]> raw(String label, Place place) {
        int size = place.isWhole() ? size(label, place.type()) : 0;
        return place.isWhole() ? new RawCodec(label, size) : mismatch(label, place, "byte[]");
    }

    private <C> Codec<C> array(String label, Class<C> type, Place place) {
        if (!(place.isWhole() && btf.resolve(place.type()) instanceof BtfType.Array array)) {
            return mismatch(label, place, type.getSimpleName());
        }
        IntShape shape = IntShape.of(btf, new Place(0, 0, array.element(), false));
        if (shape == null || shape.size() != btf.sizeof(array.element())) {
            return mismatch(label, place, type.getSimpleName());
        }
        if (!IntCodec.suits(shape, boxed(type.componentType()))) {
            return mismatch(label, place, type.getSimpleName() + ": an element holds " + shape.range());
        }
        return new IntArrayCodec<>(label, shape, size(label, place.type()) / shape.size(), type);
    }

    private <C> Codec<C> enumeration(String label, Class<C> type, Place place) {
        IntShape shape = IntShape.of(btf, place);
        if (shape == null || !(btf.resolve(place.type()) instanceof BtfType.Enum cEnum)) {
            return mismatch(label, place, "enum " + type.getSimpleName());
        }
        C[] constants = type.getEnumConstants();
        long[] values = new long[constants.length];
        for (int i = 0; i < constants.length; i++) {
            String name = ((Enum<?>) constants[i]).name();
            BtfType.Value value = named(cEnum, name);
            if (value == null) {
                problems.add(label + ": " + btf.spell(cEnum.id()) + " has no value '" + name + "'"
                        + Nearest.suggestion(name, names(cEnum)));
            } else {
                values[i] = value.value();
            }
        }
        for (BtfType.Value value : cEnum.values()) {
            if (!isIn(value.value(), values)) {
                problems.add(label + ": " + type.getSimpleName() + " has no constant for '" + value.name() + "' of "
                        + btf.spell(cEnum.id()));
            }
        }
        return new EnumCodec<>(label, shape, constants, values);
    }

    private static BtfType.Value named(BtfType.Enum cEnum, String name) {
        for (BtfType.Value value : cEnum.values()) {
            if (value.name().equals(name)) {
                return value;
            }
        }
        return null;
    }

    private static List<String> names(BtfType.Enum cEnum) {
        return cEnum.values().stream().map(BtfType.Value::name).toList();
    }

    private static boolean isIn(long wanted, long[] values) {
        for (long value : values) {
            if (value == wanted) {
                return true;
            }
        }
        return false;
    }

    private <C> Codec<C> record(String label, Class<C> type, Place place) {
        if (!(place.isWhole() && btf.resolve(place.type()) instanceof BtfType.Struct struct) || struct.isUnion()) {
            return mismatch(label, place, "record " + type.getSimpleName());
        }
        if (open.contains(type)) {
            problems.add(label + ": record " + type.getSimpleName() + " contains itself");
            return null;
        }
        open.push(type);
        RecordComponent[] parts = type.getRecordComponents();
        Class<?>[] types = new Class<?>[parts.length];
        RecordCodec.Component[] components = new RecordCodec.Component[parts.length];
        for (int i = 0; i < parts.length; i++) {
            types[i] = parts[i].getType();
            components[i] = component(struct, label, parts[i]);
        }
        open.pop();
        int size = size(label, place.type());
        if (!problems.isEmpty()) {
            return null;
        }
        Constructor<C> constructor = constructor(label, type, types, parts);
        return constructor == null ? null : new RecordCodec<>(label, size, constructor, components);
    }

    private RecordCodec.Component component(BtfType.Struct struct, String label, RecordComponent part) {
        String member = memberName(struct, part.getName());
        Place place = search.find(struct, member);
        if (place == null) {
            return null;
        }
        String memberLabel = label + "." + member;
        if (place.inUnion() && part.getType() != byte[].class) {
            problems.add(memberLabel + " is in a union: it can only be a byte[]");
            return null;
        }
        @SuppressWarnings("unchecked") // the codec is only given what the component's accessor returns
        Codec<Object> codec = (Codec<Object>) codec(memberLabel, part.getType(), place);
        return codec == null ? null : new RecordCodec.Component(part.getAccessor(), codec, place.offset());
    }

    /** A component's own name if there is such a member, else its camelCase as snake_case. */
    private String memberName(BtfType.Struct struct, String name) {
        if (search.has(struct, name)) {
            return name;
        }
        StringBuilder snake = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (Character.isUpperCase(c)) {
                snake.append('_');
            }
            snake.append(Character.toLowerCase(c));
        }
        return snake.toString();
    }

    /** The canonical constructor, after it and the accessors were made accessible; null after a problem was noted. */
    private <C> Constructor<C> constructor(String label, Class<C> type, Class<?>[] types, RecordComponent[] parts) {
        try {
            Constructor<C> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            for (RecordComponent part : parts) {
                Method accessor = part.getAccessor();
                accessor.setAccessible(true);
            }
            return constructor;
        } catch (InaccessibleObjectException e) {
            problems.add(label + ": record " + type.getSimpleName() + " is not accessible to jbcc; make it public, or"
                    + " say 'opens " + type.getPackageName() + " to dev.jbcc.runtime;' in module-info.java");
            return null;
        } catch (NoSuchMethodException e) {
            throw new AssertionError("a record has a canonical constructor", e);
        }
    }

    /** In bytes, from 1 up; 0 after a problem was noted. */
    private int size(String label, int type) {
        long size = btf.sizeof(type);
        if (size == 0 || size > Integer.MAX_VALUE) {
            problems.add(label + " has " + size + " bytes");
            return 0;
        }
        return (int) size;
    }
}
