// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

import dev.jbcc.JbccException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A batch of output bytes on its way to a stream. It grows as needed and belongs to one thread. The {@code append}
 * methods trust their text; what a traced process chose goes through {@link Escape}.
 *
 * <p>{@link Renderer} shows its use.
 */
public final class OutputBuffer {
    private static final int INITIAL = 1 << 16;
    private static final int KEEP = 1 << 20;
    private static final int LIMIT = 1 << 30;
    private static final int BILLION = 1_000_000_000;
    private static final int[] POWERS = {1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, BILLION
    };
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final OutputStream stream;
    private byte[] bytes = new byte[INITIAL];
    private int length;

    /** The stream should not buffer, this class does. It is not closed. */
    public OutputBuffer(OutputStream stream) {
        this.stream = stream;
    }

    /** The number of bytes that wait for {@link #flush}. */
    public int length() {
        return length;
    }

    /**
     * Gives the whole batch to the stream with one write, and starts an empty one. The batch is gone even if the write
     * fails, for nobody knows how much of it arrived.
     */
    public void flush() throws IOException {
        int batch = length;
        byte[] from = bytes;
        length = 0;
        if (from.length > KEEP) {
            bytes = new byte[INITIAL];
        }
        if (batch > 0) {
            stream.write(from, 0, batch);
            stream.flush();
        }
    }

    public void append(char ascii) {
        byte[] to = reserve(1);
        to[length++] = (byte) ascii;
    }

    public void append(String text) {
        int count = text.length();
        byte[] to = reserve(count);
        int at = length;
        for (int i = 0; i < count; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
                append(utf8, utf8.length);
                return;
            }
            to[at++] = (byte) c;
        }
        length = at;
    }

    public void append(byte[] from, int count) {
        byte[] to = reserve(count);
        System.arraycopy(from, 0, to, length, count);
        length += count;
    }

    /** Appends blanks; none if {@code count} is negative. */
    public void blanks(int count) {
        if (count > 0) {
            byte[] to = reserve(count);
            int at = length;
            int end = at + count;
            while (at < end) {
                to[at++] = ' ';
            }
            length = end;
        }
    }

    public void decimal(long value) {
        if (value < 0) {
            append('-');
            unsigned(-value);
        } else {
            unsigned(value);
        }
    }

    /** Appends an unsigned 64-bit number. */
    public void unsigned(long value) {
        if (value < 0) {
            long high = Long.divideUnsigned(value, BILLION);
            unsigned(high);
            digits((int) (value - high * BILLION), 9);
        } else if (value > Integer.MAX_VALUE) {
            long high = value / BILLION;
            unsigned(high);
            digits((int) (value - high * BILLION), 9);
        } else {
            int small = (int) value;
            int count = 1;
            while (count < 10 && small >= POWERS[count]) {
                count++;
            }
            digits(small, count);
        }
    }

    private void digits(int value, int count) {
        byte[] to = reserve(count);
        int left = value;
        int start = length;
        int at = start + count;
        while (at > start) {
            int tenth = left / 10;
            to[--at] = (byte) ('0' + left - tenth * 10);
            left = tenth;
        }
        length = start + count;
    }

    /** Appends an unsigned 64-bit number in octal, with zeros in front up to {@code digits}. */
    public void octal(long value, int digits) {
        powerOfTwo(value, 3, digits);
    }

    /** Appends an unsigned 64-bit number in hexadecimal, lower case, without a prefix. */
    public void hex(long value) {
        powerOfTwo(value, 4, 1);
    }

    private void powerOfTwo(long value, int bits, int digits) {
        int needed = (64 - Long.numberOfLeadingZeros(value) + bits - 1) / bits;
        int count = Math.max(needed, digits);
        byte[] to = reserve(count);
        long left = value;
        int start = length;
        int at = start + count;
        while (at > start) {
            to[--at] = HEX[(int) left & ((1 << bits) - 1)];
            left >>>= bits;
        }
        length = start + count;
    }

    /** Appends nanoseconds as seconds with 0 to 9 decimals, rounded to the nearest, halves away from zero. */
    public void seconds(long nanoseconds, int decimals) {
        // The magnitude of the smallest long is right when read as unsigned.
        long magnitude = Math.abs(nanoseconds);
        int unit = POWERS[9 - decimals];
        long rounded = Long.divideUnsigned(magnitude, unit);
        if ((magnitude - rounded * unit) * 2 >= unit && unit > 1) {
            rounded++;
        }
        if (nanoseconds < 0 && rounded != 0) {
            append('-');
        }
        long whole = Long.divideUnsigned(rounded, POWERS[decimals]);
        unsigned(whole);
        if (decimals > 0) {
            append('.');
            digits((int) (rounded - whole * POWERS[decimals]), decimals);
        }
    }

    /** Drops everything after the first {@code to} bytes. */
    void truncate(int to) {
        length = to;
    }

    /** Moves the bytes from {@code start} on to the right and puts blanks in front of them. */
    void indent(int start, int blanks) {
        byte[] to = reserve(blanks);
        System.arraycopy(to, start, to, start + blanks, length - start);
        Arrays.fill(to, start, start + blanks, (byte) ' ');
        length += blanks;
    }

    /** Puts the bytes from {@code start} on in double quotes and doubles those among them. */
    void quote(int start) {
        int inside = 0;
        for (int i = start; i < length; i++) {
            inside += bytes[i] == '"' ? 1 : 0;
        }
        byte[] to = reserve(inside + 2);
        int from = length;
        int at = from + inside + 2;
        length = at;
        to[--at] = '"';
        while (from > start) {
            byte b = to[--from];
            to[--at] = b;
            if (b == '"') {
                to[--at] = '"';
            }
        }
        to[start] = '"';
    }

    /** The array behind this buffer, with room for {@code count} bytes from {@link #length} on. Good until the next call. */
    byte[] reserve(long count) {
        byte[] current = bytes;
        return count <= current.length - length ? current : grow(count);
    }

    /** Takes over what was written up to {@code end} into the array that {@link #reserve} gave. */
    void advance(int end) {
        length = end;
    }

    private byte[] grow(long count) {
        long needed = length + count;
        if (needed > LIMIT) {
            throw new JbccException.Failed("output: more than 1 GiB in one batch");
        }
        bytes = Arrays.copyOf(bytes, (int) Math.min(LIMIT, Math.max(needed, bytes.length * 2L)));
        return bytes;
    }
}
