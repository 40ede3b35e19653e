// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * One symbol table of a file, and the strings that its names are in; both lie inside the file.
 *
 * @param symbolsAt the offset of the table
 * @param count of its entries
 * @param namesAt the offset of the strings
 * @param namesSize their bytes
 */
record SymbolSection(ElfFile elf, long symbolsAt, int count, long namesAt, long namesSize) {
    /** Of one table; libLLVM-14 exports 44,000, and Chromium with all symbols has about a million. */
    static final int MAX_SYMBOLS = 1 << 22;

    static final long MAX_NAMES = 512L << 20;

    /** Longer names are cut; what a demangler gets should be short anyway. */
    static final int MAX_NAME = 1 << 12;

    private static final int USUAL_NAME = 256;
    private static final int CHUNK = 1 << 16;

    // st_info: include/uapi/linux/elf.h
    private static final int STT_FUNC = 2;
    private static final int STT_GNU_IFUNC = 10;
    private static final int STB_LOCAL = 0;
    private static final int STB_WEAK = 2;

    interface Functions {
        /**
         * A function that the file defines.
         *
         * @param index of the symbol in its table
         * @param size in bytes; 0: not known
         * @param rank lower is better: 0 global, 1 weak, 2 local
         */
        void function(int index, long address, long size, int rank);
    }

    /** Calls for every function; reads the table once, in pieces. */
    void forEach(Functions functions) throws ElfException {
        boolean wide = elf.wide();
        int each = wide ? 24 : 16;
        byte[] chunk = new byte[(int) Math.min((long) count * each, CHUNK / each * each)];
        ByteBuffer table = ByteBuffer.wrap(chunk).order(elf.order());
        int perChunk = chunk.length / each;
        for (int first = 0; first < count; first += perChunk) {
            int here = Math.min(perChunk, count - first);
            elf.bytes().read(symbolsAt + (long) first * each, chunk, here * each);
            for (int i = 0; i < here; i++) {
                int at = i * each;
                int info = table.get(at + (wide ? 4 : 12)) & 0xff;
                int type = info & 15;
                if (type != STT_FUNC && type != STT_GNU_IFUNC || table.getShort(at + (wide ? 6 : 14)) == 0) {
                    continue; // SHN_UNDEF: of another file
                }
                long address = elf.word(table, at + (wide ? 8 : 4));
                long size = elf.word(table, at + (wide ? 16 : 8));
                int binding = info >> 4;
                functions.function(
                        first + i,
                        elf.thumb() ? address & ~1 : address,
                        size,
                        binding == STB_LOCAL ? 2 : binding == STB_WEAK ? 1 : 0);
            }
        }
    }

    /** The name of a symbol without its version, in UTF-8 or what can be made of it; empty when it has none. */
    String name(int index) throws ElfException {
        if (index < 0 || index >= count) {
            return "";
        }
        int each = elf.wide() ? 24 : 16;
        long name = elf.buffer(symbolsAt + (long) index * each, 4).getInt(0) & 0xffffffffL;
        if (name >= namesSize) {
            return "";
        }
        byte[] text = elf.bytes().upTo(namesAt + name, namesSize - name, USUAL_NAME);
        int length = length(text);
        if (length == text.length && length == USUAL_NAME) {
            text = elf.bytes().upTo(namesAt + name, namesSize - name, MAX_NAME);
            length = length(text);
        }
        return new String(text, 0, withoutVersion(text, length), StandardCharsets.UTF_8);
    }

    /** Linkers put versions into the names of full tables, {@code memcpy@@GLIBC_2.14}; beside an address they are noise. */
    private static int withoutVersion(byte[] name, int length) {
        for (int i = 1; i + 1 < length; i++) {
            if (name[i] == '@') {
                int version = name[i + 1] == '@' ? i + 2 : i + 1;
                boolean named = version < length && (name[version] | 0x20) >= 'a' && (name[version] | 0x20) <= 'z';
                return named ? i : length;
            }
        }
        return length;
    }

    private static int length(byte[] text) {
        int length = 0;
        while (length < text.length && text[length] != 0) {
            length++;
        }
        return length;
    }
}
