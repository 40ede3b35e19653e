// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KernelSymbolsTest {
    private static final String TEXT = """
            0000000000000000 A fixed_percpu_data
            ffffffff81000000 T _text
            ffffffff81000000 T startup_64
            ffffffff81000100 t __pfx_do_one_initcall
            ffffffff81000110 T do_one_initcall
            ffffffff81000200 t local_alias
            ffffffff81000200 W weak_alias
            ffffffff81000200 T __global_alias
            ffffffff81000200 T global_alias
            ffffffff81000300 t a.cold
            ffffffff81000340 d some_data
            ffffffff81000350 D more_data
            ffffffff81000400 t $x
            ffffffff81000400 T last
            ffffffffc0201000 t nf_init\t[nf_tables]
            ffffffffc0200000 t nf_hook\t[nf_tables]
            ffffffffc0300000 t bpf_prog_6deef7357e7b4530_trace_open\t[bpf]
            ffffffffc0300100 t bpf_trampoline_6442\t[bpf]
            ffffffffc0400000 t ftrace_trampoline\t[__builtin__ftrace]
            """;

    private static KernelSymbols parse(String text) {
        return KernelSymbols.parse(text.getBytes(StandardCharsets.ISO_8859_1), "1");
    }

    private static void named(String module, String name, long offset, Frame frame) {
        assertEquals(new Frame(Frame.Kind.KERNEL, name, module, offset, null), frame);
    }

    @Test
    void namesFunctions() {
        KernelSymbols symbols = parse(TEXT);
        assertTrue(symbols.problem().isEmpty());
        named("kernel", "do_one_initcall", 0, symbols.at(0xffffffff81000110L));
        named("kernel", "do_one_initcall", 0xef, symbols.at(0xffffffff810001ffL));
        named("kernel", "startup_64", 0x10f, symbols.at(0xffffffff8100010fL));
        named("kernel", "global_alias", 4, symbols.at(0xffffffff81000204L));
        named("kernel", "a.cold", 0x3f, symbols.at(0xffffffff8100033fL));
        named("kernel", "last", 0, symbols.at(0xffffffff81000400L));
    }

    @Test
    void namesModulesAndBpfPrograms() {
        KernelSymbols symbols = parse(TEXT);
        named("nf_tables", "nf_hook", 0xfff, symbols.at(0xffffffffc0200fffL));
        named("nf_tables", "nf_init", 1, symbols.at(0xffffffffc0201001L));
        named("bpf", "bpf_prog_6deef7357e7b4530_trace_open", 0xff, symbols.at(0xffffffffc03000ffL));
        named("bpf", "bpf_trampoline_6442", 0, symbols.at(0xffffffffc0300100L));
        named("__builtin__ftrace", "ftrace_trampoline", 0, symbols.at(0xffffffffc0400000L));
    }

    @Test
    void aCallersFunctionIsThatOfTheCall() {
        List<Frame> frames = parse(TEXT).stack(new long[] {0xffffffff81000200L, 0xffffffff81000200L, 0}, 2);
        named("kernel", "global_alias", 0, frames.get(0));
        named("kernel", "do_one_initcall", 0xf0, frames.get(1));
        assertEquals(2, frames.size());
    }

    @Test
    void doesNotGuessWhereNoFunctionIs() {
        KernelSymbols symbols = parse(TEXT);
        for (long address : new long[] {
            0,
            0x1000,
            -1,
            0x7fffffffffffffffL,
            0xffffffff80ffffffL,
            0xffffffff81000340L,
            0xffffffff81000360L,
            0xffffffff81000400L + KernelSymbols.MAX_REACH
        }) {
            Frame frame = symbols.at(address);
            assertEquals(Frame.Why.NO_SYMBOL, frame.why(), Long.toHexString(address));
            assertEquals("[unknown]", frame.label());
            assertEquals(address, frame.offset());
        }
    }

    @Test
    void saysThatTheyAreHidden() {
        String hidden = TEXT.replaceAll("(?m)^[0-9a-f]{16}", "0000000000000000");
        KernelSymbols symbols = parse(hidden);
        assertEquals(Frame.Why.HIDDEN, symbols.at(0xffffffff81000110L).why());
        assertTrue(symbols.problem().orElseThrow().contains("CAP_SYSLOG"));
        symbols = KernelSymbols.parse(hidden.getBytes(StandardCharsets.ISO_8859_1), "2");
        assertTrue(symbols.problem().orElseThrow().contains("sysctl kernel.kptr_restrict=1"));
        assertTrue(parse("").problem().orElseThrow().contains("has no symbols"));
    }

    @Test
    void linesThatAreNoneAreSkipped() {
        KernelSymbols symbols = parse("\n \nx\nffffffff81000000\nffffffff81000000 T\nffffffff81000000 T \n"
                + "zfffffff81000000 T a\nffffffffffffffff81000000 T b\n"
                + "y".repeat(20_000) + "\nffffffff81000000 T good\nffffffff81000001 T \tx\n");
        assertEquals(1, symbols.size());
        named("kernel", "good", 5, symbols.at(0xffffffff81000005L));
    }

    @Test
    void agreesWithEveryLineOfThisKernel() throws Exception {
        KernelSymbols symbols = KernelSymbols.read();
        assumeTrue(symbols.problem().isEmpty(), () -> symbols.problem().orElseThrow());
        Map<Long, List<String>> names = new HashMap<>();
        for (String line : Files.readAllLines(Path.of("/proc/kallsyms"), StandardCharsets.ISO_8859_1)) {
            String[] words = line.split("[ \t]");
            boolean bpf = words.length > 3 && words[3].equals("[bpf]"); // these come and go
            if ("tTwW".contains(words[1]) && !words[2].startsWith("__pfx_") && !bpf) {
                names.computeIfAbsent(Long.parseUnsignedLong(words[0], 16), any -> new ArrayList<>())
                        .add(words[2]);
            }
        }
        assertTrue(names.size() > 10_000);
        names.forEach((address, expected) -> {
            Frame frame = symbols.at(address);
            assertTrue(expected.contains(frame.name()), () -> frame + " " + expected);
            assertEquals(0, frame.offset());
            assertNull(frame.why());
        });
    }
}
