// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.jit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import dev.jbcc.symbol.Frame;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Perf maps, which a traced process writes as it likes. */
class PerfMapFuzzTest {
    static List<Arguments> maps() {
        return List.of(
                Arguments.of(bytes("0x00007f8e0c000000 0x0000000000000040 long Busy$$Lambda/0x0000000084.f(long)\r\n")),
                Arguments.of(bytes("10 10 a\n18 10 b\n8 10 c\n10 10 d\n\n0 7fffffff all\nffffffff81000000 1 k\n")),
                Arguments.of(bytes("10 5 void [A] N.C`1[X]::M(int)[Tier1]\nA 3 LA/B;::c->LD$$Lambda$1/123456;::e\nz")));
    }

    static List<Arguments> ranges() {
        return List.of(Arguments.of(new byte[] {1, 2, 3, 4, 2, 1, 1, 1, 0, 40, 5, 5}), Arguments.of(new byte[] {9, 9}));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @MethodSource("maps")
    @FuzzTest(maxDuration = "1m")
    void everyLineIsAnEntryOrCounted(byte @NotNull [] text) {
        long lines = 0;
        for (int i = 0; i < text.length; i++) {
            lines += text[i] == '\n' || i == text.length - 1 ? 1 : 0;
        }
        for (Naming naming : Naming.values()) {
            PerfMap map = read(text, naming, text.length);
            // Cut ranges can make more entries, and hidden ones fewer.
            assertTrue(map.malformed() <= lines && map.leftOut() == 0);
            assertTrue(map.entries() <= 2 * (lines - map.malformed()));
            assertTrue((map.entries() == 0) == (map.malformed() == lines));
            for (int chunk = 1; chunk < 8; chunk += 3) {
                PerfMap other = read(text, naming, chunk);
                assertEquals(map.malformed(), other.malformed());
                assertEquals(map.entries(), other.entries());
                assertEquals(map.names(), other.names());
            }
            for (long address = 0; address < 64; address++) {
                Frame frame = map.at(address);
                assertTrue(frame == null || frame.offset() >= 0 && frame.offset() <= address);
            }
        }
    }

    private static PerfMap read(byte[] text, Naming naming, int chunk) {
        PerfMapReader reader = new PerfMapReader(naming, text.length / 6 + 1, 1 << 20);
        for (int at = 0; at < text.length; at += chunk) {
            byte[] part = Arrays.copyOfRange(text, at, Math.min(text.length, at + chunk));
            reader.read(part, part.length);
        }
        return reader.finish();
    }

    @MethodSource("ranges")
    @FuzzTest(maxDuration = "1m")
    void theLastRangeThatCoversAnAddressHasIt(byte @NotNull [] places) {
        int count = places.length / 2;
        int[] last = new int[256 + 128];
        Arrays.fill(last, Ranges.NONE);
        int[] start = new int[count];
        Ranges ranges = new Ranges(count);
        for (int i = 0; i < count; i++) {
            start[i] = places[2 * i] & 0xff;
            int size = (places[2 * i + 1] & 0x7f) + 1;
            ranges.add(start[i], size, i);
            Arrays.fill(last, start[i], start[i] + size, i);
        }
        ranges.settle();
        int[] found = new int[last.length];
        boolean full = ranges.count() >= count + count / 4 + 16;
        for (int address = 0; address < last.length; address++) {
            int entry = ranges.find(address);
            found[address] = entry == Ranges.NONE ? Ranges.NONE : ranges.number(entry);
            if (entry != Ranges.NONE) {
                assertEquals(start[found[address]], ranges.start(entry));
            } else if (full) {
                Arrays.fill(last, address, last.length, Ranges.NONE); // the end was given up, or nothing is there
            }
        }
        if (!full) {
            assertArrayEquals(last, found);
        }
    }

    @MethodSource("maps")
    @FuzzTest(maxDuration = "1m")
    void namesNeverGetLonger(byte @NotNull [] name) {
        if (name.length == 0) {
            return;
        }
        byte[] to = new byte[name.length];
        for (Naming naming : Naming.values()) {
            int length = naming.shorten(name, 0, name.length, to);
            assertTrue(length >= 0 && length <= name.length);
        }
    }
}
