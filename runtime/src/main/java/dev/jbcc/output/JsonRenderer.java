// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

import java.nio.charset.StandardCharsets;

/** JSON lines: one object per event, without blanks, the keys in the order of the columns, all values raw. */
final class JsonRenderer extends Renderer {
    private final Column[] columns;
    private final byte[][] keys;

    JsonRenderer(Column[] columns) {
        this.columns = columns;
        this.keys = new byte[columns.length][];
        for (int i = 0; i < columns.length; i++) {
            String key = (i == 0 ? "{\"" : ",\"") + columns[i].name() + "\":";
            keys[i] = key.getBytes(StandardCharsets.US_ASCII);
        }
    }

    @Override
    public void header(OutputBuffer out) {}

    @Override
    public void row(OutputBuffer out) {
        for (int i = 0; i < columns.length; i++) {
            Column column = columns[i];
            out.append(keys[i], keys[i].length);
            if (!column.isPresent()) {
                out.append("null");
            } else if (column.isWords()) {
                words(column, out);
            } else if (column.isText()) {
                text(column, out);
            } else {
                column.raw(out);
            }
        }
        out.append('}');
        out.append('\n');
    }

    private void text(Column column, OutputBuffer out) {
        int length = read(column);
        if (length < 0) {
            out.append("null");
        } else {
            out.append('"');
            Escape.json(text(), 0, length, out);
            out.append('"');
        }
    }

    private void words(Column column, OutputBuffer out) {
        int length = read(column);
        if (length < 0) {
            out.append("null");
            return;
        }
        out.append('[');
        int start = 0;
        while (start < length) {
            int end = Words.end(text(), start, length);
            out.append(start == 0 ? "\"" : ",\"");
            Escape.json(text(), start, end, out);
            out.append('"');
            start = end + 1;
        }
        out.append(']');
    }
}
