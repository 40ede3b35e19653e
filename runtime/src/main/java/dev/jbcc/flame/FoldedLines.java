// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.flame;

import dev.jbcc.JbccException;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.ObjLongConsumer;

/** Takes folded lines apart: see {@link StackReader}. */
final class FoldedLines {
    private static final long NONE = -1;
    private static final long FRACTION = -2;

    private final StackTree tree;
    private final StackReader.Side side;
    private final ObjLongConsumer<StackReader.Reason> ignore;
    private byte[] line = new byte[1 << 12];
    private long number; // of the line, from 1
    private int countStart; // of what count() found

    FoldedLines(StackTree tree, StackReader.Side side, ObjLongConsumer<StackReader.Reason> ignore) {
        this.tree = tree;
        this.side = side;
        this.ignore = ignore;
    }

    void read(InputBytes in) throws IOException {
        int length = 0;
        boolean tooLong = false;
        while (true) {
            int b = in.read();
            if (b >= 0 && b != '\n') {
                if (length == StackReader.MAX_LINE) {
                    tooLong = true;
                } else {
                    if (length == line.length) {
                        line = Arrays.copyOf(line, Math.min(length * 2, StackReader.MAX_LINE));
                    }
                    line[length++] = (byte) b;
                }
                continue;
            }
            if (b < 0 && length == 0) {
                return;
            }
            number++;
            if (tooLong) {
                ignore.accept(StackReader.Reason.TOO_LONG, number);
            } else {
                // As Windows ends lines; flamegraph.pl would take such a line for none.
                take(length > 0 && line[length - 1] == '\r' ? length - 1 : length);
            }
            if (b < 0) {
                return;
            }
            length = 0;
            tooLong = false;
        }
    }

    private void take(int length) {
        long last = count(length);
        if (last == NONE) {
            ignore.accept(StackReader.Reason.NO_COUNT, number);
            return;
        }
        int end = countStart - 1;
        long first = count(end);
        if (last == FRACTION || first == FRACTION) {
            ignore.accept(StackReader.Reason.FRACTION, number);
            return;
        }
        if (first != NONE) {
            end = countStart - 1;
            if (side != StackReader.Side.BOTH) {
                throw new JbccException.Failed(
                        "line " + number + " has two counts already",
                        "a comparison takes two inputs with one count for each stack");
            }
        }
        while (end > 0 && line[end - 1] == ';') {
            end--; // empty frames at the end are none: Perl's split
        }
        int depth = 1;
        for (int i = 0; i < end; i++) {
            depth += line[i] == ';' ? 1 : 0;
        }
        if (depth > StackTree.MAX_DEPTH) {
            ignore.accept(StackReader.Reason.TOO_DEEP, number);
        } else if (first != NONE) {
            if (first != 0 || last != 0) {
                tree.addTo(frame(end), first, last);
            }
        } else if (last != 0) {
            add(tree, frame(end), last, side);
        }
    }

    static void add(StackTree tree, int frame, long count, StackReader.Side side) {
        switch (side) {
            case BOTH -> tree.addTo(frame, count);
            case BEFORE -> tree.addTo(frame, count, 0);
            case AFTER -> tree.addTo(frame, 0, count);
        }
    }

    private int frame(int end) {
        int frame = StackTree.ROOT;
        int start = 0;
        while (start < end) {
            int next = start;
            while (next < end && line[next] != ';') {
                next++;
            }
            frame = tree.child(frame, tree.name(line, start, next));
            start = next + 1;
        }
        return frame;
    }

    /** The count that the first {@code length} bytes end with, behind white space: {@code \s(\d+(\.\d*)?)$}. */
    private long count(int length) {
        int start = length;
        while (start > 0 && isDigit(line[start - 1])) {
            start--;
        }
        int end = length;
        if (start > 0 && line[start - 1] == '.') {
            end = start - 1;
            start = end;
            while (start > 0 && isDigit(line[start - 1])) {
                start--;
            }
        }
        if (start == end || start == 0 || !isSpace(line[start - 1])) {
            return NONE;
        }
        countStart = start;
        for (int i = end + 1; i < length; i++) {
            if (line[i] != '0') {
                return FRACTION;
            }
        }
        long count = 0;
        for (int i = start; i < end; i++) {
            int digit = line[i] - '0';
            if (count > (Long.MAX_VALUE - digit) / 10) {
                throw new JbccException.Failed("line " + number + ": the count is larger than " + Long.MAX_VALUE);
            }
            count = count * 10 + digit;
        }
        return count;
    }

    static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    /** Perl's {@code \s} for bytes. */
    static boolean isSpace(byte b) {
        return b == ' ' || b >= '\t' && b <= '\r';
    }
}
