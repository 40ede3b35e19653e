// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.demangle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Symbols that the author of a program to be profiled can choose. */
class DemanglerFuzzTest {
    @FuzzTest(maxDuration = "1m")
    void symbol(byte[] bytes) {
        check(new String(bytes, StandardCharsets.UTF_8));
    }

    /** With the prefixes, so that the fuzzer need not find them. */
    @FuzzTest(maxDuration = "1m")
    void mangled(byte[] bytes) {
        String rest = new String(bytes, StandardCharsets.ISO_8859_1);
        check("_Z" + rest);
        check("_R" + rest);
        check("_ZN" + rest + "17h930b740aa94f1d3aE");
        check("___Z" + rest + "_block_invoke");
    }

    private static void check(String symbol) {
        String name = Demangler.demangle(symbol);
        if (!name.equals(symbol)) {
            assertTrue(name.length() <= Output.MAX_LENGTH + symbol.length());
            assertEquals(name, Demangler.demangle(symbol));
            name.chars()
                    .filter(Character::isISOControl)
                    .forEach(c ->
                            assertTrue(symbol.indexOf(c) >= 0, () -> "control character in the name of " + symbol));
        } else if (symbol.length() > Demangler.MAX_SYMBOL) {
            assertSame(symbol, name);
        }
    }
}
