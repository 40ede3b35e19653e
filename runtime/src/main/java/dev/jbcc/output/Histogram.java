// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

/**
 * Histograms of non-negative counts, printed as BCC prints them. The last bucket that has a count ends the table, and
 * without any count there is no table.
 *
 * {@snippet :
 * OutputBuffer out = new OutputBuffer(System.out);
 * Histogram.log2Floor(new long[] {5, 0, 17, 3}, "bytes", out);
 * out.flush();
 * }
 */
public final class Histogram {
    private static final int STARS = 40;
    private static final String COUNT_AND_DISTRIBUTION = " : count     distribution\n";

    /** The slots of a 64-bit value: none, then one per power of two. */
    private static final int LOG2_SLOTS = 65;

    /** Values of more than 32 bits need wider ranges, which take the place of half of the stars. */
    private static final int NARROW_SLOTS = 32;

    private Histogram() {}

    /**
     * Appends a histogram of powers of two: slot {@code i} counts the values of {@code i} bits, slot 1 those of 0 too.
     * Slot 0, which BPF programs leave empty, has no line.
     *
     * @param counts at most 65 slots
     * @param unit what the values are, such as {@code usecs}
     */
    public static void log2(long[] counts, String unit, OutputBuffer out) {
        if (counts.length > LOG2_SLOTS) {
            throw new IllegalArgumentException(counts.length + " slots of powers of two");
        }
        int last = last(counts);
        if (last < 1) {
            return;
        }
        boolean narrow = last <= NARROW_SLOTS;
        int width = narrow ? 10 : 20;
        int stars = narrow ? STARS : STARS / 2;
        out.blanks(narrow ? 5 : 15);
        left(unit, narrow ? 19 : 29, out);
        out.append(COUNT_AND_DISTRIBUTION);
        long max = max(counts);
        for (int slot = 1; slot <= last; slot++) {
            // As unsigned numbers; slot 64 ends with the largest one.
            long low = slot == 1 ? 0 : 1L << slot - 1;
            long high = slot == 64 ? -1 : (1L << slot) - 1;
            int start = out.length();
            out.unsigned(low);
            indent(start, width, out);
            out.append(" -> ");
            start = out.length();
            out.unsigned(high);
            pad(start, width, out);
            bar(counts[slot], max, stars, out);
        }
    }

    /**
     * The same for the slots that libbpf-tools and {@code maps.h} have: slot {@code i} counts the values from
     * 2<sup>i</sup> to 2<sup>i+1</sup> - 1, slot 0 those of 0 too.
     *
     * @param counts at most 64 slots
     * @param unit what the values are, such as {@code usecs}
     */
    public static void log2Floor(long[] counts, String unit, OutputBuffer out) {
        long[] moved = new long[counts.length + 1];
        System.arraycopy(counts, 0, moved, 1, counts.length);
        log2(moved, unit, out);
    }

    /**
     * Appends a histogram of equal steps: slot {@code i} counts the values from {@code base + i * step} on.
     *
     * @param unit what the values are, such as {@code runqlen}
     */
    public static void linear(long[] counts, long base, long step, String unit, OutputBuffer out) {
        int last = last(counts);
        if (last < 0) {
            return;
        }
        out.blanks(5);
        left(unit, 13, out);
        out.append(COUNT_AND_DISTRIBUTION);
        long max = max(counts);
        for (int slot = 0; slot <= last; slot++) {
            out.blanks(8);
            int start = out.length();
            out.decimal(base + slot * step);
            pad(start, 10, out);
            bar(counts[slot], max, STARS, out);
        }
    }

    private static int last(long[] counts) {
        int last = counts.length - 1;
        while (last >= 0 && counts[last] <= 0) {
            last--;
        }
        return last;
    }

    private static long max(long[] counts) {
        long max = 0;
        for (long count : counts) {
            max = Math.max(max, count);
        }
        return max;
    }

    private static void bar(long count, long max, int width, OutputBuffer out) {
        out.append(" : ");
        int start = out.length();
        out.decimal(count);
        pad(start, 8, out);
        out.append(" |");
        int stars = stars(count, max, width);
        for (int i = 0; i < stars; i++) {
            out.append('*');
        }
        out.blanks(width - stars);
        out.append("|\n");
    }

    private static int stars(long count, long max, int width) {
        // The product must not overflow; the low bits do not matter in counts this large.
        int shift = max > Long.MAX_VALUE / STARS ? 6 : 0;
        return (int) (width * (Math.max(0, count) >> shift) / (max >> shift));
    }

    private static void left(String text, int width, OutputBuffer out) {
        int start = out.length();
        out.append(text);
        pad(start, width, out);
    }

    private static void pad(int start, int width, OutputBuffer out) {
        out.blanks(width - (out.length() - start));
    }

    private static void indent(int start, int width, OutputBuffer out) {
        int blanks = width - (out.length() - start);
        if (blanks > 0) {
            out.indent(start, blanks);
        }
    }
}
