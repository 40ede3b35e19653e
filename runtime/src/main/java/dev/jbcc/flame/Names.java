// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.flame;

import dev.jbcc.JbccException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The different texts of frames, each kept once, as UTF-8, and known by a number. */
final class Names {
    private static final int MAX_BYTES = 1 << 27;

    private byte[] bytes = new byte[1 << 12];
    private int[] ends = new int[1 << 8];
    private int count;
    private int[] table = new int[1 << 9]; // a number plus one, or 0

    /** How many there are. */
    int count() {
        return count;
    }

    /** The number of a text, which {@link FrameText} has made clean. */
    int number(byte[] from, int start, int end) {
        int mask = table.length - 1;
        int slot = hash(from, start, end) & mask;
        while (table[slot] != 0) {
            int known = table[slot] - 1;
            if (Arrays.equals(from, start, end, bytes, start(known), ends[known])) {
                return known;
            }
            slot = slot + 1 & mask;
        }
        append(from, start, end);
        table[slot] = count;
        if (count * 2 > table.length) {
            rehash();
        }
        return count - 1;
    }

    private void append(byte[] from, int start, int end) {
        int used = start(count);
        int length = end - start;
        if (length > MAX_BYTES - used) {
            throw new JbccException.Failed(
                    "the names of the frames take more than " + (MAX_BYTES >> 20) + " MiB",
                    "give it fewer stacks, or remove addresses and arguments from the names");
        }
        if (used + length > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(used + length, bytes.length * 2));
        }
        if (count == ends.length) {
            ends = Arrays.copyOf(ends, count * 2);
        }
        System.arraycopy(from, start, bytes, used, length);
        ends[count++] = used + length;
    }

    private void rehash() {
        int[] larger = new int[table.length * 2];
        int mask = larger.length - 1;
        for (int i = 0; i < count; i++) {
            int slot = hash(bytes, start(i), ends[i]) & mask;
            while (larger[slot] != 0) {
                slot = slot + 1 & mask;
            }
            larger[slot] = i + 1;
        }
        table = larger;
    }

    private static int hash(byte[] text, int start, int end) {
        int hash = 0;
        for (int i = start; i < end; i++) {
            hash = hash * 31 + text[i];
        }
        return hash ^ hash >>> 15;
    }

    private int start(int number) {
        return number == 0 ? 0 : ends[number - 1];
    }

    /** The text, decoded. */
    String text(int number) {
        return new String(bytes, start(number), length(number), StandardCharsets.UTF_8);
    }

    int length(int number) {
        return ends[number] - start(number);
    }

    /** Copies the text to a place, and says where it ends. */
    int copy(int number, byte[] to, int at) {
        System.arraycopy(bytes, start(number), to, at, length(number));
        return at + length(number);
    }

    /** The numbers in order of their texts, by bytes, which is by code points. */
    int[] sorted() {
        Integer[] order = new Integer[count];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Arrays.compareUnsigned(bytes, start(a), ends[a], bytes, start(b), ends[b]));
        int[] sorted = new int[count];
        Arrays.setAll(sorted, i -> order[i]);
        return sorted;
    }
}
