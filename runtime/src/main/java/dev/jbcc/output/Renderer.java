// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

import dev.jbcc.JbccException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;

/**
 * Prints events as rows of one format, without allocating anything per row. Belongs to one thread.
 *
 * {@snippet :
 * long[] pid = new long[1];
 * List<Column> columns = List.of(Column.number("pid", "PID", 6, () -> pid[0]).unsigned());
 * Renderer renderer = Renderer.of(Format.TABLE, columns, List.of(), () -> 80);
 * OutputBuffer out = new OutputBuffer(System.out);
 * renderer.header(out);
 * for (pid[0] = 1; pid[0] <= 3; pid[0]++) {
 *     renderer.row(out);
 * }
 * out.flush();
 * }
 */
public abstract sealed class Renderer permits TableRenderer, JsonRenderer, CsvRenderer {
    Renderer() {}

    private static final int LONGEST_TEXT = 1 << 24;

    private byte[] text = new byte[8192];

    /**
     * @param columns all columns of the tool, with different names
     * @param fields the names of the columns to print, in this order; empty for those that the format shows by itself
     * @param terminalWidth the number of terminal columns, or 0 when the output does not go to a terminal
     * @throws JbccException.Usage if a field is unknown or there twice
     */
    public static Renderer of(Format format, List<Column> columns, List<String> fields, IntSupplier terminalWidth) {
        checkNames(columns);
        Column[] shown = fields.isEmpty() ? shown(format, columns) : chosen(columns, fields);
        if (shown.length == 0) {
            throw new IllegalArgumentException("no columns in " + format);
        }
        return switch (format) {
            case TABLE, WIDE -> new TableRenderer(shown, terminalWidth);
            case JSON -> new JsonRenderer(shown);
            case CSV -> new CsvRenderer(shown);
        };
    }

    private static void checkNames(List<Column> columns) {
        for (int i = 0; i < columns.size(); i++) {
            for (int k = 0; k < i; k++) {
                if (columns.get(i).name().equals(columns.get(k).name())) {
                    throw new IllegalArgumentException(
                            "two columns named " + columns.get(i).name());
                }
            }
        }
    }

    private static Column[] shown(Format format, List<Column> columns) {
        List<Column> shown = new ArrayList<>();
        for (Column column : columns) {
            if (column.isShown(format)) {
                shown.add(column);
            }
        }
        return shown.toArray(new Column[0]);
    }

    private static Column[] chosen(List<Column> columns, List<String> fields) {
        Column[] chosen = new Column[fields.size()];
        for (int i = 0; i < chosen.length; i++) {
            String field = fields.get(i);
            if (fields.indexOf(field) < i) {
                throw new JbccException.Usage("the field '" + field + "' is there twice");
            }
            chosen[i] = find(columns, field);
        }
        return chosen;
    }

    private static Column find(List<Column> columns, String field) {
        StringBuilder known = new StringBuilder("the fields are: ");
        String separator = "";
        for (Column column : columns) {
            if (column.name().equals(field)) {
                return column;
            }
            known.append(separator).append(column.name());
            separator = ", ";
        }
        throw new JbccException.Usage("there is no field '" + field + "'", known.toString());
    }

    /** Appends the header line; nothing for JSON. */
    public abstract void header(OutputBuffer out);

    /** Appends the current event. */
    public abstract void row(OutputBuffer out);

    /**
     * Looks at the width of the terminal again; meant to be called once per batch. A table whose layout changed needs its
     * header again, or the rows that follow have none that fits.
     *
     * @return whether the layout changed
     */
    public boolean resize() {
        return false;
    }

    /** Reads the current text of a column into {@link #text()}, whole, and returns its length or -1. */
    final int read(Column column) {
        int length = column.read(text);
        while (length >= text.length) {
            if (text.length >= LONGEST_TEXT) {
                throw new JbccException.Failed("field " + column.name() + ": a text of more than 16 MiB");
            }
            text = new byte[text.length * 2];
            length = column.read(text);
        }
        return length;
    }

    /** The bytes of the last {@link #read}. */
    final byte[] text() {
        return text;
    }
}
