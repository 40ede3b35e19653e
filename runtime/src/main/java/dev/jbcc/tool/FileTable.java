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
    private static final int MAX_DEPTH = 8;

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
            members(value, struct, 0, 0);
        } else {
            columns.add(new Column(value, title, width(title, type), null, type));
        }
        return this;
    }

    /** Members of anonymous structs stand among the others. */
    private void members(int value, BtfType.Struct struct, long bits, int depth) {
        for (BtfType.Member member : struct.members()) {
            BtfType.Member moved =
                    new BtfType.Member(member.name(), bits + member.bitOffset(), member.bitSize(), member.type());
            if (!member.name().isEmpty()) {
                String title = member.name().toUpperCase(Locale.ROOT);
                columns.add(new Column(value, title, width(title, member.type()), moved, 0));
            } else if (btf.resolve(member.type()) instanceof BtfType.Struct inner && depth < MAX_DEPTH) {
                members(value, inner, moved.bitOffset(), depth + 1);
            }
        }
    }

    private int width(String title, int type) {
        int width = switch (btf.resolve(type)) {
            case BtfType.Int integer -> integer.size() <= 2 ? 6 : integer.size() == 4 ? 8 : 12;
            case BtfType.Ptr pointer -> 18;
            case BtfType.Array array when btf.sizeof(array.element()) == 1 -> Math.clamp(array.length(), 8, 32);
            default -> 8;
        };
        return Math.max(width, title.length());
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
