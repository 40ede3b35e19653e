// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.demangle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names checked by hand against the text of the Itanium ABI and of Rust's RFC 2603; how they look is c++filt's -i. */
class DemanglerTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "_Z1fv | f()",
                "_Z3fooi | foo(int)",
                "_ZN1A1BC1Ev | A::B::B()",
                "_ZN1AIiED0Ev | A<int>::~A()",
                "_ZN1AIiEC2IdEET_ | A<int>::A<double>(double)",
                "_ZSt4cout | std::cout",
                "_ZNSsC1EPKcRKSaIcE | std::basic_string<char, std::char_traits<char>, std::allocator<char> >::basic_string(char const*, std::allocator<char> const&)",
                "_ZNSoC1Ev | std::basic_ostream<char, std::char_traits<char> >::basic_ostream()",
                "_Z1fSs | f(std::string)",
                "_ZlsRSoRK1A | operator<<(std::ostream&, A const&)",
                "_ZN1AltIiEEvv | void A::operator< <int>()",
                "_ZN1AaSERKS_ | A::operator=(A const&)",
                "_ZN1AppEi | A::operator++(int)",
                "_ZN1AixEi | A::operator[](int)",
                "_ZN1AclEv | A::operator()()",
                "_ZN1AnwEm | A::operator new(unsigned long)",
                "_ZN1AdaEPv | A::operator delete[](void*)",
                "_Zli2_xPKc | operator\"\" _x(char const*)",
                "_ZNK1AcvPKcEv | A::operator char const*() const",
                "_ZNK1AcvPFvvEEv | A::operator void (*)()() const",
                "_ZN1AcvT_IiEEv | A::operator int<int>()",
                "_ZN1AIdEcvT_IiEEv | A<double>::operator int<int>()",
                "_ZN12_GLOBAL__N_11fEv | (anonymous namespace)::f()",
                "_ZStL6bufptr | std::bufptr",
                "_ZN1AB3tagC1Ev | A[abi:tag]::A()",
                "_ZN2ns1A1fERKS0_ | ns::A::f(ns::A const&)",
                "_ZNK1A1fEv | A::f() const",
                "_ZNKR1A1fEv | A::f() const &",
                "_ZNO1A1fEv | A::f() &&",
                "_ZNKR1A1fE | A::f const &",
                "_Zv33fooi | operator foo(int)",
            })
    void namesAndOperators(String symbol, String name) {
        assertEquals(name, Demangler.demangle(symbol));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "_Z1fPVKi | f(int const volatile*)",
                "_Z1fPrKi | f(int const restrict*)",
                "_Z1fRA3_KPFivE | f(int (* const (&) [3])())",
                "_Z1fPA3_A4_i | f(int (*) [3][4])",
                "_Z1fPPFviE | f(void (**)(int))",
                "_Z1fPFPFvdEiE | f(void (*(*)(int))(double))",
                "_Z1fM1Ai | f(int A::*)",
                "_Z1fM1AA3_i | f(int (A::*) [3])",
                "_Z1fM1AFvvE | f(void (A::*)())",
                "_Z1fM1AKFvvRE | f(void (A::*)() const &)",
                "_Z1fM1AFPFvdEiE | f(void (* (A::*)(int))(double))",
                "_Z1fPDoFvvE | f(void (*)() noexcept)",
                "_Z1fPDOLb1EEFvvE | f(void (*)() noexcept(true))",
                "_Z1fPDwilEFvvE | f(void (*)() throw(int, long))",
                "_Z1fDv4_f | f(float __vector(4))",
                "_Z1fCf | f(float _Complex)",
                "_Z1fU3fooi | f(int foo)",
                "_Z1fu3foo | f(foo)",
                "_Z1fDaDcDuDiDs | f(auto, decltype(auto), char8_t, char32_t, char16_t)",
                "_Z1fDn | f(decltype(nullptr))",
                "_Z1fDF16_ | f(_Float16)",
                "_Z1fDF64x | f(_Float64x)",
                "_Z1fDF16b | f(std::bfloat16_t)",
                "_Z1fDB8_ | f(_BitInt(8))",
                "_Z1fz | f(...)",
                "_Z1fPFvizE | f(void (*)(int, ...))",
                "_Z1fSt6vectorIiSaIiEES1_ | f(std::vector<int, std::allocator<int> >, std::vector<int, std::allocator<int> >)",
            })
    void types(String symbol, String name) {
        assertEquals(name, Demangler.demangle(symbol));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "_Z1fIiET_v | int f<int>()",
                "_Z1fIiEPFvdET_ | void (*f<int>(int))(double)",
                "_Z1fIiERA3_iT_ | int (&f<int>(int)) [3]",
                "_Z1fIRiEvOT_ | void f<int&>(int&)",
                "_Z1fIOiEvOT_ | void f<int&&>(int&&)",
                "_Z1fIKiEvRKT_ | void f<int const>(int const&)",
                "_Z1fIFvvEEvPT_ | void f<void ()>(void (*)())",
                "_Z1fIA3_iEvRKT_ | void f<int [3]>(int const (&) [3])",
                "_Z1fI1AFvvEEvMT_T0_ | void f<A, void ()>(void (A::*)())",
                "_Z1fIJidEEvDpPT_ | void f<int, double>(int*, double*)",
                "_Z1fIJidEEvSt5tupleIJDpT_EE | void f<int, double>(std::tuple<int, double>)",
                "_Z1fIJEEvDpT_ | void f<>()",
                "_Z1fIJEiEvDpT_T0_ | void f<int>(int)",
                "_Z1fILi1EEvAT__i | void f<1>(int [1])",
                "_Z1fILin1EEvv | void f<-1>()",
                "_Z1fILb1ELc65ELj1ELm3ELy5EEvv | void f<true, (char)65, 1u, 3ul, 5ull>()",
                "_Z1fIL1A0EEvv | void f<(A)0>()",
                "_Z1fILDn0EEvv | void f<(decltype(nullptr))0>()",
                "_Z1fILf3f800000EEvv | void f<(float)[3f800000]>()",
                "_Z1fIXadL_ZN1A1gEvEEEvv | void f<&A::g>()",
                "_Z1fIXadL_Z1gIiEvvEEEvv | void f<&(void g<int>())>()",
                "_Z1fIXtl1ALi1ELi2EEEEvv | void f<A{1, 2}>()",
                "_Z1fIXtl1Adi1aLi1EEEEvv | void f<A{.a=(1)}>()",
                "_Z1fI1AEvNT_3fooIiEE | void f<A>(A::foo<int>)",
            })
    void templates(String symbol, String name) {
        assertEquals(name, Demangler.demangle(symbol));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "_Z1fIiEvDTplfp_Li1EE | void f<int>(decltype ({parm#1}+(1)))",
                "_Z1fIiEDTcl1gfp_EET_ | decltype (g({parm#1})) f<int>(int)",
                "_Z1fIiEvDTcvT__EE | void f<int>(decltype ((int)()))",
                "_Z1fIiEvDTnw_T_pifp_EE | void f<int>(decltype (new int({parm#1})))",
                "_Z1fIiEvDTgsdafp_E | void f<int>(decltype (::delete[] {parm#1}))",
                "_Z1fIiEvDTdtfp_1xE | void f<int>(decltype ({parm#1}.x))",
                "_Z1fIiEvDTcldtfp_1xLi1EEE | void f<int>(decltype (({parm#1}.x)(1)))",
                "_Z1fIiEvDTixfp_Li1EE | void f<int>(decltype ({parm#1}[1]))",
                "_Z1fIiEvDTqufp_Li1ELi2EE | void f<int>(decltype ({parm#1}?(1) : (2)))",
                "_Z1fIiEvDTscT_fp_E | void f<int>(decltype (static_cast<int>({parm#1})))",
                "_Z1fIiEvDTpp_fp_E | void f<int>(decltype (++{parm#1}))",
                "_Z1fIiEvDTppfp_E | void f<int>(decltype ({parm#1}++))",
                "_Z1fIiEvDTgtfp_Li1EE | void f<int>(decltype (({parm#1}>(1))))",
                "_Z1fIiEvDTstT_E | void f<int>(decltype (sizeof (int)))",
                "_Z1fIiEvDTszfp_E | void f<int>(decltype (sizeof {parm#1}))",
                "_Z1fIiEvDTnxfp_E | void f<int>(decltype (noexcept({parm#1})))",
                "_Z1fIiEvDTtrE | void f<int>(decltype (throw))",
                "_Z1fIiEvDTilfp_fp_EE | void f<int>(decltype ({{parm#1}, {parm#1}}))",
                "_Z1fIiEvDTsrT_1xE | void f<int>(decltype (int::x))",
                "_Z1fIiEvDTsr1A1xE | void f<int>(decltype (A::x))",
                "_Z1fIiEvDTfpTE | void f<int>(decltype (this))",
                "_Z1fIJidEEvNSt9enable_ifIXfraaT_EvE4typeE | void f<int, double>(std::enable_if<((int, double)&&...), void>::type)",
                "_Z1fIJidEEvNSt9enable_ifIXflaaT_EvE4typeE | void f<int, double>(std::enable_if<(...&&(int, double)), void>::type)",
                "_Z1fIJidEEvNSt9enable_ifIXfRaaT_Lb1EEvE4typeE | void f<int, double>(std::enable_if<((int, double)&&...&&(true)), void>::type)",
                "_Z1fIJidEEvNSt9enable_ifIXsZT_EvE4typeE | void f<int, double>(std::enable_if<2, void>::type)",
                "_Z1fIXsrSt7is_sameIiiE5valueEEvv | void f<std::is_same<int, int>::value>()",
                "_Z1fIiENSt9enable_ifIXsr3std9is_signedIT_EE5valueEvE4typeES1_ | std::enable_if<std::is_signed<int>::value, void>::type f<int>(int)",
            })
    void expressions(String symbol, String name) {
        assertEquals(name, Demangler.demangle(symbol));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "_ZTV1A | vtable for A",
                "_ZTT1A | VTT for A",
                "_ZTI1A | typeinfo for A",
                "_ZTS1A | typeinfo name for A",
                "_ZTIPFivE | typeinfo for int (*)()",
                "_ZTCN1AE0_1B | construction vtable for B-in-A",
                "_ZThn8_N1A1fEv | non-virtual thunk to A::f()",
                "_ZTv0_n24_N1A1fEv | virtual thunk to A::f()",
                "_ZTch0_h16_N1A1fEv | covariant return thunk to A::f()",
                "_ZTcv0_n12_v0_n24_N1A1fEv | covariant return thunk to A::f()",
                "_ZGVZ1fvE1x | guard variable for f()::x",
                "_ZGR1a_ | reference temporary #0 for a",
                "_ZGR1a0_ | reference temporary #1 for a",
                "_ZTH1x | TLS init function for x",
                "_ZTW1x | TLS wrapper function for x",
                "_ZTAXtl1ALi1EEE | template parameter object for A{1}",
                "_ZGTtNK1A1fEv | transaction clone for A::f() const",
                "_GLOBAL__I__Z3foov | global constructors keyed to foo()",
                "_GLOBAL__D_foo | global destructors keyed to foo",
                "___Z3foov_block_invoke | invocation function for block in foo()",
                "___Z3foov_block_invoke_2 | invocation function for block in foo()",
                "___Z3foov_block_invoke.4 | invocation function for block in foo()",
            })
    void specialNames(String symbol, String name) {
        assertEquals(name, Demangler.demangle(symbol));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "_ZZ1fvENKUlvE_clEv | f()::{lambda()#1}::operator()() const",
                "_ZZ1fIiEvvE1x_0 | f<int>()::x",
                "_ZZ1fvE1x__12_ | f()::x",
                "_ZZ1fvEs | f()::string literal",
                "_ZZ1fvEd0_NKUlvE_clEv | f()::{default arg#2}::{lambda()#1}::operator()() const",
                "_ZZZ1fvENKUlvE_clEvENKUlvE0_clEv | f()::{lambda()#1}::operator()() const::{lambda()#2}::operator()() const",
                "_ZZ1fvENKUlT_E_clIiEEDaS_ | auto f()::{lambda(auto:1)#1}::operator()<int>(int) const",
                "_ZZ1fvENKUlTyT_E_clIiEEDaS_ | auto f()::{lambda<typename $T0>($T0)#1}::operator()<int>(int) const",
                "_ZZ1fvENKUlTyTnjTtTyETpTyT_T2_E_clIiEEDaS_ | auto f()::{lambda<typename $T0, unsigned int $N1, template<typename> class $TT2, typename... $T3>($T0, $T3)#1}::operator()<int>(int) const",
                "_ZZ1fvENUlvE_D1Ev | f()::{lambda()#1}::~{lambda()#1}()",
                "_ZN1AUt0_1fEv | A::{unnamed type#2}::f()",
                "_ZNK1A1xMUlvE_clEv | A::x::{lambda()#1}::operator()() const",
                "_ZZ1fvEDC1a1bE | f()::[a, b]",
                "_ZZ1fIiEvT_ENKUlvE_clEv | f<int>(int)::{lambda()#1}::operator()() const",
            })
    void localNames(String symbol, String name) {
        assertEquals(name, Demangler.demangle(symbol));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "_Z3foov.part.0 | foo() [clone .part.0]",
                "_Z3foov.isra.0.constprop.1.cold | foo() [clone .isra.0] [clone .constprop.1] [clone .cold]",
                "_Z3foov.llvm.123 | foo() [clone .llvm.123]",
                "_Z3foov.lto_priv.0 | foo() [clone .lto_priv.0]",
                "_Z3foov.__uniq.123.llvm.45 | foo() [clone .__uniq.123] [clone .llvm.45]",
                "_ZZ1fvE1x.0 | f()::x [clone .0]",
                "_Z3foov@plt | foo()@plt",
                "_Z3foov@@GLIBCXX_3.4 | foo()@@GLIBCXX_3.4",
            })
    void suffixesAndVersions(String symbol, String name) {
        assertEquals(name, Demangler.demangle(symbol));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "_ZW3foo1fv | f@foo()",
                "_ZW3fooW3bar1fv | f@foo.bar()",
                "_ZW3fooWP3bar1fv | f@foo:bar()",
                "_ZNW3foo1A1fES0_ | A@foo::f(A@foo)",
                "_ZGIW3foo | initializer for module foo",
                "_Z1fIiEvT_Q1CIS0_E | void f<int>(int) requires C<int>",
                "_Z1fIiQ1CIT_EEvS0_ | void f<int>(int)",
                "_Z1fITk1CiEvT_ | void f<int>(int)",
                "_Z1fITnDaLi1EEvv | void f<1>()",
                "_Z1fITtTyE1AEvv | void f<A>()",
                "_Z1fDk1C | f(C auto)",
                "_ZN1AF1fEv | A::f()",
                "_ZNH1A1fES_ | A::f(A)",
            })
    void modulesAndConstraints(String symbol, String name) {
        assertEquals(name, Demangler.demangle(symbol));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "_ZN3foo3bar17h05af221e174051e9E | foo::bar",
                "_ZN4core3fmt9Formatter9write_str17h1ab2c3d4e5f60718E.llvm.1234 | core::fmt::Formatter::write_str",
                "_ZN71_$LT$Test$u20$$u2b$$u20$$u27$static$u20$as$u20$foo..Bar$LT$Test$GT$$GT$3bar17h930b740aa94f1d3aE | <Test + 'static as foo::Bar<Test>>::bar",
                "_ZN3foo17h0000000000000000E | foo::h0000000000000000",
                "_ZN45_$LT$$RF$$BP$T$C$$LP$$RP$$u20$as$u20$a..B$GT$1c17h930b740aa94f1d3aE | <&*T,() as a::B>::c",
            })
    void rustLegacy(String symbol, String name) {
        assertEquals(name, Demangler.demangle(symbol));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "_RNvC6_123foo3bar | 123foo::bar",
                "_RNvNtCs1234_7mycrate3foo3bar | mycrate::foo::bar",
                "_RNCNvC3foo4main0B3_ | foo::main::{closure#0}",
                "_RNCNvC3foo4mains_0B3_ | foo::main::{closure#1}",
                "_RNSNvC3foo3bar6vtable | foo::bar::{shim:vtable#0}",
                "_RNvMC3fooNtB2_3Bar3baz | <foo::Bar>::baz",
                "_RNvMs_C3fooNtB4_3Bar3baz | <foo::Bar>::baz",
                "_RNvXC3fooNtB2_3BarNtB2_3Baz3qux | <foo::Bar as foo::Baz>::qux",
                "_RNvYNtC3foo3BarNtB4_3Baz3qux | <foo::Bar as foo::Baz>::qux",
                "_RINvC3foo3barlE | foo::bar::<i32>",
                "_RINvC3foo3barKj3_Kan3_Kc78_Kb1_KpE | foo::bar::<3, -3, 'x', true, _>",
                "_RINvC3foo3barKo10000000000000000_E | foo::bar::<0x10000000000000000>",
                "_RINvC3foo3barRaQbPcOdShAtj5_ThmETuEE | foo::bar::<&i8, &mut bool, *const char, *mut f64, [u8], [u16; 5], (u8, u32), ((),)>",
                "_RINvC3foo3barFUKClEuE | foo::bar::<unsafe extern \"C\" fn(i32)>",
                "_RINvC3foo3barFG_RL0_eEhE | foo::bar::<for<'a> fn(&'a str) -> u8>",
                "_RINvC3foo3barDNtC3std4SendEL_E | foo::bar::<dyn std::Send>",
                "_RINvC3foo3barDG_INtC3std2FnTRL0_eEEp6OutputuEL_E | foo::bar::<dyn for<'a> std::Fn<(&'a str,), Output = ()>>",
                "_RINvC3foo3barKRe616222_E | foo::bar::<\"ab\\\"\">",
                "_RINvC3foo3barKRAh1_h2_EE | foo::bar::<{&[1, 2]}>",
                "_RINvC3foo3barKVNtB2_3AbcUE | foo::bar::<{foo::Abc}>",
                "_RINvC3foo3barKTj1_j2_EE | foo::bar::<{(1, 2)}>",
                "_RNvC3foou8gdel_5qa | foo::gödel",
                "_RNvC3foou10mnchen_3ya | foo::münchen",
                "_RNvC3foo3bar.llvm.123 | foo::bar",
                "_RINvC3foo3barTNtB2_1ABc_EE | foo::bar::<(foo::A, foo::A)>",
            })
    void rustV0(String symbol, String name) {
        assertEquals(name, Demangler.demangle(symbol));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "_",
                "_Z",
                "_R",
                "_ZN",
                "_ZNK",
                "_Z1",
                "_Z1fI",
                "_Z20fooi",
                "_ZSt",
                "_ZSt1",
                "_Z1fI_E",
                "_Z1fT_",
                "_Z1fS5_v",
                "_Z1fv1",
                "main",
                "Z1fv",
                "__Z1fv",
                "_GLOBAL__sub_I_foo.cc",
                "_GLOBAL__sub_I__Z1fv",
                "___Z1fv",
                "_GLOBAL__I",
                "_RNv",
                "_RNvB_1a",
                "_RNvC3foo",
                "_RINvC3foo3barKb2_E",
                "_RINvC3foo3barKc110000_E",
                "_Z1fILi1Evv",
                "_Z1fDp",
                "_ZNE",
                "_ZN1AE1",
                "_ZThn8_",
                "_ZTv0_N1A1fEv",
                "_Z1fv.",
                "_Z1fv.Cold",
                "_Z1fDF16",
                "_RYC1aBp_1bC1c",
                "_Z1fk",
                "_Z99999999999999999999f",
                "_RC99999999999999999999f",
                "_ZN5$u1b$17h930b740aa94f1d3aE"
            })
    void whatIsNoMangledNameStays(String symbol) {
        assertSame(symbol, Demangler.demangle(symbol));
    }

    /** Lengths are those of the UTF-8. */
    @Test
    void charactersBeyondAscii() {
        assertEquals("g\u00f6del::\u6f22(int)", Demangler.demangle("_ZN6g\u00f6del3\u6f22Ei"));
        String cut = "_Z1\u00f6v";
        assertSame(cut, Demangler.demangle(cut));
        String half = "_Z1f\ud800v";
        assertSame(half, Demangler.demangle(half));
    }

    /** Each substitution doubles the text: 2^60 characters. */
    @Test
    void exponentialTextIsCutOff() {
        StringBuilder symbol = new StringBuilder("_Z1f1AIiiE");
        for (int i = 1; i < 60; i++) {
            String last = i == 1 ? "S0_" : "S" + Integer.toString(i - 1, 36).toUpperCase(java.util.Locale.ROOT) + "_";
            symbol.append("S_I").append(last).append(last).append('E');
        }
        assertUnchanged(symbol.toString());
        StringBuilder rust = new StringBuilder("_RINvC1a1bTuuE");
        int last = "INvC1a1b".length();
        for (int i = 0; i < 60; i++) {
            String reference = "B" + base62(last);
            last = rust.length() - "_R".length();
            rust.append('T').append(reference).append(reference).append('E');
            if (i == 1) {
                String four = "((((), ()), ((), ())), (((), ()), ((), ())))";
                assertEquals("a::b::<((), ()), (((), ()), ((), ())), " + four + ">", Demangler.demangle(rust + "E"));
            }
        }
        assertUnchanged(rust + "E");
    }

    private static String base62(int number) {
        String digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        StringBuilder text = new StringBuilder("_");
        for (int rest = number - 1; rest > 0 || text.length() == 1; rest /= 62) {
            text.insert(0, digits.charAt(rest % 62));
        }
        return text.toString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "P", "DpP", "KVP", "A1_", "M1A", "FP", "1AI", "N1AI", "Z1fI", "DTnt", "1AIXng", "1AIJ", "U1a", "UlP",
                "_ZZ", "Fv"
            })
    void nestingIsCutOff(String prefix) throws Exception {
        onSmallStack("_Z1f" + prefix.repeat(Demangler.MAX_SYMBOL / prefix.length() - 8) + "i");
    }

    @ParameterizedTest
    @ValueSource(strings = {"R", "T", "FK", "DN", "INv", "M", "Xs_", "Y", "Nv", "NC", "KR", "P", "FG_", "KV"})
    void nestingOfRustIsCutOff(String prefix) throws Exception {
        onSmallStack("_RINvC1a1b" + prefix.repeat(Demangler.MAX_SYMBOL / prefix.length() - 8) + "u");
        onSmallStack("_R" + prefix.repeat(Demangler.MAX_SYMBOL / prefix.length() - 8) + "C1a");
    }

    /** Substitutions make what is printed deeper than what is parsed. */
    @Test
    void nestingByReferenceIsCutOff() throws Exception {
        StringBuilder symbol = new StringBuilder("_Z1fPi");
        for (int i = 0; i < 5000; i++) {
            symbol.append("PS")
                    .append(i == 0 ? "" : Integer.toString(i - 1, 36).toUpperCase(java.util.Locale.ROOT))
                    .append('_');
        }
        onSmallStack(symbol.toString());
        onSmallStack("_ZN" + "1a".repeat(20_000) + "Ev");
    }

    @Test
    void longSymbolsStay() {
        assertUnchanged("_Z1f" + "i".repeat(Demangler.MAX_SYMBOL));
        String longest = "i".repeat(10_000);
        assertEquals(
                10_000 * "int, ".length() + "f()".length() - 2,
                Demangler.demangle("_Z1f" + longest).length());
        assertUnchanged("_Z1f" + "i".repeat(14_000));
    }

    private static void assertUnchanged(String symbol) {
        assertSame(symbol, Demangler.demangle(symbol));
    }

    /** On a stack as small as that of the threads of some programs. */
    private static void onSmallStack(String symbol) throws Exception {
        FutureTask<String> task = new FutureTask<>(() -> Demangler.demangle(symbol));
        Thread thread = new Thread(null, task, "demangler", 512 * 1024);
        thread.start();
        assertSame(symbol, task.get());
        thread.join();
    }
}
