// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The expected texts were printed by bcc 0.26 (bcc/table.py) from the same arrays. */
final class HistogramTest {
    private static String log2(String unit, long... counts) {
        return Captured.text(out -> Histogram.log2(counts, unit, out));
    }

    private static String linear(long base, long step, long... counts) {
        return Captured.text(out -> Histogram.linear(counts, base, step, "runqlen", out));
    }

    @Test
    void powersOfTwo() {
        long[] counts = new long[65];
        System.arraycopy(new long[] {0, 0, 3, 1, 7, 40, 12, 0, 1}, 0, counts, 0, 9);
        assertEquals("""
                     usecs               : count     distribution
                         0 -> 1          : 0        |                                        |
                         2 -> 3          : 3        |***                                     |
                         4 -> 7          : 1        |*                                       |
                         8 -> 15         : 7        |*******                                 |
                        16 -> 31         : 40       |****************************************|
                        32 -> 63         : 12       |************                            |
                        64 -> 127        : 0        |                                        |
                       128 -> 255        : 1        |*                                       |
                """, log2("usecs", counts));
        assertEquals("""
                     msecs               : count     distribution
                         0 -> 1          : 5        |****************************************|
                """, log2("msecs", 0, 5));
    }

    @Test
    void nothingToShow() {
        assertEquals("", log2("usecs"));
        assertEquals("", log2("usecs", new long[65]));
        assertEquals("", log2("usecs", 5));
        assertEquals("", linear(0, 1));
        assertEquals("", linear(0, 1, 0, 0));
    }

    @Test
    void thirtyTwoBitsAreNarrow() {
        long[] counts = new long[65];
        counts[1] = 123456789012L;
        counts[32] = 2;
        List<String> lines = log2("nsecs", counts).lines().toList();
        assertEquals(33, lines.size());
        assertEquals("     nsecs               : count     distribution", lines.get(0));
        assertEquals(
                "         0 -> 1          : 123456789012 |****************************************|", lines.get(1));
        assertEquals("2147483648 -> 4294967295 : 2        |                                        |", lines.get(32));
    }

    @Test
    void moreBitsAreWide() {
        long[] counts = new long[65];
        counts[1] = 1;
        counts[30] = 100;
        counts[33] = 3;
        List<String> lines = log2("nsecs", counts).lines().toList();
        assertEquals(34, lines.size());
        assertEquals("               nsecs                         : count     distribution", lines.get(0));
        assertEquals("           536870912 -> 1073741823           : 100      |********************|", lines.get(30));
        assertEquals("          4294967296 -> 8589934591           : 3        |                    |", lines.get(33));
    }

    @Test
    void theLargestValue() {
        long[] counts = new long[65];
        counts[64] = 1;
        List<String> lines = log2("bytes", counts).lines().toList();
        assertEquals(" 4611686018427387904 -> 9223372036854775807  : 0        |                    |", lines.get(63));
        assertEquals(" 9223372036854775808 -> 18446744073709551615 : 1        |********************|", lines.get(64));
        assertThrows(IllegalArgumentException.class, () -> log2("bytes", new long[66]));
    }

    @Test
    void hugeCountsKeepTheirProportion() {
        String[] lines =
                log2("usecs", 0, Long.MAX_VALUE, Long.MAX_VALUE / 2 + 1, 1).split("\n");
        assertEquals(40, lines[1].chars().filter(c -> c == '*').count());
        assertEquals(20, lines[2].chars().filter(c -> c == '*').count());
        assertEquals(0, lines[3].chars().filter(c -> c == '*').count());
    }

    @Test
    void equalSteps() {
        assertEquals("""
                     runqlen       : count     distribution
                        0          : 10       |****************************************|
                        1          : 0        |                                        |
                        2          : 3        |************                            |
                        3          : 1        |****                                    |
                """, linear(0, 1, 10, 0, 3, 1, 0));
    }

    /** BCC has no steps; the layout is the same. */
    @Test
    void stepsFromABase() {
        assertEquals("""
                     runqlen       : count     distribution
                        -100       : 1        |********************                    |
                        -50        : 0        |                                        |
                        0          : 2        |****************************************|
                """, linear(-100, 50, 1, 0, 2));
    }
}
