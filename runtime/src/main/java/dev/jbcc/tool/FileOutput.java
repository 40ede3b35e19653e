// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.flame.FoldedWriter;
import dev.jbcc.flame.StackTree;
import dev.jbcc.output.Escape;
import dev.jbcc.output.OutputBuffer;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Where a C file's output goes: tables and lines for people, or JSON lines, each an object with one key that says what
 * the line is of. For one thread.
 */
final class FileOutput {
    private static final int WRITE_BYTES = 1 << 16;

    private final OutputBuffer out = new OutputBuffer(new FileOutputStream(FileDescriptor.out));
    private final StackFormat format;
    private long room;
    private StackTree tree; // made where it is needed: most runs print no stacks
    private Object table;

    /** @param records how many of them, and of lines of bpf_printk, may be printed */
    FileOutput(StackFormat format, long records) {
        this.format = format;
        this.room = records;
    }

    /** Whether there is room for one more record or line of bpf_printk, which is taken. */
    boolean take() {
        return room > 0 && room-- > 0;
    }

    boolean full() {
        return room == 0;
    }

    OutputBuffer out() {
        return out;
    }

    boolean isJson() {
        return format == StackFormat.JSON;
    }

    /** Whether stacks alone are printed, as folded lines. */
    boolean isFolded() {
        return format == StackFormat.FOLDED;
    }

    /** Whether what is printed now is not the table that was printed last, so that it needs its header. */
    boolean turnTo(Object what) {
        boolean other = table != what;
        table = what;
        return other;
    }

    /** A line of text, which a traced process may have chosen. */
    void text(String key, String line) {
        if (isFolded()) {
            return;
        }
        turnTo(null);
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        if (isJson()) {
            out.append("{\"" + key + "\":\"");
            Escape.json(bytes, bytes.length, out);
            out.append("\"}\n");
        } else {
            Escape.terminal(bytes, bytes.length, out);
            out.append('\n');
        }
    }

    /** Adds to the sum of a stack, whose frames are from the root on; {@link #writeFolded} prints the sums. */
    void fold(List<String> frames, long amount) {
        if (amount > 0 && !frames.isEmpty()) {
            tree = tree == null ? new StackTree() : tree;
            tree.add(frames, amount);
        }
    }

    void writeFolded() throws IOException {
        if (tree == null) {
            return;
        }
        FoldedWriter.write(tree, new FileOutputStream(FileDescriptor.out));
    }

    /** Writes a batch out if it is large, else leaves that to {@link #flush}. */
    void flushIfLarge() throws IOException {
        if (out.length() >= WRITE_BYTES) {
            out.flush();
        }
    }

    void flush() throws IOException {
        out.flush();
    }
}
