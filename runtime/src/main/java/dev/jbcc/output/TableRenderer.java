// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

import java.nio.charset.StandardCharsets;
import java.util.function.IntSupplier;

/**
 * The table as BCC prints it: cells padded to their width and one blank between them. Nothing is ever cut: a wide cell
 * pushes the rest of its row. Lines have no blanks at the end, except those of a value.
 */
final class TableRenderer extends Renderer {
    private final Column[] columns;
    private final IntSupplier terminalWidth;
    private final int[] widths;

    TableRenderer(Column[] columns, IntSupplier terminalWidth) {
        this.columns = columns;
        this.terminalWidth = terminalWidth;
        this.widths = new int[columns.length];
        resize();
    }

    /** What the terminal has beyond the sum of the widths goes to the columns that can grow, the first one first. */
    @Override
    public boolean resize() {
        int spare = terminalWidth.getAsInt() + 1;
        for (Column column : columns) {
            spare -= column.width() + 1;
        }
        boolean changed = false;
        for (int i = 0; i < columns.length; i++) {
            int growth = Math.max(0, Math.min(spare, columns[i].growth()));
            spare -= growth;
            int width = columns[i].width() + growth;
            changed |= width != widths[i];
            widths[i] = width;
        }
        return changed;
    }

    @Override
    public void header(OutputBuffer out) {
        int end = out.length();
        for (int i = 0; i < columns.length; i++) {
            int start = out.length();
            byte[] title = columns[i].header().getBytes(StandardCharsets.UTF_8);
            end = align(i, start, Escape.terminal(title, title.length, out), end, out);
        }
        out.truncate(end);
        out.append('\n');
    }

    @Override
    public void row(OutputBuffer out) {
        int end = out.length();
        for (int i = 0; i < columns.length; i++) {
            int start = out.length();
            end = align(i, start, cell(columns[i], start, out), end, out);
        }
        out.truncate(end);
        out.append('\n');
    }

    /** Appends a value and returns how many terminal cells it takes. */
    private int cell(Column column, int start, OutputBuffer out) {
        if (column.isPresent()) {
            int indent = column.indent();
            out.blanks(indent);
            if (!column.isText()) {
                column.formatted(out);
                return out.length() - start;
            }
            int length = read(column);
            if (length >= 0) {
                return indent + column.escaped(text(), 0, length, out);
            }
        }
        byte[] placeholder = column.placeholder();
        return Escape.terminal(placeholder, placeholder.length, out);
    }

    /** Pads the value that begins at {@code start}; returns where the line ends if only blanks follow. */
    private int align(int i, int start, int width, int end, OutputBuffer out) {
        boolean empty = out.length() == start;
        int padding = widths[i] - width;
        if (columns[i].isRight()) {
            if (padding > 0) {
                out.indent(start, padding);
            }
            padding = 0;
        }
        int after = empty ? end : out.length();
        out.blanks(padding);
        out.append(' ');
        return after;
    }
}
