// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Files and texts that whoever is traced may have made: reading them ends well, with or without names. */
class SymbolFuzzTest {
    private static final int BUDGET = 1 << 20;

    @FuzzTest(maxDuration = "1m")
    void anyFile(byte @NotNull [] bytes) {
        read(bytes);
    }

    /** Two bytes of the input say where in a good file the third one goes. */
    @FuzzTest(maxDuration = "1m")
    void changedFile(byte @NotNull [] changes) {
        for (boolean wide : new boolean[] {true, false}) {
            byte[] file = good(wide, wide ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
            for (int i = 0; i + 2 < changes.length; i += 3) {
                file[((changes[i] & 0xff) << 8 | changes[i + 1] & 0xff) % file.length] = changes[i + 2];
            }
            read(file);
        }
    }

    private static byte[] good(boolean wide, ByteOrder order) {
        return new ElfBuilder(wide, order)
                .code(0, 0x400000, 0x400)
                .code(0x400, 0x600400, 0x400)
                .text(".init", 0x400000, 0x20)
                .text(".plt", 0x400020, 0x20)
                .buildId((byte) 1, (byte) 2, (byte) 3)
                .debugLink("x.debug", 77)
                .function("outer", 0x400100, 0x80)
                .function("inner", 0x400120, 0x10)
                .symbol("__alias", ElfBuilder.IFUNC, ElfBuilder.WEAK, 0x400120, 0x10)
                .function("unsized", 0x400000, 0)
                .function("second", 0x600410, 0x10)
                .exported("api", 0x400200, 0x40)
                .section(".gnu_debugdata", new byte[40])
                .build();
    }

    private static void read(byte[] bytes) {
        int[] demangled = new int[1];
        SymbolFile file = new SymbolFile(new ElfBytes(bytes), "/nowhere/x", -1);
        file.buildId();
        file.load(new OpenFiles(1), BUDGET, name -> {
            assertTrue(name.length() <= SymbolSection.MAX_NAME);
            demangled[0]++;
            return name;
        });
        assertTrue(file.heapBytes() <= BUDGET + bytes.length + BUDGET / 3);
        for (long offset : new long[] {-1, 0, 1, 0x28, 0x100, 0x125, 0x140, 0x210, 0x415, 0x7ff, Long.MAX_VALUE}) {
            ElfSymbols.Function function = file.at(offset);
            if (function != null) {
                assertFalse(function.name().isEmpty());
                assertTrue(Long.compareUnsigned(
                                file.addressOf(offset) - function.start(), function.end() - function.start())
                        < 0);
            }
        }
        file.why().toString();
        try {
            ElfFile elf = new ElfFile(new ElfBytes(bytes));
            elf.loadedBuildId();
            elf.debugLink();
        } catch (ElfException e) {
            assertFalse(e.getMessage().isEmpty());
        }
    }

    @FuzzTest(maxDuration = "1m")
    void debugLink(byte @NotNull [] bytes) {
        ElfFile.DebugLink link = ElfFile.debugLink(ByteBuffer.wrap(bytes));
        if (link != null) {
            assertFalse(link.name().isEmpty()
                    || link.name().contains("/")
                    || link.name().contains("\0"));
        }
    }

    @FuzzTest(maxDuration = "1m")
    void maps(byte @NotNull [] text) {
        for (Mapping mapping : Mappings.parse(text)) {
            assertTrue(Long.compareUnsigned(mapping.start(), mapping.end()) < 0);
            assertTrue(mapping.contains(mapping.start()) && !mapping.contains(mapping.end()));
            assertTrue(mapping.module() == null || mapping.module().length() <= 255);
            assertTrue(!mapping.isFile() || !mapping.isGenerated());
        }
    }

    @FuzzTest(maxDuration = "1m")
    void kallsyms(byte @NotNull [] text) {
        KernelSymbols symbols = KernelSymbols.parse(text, "");
        assertEquals(symbols.size() == 0, symbols.problem().isPresent());
        for (long address : new long[] {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 0xffffffff81000010L}) {
            Frame frame = symbols.at(address);
            assertTrue(frame.name() == null ? frame.why() != null : frame.offset() < KernelSymbols.MAX_REACH);
        }
    }

    /** What a fuzzer that knows nothing of the format would do to a real program; the same in each run. */
    @Test
    void realProgramsWithBytesChanged() throws Exception {
        Path program = Path.of("/bin/true");
        assumeTrue(Files.isReadable(program), "no /bin/true here");
        byte[] original = Files.readAllBytes(program);
        Random random = new Random(1);
        for (int round = 0; round < 500; round++) {
            byte[] file = original.clone();
            mutate(file, random);
            read(file);
        }
    }

    /** Changes a few bytes, mostly of the headers at the start and the end, where the numbers are that matter. */
    static void mutate(byte[] file, Random random) {
        for (int i = random.nextInt(1, 12); i > 0; i--) {
            int at = switch (random.nextInt(4)) {
                case 0 -> random.nextInt(64);
                case 1 -> random.nextInt(Math.min(file.length, 2048));
                case 2 -> file.length - 1 - random.nextInt(Math.min(file.length, 2048));
                default -> random.nextInt(file.length);
            };
            file[at] = switch (random.nextInt(4)) {
                case 0 -> (byte) 0xff;
                case 1 -> 0;
                case 2 -> (byte) (file[at] ^ 1 << random.nextInt(8));
                default -> (byte) random.nextInt();
            };
        }
    }

    @Test
    void textsWithBytesChanged() {
        byte[] maps = ("7fc24bf97000-7fc24bfbd000 r-xp 00001000 fe:00 338944      /usr/lib/x (deleted)\n"
                        + "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0   [vsyscall]\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        byte[] kallsyms = ("ffffffff81000000 T _text\nffffffff81000010 t a_b\nffffffffc0000000 t c\t[mod]\n"
                        + "ffffffff81000000 D data\nffffffff81000010 W __pfx_x\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        Random random = new Random(2);
        for (int round = 0; round < 2000; round++) {
            for (byte[] text : List.of(maps.clone(), kallsyms.clone())) {
                mutate(text, random);
                maps(text);
                kallsyms(text);
            }
        }
    }
}
