// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.jit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.symbol.Frame;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PerfMapTest {
    private static final long HEAP = 1 << 20;

    @TempDir
    Path directory;

    private PerfMap read(byte[] text, Naming naming, long heap) throws IOException {
        Path file = directory.resolve("perf-1.map");
        Files.write(file, text);
        try (FileChannel channel = FileChannel.open(file)) {
            return PerfMap.read(channel, naming, heap);
        }
    }

    private PerfMap read(String text) throws IOException {
        return read(text.getBytes(StandardCharsets.UTF_8), Naming.OTHER, HEAP);
    }

    private static String at(PerfMap map, long address) {
        Frame frame = map.at(address);
        return frame == null ? null : frame.name() + "+" + frame.offset();
    }

    @Test
    void findsTheFunctionOfAnAddress() throws IOException {
        PerfMap map = read("""
                7f00 10 JS:*b c /x y.js:1:2
                0x0000000000007e00 0x0000000000000020 long a.B.c(int)
                7fffffffffff 1 last
                """);
        assertNull(map.at(0x7dff));
        assertEquals(new Frame(Frame.Kind.JIT, "long a.B.c(int)", null, 0x1f, null), map.at(0x7e1f));
        assertNull(map.at(0x7e20));
        assertEquals("JS:*b c /x y.js:1:2+0", at(map, 0x7f00));
        assertNull(map.at(0x7f10));
        assertEquals("last+0", at(map, 0x7fff_ffff_ffffL));
        assertNull(map.at(0x8000_0000_0000L));
        assertNull(map.at(-1));
        assertNull(map.at(Long.MIN_VALUE));
        assertEquals(3, map.entries());
        assertEquals(0, map.malformed());
    }

    @Test
    void javaNamesAreShort() throws IOException {
        PerfMap map = read("0x10 0x8 long a.B.c(int)\n".getBytes(StandardCharsets.UTF_8), Naming.JAVA, HEAP);
        assertEquals(new Frame(Frame.Kind.JAVA, "a.B.c", null, 1, null), map.at(0x11));
    }

    @Test
    void countsLinesThatSayNothing() throws IOException {
        String[] bad = {
            "",
            " ",
            "\r",
            "10 10",
            "10 10 ",
            "10",
            "x",
            "10 0 empty",
            "10 80000000 wide",
            "ffffffff81000000 10 kernel",
            "7fffffffffffffff 1 end",
            "10000000000000010 10 too-long",
            "10 x name",
            "0x 10 name",
            "10 0x name",
            "1g 10 name",
            "-10 10 name",
            "root:$6$abc:1:0:99999:7:::",
            "\0\1\2\377",
            "10 10\0name"
        };
        PerfMap map = read(String.join("\n", bad) + "\n20 8 good\r\n  28\t8  spaces \nABC 0XF upper\n30 8 no newline");
        assertEquals(bad.length, map.malformed());
        assertEquals(4, map.entries());
        assertEquals("good+1", at(map, 0x21));
        assertEquals("spaces+0", at(map, 0x28));
        assertEquals("upper+14", at(map, 0xabc + 14));
        assertEquals("no newline+0", at(map, 0x30));
        assertEquals(0, read("").entries());
    }

    @Test
    void laterLinesHideEarlierOnes() throws IOException {
        PerfMap map = read("""
                100 100 old
                140 40 inside
                1f0 20 across
                300 10 same
                300 10 again
                400 40 hidden
                3f0 60 hides
                """);
        assertEquals("old+63", at(map, 0x13f));
        assertEquals("inside+0", at(map, 0x140));
        assertEquals("old+128", at(map, 0x180)); // its offset is from where it started
        assertEquals("old+239", at(map, 0x1ef));
        assertEquals("across+0", at(map, 0x1f0));
        assertEquals("across+31", at(map, 0x20f));
        assertEquals("again+0", at(map, 0x300));
        assertEquals("hides+16", at(map, 0x400));
        assertEquals(6, map.entries());
        assertEquals(
                5,
                read("100 100 a\n200 100 a\n100 200 b\n180 10 c\n100 1 d\n1ff 2 e\n")
                                .entries()
                        - 1);
    }

    @Test
    void cutsLongNamesAndLines() throws IOException {
        String type = "x".repeat(100);
        StringBuilder arguments = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            arguments.append(type).append(", ");
        }
        String text = "10 10 void a.B.c(" + arguments + "int)\n20 10 " + "y".repeat(200_000) + "\n30 10 z\n";
        PerfMap map = read(text.getBytes(StandardCharsets.UTF_8), Naming.JAVA, HEAP);
        assertEquals("a.B.c+0", at(map, 0x10));
        assertEquals("y".repeat(PerfMapReader.MAX_NAME) + "+0", at(map, 0x20));
        assertEquals("z+0", at(map, 0x30));
    }

    @Test
    void readsTheEndOfWhatIsTooLong() throws IOException {
        StringBuilder text = new StringBuilder();
        int lines = 10_000;
        for (int i = 0; i < lines; i++) {
            text.append(Integer.toHexString(16 * (i + 1))).append(" 10 f\n");
        }
        long heap = 1 << 16;
        PerfMap map = read(text.toString().getBytes(StandardCharsets.US_ASCII), Naming.OTHER, heap);
        assertTrue(map.entries() > 400 && map.entries() < lines, map.entries() + " entries");
        assertEquals(lines, map.entries() + map.leftOut());
        assertEquals("f+0", at(map, 16 * lines));
        assertNull(map.at(16));
        assertTrue(map.bytes() <= heap, map.bytes() + " bytes");
    }

    @Test
    void namesHaveABound() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 1; i <= 100; i++) {
            text.append(i)
                    .append("000 10 ")
                    .append(Integer.toString(i).repeat(500))
                    .append('\n');
        }
        PerfMap map = read(text.toString().getBytes(StandardCharsets.US_ASCII), Naming.OTHER, 1 << 16);
        assertTrue(map.leftOut() > 0);
        assertEquals(100, map.entries() + map.leftOut());
        assertTrue(map.bytes() <= 1 << 16, map.bytes() + " bytes");
    }

    @Test
    void equalNamesAreKeptOnce() throws IOException {
        PerfMap map = read("10 8 f\n20 8 g\n30 8 f\n40 8 f\n50 8 g\n");
        assertEquals(2, map.names());
        assertEquals("f+1", at(map, 0x31));
        assertEquals("g+7", at(map, 0x57));
    }

    @Test
    void findsAllOfManyInAnyOrder() throws IOException {
        int lines = 50_000;
        Random random = new Random(1);
        int[] order = new int[lines];
        for (int i = 0; i < lines; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        StringBuilder text = new StringBuilder();
        for (int i : order) {
            text.append(Long.toHexString(0x7f00_0000_0000L + 32L * i))
                    .append(" 1f m")
                    .append(i)
                    .append('\n');
        }
        PerfMap map = read(text.toString().getBytes(StandardCharsets.US_ASCII), Naming.OTHER, 16 << 20);
        assertEquals(lines, map.entries());
        assertEquals(lines, map.names());
        for (int i = 0; i < lines; i++) {
            assertEquals("m" + i + "+30", at(map, 0x7f00_0000_0000L + 32L * i + 30));
            assertNull(map.at(0x7f00_0000_0000L + 32L * i + 31));
        }
    }
}
