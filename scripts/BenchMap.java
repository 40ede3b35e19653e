// SPDX-License-Identifier: Apache-2.0

import dev.jbcc.BpfSource;
import dev.jbcc.bpf.BpfMap;
import dev.jbcc.bpf.BpfObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** For scripts/bench: what it costs to read a map of a million elements, and to look one up. Prints NAME=VALUE lines. */
public final class BenchMap {
    private static final long ELEMENTS = 1_000_000;
    private static final long KEYS = 1024;
    private static long sum;

    private BenchMap() {}

    public static void main(String[] args) throws IOException {
        BpfSource source = BpfSource.text("million", """
                #include <linux/types.h>
                #include <linux/bpf.h>
                #include "maps.h"

                BPF_HASH(large, __u64, __u64, 1000000);
                BPF_HASH(small, __u32, __u64, 1024);
                """);
        try (BpfObject object = source.load()) {
            BpfMap<Long, Long> large = object.map("large", Long.class, Long.class);
            for (long i = 0; i < ELEMENTS; i++) {
                large.update(i, 1L);
            }
            long start = System.nanoTime();
            large.forEach((key, value) -> sum += value);
            System.out.println("seconds=" + (System.nanoTime() - start) / 1e9);
            if (sum != ELEMENTS) {
                throw new AssertionError("read " + sum + " elements");
            }
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("VmHWM:")) {
                    System.out.println("rss_peak=" + line.replaceAll("[^0-9]", ""));
                }
            }
            BpfMap<Long, Long> small = object.map("small", Long.class, Long.class);
            for (long i = 0; i < KEYS; i++) {
                small.update(i, i);
            }
            lookUp(small, ELEMENTS); // compiles it
            start = System.nanoTime();
            lookUp(small, ELEMENTS);
            System.out.println("lookup_ns=" + (System.nanoTime() - start) / (double) ELEMENTS);
        }
    }

    private static void lookUp(BpfMap<Long, Long> map, long times) {
        for (long i = 0; i < times; i++) {
            sum += map.lookup(i % KEYS).orElseThrow();
        }
    }
}
