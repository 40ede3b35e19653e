// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.jit;

/**
 * Reads the lines of a perf map, {@code START SIZE NAME} with hexadecimal numbers
 * (tools/perf/Documentation/jit-interface.txt), from chunks of bytes. The JDK writes {@code 0x} before the numbers.
 * Lines that say nothing are counted and left out: empty ones, those without a name, ranges that are empty, of 2 GiB or
 * more, or in the kernel's half.
 */
final class PerfMapReader {
    /** Names are cut after so many bytes, when they have been shortened. */
    static final int MAX_NAME = 1024;

    private static final int MAX_LINE = 8 * MAX_NAME; // for the arguments of a Java method

    private final Naming naming;
    private final Ranges ranges;
    private final NameTable names;
    private final byte[] line = new byte[MAX_LINE]; // one that goes on in the next chunk
    private final byte[] name = new byte[MAX_LINE];
    private int kept;
    private boolean partial;
    private long skip;
    private long malformed;
    private long leftOut;
    private long value; // of the number that was read last

    /**
     * @param lines how many there are at most; what comes after them is left out
     * @param nameBytes how many bytes the names may have in all
     */
    PerfMapReader(Naming naming, int lines, int nameBytes) {
        this.naming = naming;
        this.ranges = new Ranges(lines);
        this.names = new NameTable(nameBytes);
    }

    /** Leaves out the next {@code lines} lines. */
    void skip(long lines) {
        skip = lines;
    }

    void read(byte[] chunk, int length) {
        int start = 0;
        for (int i = 0; i < length; i++) {
            if (chunk[i] == '\n') {
                if (partial) {
                    keep(chunk, start, i);
                    line(line, 0, kept);
                    partial = false;
                    kept = 0;
                } else {
                    line(chunk, start, i);
                }
                start = i + 1;
            }
        }
        if (start < length) {
            keep(chunk, start, length);
            partial = true;
        }
    }

    /** The map, when all has been read. A last line without an end counts. */
    PerfMap finish() {
        if (partial) {
            line(line, 0, kept);
            partial = false;
        }
        ranges.settle();
        names.close();
        return new PerfMap(naming.kind, ranges, names, malformed, leftOut);
    }

    private void keep(byte[] chunk, int start, int end) {
        int size = Math.min(end - start, line.length - kept);
        System.arraycopy(chunk, start, line, kept, size);
        kept += size;
    }

    private void line(byte[] text, int start, int end) {
        if (skip > 0) {
            skip--;
            return;
        }
        int until = end;
        while (until > start && isBlank(text[until - 1])) {
            until--;
        }
        int from = blanks(text, start, until);
        int addressEnd = number(text, from, until);
        long address = value;
        int sizeStart = blanks(text, addressEnd, until);
        int sizeEnd = number(text, sizeStart, until);
        long size = value;
        int nameStart = blanks(text, sizeEnd, until);
        if (address < 0
                || size <= 0
                || size > Integer.MAX_VALUE
                || address > Long.MAX_VALUE - size
                || sizeStart == addressEnd
                || nameStart == sizeEnd
                || nameStart == until) {
            malformed++;
            return;
        }
        int length = naming.shorten(text, nameStart, Math.min(until, nameStart + name.length), name);
        int number = ranges.isFull() ? NameTable.FULL : names.number(name, 0, Math.min(length, MAX_NAME));
        if (number == NameTable.FULL) {
            leftOut++;
        } else {
            ranges.add(address, (int) size, number);
        }
    }

    private static boolean isBlank(byte c) {
        return c == ' ' || c == '\t' || c == '\r';
    }

    private static int blanks(byte[] text, int from, int end) {
        int i = from;
        while (i < end && isBlank(text[i])) {
            i++;
        }
        return i;
    }

    /**
     * Reads the hexadecimal number that starts here into {@link #value}, which is negative when there are no digits or it
     * does not fit.
     *
     * @return where it ends
     */
    private int number(byte[] text, int from, int end) {
        boolean prefix = from + 1 < end && text[from] == '0' && (text[from + 1] | 0x20) == 'x';
        int start = prefix ? from + 2 : from;
        int i = start;
        long number = 0;
        boolean tooLarge = false;
        for (; i < end; i++) {
            int digit = digit(text[i]);
            if (digit < 0) {
                break;
            }
            tooLarge |= number >>> 59 != 0;
            number = number << 4 | digit;
        }
        value = i == start || tooLarge ? -1 : number;
        return i;
    }

    private static int digit(byte c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        int letter = c | 0x20;
        return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
    }
}
