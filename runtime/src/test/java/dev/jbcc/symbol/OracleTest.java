// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbcc.bpf.ffi.OpenAt;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every function of large libraries, against what binutils reads from them. */
class OracleTest {
    static Stream<String> libraries() {
        return Stream.of(
                System.getProperty("java.home") + "/lib/server/libjvm.so",
                "/usr/lib/x86_64-linux-gnu/libc.so.6",
                "/usr/lib/x86_64-linux-gnu/libstdc++.so.6",
                "/usr/lib/aarch64-linux-gnu/libc.so.6",
                "/usr/lib64/libc.so.6");
    }

    @ParameterizedTest
    @MethodSource("libraries")
    void everyFunctionHasItsName(String library) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/readelf")), "no readelf here");
        assumeTrue(Files.isReadable(Path.of(library)), "no " + library + " here");
        Map<Long, Set<String>> names = new HashMap<>();
        Map<Long, Long> sizes = new HashMap<>();
        for (String line : Compiled.run("readelf", "-sW", library).split("\n")) {
            String[] words = line.strip().split(" +"); // Num: Value Size Type Bind Vis Ndx Name
            if (words.length > 7 && (words[3].equals("FUNC") || words[3].equals("IFUNC")) && !words[6].equals("UND")) {
                long address = Long.parseUnsignedLong(words[1], 16);
                names.computeIfAbsent(address, any -> new HashSet<>()).add(words[7].replaceFirst("@.*", ""));
                sizes.merge(address, Long.decode(words[2]), Long::max);
            }
        }
        assertTrue(names.size() > 1000, library + " " + names.size());
        try (OpenFiles open = new OpenFiles(2)) {
            OpenFile opened = OpenFile.of(open, OpenAt.path(library), null);
            ElfFile elf = new ElfFile(new ElfBytes(opened));
            SymbolFile file = new SymbolFile(new ElfBytes(opened), library, -1);
            file.load(open, 64 << 20, name -> name);
            for (Map.Entry<Long, Set<String>> entry : names.entrySet()) {
                long address = entry.getKey();
                long size = sizes.get(address);
                if (size == 0) {
                    continue; // of crti.o: what they cover is a choice
                }
                ElfSymbols.Function function = file.at(offset(elf, address));
                assertNotNull(function, () -> Long.toHexString(address) + " " + entry.getValue());
                assertEquals(address, function.start());
                assertTrue(entry.getValue().contains(function.name()), () -> function + " " + entry.getValue());
                ElfSymbols.Function last = file.at(offset(elf, address + size - 1));
                assertTrue(Long.compareUnsigned(last.start(), address) >= 0, last::toString);
                assertTrue(names.get(last.start()).contains(last.name()), last::toString);
            }
        }
    }

    private static long offset(ElfFile elf, long address) {
        for (ElfFile.Segment segment : elf.code()) {
            long within = address - segment.address();
            if (within >= 0 && within < segment.fileSize()) {
                return segment.offset() + within;
            }
        }
        throw new AssertionError(Long.toHexString(address));
    }
}
