// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.jit;

import java.io.IOException;
import java.nio.channels.FileChannel;

/** What perf maps may take of the heap in all, a third: traced processes choose how long they are. Thread-safe. */
final class MapMemory {
    private static final long SMALLEST = 1 << 16;
    private static final int PER_FILE_BYTE = 8; // enough for all of it, when lines have 18 bytes or more

    private long left;

    MapMemory(long bytes) {
        left = bytes;
    }

    static MapMemory ofHeap() {
        return new MapMemory(Runtime.getRuntime().maxMemory() / 3);
    }

    /** Reads a file, of which the start is left out when it is too long. */
    PerfMap read(FileChannel file, Naming naming) throws NoNames {
        long taken = 0;
        PerfMap map = null;
        try {
            taken = take(SMALLEST + PER_FILE_BYTE * Math.min(file.size(), Long.MAX_VALUE / 8));
            if (taken < SMALLEST) {
                throw new NoNames("there is no memory left for its perf map");
            }
            map = PerfMap.read(file, naming, taken);
            return map;
        } catch (IOException e) {
            throw new NoNames("its perf map cannot be read");
        } finally {
            give(map == null ? taken : taken - map.bytes());
        }
    }

    /** Says that a map is no longer used; null is none. */
    void forget(PerfMap map) {
        if (map != null) {
            give(map.bytes());
        }
    }

    private synchronized long take(long wanted) {
        long taken = Math.min(left, wanted);
        left -= taken;
        return taken;
    }

    private synchronized void give(long bytes) {
        left += bytes;
    }
}
