// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.bpf.Btf;
import dev.jbcc.bpf.BtfPrinter;
import dev.jbcc.bpf.BtfType;
import dev.jbcc.bpf.EventBuffer;
import dev.jbcc.bpf.RecordHandler;
import dev.jbcc.output.OutputBuffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Prints the records of one ring or perf buffer by their type, which the C says by a global that nothing uses, a pointer
 * with the buffer's name in front: {@code struct event *events__record;} for the buffer {@code events}. Without that,
 * the struct {@code event} is meant if there is but one buffer; other records are printed as bytes.
 */
final class FileRecords implements RecordHandler {
    /** Of the name of the global that names the type. */
    static final String SUFFIX = "__record";

    /** Names of members that say when a record was made, by bpf_ktime_get_ns. */
    private static final List<String> TIMES = List.of("time", "ts", "timestamp");

    private final String name;
    private final EventBuffer buffer;
    private final BtfType.Struct type;
    private final FileTable table;
    private final FileOutput output;
    private final FileStacks.Layout stacks;
    private final BtfPrinter printer;
    private final StandardOptions standard;
    private final BtfType.Member time;
    private boolean chosen;
    private long printed;
    private long left;

    /** @param stacks what the records have of stacks, or null */
    FileRecords(
            String name,
            EventBuffer buffer,
            Btf btf,
            BtfType.Struct type,
            FileOutput output,
            FileStacks.Layout stacks,
            StandardOptions standard) {
        this.name = name;
        this.buffer = buffer;
        this.type = type;
        this.output = output;
        this.stacks = stacks;
        this.standard = standard;
        this.printer = new BtfPrinter(btf, output.out());
        this.table = type == null ? null : new FileTable(btf, output.out()).add(0, "", type.id());
        this.time = type == null ? null : time(btf, type.id());
    }

    private static BtfType.Member time(Btf btf, int type) {
        for (BtfType.Member member : FileMembers.of(btf, type)) {
            if (TIMES.contains(member.name())
                    && btf.resolve(member.type()) instanceof BtfType.Int integer
                    && integer.size() == Long.BYTES) {
                return member;
            }
        }
        return null;
    }

    /** Whether the records say when they were made. */
    boolean hasTime() {
        return time != null;
    }

    /** The members of the records. */
    List<String> fields() {
        return table == null ? List.of() : table.names();
    }

    /** Leaves but these members. */
    void choose(List<String> fields) {
        if (table != null && table.choose(fields)) {
            chosen = true;
        }
    }

    /**
     * The type of a buffer's records; null when the C does not say.
     *
     * @param only whether it is the only buffer
     */
    static BtfType.Struct type(String buffer, Btf btf, boolean only) {
        for (String section : List.of(".bss", ".data", ".rodata")) {
            for (Btf.Variable variable : btf.variables(section)) {
                if (variable.name().equals(buffer + SUFFIX)
                        && btf.resolve(variable.type()) instanceof BtfType.Ptr pointer
                        && btf.resolve(pointer.type()) instanceof BtfType.Struct struct) {
                    return struct;
                }
            }
        }
        return only ? btf.struct("event").orElse(null) : null;
    }

    EventBuffer buffer() {
        return buffer;
    }

    long printed() {
        return printed;
    }

    /** How many records came when there was no room for more. */
    long left() {
        return left;
    }

    @Override
    public void record(MemorySegment memory, long offset, long length) {
        if (!output.take()) {
            left++;
            return;
        }
        printed++;
        MemorySegment record = memory.asSlice(offset, length);
        OutputBuffer out = output.out();
        if (output.isFolded()) {
            folded(record);
        } else if (output.isJson()) {
            json(record);
        } else if (type == null) {
            output.turnTo(null);
            out.append(name + ": ");
            BtfPrinter.hex(record, 0, length, out);
            out.append('\n');
        } else {
            row(record);
        }
        try {
            output.flushIfLarge();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void folded(MemorySegment record) {
        if (stacks != null) {
            output.fold(FileStacks.folded(stacks.comm(record), stacks.stacks(record)), 1);
        }
    }

    private void json(MemorySegment record) {
        OutputBuffer out = output.out();
        out.append("{\"" + name + "\":");
        if (type == null) {
            out.append('"');
            BtfPrinter.hex(record, 0, record.byteSize(), out);
            out.append('"');
        } else if (chosen) {
            table.json(record);
        } else {
            printer.json(record, 0, type.id());
        }
        if (stacks != null) {
            out.append(",\"stacks\":");
            FileStacks.json(stacks.stacks(record), out);
        }
        out.append("}\n");
    }

    private void row(MemorySegment record) {
        OutputBuffer out = output.out();
        EventClock.Style style = time == null ? null : standard.timeStyle();
        if (output.turnTo(table)) {
            if (style != null) {
                out.append("TIME");
                out.blanks(EventClock.width(style) - 3);
            }
            table.header();
        }
        if (style != null) {
            int start = out.length();
            standard.clock().append(printer.rank(record, time.bitOffset() >>> 3, time.type()), style, out);
            out.blanks(Math.max(1, EventClock.width(style) + 1 - (out.length() - start)));
        }
        table.row(record);
        if (stacks != null) {
            FileStacks.text(stacks.stacks(record), out);
        }
    }
}
