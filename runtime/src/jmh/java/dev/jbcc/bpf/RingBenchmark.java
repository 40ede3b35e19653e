// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.bpf.ffi.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What a small record costs to read from a ring that is full: the number in it, added up. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RingBenchmark {
    private static final int RING = 1 << 18;
    private static final int LENGTH = 8;
    private static final int RECORDS = RING / (LENGTH + 8);

    private final MemorySegment producer = Arena.global().allocate(Libc.pageSize() + 2L * RING, 8);
    private final RingBuffer ring = new RingBuffer(
            Arena.global().allocate(Libc.pageSize(), 8),
            producer,
            Libc.epollCreate(),
            Arena.global().allocate(ValueLayout.JAVA_INT),
            RING / 4);
    private long produced;
    private long sum;
    private final RecordHandler add = (memory, offset, length) -> sum += memory.get(ValueLayout.JAVA_LONG, offset);

    /** Fills the ring, so that it can be read over and over. */
    public RingBenchmark() {
        for (long at = Libc.pageSize(); at < producer.byteSize(); at += LENGTH + 8) {
            producer.set(ValueLayout.JAVA_INT, at, LENGTH);
            producer.set(ValueLayout.JAVA_LONG, at + 8, at);
        }
    }

    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public long consume() {
        produced += RING;
        producer.set(ValueLayout.JAVA_LONG, 0, produced);
        if (ring.consume(add, RECORDS) != RECORDS) {
            throw new AssertionError();
        }
        return sum;
    }
}
