// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.output.Escape;
import dev.jbcc.output.OutputBuffer;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Where a C file's output goes: tables and lines for people, or JSON lines, each an object with one key that says what
 * the line is of. For one thread.
 */
final class FileOutput {
    private static final int WRITE_BYTES = 1 << 16;

    private final OutputBuffer out = new OutputBuffer(new FileOutputStream(FileDescriptor.out));
    private final boolean json;
    private Object table;

    FileOutput(boolean json) {
        this.json = json;
    }

    OutputBuffer out() {
        return out;
    }

    boolean isJson() {
        return json;
    }

    /** Whether what is printed now is not the table that was printed last, so that it needs its header. */
    boolean turnTo(Object what) {
        boolean other = table != what;
        table = what;
        return other;
    }

    /** A line of text, which a traced process may have chosen. */
    void text(String key, String line) {
        turnTo(null);
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        if (json) {
            out.append("{\"" + key + "\":\"");
            Escape.json(bytes, bytes.length, out);
            out.append("\"}\n");
        } else {
            Escape.terminal(bytes, bytes.length, out);
            out.append('\n');
        }
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
