// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.output.Format;
import dev.jbcc.output.OutputBuffer;
import dev.jbcc.output.Renderer;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What jopensnoop spends on one event in user space, without the write: nanoseconds and bytes allocated. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EventBenchmark {
    private static final int WRITE_BYTES = 1 << 16;
    private static final int RING = 1 << 16;
    private static final int RECORDS = RING / 128;

    private final OpenEvent event = new OpenEvent();
    private final byte[] text = new byte[4096];
    private final OutputBuffer out = new OutputBuffer(OutputStream.nullOutputStream());
    private final Renderer table = renderer(Format.TABLE);
    private final Renderer json = renderer(Format.JSON);
    private final Renderer csv = renderer(Format.CSV);
    private final MemorySegment producer = Arena.global().allocate(Libc.pageSize() + 2L * RING, 8);
    private final RingBuffer ring = new RingBuffer(
            Arena.global().allocate(Libc.pageSize(), 8),
            producer,
            Libc.epollCreate(),
            Arena.global().allocate(ValueLayout.JAVA_INT),
            RING / 4);
    private final RecordHandler print = this::print;
    private long produced;

    /** Fills the ring with copies of the event; they divide it evenly, so that it can be read over and over. */
    public EventBenchmark() {
        long length = event.memory.byteSize();
        if (length + 8 != RING / RECORDS) {
            throw new AssertionError(length);
        }
        for (long at = Libc.pageSize(); at < producer.byteSize(); at += length + 8) {
            producer.set(ValueLayout.JAVA_INT, at, (int) length);
            MemorySegment.copy(event.memory, 0, producer, at + 8, length);
        }
    }

    private Renderer renderer(Format format) {
        return Renderer.of(format, event.columns(), List.of(), () -> 0);
    }

    private long row(Renderer renderer) {
        event.at(event.memory, 0, event.memory.byteSize());
        renderer.row(out);
        return written();
    }

    private long written() {
        int length = out.length();
        if (length >= WRITE_BYTES) {
            try {
                out.flush();
            } catch (IOException impossible) {
                throw new AssertionError(impossible);
            }
        }
        return length;
    }

    private void print(MemorySegment memory, long offset, long length) {
        event.at(memory, offset, length);
        table.row(out);
        written();
    }

    /** Moves the view to the event and reads all fields. */
    @Benchmark
    public long decode() {
        event.at(event.memory, 0, event.memory.byteSize());
        return event.sum(text);
    }

    @Benchmark
    public long tableRow() {
        return row(table);
    }

    @Benchmark
    public long jsonLine() {
        return row(json);
    }

    @Benchmark
    public long csvRow() {
        return row(csv);
    }

    /** Takes an event out of the ring and does nothing with it. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public int ringConsume() {
        produced += RING;
        producer.set(ValueLayout.JAVA_LONG, 0, produced);
        return ring.consume((memory, offset, length) -> {}, Integer.MAX_VALUE);
    }

    /** All of it: from the ring to a row of the table. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public int ringToTable() {
        produced += RING;
        producer.set(ValueLayout.JAVA_LONG, 0, produced);
        return ring.consume(print, Integer.MAX_VALUE);
    }
}
