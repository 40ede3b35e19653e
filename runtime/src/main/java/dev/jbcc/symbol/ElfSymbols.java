// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The functions of one file, sorted by address: 16 bytes for each, and no name before somebody asks for it, which is then
 * read from the file and kept.
 *
 * <p>Which symbol an address has: of those whose extent covers it, the one that starts last (the innermost); of several
 * that start there, a global one before a weak one before a local one, then the one with fewer leading underscores, as
 * perf chooses, then the shortest (perf: the longest, {@code open64} where we say {@code open}), then the first by code
 * point. A symbol without a size covers what follows it up to the next symbol or the end of its section, if nothing else
 * does.
 *
 * <p>Only addresses within 4 GiB of the file's lowest executable one are kept. Of symbols that are nested or share an
 * address, at most {@value #MAX_NESTED} are looked at, so that a made-up table cannot make look-ups slow.
 */
final class ElfSymbols {
    /** On the heap, for each function. */
    static final int BYTES_EACH = 16;

    private static final int MAX_NESTED = 256;
    private static final long REACH = 1L << 32;
    private static final int KNOWN_OVERHEAD = 150;
    private static final int MAX_KNOWN_BYTES = 2 << 20;

    // Of meta: the symbol's index (SymbolSection.MAX_SYMBOLS), which section, and its rank.
    private static final int INDEX_BITS = 22;
    private static final int SECTION_BITS = 2;
    private static final int RANK_SHIFT = INDEX_BITS + SECTION_BITS;

    /** A function; {@code end} is exclusive. */
    record Function(String name, long start, long end) {}

    private final List<SymbolSection> sections;
    private final List<ElfFile.Section> code;
    private final UnaryOperator<String> demangler;
    private final long base;
    /** Start from base in the upper half, flipped to sort as unsigned; which of sizes and meta in the lower half. */
    private long[] keys;

    private int[] sizes;
    private int[] meta;
    private int count;
    private long largest;
    /** What was found before, by position in keys; ones' complement: of a function that others are nested in. */
    private final Map<Integer, Function> known = new HashMap<>();

    private long knownBytes;

    /**
     * @param file whose code it is: its segments and sections say where code can be
     * @param sections the tables, best first, at most four: of a later one only those that start where none before does
     * @param most the number of functions that there may be, for the sake of the heap
     */
    ElfSymbols(ElfFile file, List<SymbolSection> sections, int most, UnaryOperator<String> demangler)
            throws ElfException {
        this.sections = List.copyOf(sections.subList(0, Math.min(sections.size(), 1 << SECTION_BITS)));
        this.demangler = demangler;
        code = file.sections().stream().filter(ElfFile.Section::executable).toList();
        long lowest = -1;
        for (ElfFile.Segment segment : file.code()) {
            if (Long.compareUnsigned(segment.address(), lowest) < 0) {
                lowest = segment.address();
            }
        }
        base = lowest;
        int expected = 0;
        for (SymbolSection section : this.sections) {
            Counter counter = new Counter(file);
            section.forEach(counter);
            expected = Math.max(expected, counter.count);
        }
        if (expected > most) {
            throw new ElfException("it has " + expected + " functions; there is memory for " + most);
        }
        keys = new long[expected];
        sizes = new int[expected];
        meta = new int[expected];
        for (int i = 0; i < this.sections.size(); i++) {
            Collector collector = new Collector(file, i, count, most);
            this.sections.get(i).forEach(collector);
            Arrays.sort(keys, 0, count);
        }
        if (keys.length > count) {
            keys = Arrays.copyOf(keys, count);
            sizes = Arrays.copyOf(sizes, count);
            meta = Arrays.copyOf(meta, count);
        }
    }

    private static final class Counter implements SymbolSection.Functions {
        private final ElfFile file;
        private int count;

        Counter(ElfFile file) {
            this.file = file;
        }

        @Override
        public void function(int index, long address, long size, int rank) {
            if (segment(file, address) != null) {
                count++;
            }
        }
    }

    private final class Collector implements SymbolSection.Functions {
        private final ElfFile file;
        private final int section;
        private final int sorted;
        private final int most;

        Collector(ElfFile file, int section, int sorted, int most) {
            this.file = file;
            this.section = section;
            this.sorted = sorted;
            this.most = most;
        }

        @Override
        public void function(int index, long address, long size, int rank) {
            ElfFile.Segment segment = segment(file, address);
            long offset = address - base;
            if (segment == null || offset < 0 || offset >= REACH || count == most) {
                return;
            }
            if (sorted > 0) {
                int last = last(offset, sorted);
                if (last >= 0 && start(last) == offset) {
                    return;
                }
            }
            if (count == keys.length) {
                int more = Math.min(most, count + (count >> 1) + 64);
                keys = Arrays.copyOf(keys, more);
                sizes = Arrays.copyOf(sizes, more);
                meta = Arrays.copyOf(meta, more);
            }
            long room = segment.memorySize() - (address - segment.address());
            long clipped = Long.compareUnsigned(size, room) > 0 ? room : size;
            keys[count] = (offset << 32 | count) ^ Long.MIN_VALUE;
            long kept = Math.min(clipped < 0 ? REACH - 1 : clipped, REACH - 1);
            largest = Math.max(largest, kept);
            sizes[count] = (int) kept;
            meta[count] = rank << RANK_SHIFT | section << INDEX_BITS | index;
            count++;
        }
    }

    private static ElfFile.Segment segment(ElfFile file, long address) {
        for (ElfFile.Segment segment : file.code()) {
            if (Long.compareUnsigned(address, segment.address()) >= 0
                    && Long.compareUnsigned(address - segment.address(), segment.memorySize()) < 0) {
                return segment;
            }
        }
        return null;
    }

    int count() {
        return count;
    }

    /** What it occupies on the heap, apart from the names that were asked for. */
    long heapBytes() {
        long total = (long) count * BYTES_EACH;
        for (SymbolSection section : sections) {
            total += section.elf().bytes().heapBytes();
        }
        return total;
    }

    /** The function at an address as symbols count it, with its name demangled; null when there is none. */
    Function at(long address) throws ElfException {
        long offset = address - base;
        if (offset < 0 || offset >= REACH) {
            return null;
        }
        int nearest = last(offset, count);
        if (nearest < 0) {
            return null;
        }
        Function found = known.get(nearest);
        if (found != null && address - found.start < found.end - found.start) {
            return found;
        }
        int chosen = covering(nearest, offset);
        if (chosen < 0) {
            return null;
        }
        long start = start(chosen);
        int key = start == start(nearest) ? nearest : ~chosen;
        found = key < 0 ? known.get(key) : null;
        if (found != null) {
            return found;
        }
        long end = size(chosen) != 0 ? start + size(chosen) : endOfUnsized(chosen);
        String raw = betterNames(chosen, offset);
        if (raw.isEmpty()) {
            return null;
        }
        found = new Function(demangled(raw), base + start, base + end);
        knownBytes += KNOWN_OVERHEAD + found.name.length() * 2L;
        if (knownBytes > MAX_KNOWN_BYTES) {
            known.clear();
            knownBytes = 0;
        }
        known.put(key, found);
        return found;
    }

    String demangled(String name) {
        return demangler.apply(name);
    }

    /** The last symbol that covers an offset; one of those that start there, if there are several. */
    private int covering(int nearest, long offset) {
        int limit = Math.max(0, nearest - MAX_NESTED);
        for (int i = nearest; i >= limit && offset - start(i) < largest; i--) {
            if (offset - start(i) < size(i)) {
                return i;
            }
        }
        // The nearest one has no extent then, or ends before. Only one without an extent may reach further.
        for (int i = nearest; i >= limit && start(i) == start(nearest); i--) {
            if (size(i) == 0 && offset < endOfUnsized(i)) {
                return i;
            }
        }
        return -1;
    }

    /** The best name of those that start where {@code chosen} does and cover the offset as well. */
    private String betterNames(int chosen, long offset) throws ElfException {
        long start = start(chosen);
        boolean sized = size(chosen) != 0;
        String best = "";
        int bestRank = 3;
        for (int i = chosen, limit = Math.max(0, chosen - MAX_NESTED); i >= limit && start(i) == start; i--) {
            int rank = metaOf(i) >>> RANK_SHIFT;
            if (rank <= bestRank && (sized ? offset - start < size(i) : size(i) == 0)) {
                String name = name(i);
                if (!name.isEmpty() && (rank < bestRank || best.isEmpty() || isBetter(name, best))) {
                    best = name;
                    bestRank = rank;
                }
            }
        }
        return best;
    }

    /** Whether a name is to be preferred to another one of the same address and binding. */
    static boolean isBetter(String name, String other) {
        int difference = underscores(name) - underscores(other);
        if (difference == 0) {
            difference = name.length() - other.length();
        }
        return difference != 0 ? difference < 0 : name.compareTo(other) < 0;
    }

    private static int underscores(String name) {
        int count = 0;
        while (count < name.length() && name.charAt(count) == '_') {
            count++;
        }
        return count;
    }

    private String name(int position) throws ElfException {
        int value = metaOf(position);
        return sections.get(value >>> INDEX_BITS & (1 << SECTION_BITS) - 1).name(value & (1 << INDEX_BITS) - 1);
    }

    private long endOfUnsized(int position) {
        long start = start(position);
        long end = start;
        for (ElfFile.Section section : code) {
            long offset = base + start - section.address();
            if (Long.compareUnsigned(offset, section.size()) < 0) {
                end = Math.min(REACH, start + Math.min(section.size() - offset, REACH));
                break;
            }
        }
        int next = last(start, count) + 1;
        return next < count ? Math.min(end, start(next)) : end;
    }

    /** The last position among the first {@code limit} that starts at or before an offset; -1 when there is none. */
    private int last(long offset, int limit) {
        int low = 0;
        int high = limit - 1;
        while (low <= high) {
            int middle = low + high >>> 1;
            if (start(middle) <= offset) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    private long start(int position) {
        return (keys[position] ^ Long.MIN_VALUE) >>> 32;
    }

    private long size(int position) {
        return sizes[(int) keys[position]] & 0xffffffffL;
    }

    private int metaOf(int position) {
        return meta[(int) keys[position]];
    }
}
