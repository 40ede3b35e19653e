// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.BpfSource;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A look-up in a hash map of the kernel; needs root. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MapBenchmark {
    private static final long KEYS = 1024;

    private final BpfObject object = BpfSource.text("looked_up", """
            #include <linux/types.h>
            #include <linux/bpf.h>
            #include "maps.h"

            BPF_HASH(numbers, __u32, __u64);
            """).load();
    private final BpfMap<Long, Long> numbers = object.map("numbers", Long.class, Long.class);
    private long key;

    /** Fills the map. */
    public MapBenchmark() {
        for (long i = 0; i < KEYS; i++) {
            numbers.update(i, i);
        }
    }

    @TearDown
    public void close() {
        object.close();
    }

    @Benchmark
    public long lookup() {
        key = (key + 1) % KEYS;
        return numbers.lookup(key).orElseThrow();
    }
}
