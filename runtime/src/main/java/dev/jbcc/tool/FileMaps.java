// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.bpf.BpfMap;
import dev.jbcc.bpf.BpfObject;
import dev.jbcc.bpf.Btf;
import dev.jbcc.bpf.BtfPrinter;
import dev.jbcc.bpf.BtfType;
import dev.jbcc.bpf.MapDeclaration;
import dev.jbcc.output.Histogram;
import dev.jbcc.output.OutputBuffer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Prints the maps and the variables of a C file: tables sorted by value, the largest last; values with a member
 * {@code slots} as histograms of powers of two, where slot i counts 2^i to 2^(i+1) - 1; those with ids of stacks with
 * their stacks. What the CPUs have of a per-CPU
 * map is added up; elements of arrays that are 0 are left out.
 */
final class FileMaps {
    private final BpfObject object;
    private final Btf btf;
    private final FileOutput output;
    private final OutputBuffer out;
    private final BtfPrinter printer;
    private final FileFilters filters;
    private final FileStacks stacks;

    FileMaps(BpfObject object, FileOutput output, FileFilters filters, FileStacks stacks) {
        this.filters = filters;
        this.stacks = stacks;
        this.object = object;
        this.btf = object.btf();
        this.output = output;
        this.out = output.out();
        this.printer = new BtfPrinter(btf, out);
    }

    /** Whether maps of this kind are printed; those of libbpf's usdt.bpf.h are not. */
    static boolean isPrinted(MapDeclaration map) {
        return !map.isGlobals()
                && !map.name().startsWith("__bpf_usdt_")
                && map.keyType() != 0
                && map.valueType() != 0
                && switch (map.typeName()) {
                    case "hash", "array", "percpu_hash", "percpu_array", "lru_hash", "lru_percpu_hash", "lpm_trie" ->
                        true;
                    default -> false;
                };
    }

    /** Prints all that have something in them. */
    void print() throws IOException {
        for (MapDeclaration map : object.maps()) {
            if (isPrinted(map) && !filters.isOurs(map.name())) {
                print(map);
            }
        }
        if (!output.isFolded()) {
            variables();
        }
        output.flush();
    }

