// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.jit;

import java.util.Arrays;

/**
 * Ranges of addresses with a number each, of which a later one hides what it covers of the earlier ones: a JIT writes
 * new code where old code was. They are added, then {@link #settle settled} once, then searched.
 */
final class Ranges {
    static final int NONE = -1;

    // One entry is a range, and after settling a visible piece of one; 16 bytes, and 4 more when any range was cut.
    private long[] starts;
    private int[] sizes;
    private int[] numbers;
    private int[] skipped; // how far the piece is from the start of its range; null: all are whole
    private int count;

    /** @param capacity how many can be added, at most 2^24 */
    Ranges(int capacity) {
        starts = new long[capacity];
        sizes = new int[capacity];
        numbers = new int[capacity];
    }

    boolean isFull() {
        return count == starts.length;
    }

    /** Both are at least 0, the size at least 1, and the end is no more than {@link Long#MAX_VALUE}. */
    void add(long start, int size, int number) {
        starts[count] = start;
        sizes[count] = size;
        numbers[count++] = number;
    }

    int count() {
        return count;
    }

    long bytes() {
        return (skipped == null ? 16L : 20L) * starts.length;
    }

    /** The entry that covers an address, or {@link #NONE}. */
    int find(long address) {
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (starts[middle] <= address) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high >= 0 && address - starts[high] < sizes[high] ? high : NONE;
    }

    int number(int entry) {
        return numbers[entry];
    }

    /** Where the whole range of an entry starts. */
    long start(int entry) {
        return skipped == null ? starts[entry] : starts[entry] - skipped[entry];
    }

    /** Sorts them, and cuts off what is hidden. */
    void settle() {
        int[] order = order();
        long[] sortedStarts = new long[count];
        for (int i = 0; i < count; i++) {
            sortedStarts[i] = starts[order[i]];
        }
        starts = sortedStarts;
        sizes = sorted(sizes, order);
        numbers = sorted(numbers, order);
        for (int i = 1; i < count; i++) {
            if (starts[i] - starts[i - 1] < sizes[i - 1]) {
                cut(order);
                return;
            }
        }
    }

    private int[] sorted(int[] values, int[] order) {
        int[] sorted = new int[count];
        for (int i = 0; i < count; i++) {
            sorted[i] = values[order[i]];
        }
        return sorted;
    }

    /** The entries by start, then by age: a merge sort that leaves parts alone that are in order, as most are. */
    private int[] order() {
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            order[i] = i;
        }
        int[] merged = null;
        for (int width = 1; width < count; width *= 2) {
            for (int left = 0; left < count - width; left += 2 * width) {
                int middle = left + width;
                if (starts[order[middle - 1]] > starts[order[middle]]) {
                    if (merged == null) {
                        merged = new int[count];
                    }
                    merge(order, left, middle, Math.min(count, middle + width), merged);
                }
            }
        }
        return order;
    }

    private void merge(int[] order, int left, int middle, int end, int[] merged) {
        System.arraycopy(order, left, merged, left, middle - left);
        int a = left;
        int b = middle;
        int to = left;
        while (a < middle && b < end) {
            order[to++] = starts[order[b]] < starts[merged[a]] ? order[b++] : merged[a++];
        }
        System.arraycopy(merged, a, order, to, middle - a);
    }

    /** Goes through the sorted ranges with those that are open at a point in a heap, the youngest on top. */
    private void cut(int[] age) {
        Pieces pieces = new Pieces(count + count / 4 + 16);
        int[] heap = new int[16];
        int open = 0;
        long at = 0;
        for (int next = 0; next <= count && !pieces.isFull(); next++) {
            long until = next < count ? starts[next] : Long.MAX_VALUE;
            while (open > 0 && at < until && !pieces.isFull()) {
                int top = heap[0];
                long end = starts[top] + sizes[top];
                if (end > at) {
                    pieces.add(top, at, Math.min(end, until));
                    at = Math.min(end, until);
                }
                if (end <= at) {
                    sink(heap, 0, --open, heap[open], age);
                }
            }
            if (next < count) {
                at = until;
                if (open == heap.length) {
                    heap = Arrays.copyOf(heap, open * 2);
                }
                rise(heap, open++, next, age);
            }
        }
        pieces.keep();
    }

    private static void rise(int[] heap, int at, int entry, int[] age) {
        while (at > 0 && age[entry] > age[heap[(at - 1) / 2]]) {
            heap[at] = heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }
        heap[at] = entry;
    }

    private static void sink(int[] heap, int at, int size, int entry, int[] age) {
        for (int child = 2 * at + 1; child < size; child = 2 * at + 1) {
            if (child + 1 < size && age[heap[child + 1]] > age[heap[child]]) {
                child++;
            }
            if (age[entry] > age[heap[child]]) {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = entry;
    }

    /**
     * The visible pieces, which become the entries. Ranges inside of others could make twice as many pieces as there are
     * ranges, and no JIT does that: when there are a quarter more pieces than ranges, the addresses above stay unknown.
     */
    private final class Pieces {
        private long[] pieceStarts;
        private int[] pieceSizes;
        private int[] pieceNumbers;
        private int[] pieceSkipped;
        private int pieceCount;
        private int lastRange = NONE;

        Pieces(int capacity) {
            resize(capacity);
        }

        boolean isFull() {
            return pieceCount == pieceStarts.length;
        }

        private void resize(int capacity) {
            pieceStarts = pieceStarts == null ? new long[capacity] : Arrays.copyOf(pieceStarts, capacity);
            pieceSizes = pieceSizes == null ? new int[capacity] : Arrays.copyOf(pieceSizes, capacity);
            pieceNumbers = pieceNumbers == null ? new int[capacity] : Arrays.copyOf(pieceNumbers, capacity);
            pieceSkipped = pieceSkipped == null ? new int[capacity] : Arrays.copyOf(pieceSkipped, capacity);
        }

        void add(int range, long start, long end) {
            int before = pieceCount - 1;
            if (range == lastRange && start - pieceStarts[before] == pieceSizes[before]) {
                pieceSizes[before] += (int) (end - start); // what came between was hidden
                return;
            }
            lastRange = range;
            pieceStarts[pieceCount] = start;
            pieceSizes[pieceCount] = (int) (end - start);
            pieceNumbers[pieceCount] = numbers[range];
            pieceSkipped[pieceCount++] = (int) (start - starts[range]);
        }

        void keep() {
            resize(pieceCount);
            starts = pieceStarts;
            sizes = pieceSizes;
            numbers = pieceNumbers;
            skipped = pieceSkipped;
            count = pieceCount;
        }
    }
}
