// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.flame;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes folded lines, which {@link StackReader} and flamegraph.pl read back as the same stacks: {@code root;…;leaf COUNT},
 * or {@code … BEFORE AFTER} when differential. The largest counts come first; equal ones are in order of their frames from
 * the root on, by code points.
 *
 * <p>Frames have no {@code ;} (it is {@code :}) and no control characters (each byte is {@code \xNN}). A stack without a
 * second count that ends with white space and a number, which would be taken for one, gets a {@code ;} at its end.
 *
 * <p>{@link StackTree} shows its use.
 */
public final class FoldedWriter {
    private FoldedWriter() {}

    /** Writes all stacks; the stream is flushed and not closed. */
    public static void write(StackTree tree, OutputStream stream) throws IOException {
        OutputStream out = new BufferedOutputStream(stream, 1 << 16);
        byte[] line = new byte[1 << 12];
        int[] path = new int[StackTree.MAX_DEPTH];
        for (int frame : inOrder(tree)) {
            int depth = 0;
            int length = 0;
            for (int at = frame; at != StackTree.ROOT; at = tree.parent(at)) {
                path[depth++] = tree.nameOf(at);
                length += tree.names().length(tree.nameOf(at)) + 1;
            }
            if (line.length < length + 1) {
                line = new byte[length * 2];
            }
            int end = 0;
            while (depth > 0) {
                end = tree.names().copy(path[--depth], line, end);
                line[end++] = ';';
            }
            boolean keep = !tree.isDifferential() && end > 0 && looksCounted(line, end - 1);
            out.write(line, 0, keep || end == 0 ? end : end - 1);
            if (tree.isDifferential()) {
                number(tree.before(frame), out);
            }
            number(tree.count(frame), out);
            out.write('\n');
        }
        out.flush();
    }

    private static void number(long count, OutputStream out) throws IOException {
        out.write(' ');
        out.write(Long.toString(count).getBytes(StandardCharsets.US_ASCII));
    }

    private static int[] inOrder(StackTree tree) {
        int[] frames = new Preorder(tree).frames;
        Integer[] stacks = new Integer
                [(int) Arrays.stream(frames)
                        .filter(frame -> isStack(tree, frame))
                        .count()];
        int count = 0;
        for (int frame : frames) {
            if (isStack(tree, frame)) {
                stacks[count++] = frame;
            }
        }
        // Stable, so equal ones stay in order.
        Arrays.sort(stacks, (a, b) -> {
            int order = Long.compare(tree.count(b), tree.count(a));
            return order != 0 ? order : Long.compare(tree.before(b), tree.before(a));
        });
        return Arrays.stream(stacks).mapToInt(Integer::intValue).toArray();
    }

    private static boolean isStack(StackTree tree, int frame) {
        return tree.count(frame) != 0 || tree.before(frame) != 0;
    }

    /** Whether these bytes end like a line with a count. */
    private static boolean looksCounted(byte[] line, int length) {
        int start = length;
        while (start > 0 && FoldedLines.isDigit(line[start - 1])) {
            start--;
        }
        if (start > 0 && line[start - 1] == '.') {
            start--;
            int whole = start;
            while (start > 0 && FoldedLines.isDigit(line[start - 1])) {
                start--;
            }
            if (start == whole) {
                return false;
            }
        }
        return start < length && start > 0 && FoldedLines.isSpace(line[start - 1]);
    }
}
