// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class ElfSymbolsTest {
    private static final long BUDGET = 1 << 20;

    private static SymbolFile load(byte[] elf) {
        SymbolFile file = new SymbolFile(new ElfBytes(elf), "/nowhere/x", -1);
        file.load(new OpenFiles(1), BUDGET, name -> name);
        return file;
    }

    private static SymbolFile load(ElfBuilder elf) {
        return load(elf.build());
    }

    private static String name(SymbolFile file, long offset) {
        ElfSymbols.Function function = file.at(offset);
        return function == null ? null : function.name() + "+" + (file.addressOf(offset) - function.start());
    }

    @ParameterizedTest
    @CsvSource({"true,LITTLE", "true,BIG", "false,LITTLE", "false,BIG"})
    void readsEitherClassAndByteOrder(boolean wide, String order) {
        ByteOrder bytes = order.equals("BIG") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        ElfBuilder elf = new ElfBuilder(wide, bytes)
                .code(0x1000, 0x80401000L, 0x1000)
                .buildId((byte) 0xab, (byte) 0xcd, (byte) 1)
                .function("first", 0x80401000L, 0x20)
                .symbol("second", ElfBuilder.IFUNC, ElfBuilder.WEAK, 0x80401020L, 0x10)
                .undefined("elsewhere")
                .symbol("table", ElfBuilder.OBJECT, ElfBuilder.GLOBAL, 0x80401000L, 0x800);
        SymbolFile file = load(elf);
        assertEquals("first+0", name(file, 0x1000));
        assertEquals("first+31", name(file, 0x101f));
        assertEquals("second+15", name(file, 0x102f));
        assertNull(name(file, 0x1030));
        assertEquals(Frame.Why.NO_SYMBOL, file.why());
        assertNull(name(file, 0xfff));
        assertNull(name(file, 0x2000));
        assertNull(name(file, -1));
        assertEquals("abcd01", file.buildId());
    }

    @Test
    void theOffsetInTheFileIsNotTheAddress() {
        SymbolFile file = load(new ElfBuilder()
                .data(0, 0x400000, 0x1000)
                .code(0x700, 0x601700, 0x100)
                .code(0x800, 0xffff_ffff_8000_0800L, 0x100)
                .function("low", 0x601710, 8));
        assertEquals("low+2", name(file, 0x712));
        assertNull(name(file, 0x10));
        assertNull(name(file, 0x812), "beyond what a table reaches");
    }

    @Test
    void choosesAmongThoseOfOneAddress() {
        SymbolFile file = load(new ElfBuilder()
                .code(0, 0, 0x1000)
                .symbol("local", ElfBuilder.FUNC, ElfBuilder.LOCAL, 0x10, 16)
                .symbol("weak", ElfBuilder.FUNC, ElfBuilder.WEAK, 0x10, 16)
                .function("__libc_malloc", 0x10, 16)
                .function("__malloc", 0x10, 16)
                .function("malloc64", 0x10, 16)
                .function("malloc", 0x10, 16)
                .function("longer", 0x10, 32)
                .function("unsized", 0x10, 0)
                .symbol("only_weak", ElfBuilder.FUNC, ElfBuilder.WEAK, 0x40, 16)
                .symbol("a_local", ElfBuilder.FUNC, ElfBuilder.LOCAL, 0x40, 16)
                .function("", 0x60, 16)
                .symbol("b", ElfBuilder.FUNC, ElfBuilder.LOCAL, 0x60, 16)
                .symbol("a", ElfBuilder.FUNC, ElfBuilder.LOCAL, 0x60, 16));
        assertEquals("longer+20", name(file, 0x10 + 20));
        assertEquals("longer+1", name(file, 0x11), "of those that cover it: shortest, then alphabetical");
        assertEquals("only_weak+0", name(file, 0x40));
        assertEquals("a+0", name(file, 0x60));
        assertTrue(ElfSymbols.isBetter("malloc", "__malloc"));
        assertTrue(ElfSymbols.isBetter("malloc", "malloc64"));
        assertFalse(ElfSymbols.isBetter("__m", "malloc"));
    }

    @Test
    void theInnermostCounts() {
        SymbolFile file = load(new ElfBuilder()
                .code(0, 0, 0x1000)
                .function("outer", 0x100, 0x100)
                .function("inner", 0x140, 0x10)
                .function("unsized", 0x160, 0)
                .function("wrong", 0x300, -1)
                .function("next", 0x400, 1));
        assertEquals("outer+63", name(file, 0x13f));
        assertEquals("inner+15", name(file, 0x14f));
        assertEquals("outer+80", name(file, 0x150));
        assertEquals("outer+96", name(file, 0x160), "one without extent does not beat one that covers");
        assertEquals("outer+255", name(file, 0x1ff));
        assertNull(name(file, 0x200));
        assertEquals("wrong+257", name(file, 0x401), "clipped to its segment");
    }

    @Test
    void oneWithoutExtentReachesToTheNextOrTheEndOfItsSection() {
        SymbolFile file = load(new ElfBuilder()
                .code(0, 0, 0x1000)
                .text(".init", 0x100, 0x20)
                .text(".text", 0x200, 0x100)
                .function("_init", 0x100, 0)
                .function("_start", 0x200, 0)
                .function("__start", 0x200, 0)
                .function("main", 0x240, 4));
        assertEquals("_init+31", name(file, 0x11f));
        assertNull(name(file, 0x120));
        assertEquals("_start+63", name(file, 0x23f));
        assertEquals("main+3", name(file, 0x243));
        assertNull(name(file, 0x244));
    }

    @Test
    void exportedOnesFillTheGaps() {
        SymbolFile file = load(new ElfBuilder()
                .code(0, 0, 0x1000)
                .function("full", 0x100, 0x10)
                .exported("same_place", 0x100, 0x10)
                .exported("only_here", 0x200, 0x10));
        assertEquals("full+0", name(file, 0x100));
        assertEquals("only_here+0", name(file, 0x200));
        assertEquals(Frame.Why.NO_SYMBOL, file.why());
        SymbolFile stripped = load(new ElfBuilder().code(0, 0, 0x1000).exported("api", 0x200, 0x10));
        assertEquals("api+0", name(stripped, 0x200));
        assertEquals(Frame.Why.EXPORTED_ONLY, stripped.why());
        SymbolFile bare = load(new ElfBuilder().code(0, 0, 0x1000));
        assertNull(name(bare, 0x200));
        assertEquals(Frame.Why.STRIPPED, bare.why());
    }

    @Test
    void readsMiniDebugInfo() throws Exception {
        byte[] inner = new ElfBuilder().function("hidden_one", 0x300, 0x10).build();
        SymbolFile file = load(
                new ElfBuilder().code(0, 0, 0x1000).exported("api", 0x200, 0x10).section(".gnu_debugdata", xz(inner)));
        assertEquals("hidden_one+1", name(file, 0x301));
        assertEquals("api+1", name(file, 0x201));
        assertEquals(Frame.Why.NO_SYMBOL, file.why());
        byte[] tooMuch = xz(Arrays.copyOf(inner, (int) BUDGET));
        for (byte[] bad : new byte[][] {tooMuch, {1, 2, 3}, {}, Arrays.copyOf(xz(inner), 80)}) {
            SymbolFile rest = load(new ElfBuilder()
                    .code(0, 0, 0x1000)
                    .exported("api", 0x200, 0x10)
                    .section(".gnu_debugdata", bad));
            assertEquals("api+1", name(rest, 0x201));
            assertEquals(Frame.Why.EXPORTED_ONLY, rest.why());
        }
    }

    private static byte[] xz(byte[] content) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LZMA2Options options = new LZMA2Options();
        options.setDictSize(1 << 16);
        try (XZOutputStream xz = new XZOutputStream(out, options)) {
            xz.write(content);
        }
        return out.toByteArray();
    }

    @Test
    void namesAreDemangledOnce() throws Exception {
        int[] calls = new int[1];
        SymbolFile file = new SymbolFile(
                new ElfBytes(new ElfBuilder()
                        .code(0, 0, 0x1000)
                        .function("_Z1av", 0x100, 16)
                        .build()),
                "/x",
                -1);
        file.load(new OpenFiles(1), BUDGET, name -> "a()" + calls[0]++);
        assertEquals("a()0", file.at(0x104).name());
        assertEquals("a()0", file.at(0x100).name());
        assertEquals(1, calls[0]);
    }

    @Test
    void namesAreCutAndOnesFromOutsideIgnored() {
        SymbolFile file = load(new ElfBuilder()
                .code(0, 0, 0x1000)
                .function("x".repeat(300), 0x100, 16)
                .function("y".repeat(100_000), 0x200, 16));
        assertEquals(300, file.at(0x100).name().length());
        assertEquals(SymbolSection.MAX_NAME, file.at(0x200).name().length());
    }

    @Test
    void versionsAreNoPartOfNames() {
        SymbolFile file = load(new ElfBuilder()
                .code(0, 0, 0x1000)
                .function("memcpy@@GLIBC_2.14", 0x100, 16)
                .function("callrpc@GLIBC_2.2.5", 0x200, 16)
                .function("_stdcall@8", 0x300, 16)
                .function("@x", 0x400, 16)
                .function("x@", 0x500, 16));
        assertEquals("memcpy", file.at(0x100).name());
        assertEquals("callrpc", file.at(0x200).name());
        assertEquals("_stdcall@8", file.at(0x300).name());
        assertEquals("@x", file.at(0x400).name());
        assertEquals("x@", file.at(0x500).name());
    }

    @Test
    void tablesKeepToTheirBudget() {
        ElfBuilder elf = new ElfBuilder().code(0, 0, 0x10000);
        for (int i = 0; i < 100; i++) {
            elf.function("f" + i, i * 16, 16);
        }
        byte[] bytes = elf.build();
        SymbolFile file = new SymbolFile(new ElfBytes(bytes), "/x", -1);
        file.load(new OpenFiles(1), 99 * ElfSymbols.BYTES_EACH, name -> name);
        assertEquals(Frame.Why.UNREADABLE, file.why());
        file = new SymbolFile(new ElfBytes(bytes), "/x", -1);
        file.load(new OpenFiles(1), 100 * ElfSymbols.BYTES_EACH, name -> name);
        assertEquals("f99+3", name(file, 99 * 16 + 3));
        assertEquals(100 * ElfSymbols.BYTES_EACH + bytes.length, file.heapBytes());
        file.unload();
        assertNull(file.at(0));
        file.load(new OpenFiles(1), BUDGET, name -> name);
        assertNotNull(file.at(0));
    }

    @Test
    void armAddressesOfThumbFunctionsAreOdd() {
        ElfBuilder elf = new ElfBuilder(false, ByteOrder.LITTLE_ENDIAN).code(0, 0x8000, 0x1000);
        elf.machine = 40;
        assertEquals("thumb+0", name(load(elf.function("thumb", 0x8101, 16)), 0x100));
    }

    @Test
    void damagedFilesAreSaidToBe() {
        byte[] good =
                new ElfBuilder().code(0, 0, 0x1000).function("f", 0x100, 16).build();
        for (int length : new int[] {0, 3, 20, 63, 64, 100, good.length - 1}) {
            SymbolFile file = load(Arrays.copyOf(good, length));
            assertNull(file.at(0x100));
            assertTrue(
                    file.why() == Frame.Why.UNREADABLE || file.why() == Frame.Why.STRIPPED, length + " " + file.why());
        }
        byte[] script = "#!/bin/sh\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        assertFalse(new SymbolFile(new ElfBytes(script), "/x", -1).isElf());
    }

    @Test
    void aDebugLinkNamesAFileNotAPath() throws Exception {
        assertEquals(
                new ElfFile.DebugLink("x.debug", 0x1234),
                elf(new ElfBuilder().debugLink("x.debug", 0x1234)).debugLink());
        assertEquals(
                new ElfFile.DebugLink("seven77", 5),
                elf(new ElfBuilder().debugLink("seven77", 5)).debugLink());
        for (String bad : List.of("../../etc/passwd", "", ".", "..", "a/b")) {
            assertNull(elf(new ElfBuilder().debugLink(bad, 1)).debugLink(), bad);
        }
        assertNull(ElfFile.debugLink(ByteBuffer.wrap(new byte[] {'a', 'b', 'c'})));
        assertNull(ElfFile.debugLink(ByteBuffer.wrap(new byte[0])));
    }

    private static ElfFile elf(ElfBuilder builder) throws ElfException {
        return new ElfFile(new ElfBytes(builder.build()));
    }

    @Test
    void limitsAreChecked() {
        byte[] file = new ElfBuilder().code(0, 0, 0x1000).build();
        ByteBuffer header = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        header.putShort(56, (short) 5000);
        assertThrows(ElfException.class, () -> new ElfFile(new ElfBytes(file)));
        header.putShort(56, (short) 1);
        header.putLong(32, -8);
        assertThrows(ElfException.class, () -> new ElfFile(new ElfBytes(file)));
        header.putLong(32, Long.MAX_VALUE);
        assertThrows(ElfException.class, () -> new ElfFile(new ElfBytes(file)));
    }

    @Test
    void moreSectionsThanThereCanBe() throws Exception {
        for (long count : new long[] {-1, Long.MIN_VALUE, ElfFile.MAX_SECTIONS + 1, 1L << 32}) {
            byte[] file =
                    new ElfBuilder().code(0, 0, 0x1000).function("f", 0, 16).build();
            ByteBuffer header = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
            header.putShort(60, (short) 0);
            header.putLong((int) header.getLong(40) + 32, count);
            ElfFile elf = new ElfFile(new ElfBytes(file));
            assertThrows(ElfException.class, elf::sections, Long.toString(count));
        }
    }
}
