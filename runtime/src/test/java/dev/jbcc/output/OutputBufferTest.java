// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class OutputBufferTest {
    /** Remembers each write. */
    private static final class Writes extends OutputStream {
        private final List<String> writes = new ArrayList<>();

        @Override
        public void write(int b) {
            throw new AssertionError("byte by byte");
        }

        @Override
        public void write(byte[] from, int start, int length) {
            writes.add(new String(from, start, length, StandardCharsets.UTF_8));
        }
    }

    private static long[] numbers() {
        List<Long> numbers = new ArrayList<>(List.of(0L, -1L, Long.MIN_VALUE, Long.MAX_VALUE));
        for (long power = 1; power > 0; power *= 10) {
            numbers.addAll(List.of(power - 1, power, power + 1, -power));
            if (power > Long.MAX_VALUE / 10) {
                break;
            }
        }
        for (int bit = 0; bit < 64; bit++) {
            numbers.addAll(List.of(1L << bit, (1L << bit) - 1, -(1L << bit)));
        }
        Random random = new Random(7);
        for (int i = 0; i < 500; i++) {
            numbers.add(random.nextLong() >> random.nextInt(64));
        }
        return numbers.stream().mapToLong(Long::longValue).toArray();
    }

    @Test
    void printsNumbersAsTheJdkDoes() {
        for (long number : numbers()) {
            assertEquals(Long.toString(number), Captured.text(out -> out.decimal(number)));
            assertEquals(Long.toUnsignedString(number), Captured.text(out -> out.unsigned(number)));
            assertEquals(Long.toHexString(number), Captured.text(out -> out.hex(number)));
            assertEquals(Long.toOctalString(number), Captured.text(out -> out.octal(number, 1)));
        }
    }

    @Test
    void padsOctalWithZeros() {
        assertEquals("00100301", Captured.text(out -> out.octal(0100301, 8)));
        assertEquals("0000", Captured.text(out -> out.octal(0, 4)));
        assertEquals("12345", Captured.text(out -> out.octal(012345, 4)));
    }

    @Test
    void roundsSeconds() {
        assertEquals("0.000000000", Captured.text(out -> out.seconds(0, 9)));
        assertEquals("1.5", Captured.text(out -> out.seconds(1_450_000_000L, 1)));
        assertEquals("1.4", Captured.text(out -> out.seconds(1_449_999_999L, 1)));
        assertEquals("10.00", Captured.text(out -> out.seconds(9_995_000_000L, 2)));
        assertEquals("-0.001", Captured.text(out -> out.seconds(-500_000, 3)));
        assertEquals("0.000", Captured.text(out -> out.seconds(-499_999, 3)));
        assertEquals("2", Captured.text(out -> out.seconds(1_500_000_000L, 0)));
        for (long number : numbers()) {
            for (int decimals = 0; decimals <= 9; decimals++) {
                BigDecimal exact = BigDecimal.valueOf(number, 9).setScale(decimals, RoundingMode.HALF_UP);
                int places = decimals;
                assertEquals(exact.toPlainString(), Captured.text(out -> out.seconds(number, places)));
            }
        }
    }

    @Test
    void appendsTextBeyondAscii() {
        assertEquals("LAT(µs) 漢 ok", Captured.text(out -> {
            out.append("LAT(µs) 漢");
            out.blanks(1);
            out.blanks(-3);
            out.append("ok");
        }));
    }

    @Test
    void writesABatchAtOnceAndNothingTwice() throws IOException {
        Writes stream = new Writes();
        OutputBuffer out = new OutputBuffer(stream);
        out.flush();
        String line = "x".repeat(100_000);
        out.append(line);
        out.append('y');
        out.flush();
        out.append("second");
        assertEquals(6, out.length());
        out.flush();
        out.flush();
        assertEquals(List.of(line + "y", "second"), stream.writes);
    }

    @Test
    void shrinksAfterALargeBatch() throws IOException {
        OutputBuffer out = new OutputBuffer(new ByteArrayOutputStream());
        out.blanks(900_000);
        out.flush();
        assertEquals(900_000, out.reserve(0).length);
        out.blanks(3_000_000);
        out.flush();
        assertEquals(1 << 16, out.reserve(0).length);
    }

    @Test
    void aFailedWriteIsTheCallersAndDropsTheBatch() throws IOException {
        OutputStream full = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("No space left on device");
            }
        };
        OutputBuffer out = new OutputBuffer(full);
        out.append("lost");
        IOException e = assertThrows(IOException.class, out::flush);
        assertEquals("No space left on device", e.getMessage());
        assertEquals(0, out.length());
        out.flush();
    }
}
