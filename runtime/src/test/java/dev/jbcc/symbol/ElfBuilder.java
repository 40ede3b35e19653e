// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Makes small ELF files, of either class and byte order, with any values in their symbols. */
final class ElfBuilder {
    static final int FUNC = 2;
    static final int OBJECT = 1;
    static final int IFUNC = 10;
    static final int LOCAL = 0;
    static final int GLOBAL = 1;
    static final int WEAK = 2;

    private record Symbol(String name, int type, int binding, long address, long size, int section) {}

    private record Section(String name, int type, long flags, long address, byte[] content, int link, int each) {}

    private final boolean wide;
    private final ByteOrder order;
    private final List<Symbol> symbols = new ArrayList<>();
    private final List<Symbol> dynamic = new ArrayList<>();
    private final List<long[]> segments = new ArrayList<>();
    private final List<Section> sections = new ArrayList<>();
    int machine = 62;

    ElfBuilder(boolean wide, ByteOrder order) {
        this.wide = wide;
        this.order = order;
        sections.add(new Section("", 0, 0, 0, new byte[0], 0, 0));
    }

    ElfBuilder() {
        this(true, ByteOrder.LITTLE_ENDIAN);
    }

    /** A segment of code: so many bytes of the file from {@code offset} come to {@code address}. */
    ElfBuilder code(long offset, long address, long size) {
        segments.add(new long[] {1, 5, offset, address, size});
        return this;
    }

    ElfBuilder data(long offset, long address, long size) {
        segments.add(new long[] {1, 6, offset, address, size});
        return this;
    }

    ElfBuilder symbol(String name, int type, int binding, long address, long size) {
        symbols.add(new Symbol(name, type, binding, address, size, 1));
        return this;
    }

    ElfBuilder undefined(String name) {
        symbols.add(new Symbol(name, FUNC, GLOBAL, 0x1000, 100, 0));
        return this;
    }

    ElfBuilder function(String name, long address, long size) {
        return symbol(name, FUNC, GLOBAL, address, size);
    }

    ElfBuilder exported(String name, long address, long size) {
        dynamic.add(new Symbol(name, FUNC, GLOBAL, address, size, 1));
        return this;
    }

    /** Says where a section of code is; its content is not needed. */
    ElfBuilder text(String name, long address, long size) {
        sections.add(new Section(name, 8, 6, address, new byte[(int) size], 0, 0));
        return this;
    }

    ElfBuilder section(String name, byte[] content) {
        sections.add(new Section(name, 1, 0, 0, content, 0, 0));
        return this;
    }

    ElfBuilder buildId(byte... id) {
        ByteBuffer note = ByteBuffer.allocate(16 + id.length).order(order);
        note.putInt(4).putInt(id.length).putInt(3).put("GNU\0".getBytes(StandardCharsets.US_ASCII));
        sections.add(new Section(".note.gnu.build-id", 7, 2, 0, note.put(id).array(), 0, 0));
        return this;
    }

    ElfBuilder debugLink(String name, int crc) {
        ByteBuffer link = ByteBuffer.allocate((name.length() + 4 & ~3) + 4).order(order);
        link.put(name.getBytes(StandardCharsets.US_ASCII)).putInt(name.length() + 4 & ~3, crc);
        return section(".gnu_debuglink", link.array());
    }

    byte[] build() {
        table(".symtab", 2, symbols);
        table(".dynsym", 11, dynamic);
        ByteBuffer names = ByteBuffer.allocate(4096);
        int[] nameAt = new int[sections.size() + 1];
        for (int i = 0; i <= sections.size(); i++) {
            nameAt[i] = names.position();
            String name = i == sections.size() ? ".shstrtab" : sections.get(i).name;
            names.put(name.getBytes(StandardCharsets.US_ASCII)).put((byte) 0);
        }
        byte[] nameBytes = java.util.Arrays.copyOf(names.array(), names.position());
        sections.add(new Section(".shstrtab", 3, 0, 0, nameBytes, 0, 0));
        int header = wide ? 64 : 52;
        int program = wide ? 56 : 32;
        int each = wide ? 64 : 40;
        int contentAt = header + program * segments.size() + 7 & ~7;
        int total = contentAt;
        for (Section section : sections) {
            total += section.type == 8 ? 0 : section.content.length + 7 & ~7;
        }
        ByteBuffer out = ByteBuffer.allocate(total + each * sections.size()).order(order);
        out.put(new byte[] {
            0x7f, 'E', 'L', 'F', (byte) (wide ? 2 : 1), (byte) (order == ByteOrder.LITTLE_ENDIAN ? 1 : 2)
        });
        out.position(16);
        out.putShort((short) 3).putShort((short) machine).putInt(1);
        word(out, 0);
        word(out, segments.isEmpty() ? 0 : header);
        word(out, total);
        out.putInt(0).putShort((short) header).putShort((short) program).putShort((short) segments.size());
        out.putShort((short) each).putShort((short) sections.size()).putShort((short) (sections.size() - 1));
        for (long[] segment : segments) {
            out.putInt((int) segment[0]);
            if (wide) {
                out.putInt((int) segment[1]);
            }
            word(out, segment[2]);
            word(out, segment[3]);
            word(out, segment[3]);
            word(out, segment[4]);
            word(out, segment[4]);
            if (!wide) {
                out.putInt((int) segment[1]);
            }
            word(out, 0x1000);
        }
        int at = contentAt;
        for (int i = 0; i < sections.size(); i++) {
            Section section = sections.get(i);
            ByteBuffer entry = out.duplicate().order(order).position(total + i * each);
            entry.putInt(nameAt[i]).putInt(section.type);
            word(entry, section.flags);
            word(entry, section.address);
            word(entry, at);
            word(entry, section.content.length);
            entry.putInt(section.link).putInt(0);
            word(entry, 1);
            word(entry, section.each);
            if (section.type != 8) {
                out.put(at, section.content);
                at += section.content.length + 7 & ~7;
            }
        }
        return out.array();
    }

    private void table(String name, int type, List<Symbol> from) {
        if (from.isEmpty()) {
            return;
        }
        ByteBuffer names = ByteBuffer.allocate(1 << 20).put((byte) 0);
        int each = wide ? 24 : 16;
        ByteBuffer table = ByteBuffer.allocate(each * (from.size() + 1)).order(order);
        table.position(each);
        for (Symbol symbol : from) {
            table.putInt(names.position());
            byte info = (byte) (symbol.binding << 4 | symbol.type);
            if (wide) {
                table.put(info).put((byte) 0).putShort((short) symbol.section);
            }
            word(table, symbol.address);
            word(table, symbol.size);
            if (!wide) {
                table.put(info).put((byte) 0).putShort((short) symbol.section);
            }
            names.put(symbol.name.getBytes(StandardCharsets.UTF_8)).put((byte) 0);
        }
        byte[] nameBytes = java.util.Arrays.copyOf(names.array(), names.position());
        sections.add(new Section(".strtab", 3, 0, 0, nameBytes, 0, 0));
        sections.add(new Section(name, type, 0, 0, table.array(), sections.size() - 1, each));
    }

    private void word(ByteBuffer out, long value) {
        if (wide) {
            out.putLong(value);
        } else {
            out.putInt((int) value);
        }
    }
}