    private void print(MapDeclaration map) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Elements elements = new Elements(map, arena);
            BpfMap<byte[], byte[]> bytes = object.map(map.name(), byte[].class, byte[].class);
            boolean array = map.typeName().endsWith("array");
            bytes.forEachAll((key, values) -> elements.add(key, values, array));
            if (elements.count == 0) {
                return;
            }
            output.turnTo(null);
            BtfType.Member slots = slots(map.valueType());
            FileStacks.Layout layout = stacks.layout(map.name(), map.keyType(), map.valueType());
            if (output.isFolded()) {
                fold(map, layout, elements);
            } else if (output.isJson()) {
                json(map, layout, elements);
            } else if (layout != null && slots == null) {
                stacks(map, layout, elements);
            } else if (slots != null) {
                histograms(map, elements, slots);
            } else {
                table(map, elements);
            }
        }
    }

    private void fold(MapDeclaration map, FileStacks.Layout layout, Elements elements) {
        for (int i = 0; layout != null && i < elements.count; i++) {
            MemorySegment key = elements.key(i);
            MemorySegment value = elements.value(i);
            output.fold(
                    FileStacks.folded(layout.comm(key, value), layout.stacks(key, value)),
                    amount(map.valueType(), value, layout));
        }
    }

    /** The value if it is a number, else the first number in it; 1 for a stack id, which is no amount. */
    private long amount(int type, MemorySegment value, FileStacks.Layout layout) {
        List<BtfType.Member> members = FileMembers.of(btf, type);
        if (members.isEmpty()) {
            boolean isId = layout.isId(1, new BtfType.Member("value", 0, 0, type));
            return isId ? 1 : printer.rank(value, 0, type);
        }
        for (BtfType.Member member : members) {
            if (!layout.isId(1, member) && member.bitSize() == 0 && btf.resolve(member.type()) instanceof BtfType.Int) {
                return printer.rank(value, member.bitOffset() >>> 3, member.type());
            }
        }
        return 1;
    }

    /** The stacks of each element, then its value, and what else is in its key. */
    private void stacks(MapDeclaration map, FileStacks.Layout layout, Elements elements) throws IOException {
        out.append("\n" + map.name() + "\n");
        for (int i : elements.sorted()) {
            MemorySegment key = elements.key(i);
            MemorySegment value = elements.value(i);
            FileStacks.text(layout.stacks(key, value), out);
            out.append("       ");
            rest(layout, 1, "value", value, map.valueType());
            rest(layout, 0, "key", key, map.keyType());
            out.append("\n\n");
            output.flushIfLarge();
        }
    }

    /** What is no stack id in a key or value, with names but for a value that is a number. */
    private void rest(FileStacks.Layout layout, int part, String name, MemorySegment memory, int type) {
        List<BtfType.Member> members = FileMembers.of(btf, type);
        if (members.isEmpty() && !layout.isId(part, new BtfType.Member(name, 0, 0, type))) {
            out.append(part == 0 ? " key=" : " ");
            printer.text(memory, 0, type);
        }
        for (BtfType.Member member : members) {
            if (!layout.isId(part, member)) {
                out.append(" " + member.name() + "=");
                printer.text(memory, 0, member);
            }
        }
    }

    private void json(MapDeclaration map, FileStacks.Layout layout, Elements elements) throws IOException {
        for (int i : elements.sorted()) {
            out.append("{\"" + map.name() + "\":{\"key\":");
            printer.json(elements.key(i), 0, map.keyType());
            out.append(",\"value\":");
            printer.json(elements.value(i), 0, map.valueType());
            if (layout != null) {
                out.append(",\"stacks\":");
                FileStacks.json(layout.stacks(elements.key(i), elements.value(i)), out);
            }
            out.append("}}\n");
            output.flushIfLarge();
        }
    }

    private void table(MapDeclaration map, Elements elements) throws IOException {
        out.append("\n" + map.name() + "\n");
        FileTable table = new FileTable(btf, out).add(0, "KEY", map.keyType()).add(1, "VALUE", map.valueType());
        table.header();
        for (int i : elements.sorted()) {
            table.row(elements.key(i), elements.value(i));
            output.flushIfLarge();
        }
    }

    private void histograms(MapDeclaration map, Elements elements, BtfType.Member slots) throws IOException {
        for (int i : elements.sorted()) {
            out.append("\n" + map.name());
            if (map.maxEntries() != 1) {
                out.append('[');
                key(elements.key(i), map.keyType());
                out.append(']');
            }
            histogram(elements.value(i), 0, map.valueType(), slots);
            output.flushIfLarge();
        }
    }

    /** A number, or {@code pid=1 comm=init}. */
    private void key(MemorySegment key, int type) {
        List<BtfType.Member> members = FileMembers.of(btf, type);
        if (members.isEmpty()) {
            printer.text(key, 0, type);
        }
        for (BtfType.Member member : members) {
            out.append((member == members.getFirst() ? "" : " ") + member.name() + "=");
            printer.text(key, 0, member);
        }
    }

    /** Ends the line of the title with the other members, and prints the slots. */
    private void histogram(MemorySegment memory, long at, int type, BtfType.Member slots) {
        BtfType.Struct struct = (BtfType.Struct) btf.resolve(type);
        for (BtfType.Member member : struct.members()) {
            if (member != slots && !member.name().equals(slots.name())) {
                out.append(" " + member.name() + "=");
                printer.text(memory, at, member);
            }
        }
        out.append('\n');
        long[] counts = printer.integers(memory, at + (slots.bitOffset() >>> 3), slots.type());
        Histogram.log2Floor(Arrays.copyOf(counts, Math.min(counts.length, 64)), "value", out);
    }

    /** The member that makes a struct a histogram; null when there is none. */
    private BtfType.Member slots(int type) {
        if (btf.resolve(type) instanceof BtfType.Struct struct && !struct.isUnion()) {
            for (BtfType.Member member : struct.members()) {
                if (member.name().equals("slots")
                        && btf.resolve(member.type()) instanceof BtfType.Array array
                        && btf.resolve(array.element()) instanceof BtfType.Int) {
                    return member;
                }
            }
        }
        return null;
    }

    /** The globals that programs write to, if they are not 0. */
    private void variables() {
        List<Btf.Variable> all = new ArrayList<>(FileGlobals.of(btf, ".data"));
        all.addAll(FileGlobals.of(btf, ".bss"));
        for (Btf.Variable variable : all) {
            MemorySegment memory = object.variable(variable.name()).orElse(null);
            if (memory == null || isZero(memory)) {
                continue;
            }
            output.turnTo(null);
            if (output.isJson()) {
                out.append("{\"" + variable.name() + "\":");
                printer.json(memory, 0, variable.type());
                out.append("}\n");
            } else if (!histogram(variable.name(), memory, variable.type()) && !histograms(variable, memory)) {
                out.append(variable.name() + " = ");
                printer.text(memory, 0, variable.type());
                out.append('\n');
            }
        }
    }

    /** False if a variable is no histogram. */
    private boolean histogram(String name, MemorySegment memory, int type) {
        BtfType.Member slots = slots(type);
        if (slots == null) {
            return false;
        }
        out.append("\n" + name);
        histogram(memory, 0, type, slots);
        return true;
    }

    /** False if a variable is no array of histograms; those without any count are left out. */
    private boolean histograms(Btf.Variable variable, MemorySegment memory) {
        if (!(btf.resolve(variable.type()) instanceof BtfType.Array array) || slots(array.element()) == null) {
            return false;
        }
        long size = btf.sizeof(array.element());
        for (long i = 0; i < array.length() && (i + 1) * size <= memory.byteSize(); i++) {
            MemorySegment element = memory.asSlice(i * size, size);
            if (!isZero(element)) {
                histogram(variable.name() + "[" + i + "]", element, array.element());
            }
        }
        return true;
    }

    private static boolean isZero(MemorySegment memory) {
        for (long i = 0; i < memory.byteSize(); i++) {
            if (memory.get(ValueLayout.JAVA_BYTE, i) != 0) {
                return false;
            }
        }
        return true;
    }

    /** The elements of one map, outside of the heap: a tool's is small, and a map can have millions. */
    private final class Elements {
        private static final int ROOM = 1 << 10;

        private final Arena arena;
        private final int keySize;
        private final int valueSize;
        private final int valueType;
        private MemorySegment memory;
        private long[] ranks = new long[ROOM];
        private int count;

        Elements(MapDeclaration map, Arena arena) {
            this.arena = arena;
            keySize = map.keySize();
            valueSize = map.valueSize();
            valueType = map.valueType();
            memory = arena.allocate((long) ROOM * (keySize + valueSize), 8);
        }

        void add(byte[] key, List<byte[]> values, boolean withoutZero) {
            if (count == ranks.length) {
                ranks = Arrays.copyOf(ranks, count * 2);
                MemorySegment larger = arena.allocate(memory.byteSize() * 2, 8);
                larger.copyFrom(memory);
                memory = larger;
            }
            long at = (long) count * (keySize + valueSize);
            MemorySegment.copy(key, 0, memory, ValueLayout.JAVA_BYTE, at, keySize);
            MemorySegment.copy(values.getFirst(), 0, memory, ValueLayout.JAVA_BYTE, at + keySize, valueSize);
            MemorySegment value = value(count);
            for (int cpu = 1; cpu < values.size(); cpu++) {
                printer.add(value, MemorySegment.ofArray(values.get(cpu)), valueType);
            }
            if (!withoutZero || !isZero(value)) {
                ranks[count] = printer.rank(value, 0, valueType);
                count++;
            }
        }

        MemorySegment key(int i) {
            return memory.asSlice((long) i * (keySize + valueSize), keySize);
        }

        MemorySegment value(int i) {
            return memory.asSlice((long) i * (keySize + valueSize) + keySize, valueSize);
        }

        /** Numbers of the elements by rank; those of the same one stay as the map has them. */
        int[] sorted() {
            int[] order = new int[count];
            for (int i = 0; i < count; i++) {
                order[i] = i;
            }
            sort(order, new int[count], 0, count);
            return order;
        }

        /** A merge sort, since the JDK's of numbers by a comparator would make an object of each. */
        private void sort(int[] order, int[] room, int from, int to) {
            if (to - from < 2) {
                return;
            }
            int middle = (from + to) >>> 1;
            sort(order, room, from, middle);
            sort(order, room, middle, to);
            System.arraycopy(order, from, room, from, to - from);
            int left = from;
            int right = middle;
            for (int i = from; i < to; i++) {
                boolean takeLeft = right == to || left < middle && ranks[room[left]] <= ranks[room[right]];
                order[i] = takeLeft ? room[left++] : room[right++];
            }
        }
    }
}
