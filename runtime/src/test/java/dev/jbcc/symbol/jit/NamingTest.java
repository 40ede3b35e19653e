// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.jit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamingTest {
    private static String shorten(Naming naming, String name) {
        // In the middle of other bytes, as in a chunk of a file.
        byte[] text = ("1(.:" + name + ").)]").getBytes(StandardCharsets.UTF_8);
        byte[] to = new byte[text.length - 8];
        int length = naming.shorten(text, 4, text.length - 4, to);
        return new String(to, 0, length, StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "long Busy.f(int)|Busy.f",
                "void java.lang.Object.<init>()|java.lang.Object.<init>",
                "long Busy$Inner.g(java.lang.String[], int[][], java.util.Map)|Busy$Inner.g",
                "java.util.Map$Entry[] a.b.C.entries(java.util.Map$Entry[])|a.b.C.entries",
                "long Busy$$Lambda/0x0000000084040428.applyAsLong(long)|Busy$$Lambda.applyAsLong",
                "long Busy$$Lambda$14/0x00007fa530000c18.applyAsLong(long)|Busy$$Lambda.applyAsLong",
                "long Busy$$Lambda+0x00007fa530000c18.applyAsLong(long)|Busy$$Lambda.applyAsLong",
                "java.lang.Object java.lang.invoke.LambdaForm$MH/0x0000000084042c00.invoke(java.lang.Object, long)"
                        + "|java.lang.invoke.LambdaForm$MH.invoke",
                "void Busy.lambda$main$0(long)|Busy.lambda$main$0",
                "void SpecTest.adds one (and two)(int)|SpecTest.adds one (and two)",
                "void Grüße.größer()|Grüße.größer",
                "Lpkg/Some$Class;::method|pkg.Some$Class.method",
                "LBusy$$Lambda$1/791452441;::applyAsLong|Busy$$Lambda.applyAsLong",
                "Lpkg/A;::outer->Lpkg/B;::inner|pkg.A.outer->pkg.B.inner",
                "pkg.Some::method|pkg.Some.method",
                "void pkg.Some::method(int)|pkg.Some.method",
            })
    void shortensMethods(String name, String expected) {
        assertEquals(expected, shorten(Naming.JAVA, name));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Interpreter",
                "StubRoutines (compilerstubs)",
                "I2C/C2I adapters",
                "vtable chunks",
                "flush_icache_stub",
                "new_instance Runtime1 stub",
                "Shared Runtime resolve_static_call_blob",
                "SafepointBlob",
                "Signature Handler Temp Buffer",
                "(",
                ")",
                "()",
                "a)",
                "L",
                ".",
                "::"
            })
    void keepsTheNamesOfStubs(String name) {
        assertEquals(name.equals("::") ? "." : name, shorten(Naming.JAVA, name));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '=',
            value = {
                "instance void [System.Private.CoreLib] System.Threading.Tasks.Task::Execute(class System.X,int32)[OptimizedTier1]"
                        + "=System.Threading.Tasks.Task::Execute",
                "!!0 [System.Linq] System.Linq.Enumerable::Sum(class [A]B<!!0>)[Tier0]=System.Linq.Enumerable::Sum",
                "instance bool [X] Ns.C`1[System.__Canon]::MoveNext()[PreJIT]=Ns.C`1[System.__Canon]::MoveNext",
                "instance valuetype [a]B [X] Ns.C::.ctor(int32)=Ns.C::.ctor",
                "void dynamicClass::IL_STUB_PInvoke(int32)[Optimized]=dynamicClass::IL_STUB_PInvoke",
                "void [app] Program::<Main>g__Local|0_0()[QuickJitted]=Program::<Main>g__Local|0_0",
            })
    void shortensDotNet(String name, String expected) {
        assertEquals(expected, shorten(Naming.OTHER, name));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "LazyCompile:*foo file.js:1:2",
                "JS:^bar /srv/my app/busy.js:1:16",
                "JS:~ node:internal/main/run_main_module:1:1",
                "JS:*get (x) [y] /a::b(c).js:1:2",
                "Builtin:ArrayMap",
                "BytecodeHandler:LdaSmi",
                "RegExp:a+b",
                "py::f:/srv/a.py",
                "stub<1> AllocateTemporaryEntryPoints<PRECODE_STUB>",
                "wasm[0]::function[5]",
                "$erl_eval:expr/6",
                "ns::f(int)",
                "]",
                "::",
                "::(",
                "a::]"
            })
    void keepsWhatOthersWrite(String name) {
        assertEquals(name, shorten(Naming.OTHER, name));
    }
}
