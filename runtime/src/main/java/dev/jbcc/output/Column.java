// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * One field of an event as every format prints it. The accessors read the current event, on the thread that renders.
 * Immutable: the methods that change something return a new column. A column that a table does not show is in JSON and
 * CSV all the same.
 *
 * <p>{@link Renderer} shows its use.
 */
public final class Column {
    private enum Kind {
        DECIMAL,
        OCTAL,
        HEX,
        BOOL,
        SECONDS,
        TEXT,
        WORDS
    }

    private final String name;
    private final String header;
    private final int width;
    private final LongSupplier value;
    private final TextSource text;

    // Only set on a fresh copy, before anyone else sees it.
    private Kind kind;
    private int digits;
    private boolean right;
    private boolean quoted;
    private boolean unsigned;
    private IntSupplier indent;
    private BooleanSupplier present;
    private byte[] placeholder = {'-'};
    private int growth;
    private boolean inTable = true;
    private boolean inWide = true;

    private Column(String name, String header, int width, LongSupplier value, TextSource text) {
        checkName(name);
        if (width < 0) {
            throw new IllegalArgumentException(name + ": width " + width);
        }
        this.name = name;
        this.header = header;
        this.width = width;
        this.value = value;
        this.text = text;
        this.kind = text == null ? Kind.DECIMAL : Kind.TEXT;
    }

    private Column(Column from) {
        name = from.name;
        header = from.header;
        width = from.width;
        value = from.value;
        text = from.text;
        kind = from.kind;
        digits = from.digits;
        right = from.right;
        quoted = from.quoted;
        indent = from.indent;
        unsigned = from.unsigned;
        present = from.present;
        placeholder = from.placeholder;
        growth = from.growth;
        inTable = from.inTable;
        inWide = from.inWide;
    }

    /**
     * A signed decimal number.
     *
     * @param name the C member's name, which is the JSON key, the CSV header and what a user types
     * @param header the title in tables
     * @param width the least number of terminal cells in tables
     */
    public static Column number(String name, String header, int width, LongSupplier value) {
        return new Column(name, header, width, value, null);
    }

    /**
     * A text. Where its source has no value, JSON has null, CSV nothing, and tables {@code -}.
     *
     * @param name the C member's name, which is the JSON key, the CSV header and what a user types
     * @param header the title in tables
     * @param width the least number of terminal cells in tables
     */
    public static Column text(String name, String header, int width, TextSource value) {
        return new Column(name, header, width, null, value);
    }

    /**
     * Several texts, such as the arguments of a program: an array in JSON, with blanks between them elsewhere.
     *
     * @param name the C member's name, which is the JSON key, the CSV header and what a user types
     * @param header the title in tables
     * @param width the least number of terminal cells in tables
     * @param value gives the texts with a NUL at the end of each; the last one need not have it
     */
    public static Column words(String name, String header, int width, TextSource value) {
        Column column = text(name, header, width, value);
        column.kind = Kind.WORDS;
        return column;
    }

    /** Each of the words is written so that a shell reads it as one word with the same bytes, but not in JSON. */
    public Column quoted(boolean asShellWords) {
        if (kind != Kind.WORDS) {
            throw new IllegalArgumentException(name + ": not words");
        }
        Column column = new Column(this);
        column.quoted = asShellWords;
        return column;
    }

    /** Moved to the right in tables by as many blanks as {@code blanks} says of the current event. */
    public Column indent(IntSupplier blanks) {
        Column column = new Column(this);
        column.indent = blanks;
        return column;
    }

    /** Aligned to the right in tables. */
    public Column right() {
        Column column = new Column(this);
        column.right = true;
        return column;
    }

    /** The number is an unsigned 64-bit one. JSON has it as a number even beyond 2^53, where some readers round. */
    public Column unsigned() {
        Column column = new Column(this);
        column.unsigned = true;
        return column;
    }

    /** In octal in tables, with zeros in front up to {@code digits} (1 to 22); plain decimal in JSON and CSV. */
    public Column octal(int digits) {
        if (digits < 1 || digits > 22) {
            throw new IllegalArgumentException(name + ": " + digits + " octal digits");
        }
        Column column = number(Kind.OCTAL);
        column.digits = digits;
        return column;
    }

    /** In hexadecimal with {@code 0x} in tables; plain decimal in JSON and CSV. */
    public Column hex() {
        return number(Kind.HEX);
    }

    /** {@code true} or {@code false} in JSON and CSV, for any value but 0 and for 0; 1 or 0 in tables. */
    public Column bool() {
        return number(Kind.BOOL);
    }

