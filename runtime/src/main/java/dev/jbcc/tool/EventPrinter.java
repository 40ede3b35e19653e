// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.bpf.BpfObject;
import dev.jbcc.bpf.EventBuffer;
import dev.jbcc.bpf.RecordHandler;
import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.output.Format;
import dev.jbcc.output.OutputBuffer;
import dev.jbcc.output.Renderer;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;

/** Takes events out of the buffer and prints them, a batch in one write. For one thread. */
final class EventPrinter extends Printer implements RecordHandler {
    /** The longest time that an event waits in the buffer; half of what a person is promised. */
    private static final int WAIT_MILLIS = 50;
    /** At most this many events between two looks at whether to stop. */
    private static final int BATCH = 4096;
    /** A batch beyond this many bytes is written at once. */
    private static final int WRITE_BYTES = 1 << 16;

    private static final int STDOUT = 1;
    /** How often the end waits 5 ms for programs that were still running when they were detached. */
    private static final int LAST_LOOKS = 40;

    private final EventTool tool;
    private final StandardOptions standard;
    private final EventBuffer buffer;
    private final OutputBuffer out = new OutputBuffer(new FileOutputStream(FileDescriptor.out));
    private final Renderer renderer;
    private final long maxEvents;
    private long printed;
    private long filtered;
    private long left;
    private boolean more;

    EventPrinter(EventTool tool, StandardOptions standard, EventBuffer buffer) {
        this.tool = tool;
        this.standard = standard;
        this.buffer = buffer;
        this.maxEvents = standard.maxEvents.given() ? standard.maxEvents.get() : Long.MAX_VALUE;
        this.renderer = Renderer.of(
                standard.format(), tool.columns(standard), standard.fields.get(), () -> Libc.terminalColumns(STDOUT));
    }

    @Override
    void header() throws IOException {
        renderer.header(out);
        out.flush();
    }

    @Override
    boolean full() {
        return printed >= maxEvents;
    }

    @Override
    void awaitAndPrint(long end) throws IOException {
        long left = (end - System.nanoTime()) / 1_000_000 + 1;
        buffer.await(more ? 0 : (int) Math.max(0, Math.min(WAIT_MILLIS, left)));
        if (Libc.readerIsGone(STDOUT)) {
            throw new IOException(Main.BROKEN_PIPE); // a write would say so, but there may never be one
        }
        print();
    }

    /** Prints a batch; whoever calls looks in between whether to stop, even when events come faster than they go. */
    private void print() throws IOException {
        standard.clock().synchronize();
        standard.containers().settle();
        if (renderer.resize()) {
            renderer.header(out);
        }
        try {
            more = buffer.consume(this, BATCH) == BATCH;
        } catch (UncheckedIOException failure) {
            throw failure.getCause();
        }
        out.flush();
    }

    @Override
    public void record(MemorySegment memory, long offset, long length) {
        tool.event().at(memory, offset, length);
        if (!tool.goesOn() && !standard.containers().passes(standard) || !tool.passes()) {
            filtered++;
            return;
        }
        if (full()) {
            left++;
            return;
        }
        renderer.row(out);
        printed++;
        if (out.length() >= WRITE_BYTES) {
            try {
                out.flush();
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
    }

    /** Prints what is left, until every event is accounted for. */
    @Override
    String finish(BpfObject object) throws IOException {
        printAll();
        EventCounts counts = EventCounts.read(object, printed, filtered, left);
        for (int look = 0; look < LAST_LOOKS && counts.unaccounted() > 0; look++) {
            buffer.await(5);
            printAll();
            counts = EventCounts.read(object, printed, filtered, left);
        }
        if (standard.format() == Format.JSON) {
            counts.json(out);
            out.flush();
        }
        return counts.sentence();
    }

    private void printAll() throws IOException {
        do {
            print();
        } while (more);
    }

    @Override
    public void close() {
        buffer.close();
    }
}
