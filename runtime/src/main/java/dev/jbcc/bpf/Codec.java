// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.JbccException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns the memory of one C type into a Java value and back: the keys and values of maps, and the records that the
 * library hands out.
 *
 * <ul>
 *   <li>An integer, enum, pointer or bit-field is a Byte, Short, Integer or Long that holds every value of the C type:
 *       {@code __u32} needs a Long, {@code __s32} an Integer. {@code __u64} is a Long, as its bits.
 *   <li>A bool, or an unsigned bit-field of one bit, is a Boolean.
 *   <li>A {@code char[N]} is a String: UTF-8 up to the first zero byte or all N bytes; malformed bytes are replaced.
 *   <li>An enum is a Java enum with constants of exactly the same names.
 *   <li>An array of integers is an int[], long[] or short[], with elements by the rule above.
 *   <li>A struct is a Java record. A component {@code startNs} or {@code start_ns} is the member {@code start_ns}; every
 *       component needs a member. Members without a component are skipped, and written as zeros.
 *   <li>A union, a member of one, and anything else is a byte[] of exactly its size.
 * </ul>
 *
 * <p>The record must be accessible to jbcc: public in an exported package, or in a package opened to it. Codecs are
 * immutable and may be shared by threads.
 *
 * {@snippet :
 * record Event(long pid, String comm) {}
 * int type = object.btf().struct("event").orElseThrow().id();
 * Codec<Event> codec = Codec.of(Event.class, object.btf(), type);
 * object.ringBuffer("events").consume(
 *         (memory, offset, length) -> System.out.println(codec.decode(memory, offset).comm()), 1000);
 * }
 *
 * @param <T> the Java type, of primitives the boxed one
 */
public abstract sealed class Codec<T> permits RawCodec, IntCodec, IntArrayCodec, TextCodec, EnumCodec, RecordCodec {
    private final int size;

    Codec(int size) {
        this.size = size;
    }

    /** The codec between a Java type and the type {@code typeId}; one error lists everything that does not match. */
    public static <T> Codec<T> of(Class<T> type, Btf btf, int typeId) {
        List<String> problems = new ArrayList<>();
        Codec<T> codec = new CodecBinder(btf, problems).top(type, typeId);
        if (!problems.isEmpty()) {
            throw new JbccException.Failed(btf.spell(typeId) + " of the BPF object does not match "
                    + type.getSimpleName() + ": " + String.join("\n  ", problems));
        }
        return codec;
    }

    /** Any memory of a fixed size in bytes, as it is. */
    public static Codec<byte[]> raw(int size) {
        if (size < 0) {
            throw new IllegalArgumentException("size " + size);
        }
        return new RawCodec("the value", size);
    }

    /** In bytes, of the C type. */
    public final int size() {
        return size;
    }

    /** Reads {@link #size} bytes at {@code offset}, which must be inside of the segment. */
    public abstract T decode(MemorySegment segment, long offset);

    /**
     * Writes {@link #size} bytes at {@code offset}, padding as zeros; a value that the C type does not hold is refused
     * with {@link JbccException.Failed}, and then the bytes may be half written.
     */
    public abstract void encode(T value, MemorySegment segment, long offset);
}
