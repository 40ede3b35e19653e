// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

/**
 * Comma-separated values after RFC 4180, with {@code \n} line ends and a header line. Text is escaped as in tables, so a
 * row is always one line. An absent value is empty, an empty text is {@code ""}.
 *
 * <p>Spreadsheets run a cell that begins with {@code = + - @} (or their full width forms) as a formula, even one in
 * quotes, and a traced process can choose such a text. Its first byte is therefore written as {@code \xNN}: the cell is
 * plain text then, and a program that undoes the escapes gets the original. Numbers are left alone.
 */
final class CsvRenderer extends Renderer {
    private final Column[] columns;

    CsvRenderer(Column[] columns) {
        this.columns = columns;
    }

    @Override
    public void header(OutputBuffer out) {
        for (int i = 0; i < columns.length; i++) {
            if (i > 0) {
                out.append(',');
            }
            out.append(columns[i].name());
        }
        out.append('\n');
    }

    @Override
    public void row(OutputBuffer out) {
        for (int i = 0; i < columns.length; i++) {
            Column column = columns[i];
            if (i > 0) {
                out.append(',');
            }
            if (column.isPresent()) {
                if (column.isText()) {
                    text(column, out);
                } else {
                    column.raw(out);
                }
            }
        }
        out.append('\n');
    }

    private void text(Column column, OutputBuffer out) {
        int length = read(column);
        if (length < 0) {
            return;
        }
        int start = out.length();
        int formula = column.isQuoted() ? 0 : formula(text(), length); // a shell word is in quotes then
        Escape.bytes(text(), formula, out);
        column.escaped(text(), formula, length, out);
        if (length == 0 || column.isQuoted() || needsQuotes(text(), length)) {
            out.quote(start);
        }
    }

    private static boolean needsQuotes(byte[] text, int length) {
        for (int i = 0; i < length; i++) {
            if (text[i] == ',' || text[i] == '"') {
                return true;
            }
        }
        return false;
    }

    /** The number of bytes at the start that would make a spreadsheet run the text. */
    private static int formula(byte[] text, int length) {
        if (length == 0) {
            return 0;
        }
        byte first = text[0];
        if (first == '=' || first == '+' || first == '-' || first == '@') {
            return 1;
        }
        // U+FF0B, U+FF0D, U+FF1D and U+FF20 in UTF-8.
        if (length < 3 || first != (byte) 0xef || text[1] != (byte) 0xbc) {
            return 0;
        }
        int last = text[2] & 0xff;
        return last == 0x8b || last == 0x8d || last == 0x9d || last == 0xa0 ? 3 : 0;
    }
}
