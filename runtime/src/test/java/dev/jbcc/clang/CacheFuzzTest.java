// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes from outside: what a compiler writes, and what lies in the cache. */
class CacheFuzzTest {
    private static final byte[] IDENTITY = "identity".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    @FuzzTest
    void compilerOutputIsParsedOrNot(byte[] output) {
        CompilerOutput parsed = CompilerOutput.parse(output);
        if (parsed != null) {
            assertTrue(parsed.object().length >= 64 && parsed.object().length <= output.length);
            for (Path path : parsed.dependencies()) {
                assertTrue(path.isAbsolute());
            }
        }
    }

    /** With the checksum made right, and the start, which a fuzzer would hardly find. */
    @FuzzTest
    void anEntryIsGoodOrDamagedButNeverWorse(byte[] rest) {
        ByteBuffer entry = ByteBuffer.allocate(12 + IDENTITY.length + rest.length + 4);
        entry.putInt(CacheEntry.MAGIC).putInt(CacheEntry.VERSION);
        entry.putInt(IDENTITY.length).put(IDENTITY).put(rest);
        entry.putInt(CacheEntry.crc(entry.array(), entry.position()));
        try {
            byte[] object = CacheEntry.object(entry.array(), IDENTITY);
            assertTrue(object == null || object.length <= rest.length);
        } catch (IOException e) {
            assertTrue(e.getMessage().startsWith("it"), e.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jbcc:\\\n /a\\ b.h /c\\#d.h \\\n  /e$$f.h\n|/a b.h|/c#d.h|/e$f.h",
                "jbcc: /a /b|/a|/b",
                "jbcc: /a b\n|",
                "jbcc:\n|",
                "other: /a\n|",
                "jbcc: /a \0\n|",
                "|"
            })
    void rulesAreReadAsMakeReadsThem(String ruleAndPaths) {
        String[] parts = ruleAndPaths.split("\\|", -1);
        byte[] rule = parts[0].getBytes(java.nio.charset.StandardCharsets.UTF_8);
        byte[] elf = FakeClang.elf(2, 1);
        byte[] output = Arrays.copyOf(elf, elf.length + rule.length);
        System.arraycopy(rule, 0, output, elf.length, rule.length);
        CompilerOutput parsed = CompilerOutput.parse(output);
        StringBuilder paths = new StringBuilder();
        for (Path path : parsed.dependencies()) {
            paths.append('|').append(path);
        }
        String expected = ruleAndPaths.substring(parts[0].length());
        assertEquals(expected.equals("|") ? "" : expected, paths.toString());
        assertTrue(Arrays.equals(elf, parsed.object()));
    }
}
