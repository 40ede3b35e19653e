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

    private final String name;
    private final EventBuffer buffer;
    private final BtfType.Struct type;
    private final FileTable table;
    private final FileOutput output;
    private final BtfPrinter printer;
    private long printed;

    FileRecords(String name, EventBuffer buffer, Btf btf, BtfType.Struct type, FileOutput output) {
        this.name = name;
        this.buffer = buffer;
        this.type = type;
        this.output = output;
        this.printer = new BtfPrinter(btf, output.out());
        this.table = type == null ? null : new FileTable(btf, output.out()).add(0, "", type.id());
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

    @Override
    public void record(MemorySegment memory, long offset, long length) {
        printed++;
        MemorySegment record = memory.asSlice(offset, length);
        OutputBuffer out = output.out();
        if (output.isJson()) {
            out.append("{\"" + name + "\":");
            if (type == null) {
                out.append('"');
                BtfPrinter.hex(record, 0, length, out);
                out.append('"');
            } else {
                printer.json(record, 0, type.id());
            }
            out.append("}\n");
        } else if (type == null) {
            output.turnTo(null);
            out.append(name + ": ");
            BtfPrinter.hex(record, 0, length, out);
            out.append('\n');
        } else {
            if (output.turnTo(table)) {
                table.header();
            }
            table.row(record);
        }
        try {
            output.flushIfLarge();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
