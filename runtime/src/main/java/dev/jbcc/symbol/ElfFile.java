// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The headers of an ELF file, of either class and byte order: elf(5), include/uapi/linux/elf.h.
 *
 * <p>The file may be anything: every offset and size is checked before it is used, and nothing is allocated for a number
 * that a header claims. Limits: {@value #MAX_SEGMENTS} program headers, {@value #MAX_SECTIONS} section headers, of which
 * at most {@value #MAX_KEPT} are kept (those that names of functions can depend on), {@value #MAX_CODE} segments of code,
 * 1 MiB of section names, 64 KiB of notes in one place.
 */
final class ElfFile {
    static final int MAX_SEGMENTS = 4096;
    static final int MAX_SECTIONS = 65536;
    static final int MAX_KEPT = 4096;
    static final int MAX_CODE = 16;
    private static final int MAX_SECTION_NAMES = 1 << 20;
    private static final int MAX_NOTES = 1 << 16;
    private static final int MAX_BUILD_ID = 64;

    static final int X86_64 = 62;
    static final int AARCH64 = 183;
    private static final int ARM = 40;

    private static final int PT_LOAD = 1;
    private static final int PT_NOTE = 4;
    private static final int PF_X = 1;
    static final int SHT_SYMTAB = 2;
    private static final int SHT_STRTAB = 3;
    static final int SHT_RELA = 4;
    private static final int SHT_NOTE = 7;
    static final int SHT_DYNSYM = 11;
    private static final int SHF_ALLOC = 2;
    private static final int SHF_EXECINSTR = 4;
    private static final int SHF_COMPRESSED = 0x800;
    private static final int NT_GNU_BUILD_ID = 3;

    /** What is loaded: {@code fileSize} bytes at {@code offset} of the file come to {@code address}. Unsigned numbers. */
    record Segment(long offset, long address, long fileSize, long memorySize) {}

    record Section(
            String name, int type, long flags, long address, long offset, long size, int link, int info, long each) {
        boolean executable() {
            return (flags & SHF_EXECINSTR) != 0 && (flags & SHF_ALLOC) != 0;
        }
    }

    private final ElfBytes bytes;
    private final boolean wide;
    private final ByteOrder order;
    private final int machine;
    private final long sectionsAt;
    private final int sectionCount;
    private final int namesIndex;
    private final List<Segment> code = new ArrayList<>();
    private final List<Segment> notes = new ArrayList<>();
    private List<Section> sections;

    /** Reads the ELF header and the program headers. */
    ElfFile(ElfBytes bytes) throws ElfException {
        this.bytes = bytes;
        byte[] ident = bytes.upTo(0, 64, 64);
        if (!isElf(ident) || ident.length < 52) {
            throw new ElfException("it is no ELF file");
        }
        wide = ident[4] == 2;
        if (!wide && ident[4] != 1 || ident[5] != 1 && ident[5] != 2 || wide && ident.length < 64) {
            throw new ElfException("its class or byte order is unknown");
        }
        order = ident[5] == 1 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        ByteBuffer header = ByteBuffer.wrap(ident).order(order);
        machine = header.getShort(18) & 0xffff;
        long programAt = word(header, wide ? 32 : 28);
        sectionsAt = word(header, wide ? 40 : 32);
        int at = wide ? 54 : 42; // e_phentsize and what follows
        int programCount = header.getShort(at + 2) & 0xffff;
        if (programCount > 0) {
            readSegments(programAt, header.getShort(at) & 0xffff, programCount);
        }
        int sectionSize = header.getShort(at + 4) & 0xffff;
        int count = header.getShort(at + 6) & 0xffff;
        int names = header.getShort(at + 8) & 0xffff;
        if (sectionsAt == 0 || sectionSize != (wide ? 64 : 40)) {
            count = 0;
        } else if ((count == 0 || names == 0xffff) && bytes.contains(sectionsAt, sectionSize)) {
            // More than 65,279 of them: the numbers are in the first one's header.
            ByteBuffer first = buffer(sectionsAt, sectionSize);
            long many = word(first, wide ? 32 : 20);
            count = count != 0 ? count : many < 0 ? Integer.MAX_VALUE : (int) Math.min(many, Integer.MAX_VALUE);
            names = names != 0xffff ? names : first.getInt(wide ? 40 : 24);
        }
        sectionCount = count;
        namesIndex = names;
    }

    static boolean isElf(byte[] start) {
        return start.length >= 4 && start[0] == 0x7f && start[1] == 'E' && start[2] == 'L' && start[3] == 'F';
    }

    private void readSegments(long offset, int each, int count) throws ElfException {
        if (each != (wide ? 56 : 32) || count > MAX_SEGMENTS) {
            throw new ElfException("it has " + count + " program headers of " + each + " bytes");
        }
        ByteBuffer headers = buffer(offset, count * each);
        for (int i = 0; i < count; i++) {
            int at = i * each;
            int type = headers.getInt(at);
            boolean executable = (headers.getInt(at + (wide ? 4 : 24)) & PF_X) != 0;
            if (type == PT_LOAD && executable && code.size() < MAX_CODE || type == PT_NOTE) {
                Segment segment = new Segment(
                        word(headers, at + (wide ? 8 : 4)),
                        word(headers, at + (wide ? 16 : 8)),
                        word(headers, at + (wide ? 32 : 16)),
                        word(headers, at + (wide ? 40 : 20)));
                (type == PT_LOAD ? code : notes).add(segment);
            }
        }
    }

    ElfBytes bytes() {
        return bytes;
    }

    /** Whether it is of the 64-bit class. */
    boolean wide() {
        return wide;
    }

    ByteOrder order() {
        return order;
    }

    int machine() {
        return machine;
    }

    /** Whether bit 0 of a function's address only says that its code is Thumb. */
    boolean thumb() {
        return machine == ARM;
    }

    /** What the file loads as executable, in its order. */
    List<Segment> code() {
        return code;
    }

    /** The address, as symbols count it, of a byte of the file in executable memory; -1 when it is in none. */
    long addressOf(long offset) {
        for (Segment segment : code) {
            if (offset >= segment.offset && Long.compareUnsigned(offset - segment.offset, segment.fileSize) < 0) {
                return offset - segment.offset + segment.address;
            }
        }
        return -1;
    }

    /** The sections that names of functions can depend on, in the file's order; none when it has no section headers. */
    List<Section> sections() throws ElfException {
        if (sections == null) {
            sections = readSections();
        }
        return sections;
    }

    /** The first section of that type, or null. */
    Section section(int type) throws ElfException {
        for (Section section : sections()) {
            if (section.type == type) {
                return section;
            }
        }
        return null;
    }

    /** The first section of that name, or null. */
    Section section(String name) throws ElfException {
        for (Section section : sections()) {
            if (section.name.equals(name)) {
                return section;
            }
        }
        return null;
    }

    private List<Section> readSections() throws ElfException {
        List<Section> found = new ArrayList<>();
        if (sectionCount == 0) {
            return found;
        }
        if (sectionCount > MAX_SECTIONS) {
            throw new ElfException("it has " + sectionCount + " sections, more than " + MAX_SECTIONS);
        }
        int each = wide ? 64 : 40;
        ByteBuffer headers = buffer(sectionsAt, sectionCount * each);
        byte[] names = {};
        if (Integer.compareUnsigned(namesIndex, sectionCount) < 0) {
            Section table = parse(headers, namesIndex * each, names);
            if (table.type == SHT_STRTAB && bytes.contains(table.offset, table.size)) {
                names = bytes.upTo(table.offset, table.size, MAX_SECTION_NAMES);
            }
        }
        for (int i = 1; i < sectionCount && found.size() < MAX_KEPT; i++) {
            Section section = parse(headers, i * each, names);
            if (section.type == SHT_SYMTAB
                    || section.type == SHT_DYNSYM
                    || section.type == SHT_NOTE
                    || section.type == SHT_RELA && (section.flags & SHF_ALLOC) != 0
                    || section.executable()
                    || section.name.startsWith(".gnu_debug")) {
                found.add(section);
            }
        }
        return found;
    }

    private Section parse(ByteBuffer header, int at, byte[] names) {
        int name = header.getInt(at);
        return new Section(
                name >= 0 && name < names.length ? text(names, name) : "",
                header.getInt(at + 4),
                word(header, at + 8),
                word(header, at + (wide ? 16 : 12)),
                word(header, at + (wide ? 24 : 16)),
                word(header, at + (wide ? 32 : 20)),
                header.getInt(at + (wide ? 40 : 24)),
                header.getInt(at + (wide ? 44 : 28)),
                word(header, at + (wide ? 56 : 36)));
    }

    /**
     * The symbols of a section, or null when there are none: the section is compressed (which no linker does to a symbol
     * table), or its content was taken away (as from a separate debug file).
     */
    SymbolSection symbols(Section section) throws ElfException {
        if (section == null || (section.flags & SHF_COMPRESSED) != 0 || section.size == 0) {
            return null;
        }
        int each = wide ? 24 : 16;
        if (section.each != each || !bytes.contains(section.offset, section.size)) {
            throw new ElfException("its symbol table is damaged");
        }
        if (section.size / each > SymbolSection.MAX_SYMBOLS) {
            throw new ElfException(
                    "it has " + section.size / each + " symbols, more than " + SymbolSection.MAX_SYMBOLS);
        }
        if (Integer.compareUnsigned(section.link, sectionCount) >= 0) {
            throw new ElfException("its symbols have no names");
        }
        int header = wide ? 64 : 40;
        Section names = parse(buffer(sectionsAt + (long) section.link * header, header), 0, new byte[0]);
        if (names.type != SHT_STRTAB
                || !bytes.contains(names.offset, names.size)
                || names.size > SymbolSection.MAX_NAMES) {
            throw new ElfException("the names of its symbols are damaged");
        }
        return new SymbolSection(this, section.offset, (int) (section.size / each), names.offset, names.size);
    }

    /** The GNU build id in hexadecimal; null when there is none. */
    String buildId() throws ElfException {
        for (Section section : sections()) {
            if (section.type == SHT_NOTE && bytes.contains(section.offset, section.size)) {
                String id = buildId(section.offset, section.size);
                if (id != null) {
                    return id;
                }
            }
        }
        return loadedBuildId();
    }

    /** The same from the program headers alone, for the start of a file as it is in memory. */
    String loadedBuildId() throws ElfException {
        for (Segment segment : notes) {
            if (bytes.contains(segment.offset, segment.fileSize)) {
                String id = buildId(segment.offset, segment.fileSize);
                if (id != null) {
                    return id;
                }
            }
        }
        return null;
    }

    private String buildId(long offset, long size) throws ElfException {
        ByteBuffer text = ByteBuffer.wrap(bytes.upTo(offset, size, MAX_NOTES)).order(order);
        int at = 0;
        while (text.limit() - at >= 12) {
            long nameSize = text.getInt(at) & 0xffffffffL;
            long size4 = text.getInt(at + 4) & 0xffffffffL;
            long content = at + 12 + (nameSize + 3 & ~3L);
            long next = content + (size4 + 3 & ~3L);
            if (content + size4 > text.limit()) {
                return null;
            }
            if (text.getInt(at + 8) == NT_GNU_BUILD_ID
                    && nameSize == 4
                    && text.get(at + 12) == 'G'
                    && text.get(at + 13) == 'N'
                    && text.get(at + 14) == 'U'
                    && size4 > 0
                    && size4 <= MAX_BUILD_ID) {
                return HexFormat.of().formatHex(text.array(), (int) content, (int) (content + size4));
            }
            if (next > text.limit()) {
                return null;
            }
            at = (int) next;
        }
        return null;
    }

    /** {@code .gnu_debuglink}: the name of the file with the debugging symbols, as ISO 8859-1, and the CRC-32 of it. */
    record DebugLink(String name, int crc) {}

    /** Null when there is none, or one that names no file in a directory. */
    DebugLink debugLink() throws ElfException {
        Section section = section(".gnu_debuglink");
        if (section == null || !bytes.contains(section.offset, section.size)) {
            return null;
        }
        ByteBuffer text =
                ByteBuffer.wrap(bytes.upTo(section.offset, section.size, 4096)).order(order);
        return debugLink(text);
    }

    static DebugLink debugLink(ByteBuffer text) {
        int length = 0;
        while (length < text.limit() && text.get(length) != 0) {
            length++;
        }
        int crc = length + 4 & ~3; // the NUL and padding precede it
        String name = new String(text.array(), 0, length, StandardCharsets.ISO_8859_1);
        if (crc + 4 > text.limit() || name.isEmpty() || name.contains("/") || name.equals(".") || name.equals("..")) {
            return null;
        }
        return new DebugLink(name, text.getInt(crc));
    }

    /** A number of the file's class: 64 bits, or 32 bits unsigned. */
    long word(ByteBuffer from, int at) {
        return wide ? from.getLong(at) : from.getInt(at) & 0xffffffffL;
    }

    /** Bytes of the file, in its byte order. */
    ByteBuffer buffer(long offset, int length) throws ElfException {
        if (!bytes.contains(offset, length)) {
            throw new ElfException("its headers point outside of its " + bytes.size() + " bytes");
        }
        byte[] part = new byte[length];
        bytes.read(offset, part, length);
        return ByteBuffer.wrap(part).order(order);
    }

    private static String text(byte[] bytes, int start) {
        int end = start;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, start, Math.min(end - start, 256), StandardCharsets.ISO_8859_1);
    }
}
