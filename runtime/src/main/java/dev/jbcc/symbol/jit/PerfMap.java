// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.jit;

import dev.jbcc.symbol.Frame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * The names of a process's generated code, as it wrote them to a file at one time. Where ranges overlap, an address
 * belongs to the last line that covers it: runtimes append a line when they use memory again. It does not change, so
 * several threads can search it.
 *
 * <p>An entry takes 16 bytes, and a name its length once. Of files beyond the limits below the end is read, which is
 * what was compiled last.
 */
final class PerfMap {
    private static final long MAX_BYTES = 256L << 20;
    private static final int MAX_ENTRIES = 4 << 20;
    private static final int CHUNK = 1 << 16;
    // Half of the heap that is granted is for entries: while they are sorted one takes up to 45 bytes, and the tables
    // of
    // its name up to 27. A quarter is for the names, which take twice as much while they grow.
    private static final int HEAP_PER_ENTRY = 2 * 72;

    private final Frame.Kind kind;
    private final Ranges ranges;
    private final NameTable names;
    private final long malformed;
    private final long leftOut;

    PerfMap(Frame.Kind kind, Ranges ranges, NameTable names, long malformed, long leftOut) {
        this.kind = kind;
        this.ranges = ranges;
        this.names = names;
        this.malformed = malformed;
        this.leftOut = leftOut;
    }

    /**
     * Reads a file as far as it is long now.
     *
     * @param heap how many bytes of the heap that may take, at least 64 KiB
     */
    static PerfMap read(FileChannel file, Naming naming, long heap) throws IOException {
        long size = file.size();
        long start = Math.max(0, size - MAX_BYTES);
        ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
        long lines = 1;
        for (long at = start; at < size && next(file, buffer, at, size); at += buffer.position()) {
            byte[] chunk = buffer.array();
            for (int i = 0; i < buffer.position(); i++) {
                if (chunk[i] == '\n') {
                    lines++;
                }
            }
        }
        int capacity = (int) Math.min(lines, Math.min(MAX_ENTRIES, heap / HEAP_PER_ENTRY));
        PerfMapReader reader = new PerfMapReader(naming, capacity, (int) Math.min(MAX_BYTES, heap / 4));
        // The first line of a part is half a line.
        long skipped = Math.max(start > 0 ? 1 : 0, lines - 1 - capacity);
        reader.skip(skipped);
        for (long at = start; at < size && next(file, buffer, at, size); at += buffer.position()) {
            reader.read(buffer.array(), buffer.position());
        }
        PerfMap map = reader.finish();
        return skipped == 0 ? map : new PerfMap(map.kind, map.ranges, map.names, map.malformed, map.leftOut + skipped);
    }

    private static boolean next(FileChannel file, ByteBuffer buffer, long at, long size) throws IOException {
        buffer.clear().limit((int) Math.min(CHUNK, size - at));
        return file.read(buffer, at) > 0;
    }

    /** The function at an address, or null. */
    Frame at(long address) {
        int entry = ranges.find(address);
        return entry == Ranges.NONE
                ? null
                : new Frame(kind, names.name(ranges.number(entry)), null, address - ranges.start(entry), null);
    }

    /** How many ranges it has; of one that others cut, each piece counts. */
    int entries() {
        return ranges.count();
    }

    /** How many different names. */
    int names() {
        return names.count();
    }

    /** How many lines said nothing. */
    long malformed() {
        return malformed;
    }

    /** How many lines were left out because the file or its names are too long; the half line at the start too. */
    long leftOut() {
        return leftOut;
    }

    /** What it takes of the heap. */
    long bytes() {
        return ranges.bytes() + names.bytes();
    }
}
