// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.JbccException;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Objects;

/** A C struct as a Java record. */
final class RecordCodec<T> extends Codec<T> {
    private final String label;
    private final Constructor<T> constructor;
    private final Component[] components;

    /** One component: its accessor, and the codec and place of its member in the struct. */
    record Component(Method accessor, Codec<Object> codec, long offset) {}

    /** The components are those of the constructor, which must be accessible as they. */
    RecordCodec(String label, int size, Constructor<T> constructor, Component[] components) {
        super(size);
        this.label = label;
        this.constructor = constructor;
        this.components = components;
    }

    @Override
    public T decode(MemorySegment segment, long offset) {
        Objects.checkFromIndexSize(offset, size(), segment.byteSize());
        Object[] values = new Object[components.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = components[i].codec.decode(segment, offset + components[i].offset);
        }
        try {
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            throw new JbccException.Failed(
                    "record " + constructor.getDeclaringClass().getSimpleName() + " refuses the values of " + label
                            + ": " + e.getCause().getMessage(),
                    e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("the constructor was made accessible", e);
        }
    }

    @Override
    public void encode(T value, MemorySegment segment, long offset) {
        segment.asSlice(offset, size()).fill((byte) 0);
        for (Component component : components) {
            Object part = read(component.accessor, value);
            if (part == null) {
                throw new JbccException.Failed(label + ": " + component.accessor.getName() + " is null");
            }
            component.codec.encode(part, segment, offset + component.offset);
        }
    }

    private Object read(Method accessor, T value) {
        try {
            return accessor.invoke(value);
        } catch (InvocationTargetException e) {
            throw new JbccException.Failed(
                    label + ": " + accessor.getName() + " cannot be read: "
                            + e.getCause().getMessage(),
                    e.getCause());
        } catch (IllegalAccessException e) {
            throw new AssertionError("the accessor was made accessible", e);
        }
    }
}
