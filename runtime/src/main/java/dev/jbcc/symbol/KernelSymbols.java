// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Names addresses of the kernel, its modules and its BPF programs by /proc/kallsyms as it was when it was read.
 *
 * <p>Only functions get a name (types t and w). Left out, as perf does, are ARM's mapping symbols ({@code $x}), and
 * moreover the compiler's local labels and the marks of the padding before functions ({@code .L}, {@code __pfx_},
 * {@code __cfi_}). Of several names of an address, a global one is preferred to a weak one and that to a local one, then
 * as {@link ElfSymbols#isBetter} says. kallsyms has no sizes: a symbol reaches to the next one of any type, but never
 * further than {@value #MAX_REACH} bytes.
 *
 * <p>About 40 bytes of heap for each function. Immutable; thread-safe.
 *
 * {@snippet :
 * KernelSymbols kernel = KernelSymbols.read();
 * System.out.println(kernel.at(0xffffffff81000000L).label());
 * kernel.problem().ifPresent(System.err::println);
 * }
 */
public final class KernelSymbols {
    private static final Path KALLSYMS = Path.of("/proc/kallsyms");
    private static final Path RESTRICT = Path.of("/proc/sys/kernel/kptr_restrict");

    /** The module of what is in the kernel itself; a module of this name cannot be, for its file is the kernel's. */
    private static final String KERNEL = "kernel";

    static final int MAX_REACH = 1 << 20;
    private static final int MAX_SYMBOLS = 1 << 22;
    private static final int MAX_NAMES = 256 << 20;
    private static final int MAX_MODULES = 1 << 15;
    /** A line is of 19 bytes, a name of at most KSYM_NAME_LEN (512), and the module's of 56 (MODULE_NAME_LEN). */
    private static final int BUFFER = 1 << 13;

    /** Marks a place where no function goes on, such as the start of data. */
    private static final int NO_NAME = -1;

    /** Sorted; the sign bit is flipped, because these are unsigned numbers. */
    private long[] addresses = new long[1 << 15];

    private int[] nameAt = new int[1 << 15];
    private short[] module = new short[1 << 15];
    /** A byte of rank (0 global, 1 weak, 2 local), one or two of length, the name. */
    private byte[] names = new byte[1 << 20];

    private int count;
    private int namesLength;
    private final List<String> modules = new ArrayList<>(List.of(KERNEL));
    private final boolean hidden;
    private final String problem;

    private byte[] lastModule = new byte[0];
    private int lastModuleIndex;

    /** Reads the kernel's symbols; those that are hidden from us are no error, see {@link #problem}. */
    public static KernelSymbols read() {
        try (InputStream in = new FileInputStream(KALLSYMS.toFile())) {
            return new KernelSymbols(in, restriction());
        } catch (IOException e) {
            return new KernelSymbols(
                    Files.exists(KALLSYMS)
                            ? "the kernel's symbols cannot be read: " + e.getMessage()
                            : "this kernel has no /proc/kallsyms (it was built without CONFIG_KALLSYMS)");
        }
    }

    static KernelSymbols parse(byte[] text, String restriction) {
        try {
            return new KernelSymbols(new ByteArrayInputStream(text), restriction);
        } catch (IOException e) {
            throw new AssertionError(e); // of an array
        }
    }

    private static String restriction() {
        try {
            return Files.readString(RESTRICT).strip();
        } catch (IOException e) {
            return "";
        }
    }

    private KernelSymbols(String problem) {
        this.hidden = true;
        this.problem = problem;
        trim();
    }

    private KernelSymbols(InputStream in, String restriction) throws IOException {
        boolean any = parse(in);
        sort();
        this.hidden = count == 0;
        if (!hidden) {
            this.problem = null;
        } else if (!any) {
            this.problem = "/proc/kallsyms has no symbols, so kernel functions have no names";
        } else if (restriction.equals("2")) {
            this.problem =
                    "kernel.kptr_restrict=2 hides the kernel's addresses from everybody, so its functions have no"
                            + " names; type: sysctl kernel.kptr_restrict=1";
        } else {
            this.problem = "the kernel hides its addresses from this user (kernel.kptr_restrict="
                    + (restriction.isEmpty() ? "?" : restriction)
                    + "), so its functions have no names; run as root, with CAP_SYSLOG";
        }
    }

    /** Why kernel frames have no names, in one sentence for the user; empty when they have. */
    public Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    /** The number of addresses that have a name. */
    public int size() {
        int named = 0;
        for (int at : nameAt) {
            named += at == NO_NAME ? 0 : 1;
        }
        return named;
    }

    /** The function at an address; its module is {@code kernel}, {@code bpf}, or a loadable one's name. */
    public Frame at(long address) {
        return at(address, address);
    }

    /** The function that a return address leads back to; see {@link Symbolizer#caller}. */
    public Frame caller(long address) {
        return at(address, address - 1);
    }

    /** The frames of a stack: the instruction pointer first, then return addresses; see {@link Symbolizer#stack}. */
    public List<Frame> stack(long[] stack, int length) {
        List<Frame> frames = new ArrayList<>(length);
        for (int i = 0; i < length; i++) {
            frames.add(at(stack[i], i == 0 ? stack[i] : stack[i] - 1));
        }
        return frames;
    }

    private Frame at(long address, long lookup) {
        int found = Arrays.binarySearch(addresses, lookup ^ Long.MIN_VALUE);
        int position = found >= 0 ? found : -found - 2;
        if (position < 0 || nameAt[position] == NO_NAME) {
            return unknown(address);
        }
        long start = addresses[position] ^ Long.MIN_VALUE;
        if (Long.compareUnsigned(lookup - start, MAX_REACH) >= 0) {
            return unknown(address);
        }
        return new Frame(
                Frame.Kind.KERNEL, name(nameAt[position]), modules.get(module[position]), address - start, null);
    }

    private Frame unknown(long address) {
        return new Frame(Frame.Kind.KERNEL, null, null, address, hidden ? Frame.Why.HIDDEN : Frame.Why.NO_SYMBOL);
    }

    /** Returns whether there was any line that is a symbol's, even if its address is hidden. */
    private boolean parse(InputStream in) throws IOException {
        byte[] buffer = new byte[BUFFER];
        int filled = 0;
        boolean any = false;
        while (count < MAX_SYMBOLS) {
            int read = in.read(buffer, filled, BUFFER - filled);
            if (read < 0) {
                break;
            }
            filled += read;
            int line = 0;
            for (int i = filled - read; i < filled; i++) {
                if (buffer[i] == '\n') {
                    any |= line(buffer, line, i);
                    line = i + 1;
                }
            }
            if (line == 0 && filled == BUFFER) {
                line = filled; // no line is that long
            }
            System.arraycopy(buffer, line, buffer, 0, filled - line);
            filled -= line;
        }
        return any;
    }

    /** {@code ffffffffc0000000 t bpf_prog_6deef7357e7b4530_trace<TAB>[bpf]}. */
    private boolean line(byte[] buffer, int from, int to) {
        long address = 0;
        int at = from;
        for (; at < to && buffer[at] != ' '; at++) {
            int digit = buffer[at] <= '9' ? buffer[at] - '0' : buffer[at] - 'a' + 10;
            if ((digit & ~15) != 0 || at - from >= 16) {
                return false;
            }
            address = address << 4 | digit;
        }
        if (at == from || at + 4 > to || buffer[at + 2] != ' ') {
            return false;
        }
        int type = buffer[at + 1];
        int name = at + 3;
        int nameEnd = name;
        while (nameEnd < to && buffer[nameEnd] != '\t' && buffer[nameEnd] != ' ') {
            nameEnd++;
        }
        if (nameEnd == name) {
            return false;
        }
        if (address == 0 || type == 'A' || type == 'a' || isArtefact(buffer, name, nameEnd)) {
            return true;
        }
        boolean function = (type | 0x20) == 't' || (type | 0x20) == 'w';
        int moduleIndex = module(buffer, nameEnd, to);
        if (moduleIndex < 0) {
            return true;
        }
        int length = nameEnd - name;
        if (length > 0xffff || namesLength + length + 3 > MAX_NAMES || count == MAX_SYMBOLS) {
            return true;
        }
        if (count == addresses.length) {
            int more = count + (count >> 1);
            addresses = Arrays.copyOf(addresses, more);
            nameAt = Arrays.copyOf(nameAt, more);
            module = Arrays.copyOf(module, more);
        }
        addresses[count] = address ^ Long.MIN_VALUE;
        module[count] = (short) moduleIndex;
        nameAt[count++] = function ? add(buffer, name, length, type == 'T' ? 0 : type == 't' ? 2 : 1) : NO_NAME;
        return true;
    }

    private static boolean isArtefact(byte[] text, int from, int to) {
        return switch (text[from]) {
            case '$' -> true;
            case '.' -> startsWith(text, from, to, ".L");
            case '_' -> startsWith(text, from, to, "__pfx_") || startsWith(text, from, to, "__cfi_");
            default -> false;
        };
    }

    private static boolean startsWith(byte[] text, int from, int to, String start) {
        if (to - from < start.length()) {
            return false;
        }
        for (int i = 0; i < start.length(); i++) {
            if (text[from + i] != start.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private int module(byte[] buffer, int from, int to) {
        if (from >= to) {
            return 0;
        }
        int start = from + 1;
        if (start >= to || buffer[start] != '[' || buffer[to - 1] != ']') {
            return 0;
        }
        if (!Arrays.equals(buffer, start + 1, to - 1, lastModule, 0, lastModule.length)) {
            lastModule = Arrays.copyOfRange(buffer, start + 1, to - 1);
            String name = new String(lastModule, StandardCharsets.UTF_8);
            lastModuleIndex = modules.indexOf(name);
            if (lastModuleIndex < 0 && modules.size() < MAX_MODULES) {
                lastModuleIndex = modules.size();
                modules.add(name);
            }
        }
        return lastModuleIndex;
    }

    private int add(byte[] buffer, int from, int length, int rank) {
        int at = namesLength;
        if (names.length - at < length + 3) {
            names = Arrays.copyOf(names, Math.max(at + length + 3, at + (at >> 1)));
        }
        names[namesLength++] = (byte) rank;
        names[namesLength++] = (byte) (length >> 8);
        names[namesLength++] = (byte) length;
        System.arraycopy(buffer, from, names, namesLength, length);
        namesLength += length;
        return at;
    }

    private String name(int at) {
        int length = (names[at + 1] & 0xff) << 8 | names[at + 2] & 0xff;
        return new String(names, at + 3, length, StandardCharsets.UTF_8);
    }

    /** Brings the symbols, of which the modules' are not in order, into the order of addresses, one for each. */
    private void sort() {
        long[] sorted = Arrays.copyOf(addresses, count);
        Arrays.sort(sorted);
        int distinct = 0;
        for (int i = 0; i < count; i++) {
            if (i == 0 || sorted[i] != sorted[i - 1]) {
                sorted[distinct++] = sorted[i];
            }
        }
        sorted = Arrays.copyOf(sorted, distinct);
        int[] sortedNames = new int[distinct];
        short[] sortedModules = new short[distinct];
        Arrays.fill(sortedNames, NO_NAME);
        int position = 0;
        for (int i = 0; i < count; i++) {
            if (sorted[position] != addresses[i]) {
                boolean next = position + 1 < distinct && sorted[position + 1] == addresses[i];
                position = next ? position + 1 : Arrays.binarySearch(sorted, addresses[i]);
            }
            if (nameAt[i] != NO_NAME
                    && (sortedNames[position] == NO_NAME || isBetter(nameAt[i], sortedNames[position]))) {
                sortedNames[position] = nameAt[i];
                sortedModules[position] = module[i];
            }
        }
        int kept = 0;
        for (int i = 0; i < distinct; i++) {
            if (sortedNames[i] != NO_NAME
                    || kept > 0 && sortedNames[kept - 1] != NO_NAME) { // data ends a function once
                sorted[kept] = sorted[i];
                sortedNames[kept] = sortedNames[i];
                sortedModules[kept++] = sortedModules[i];
            }
        }
        addresses = sorted;
        nameAt = sortedNames;
        module = sortedModules;
        count = kept;
        trim();
    }

    private void trim() {
        if (addresses.length > count) {
            addresses = Arrays.copyOf(addresses, count);
            nameAt = Arrays.copyOf(nameAt, count);
            module = Arrays.copyOf(module, count);
        }
        names = Arrays.copyOf(names, namesLength);
    }

    private boolean isBetter(int name, int other) {
        int difference = names[name] - names[other];
        return difference != 0 ? difference < 0 : ElfSymbols.isBetter(name(name), name(other));
    }
}
