// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.jit;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Names as bytes one behind the other, each once: a JIT compiles the same function again and again. */
final class NameTable {
    static final int FULL = -1;

    private final int limit;
    private byte[] text = new byte[1 << 12];
    private int length;
    private int[] ends = new int[1 << 7];
    private int count;
    private int[] buckets = new int[1 << 8]; // a name's number + 1; 0: free

    /** @param limit how many bytes the names may have in all */
    NameTable(int limit) {
        this.limit = limit;
    }

    /** The number of a name, which is added unless it is there; {@link #FULL} when it does not fit. */
    int number(byte[] from, int start, int size) {
        int bucket = hash(from, start, size) & (buckets.length - 1);
        while (buckets[bucket] != 0) {
            int number = buckets[bucket] - 1;
            int at = start(number);
            if (Arrays.equals(text, at, ends[number], from, start, start + size)) {
                return number;
            }
            bucket = (bucket + 1) & (buckets.length - 1);
        }
        if (size > limit - length) {
            return FULL;
        }
        return add(bucket, from, start, size);
    }

    String name(int number) {
        int start = start(number);
        return new String(text, start, ends[number] - start, StandardCharsets.UTF_8);
    }

    int count() {
        return count;
    }

    /** What it takes of the heap. */
    long bytes() {
        return text.length + 4L * ends.length + 4L * buckets.length;
    }

    /** Gives back what was only needed to add names; none can be added any more. */
    void close() {
        text = Arrays.copyOf(text, length);
        ends = Arrays.copyOf(ends, count);
        buckets = new int[0];
    }

    private int start(int number) {
        return number == 0 ? 0 : ends[number - 1];
    }

    private int add(int bucket, byte[] from, int start, int size) {
        if (length + size > text.length) {
            text = Arrays.copyOf(text, (int) Math.min(limit, Math.max(length + size, text.length * 3L / 2)));
        }
        System.arraycopy(from, start, text, length, size);
        length += size;
        if (count == ends.length) {
            ends = Arrays.copyOf(ends, count * 2);
        }
        ends[count] = length;
        buckets[bucket] = ++count;
        if (count > buckets.length / 2) {
            grow();
        }
        return count - 1;
    }

    private void grow() {
        int mask = buckets.length * 2 - 1;
        buckets = new int[mask + 1];
        for (int number = 0; number < count; number++) {
            int start = start(number);
            int bucket = hash(text, start, ends[number] - start) & mask;
            while (buckets[bucket] != 0) {
                bucket = (bucket + 1) & mask;
            }
            buckets[bucket] = number + 1;
        }
    }

    private static int hash(byte[] from, int start, int size) {
        int hash = size;
        for (int i = start; i < start + size; i++) {
            hash = hash * 31 + from[i];
        }
        hash *= 0x9E3779B9; // spreads what is alike in the low bits
        return hash ^ hash >>> 15;
    }
}
