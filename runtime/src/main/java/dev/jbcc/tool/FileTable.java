// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.bpf.Btf;
import dev.jbcc.bpf.BtfPrinter;
import dev.jbcc.bpf.BtfType;
import dev.jbcc.output.OutputBuffer;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A table of values whose types only the C knows: a column for each member of a struct, one for anything else. */
final class FileTable {
    private final Btf btf;
    private final OutputBuffer out;
    private final BtfPrinter printer;
    private final List<Column> columns = new ArrayList<>();

    /** What to print of the {@code value}th part of a row: its bits from {@code member}, or all of it as a type. */
    private record Column(int value, String title, int width, BtfType.Member member, int type) {}

    FileTable(Btf btf, OutputBuffer out) {
        this.btf = btf;
        this.out = out;
        this.printer = new BtfPrinter(btf, out);
    }

    /**
     * Adds columns for one more part of each row.
     *
     * @param title of the column when the type is no struct
     */
    FileTable add(int value, String title, int type) {
        if (btf.resolve(type) instanceof BtfType.Struct struct
                && !struct.isUnion()
                && !struct.members().isEmpty()) {
            for (BtfType.Member member : FileMembers.of(btf, type)) {
                String name = member.name().toUpperCase(Locale.ROOT);
                columns.add(new Column(value, name, width(name, member.type()), member, 0));
            }
        } else {
            columns.add(new Column(value, title, width(title, type), null, type));
        }
        return this;
    }

    private int width(String title, int type) {
        int width = switch (btf.resolve(type)) {
            case BtfType.Int integer -> integer.size() <= 2 ? 6 : integer.size() == 4 ? 8 : isTime(title) ? 16 : 12;
            case BtfType.Ptr pointer -> 18;
            case BtfType.Array array when btf.sizeof(array.element()) == 1 -> Math.clamp(array.length(), 8, 32);
            default -> 8;
        };
        return Math.max(width, title.length());
    }

    /** Nanoseconds since boot have 16 digits after twelve days. */
    private static boolean isTime(String title) {
        return title.contains("TIME") || title.endsWith("TS") || title.endsWith("NS");
    }

    /** The columns of these members alone, in this order; false when one is not there. */
    boolean choose(List<String> members) {
        List<Column> chosen = new ArrayList<>();
        for (String name : members) {
            for (Column column : columns) {
                if (column.member != null && column.member.name().equals(name)) {
                    chosen.add(column);
                }
            }
        }
        columns.clear();
        columns.addAll(chosen);
        return chosen.size() == members.size();
    }

    /** The names of the members that have columns. */
    List<String> names() {
        List<String> names = new ArrayList<>();
        for (Column column : columns) {
            if (column.member != null) {
                names.add(column.member.name());
            }
        }
        return names;
    }

    /** The columns of a record as a JSON object. */
    void json(MemorySegment record) {
        out.append('{');
        for (int i = 0; i < columns.size(); i++) {
            out.append((i == 0 ? "\"" : ",\"") + columns.get(i).member().name() + "\":");
            printer.json(record, 0, columns.get(i).member());
        }
        out.append('}');
    }

    void header() {
        int start = out.length();
        for (int i = 0; i < columns.size(); i++) {
            start = begin(i, start);
            out.append(columns.get(i).title());
        }
        out.append('\n');
    }

    /** A row of the parts that were added, in the order of their numbers. */
    void row(MemorySegment... values) {
        int start = out.length();
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            MemorySegment value = values[column.value];
            start = begin(i, start);
            if (column.member == null) {
                printer.text(value, 0, column.type);
            } else {
                printer.text(value, 0, column.member);
            }
        }
        out.append('\n');
    }

    /** Pads the cell before and returns where this one begins. */
    private int begin(int i, int start) {
        if (i > 0) {
            out.blanks(columns.get(i - 1).width() - (out.length() - start));
            out.append(' ');
        }
        return out.length();
    }
}