    /** The number is nanoseconds; tables show seconds with 0 to 9 decimals, JSON and CSV the nanoseconds. */
    public Column seconds(int decimals) {
        if (decimals < 0 || decimals > 9) {
            throw new IllegalArgumentException(name + ": " + decimals + " decimals");
        }
        Column column = number(Kind.SECONDS);
        column.digits = decimals;
        return column;
    }

    /** Has a value only in events where {@code present} says so; tables show {@code placeholder} in the others. */
    public Column absentUnless(BooleanSupplier present, String placeholder) {
        Column column = new Column(this);
        column.present = present;
        column.placeholder = placeholder.getBytes(StandardCharsets.UTF_8);
        return column;
    }

    /** May be up to {@code max} cells wide in a table when the terminal has room. */
    public Column grow(int max) {
        if (max < width) {
            throw new IllegalArgumentException(name + ": grows to " + max + " from " + width);
        }
        Column column = new Column(this);
        column.growth = max - width;
        return column;
    }

    /** Whether the plain table shows it when the user does not choose the fields. */
    public Column table(boolean shown) {
        Column column = new Column(this);
        column.inTable = shown;
        return column;
    }

    /** Whether the wide table shows it when the user does not choose the fields. */
    public Column wide(boolean shown) {
        Column column = new Column(this);
        column.inWide = shown;
        return column;
    }

    private Column number(Kind as) {
        if (text != null) {
            throw new IllegalArgumentException(name + ": a text is not a number");
        }
        Column column = new Column(this);
        column.kind = as;
        return column;
    }

    /** A C identifier, or several with dots between them: it needs no quotes in JSON, CSV or a shell. */
    private static void checkName(String name) {
        boolean good = !name.isEmpty();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            good &= c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.';
        }
        if (!good) {
            throw new IllegalArgumentException("column name '" + name + "'");
        }
    }

    public String name() {
        return name;
    }

    public String header() {
        return header;
    }

    int width() {
        return width;
    }

    /** How many cells the column may take beyond its width. */
    int growth() {
        return growth;
    }

    boolean isRight() {
        return right;
    }

    boolean isText() {
        return text != null;
    }

    boolean isWords() {
        return kind == Kind.WORDS;
    }

    /** How many blanks the current event has before its value in a table. */
    int indent() {
        return indent == null ? 0 : indent.getAsInt();
    }

    boolean isQuoted() {
        return quoted;
    }

    /** Appends what {@link #read} has given, from a byte on, as people read it; returns how many cells that takes. */
    int escaped(byte[] bytes, int from, int length, OutputBuffer out) {
        if (kind != Kind.WORDS) {
            return Escape.terminal(bytes, from, length, out);
        }
        int cells = 0;
        int start = from;
        while (start < length) {
            int end = Words.end(bytes, start, length);
            if (start > from) {
                out.append(' ');
                cells++;
            }
            cells += quoted
                    ? ShellWord.append(bytes, start, end, start == 0, out)
                    : Escape.terminal(bytes, start, end, out);
            start = end + 1;
        }
        return cells;
    }

    boolean isShown(Format format) {
        return switch (format) {
            case TABLE -> inTable;
            case WIDE -> inWide;
            case JSON, CSV -> true;
        };
    }

    boolean isPresent() {
        return present == null || present.getAsBoolean();
    }

    byte[] placeholder() {
        return placeholder;
    }

    /** Reads the text of the current event; see {@link TextSource#read}. */
    int read(byte[] into) {
        return text.read(into);
    }

    /** Appends the number of the current event as people read it. */
    void formatted(OutputBuffer out) {
        long number = value.getAsLong();
        if (kind == Kind.DECIMAL) {
            plain(number, out);
        } else if (kind == Kind.SECONDS) {
            out.seconds(number, digits);
        } else if (kind == Kind.OCTAL) {
            out.octal(number, digits);
        } else if (kind == Kind.HEX) {
            out.append("0x");
            out.hex(number);
        } else {
            out.append(number == 0 ? '0' : '1');
        }
    }

    /** Appends the number of the current event as programs read it. */
    void raw(OutputBuffer out) {
        long number = value.getAsLong();
        if (kind == Kind.BOOL) {
            out.append(number == 0 ? "false" : "true");
        } else {
            plain(number, out);
        }
    }

    private void plain(long number, OutputBuffer out) {
        if (unsigned) {
            out.unsigned(number);
        } else {
            out.decimal(number);
        }
    }
}
