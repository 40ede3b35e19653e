// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class KernelFunctionsTest {
    /** As kernels 5.10 to 6.18 of Debian and clang's have them; the addresses do not matter, and can be hidden. */
    private static final String KALLSYMS = """
            0000000000000000 T _text
            0000000000000000 t __pfx_vfs_rename
            0000000000000000 T vfs_rename
            0000000000000000 t vfs_rename.cold
            0000000000000000 t lookup_fast.isra.0
            0000000000000000 t lookup_fast.isra.0.cold
            0000000000000000 t path_init.constprop.0
            0000000000000000 t path_init.constprop.1
            0000000000000000 t path_init.isra.2.constprop.3
            0000000000000000 t do_open.llvm.8419437843
            0000000000000000 t step_into.part.0
            0000000000000000 t terminate_walk.part.0
            0000000000000000 t terminate_walk
            0000000000000000 t only_cold.cold
            0000000000000000 t __do_sys_openat2
            0000000000000000 T __x64_sys_openat
            0000000000000000 T __ia32_sys_openat
            0000000000000000 T __ia32_compat_sys_openat
            0000000000000000 T __arm64_sys_renameat
            0000000000000000 D do_open
            0000000000000000 d vfs_rename_data
            0000000000000000 W weak_one
            0000000000000000 t ext4_rename\t[ext4]
            0000000000000000 t bpf_prog_6deef7357e7b4530_trace\t[bpf]
            0000000000000000 t ftrace_trampoline\t[__builtin__ftrace]
            """;

    private static KernelFunctions of(String text, String architecture) throws IOException {
        return KernelFunctions.parse(
                new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)), architecture);
    }

    @Test
    void theNamesThatCompilersMakeStandForTheFunction() throws IOException {
        KernelFunctions functions = of(KALLSYMS, "x86_64");
        assertEquals(List.of("vfs_rename"), functions.symbols("vfs_rename"));
        assertEquals(List.of("lookup_fast.isra.0"), functions.symbols("lookup_fast"));
        assertEquals(
                List.of("path_init.constprop.0", "path_init.constprop.1", "path_init.isra.2.constprop.3"),
                functions.symbols("path_init"));
        assertEquals(List.of("do_open.llvm.8419437843"), functions.symbols("do_open"));
        assertEquals(List.of("weak_one"), functions.symbols("weak_one"));
        assertEquals(List.of("ext4_rename"), functions.symbols("ext4_rename"));
    }

    @Test
    void partsAreTakenOnlyWhenThereIsNothingElseAndColdOnesNever() throws IOException {
        KernelFunctions functions = of(KALLSYMS, "x86_64");
        assertEquals(List.of("step_into.part.0"), functions.symbols("step_into"));
        assertEquals(List.of("terminate_walk"), functions.symbols("terminate_walk"));
        assertEquals(List.of(), functions.symbols("only_cold"));
    }

    @Test
    void whatIsNoFunctionIsNotFound() throws IOException {
        KernelFunctions functions = of(KALLSYMS, "x86_64");
        assertFalse(functions.has("vfs_rename_data"));
        assertFalse(functions.has("__pfx_vfs_rename"));
        assertFalse(functions.has("bpf_prog_6deef7357e7b4530_trace"));
        assertFalse(functions.has("ftrace_trampoline"));
        assertTrue(functions.has("vfs_rename.cold"), "it is there, but stands for nothing");
        assertEquals(List.of(), functions.symbols("vfs"));
        assertEquals(List.of(), functions.symbols(""));
    }

    @Test
    void aSystemCallHasTheWrappersOfItsArchitecture() throws IOException {
        assertEquals(
                List.of("__x64_sys_openat", "__ia32_sys_openat", "__ia32_compat_sys_openat"),
                of(KALLSYMS, "x86_64").symbols("sys_openat"));
        assertEquals(List.of("__arm64_sys_renameat"), of(KALLSYMS, "aarch64").symbols("sys_renameat"));
        assertEquals(List.of(), of(KALLSYMS, "aarch64").symbols("sys_openat"));
        KernelFunctions old = of("0 T SyS_openat\n0 T sys_rename\n", "x86_64");
        assertEquals(List.of("SyS_openat"), old.symbols("sys_openat"));
        assertEquals(List.of("sys_rename"), old.symbols("sys_rename"));
    }

    @Test
    void theFirstOfSeveralNamesThatIsThere() throws IOException {
        KernelFunctions functions = of(KALLSYMS, "x86_64");
        assertEquals(
                List.of("do_open.llvm.8419437843"),
                functions.symbolsOfFirst(List.of("do_sys_openat2", "do_open", "vfs_rename")));
        assertEquals(List.of(), functions.symbolsOfFirst(List.of("do_sys_openat2", "do_sys_open")));
        assertEquals(List.of(), functions.symbolsOfFirst(List.of()));
    }

    @Test
    void patternsMatchWhatCanBeCalled() throws IOException {
        KernelFunctions functions = of(KALLSYMS, "x86_64");
        assertEquals(List.of("vfs_rename"), functions.matching("vfs_*"));
        assertEquals(List.of("vfs_rename", "ext4_rename"), functions.matching("*_rename"));
        assertEquals(List.of("path_init.constprop.0", "path_init.constprop.1"), functions.matching("path_init.c*.?"));
        assertEquals(List.of(), functions.matching("vfs"));
        assertEquals(List.of(), functions.matching(""));
        assertEquals(functions.matching("*"), functions.matching("**"));
    }

    @Test
    void theListOfFtraceHasNamesOnly() throws IOException {
        KernelFunctions functions = of("vfs_rename\next4_rename [ext4]\n__ftrace_invalid_address___64\n", "x86_64");
        assertEquals(List.of("vfs_rename", "ext4_rename"), functions.matching("*"));
    }

    @Test
    void rubbishIsPassed() throws IOException {
        KernelFunctions functions =
                of("\n \n\t\nffffffff81000000\nffffffff81000000 T\n0 T  x\n0 T \u00e9\n" + "a".repeat(600), "?");
        assertEquals(List.of(), functions.symbols("x"));
        assertEquals(List.of("\u00e9"), functions.symbols("\u00e9"));
        assertEquals(List.of(), functions.matching("aaa*"));
    }

    @Test
    void theRunningKernelHasFunctions() {
        KernelFunctions functions = KernelFunctions.read();
        Assumptions.assumeTrue(functions.has("_stext"), "no /proc/kallsyms here");
        assertFalse(functions.symbols("vfs_rename").isEmpty());
        assertFalse(functions.symbols("sys_openat").isEmpty());
        assertEquals(List.of(), functions.symbols("no_such_function_of_the_kernel"));
    }
}
