// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A file that processes run code from, shared by all of them, and its functions, which are read when the first is asked
 * for and can be given back.
 */
final class SymbolFile {
    private final ElfBytes bytes;
    private final String path;
    private final int task;
    private ElfFile elf;
    private ElfFile debug;
    private boolean debugSought;
    private boolean damaged;
    private boolean foreign;
    private ElfSymbols symbols;
    private ElfPlt plt;
    private boolean complete;

    /**
     * @param path of the file as a process sees it, ISO 8859-1
     * @param task a thread of that process, for its root directory
     */
    SymbolFile(ElfBytes bytes, String path, int task) {
        this.bytes = bytes;
        this.path = path;
        this.task = task;
    }

    /** The thread of the process that it was first seen in. */
    int task() {
        return task;
    }

    boolean isElf() {
        if (symbols != null || foreign) {
            return !foreign;
        }
        try {
            return ElfFile.isElf(bytes.upTo(0, 4, 4));
        } catch (ElfException e) {
            return false;
        }
    }

    /** The build id; null when there is none, or no way to know. */
    String buildId() {
        try {
            return elf().buildId();
        } catch (ElfException e) {
            return null;
        }
    }

    private ElfFile elf() throws ElfException {
        if (elf == null) {
            elf = new ElfFile(bytes);
        }
        return elf;
    }

    /** Looks for the separate file with symbols now, for one whose process's root directory may be gone later. */
    void findDebugFile(OpenFiles pool) {
        try {
            if (!debugSought && elf().symbols(elf.section(ElfFile.SHT_SYMTAB)) == null) {
                debugSought = true;
                debug = DebugFiles.find(pool, elf, path, task);
            }
        } catch (ElfException e) {
            // Said when a name is wanted.
        }
    }

    boolean isLoaded() {
        return symbols != null;
    }

    /**
     * Reads the table of functions, from the file itself, else from its separate file, else from its
     * {@code .gnu_debugdata}, and what only the dynamic symbols have.
     *
     * @param budget how many bytes of heap its functions may take; to unpack {@code .gnu_debugdata}, half of it for what
     *     comes out, a quarter for what goes in and four thirds for the dictionary are taken for a while
     */
    void load(OpenFiles pool, long budget, UnaryOperator<String> demangler) {
        if (damaged || foreign || symbols != null) {
            return;
        }
        try {
            if (!ElfFile.isElf(bytes.upTo(0, 4, 4))) {
                foreign = true;
                return;
            }
            List<SymbolSection> sections = new ArrayList<>(2);
            add(sections, elf().symbols(elf.section(ElfFile.SHT_SYMTAB)));
            if (sections.isEmpty()) {
                findDebugFile(pool);
                if (debug != null) {
                    add(sections, debug.symbols(debug.section(ElfFile.SHT_SYMTAB)));
                }
            }
            if (sections.isEmpty()) {
                add(sections, debugData(budget));
            }
            complete = !sections.isEmpty();
            add(sections, elf.symbols(elf.section(ElfFile.SHT_DYNSYM)));
            int most = (int) Math.min(SymbolSection.MAX_SYMBOLS, budget / ElfSymbols.BYTES_EACH);
            symbols = new ElfSymbols(elf, sections, most, demangler);
            plt = new ElfPlt(elf, symbols);
        } catch (ElfException e) {
            damaged = true;
        }
    }

    private static void add(List<SymbolSection> sections, SymbolSection section) {
        if (section != null) {
            sections.add(section);
        }
    }

    private SymbolSection debugData(long budget) {
        try {
            ElfFile.Section section = elf.section(".gnu_debugdata");
            if (section == null || section.size() > Math.min(DebugData.MAX_COMPRESSED, budget / 4)) {
                return null;
            }
            int length = (int) section.size();
            byte[] compressed = elf.buffer(section.offset(), length).array();
            int most = (int) Math.min(DebugData.MAX_UNPACKED, budget / 2);
            int dictionary = (int) Math.min(DebugData.MAX_UNPACKED, budget / 3 * 4);
            ElfFile inner = new ElfFile(DebugData.unpack(compressed, most, dictionary >> 10));
            return inner.symbols(inner.section(ElfFile.SHT_SYMTAB));
        } catch (ElfException e) {
            return null; // the dynamic symbols are left
        }
    }

    /** Gives the table back; {@link #load} reads it again. */
    void unload() {
        symbols = null;
        plt = null;
    }

    long heapBytes() {
        return symbols == null ? 0 : symbols.heapBytes();
    }

    /** The function that a byte of the file belongs to; null when there is none, for the reason {@link #why}. */
    ElfSymbols.Function at(long offset) {
        if (symbols == null) {
            return null;
        }
        try {
            long address = elf.addressOf(offset);
            if (address == -1) {
                return null;
            }
            ElfSymbols.Function function = symbols.at(address);
            return function != null ? function : plt.at(address);
        } catch (ElfException e) {
            damaged = true;
            return null;
        }
    }

    /** Where a byte of the file is, as the functions count addresses. */
    long addressOf(long offset) {
        return elf.addressOf(offset);
    }

    Frame.Why why() {
        if (foreign) {
            return Frame.Why.STRIPPED;
        }
        if (damaged || symbols == null) {
            return Frame.Why.UNREADABLE;
        }
        if (symbols.count() == 0) {
            return Frame.Why.STRIPPED;
        }
        return complete ? Frame.Why.NO_SYMBOL : Frame.Why.EXPORTED_ONLY;
    }
}
