// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * Names the stubs of a procedure linkage table after the function that they jump to, {@code read@plt}. A stub has no
 * symbol; what it jumps through has a relocation, and that has one.
 *
 * <p>Limits: x86-64, where the jump is decoded, and AArch64, where the order of the stubs is that of the relocations;
 * sections of stubs up to 16 MiB; relocations up to {@value #MAX_RELOCATIONS} in the section of those for stubs.
 */
final class ElfPlt {
    private static final int MAX_RELOCATIONS = 1 << 20;
    private static final int RELOCATION = 24; // Elf64_Rela: r_offset, r_info, r_addend
    private static final int CHUNK = 1 << 12;
    private static final int STUB = 16;
    private static final int ARM_HEADER = 32;

    private final ElfFile elf;
    private final ElfSymbols symbols;
    private final Map<Long, String> known = new HashMap<>();

    ElfPlt(ElfFile elf, ElfSymbols symbols) {
        this.elf = elf;
        this.symbols = symbols;
    }

    /** The stub at an address as symbols count it; null when it is in none, or its function has no name. */
    ElfSymbols.Function at(long address) throws ElfException {
        if (!elf.wide() || elf.machine() != ElfFile.X86_64 && elf.machine() != ElfFile.AARCH64) {
            return null;
        }
        for (ElfFile.Section section : elf.sections()) {
            long within = address - section.address();
            if (section.executable()
                    && section.name().startsWith(".plt")
                    && Long.compareUnsigned(within, section.size()) < 0
                    && section.size() <= 1 << 24
                    && elf.bytes().contains(section.offset(), section.size())) {
                return stub(section, within);
            }
        }
        return null;
    }

    private ElfSymbols.Function stub(ElfFile.Section section, long within) throws ElfException {
        boolean arm = elf.machine() == ElfFile.AARCH64;
        // .plt.got has stubs of 8 bytes where control-flow protection is off, and says so.
        int size = !arm && section.each() == 8 ? 8 : STUB;
        long start = arm ? within - (within - ARM_HEADER & STUB - 1) : within - within % size;
        if (start < 0 || arm && start < ARM_HEADER || start + size > section.size()) {
            return null;
        }
        long address = section.address() + start;
        String name = known.get(address);
        if (name == null) {
            name = arm ? nameOfStub((start - ARM_HEADER) / STUB) : nameOfJump(section, start, size);
            known.put(address, name);
        }
        return name.isEmpty() ? null : new ElfSymbols.Function(name, address, address + size);
    }

    /** Decodes {@code [endbr64] [bnd] jmp *displacement(%rip)}. */
    private String nameOfJump(ElfFile.Section section, long start, int size) throws ElfException {
        ByteBuffer code = elf.buffer(section.offset() + start, size);
        int at = code.getInt(0) == 0xfa1e0ff3 ? 4 : 0;
        if (code.get(at) == (byte) 0xf2) {
            at++;
        }
        if (at + 6 > size || code.get(at) != (byte) 0xff || code.get(at + 1) != 0x25) {
            return ""; // the stub that calls the dynamic linker
        }
        long target = section.address() + start + at + 6 + code.getInt(at + 2);
        for (ElfFile.Section relocations : elf.sections()) {
            if (relocations.type() == ElfFile.SHT_RELA) {
                String name = find(relocations, target, -1);
                if (!name.isEmpty()) {
                    return name;
                }
            }
        }
        return "";
    }

    private String nameOfStub(long index) throws ElfException {
        ElfFile.Section relocations = elf.section(".rela.plt");
        return relocations == null ? "" : find(relocations, 0, index);
    }

    /** The symbol of the relocation with that index, or if it is negative, of the one of that place. */
    private String find(ElfFile.Section section, long place, long index) throws ElfException {
        long count = section.size() / RELOCATION;
        if (count < 0 || count > MAX_RELOCATIONS || !elf.bytes().contains(section.offset(), section.size())) {
            return "";
        }
        if (index >= 0) {
            return index < count ? name(elf.buffer(section.offset() + index * RELOCATION, RELOCATION), 0) : "";
        }
        for (long first = 0; first < count; first += CHUNK) {
            int here = (int) Math.min(CHUNK, count - first);
            ByteBuffer chunk = elf.buffer(section.offset() + first * RELOCATION, here * RELOCATION);
            for (int i = 0; i < here; i++) {
                if (chunk.getLong(i * RELOCATION) == place) {
                    return name(chunk, i * RELOCATION);
                }
            }
        }
        return "";
    }

    private String name(ByteBuffer relocation, int at) throws ElfException {
        int symbol = (int) (relocation.getLong(at + 8) >>> 32);
        if (symbol != 0) {
            SymbolSection dynamic = elf.symbols(elf.section(ElfFile.SHT_DYNSYM));
            String name = dynamic == null ? "" : dynamic.name(symbol);
            return name.isEmpty() ? "" : symbols.demangled(name) + "@plt";
        }
        // An indirect function of this file: the addend is where its resolver is, which has its name.
        ElfSymbols.Function resolver = symbols.at(relocation.getLong(at + 16));
        return resolver == null ? "" : resolver.name() + "@plt";
    }
}
