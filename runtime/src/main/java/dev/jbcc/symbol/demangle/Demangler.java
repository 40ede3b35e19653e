// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.demangle;

import java.nio.charset.StandardCharsets;

/**
 * Names of C++ and Rust functions as their authors wrote them, from symbols as linkers have them.
 *
 * <p>C++ (Itanium ABI, {@code _Z…}) is shown in full, with template arguments, parameter types and, for templates, the
 * result: what {@code c++filt -i} of binutils, perf, bpftrace and BCC print, so {@code std::string} is not spelled out.
 * {@code .cold}, {@code .part.0} and such become {@code  [clone .cold]}. Where binutils has a defect (an empty pack that
 * leaves a comma, a closure's constructor named after the function around it), this has not. Also read are names of blocks
 * ({@code ___Z…_block_invoke}), which c++filt leaves, and {@code _GLOBAL__I_…}; {@code _GLOBAL__sub_I_…} stays, as it does
 * there.
 *
 * <p>Rust, legacy ({@code _ZN…17h…E}) or v0 ({@code _R…}), is shown without hashes, disambiguators of crates, types of
 * constants, and suffixes: what {@code rustfilt} and c++filt print.
 *
 * <p>A version ({@code @@GLIBCXX_3.4}) or {@code @plt} at the end stays there. The result is what somebody else's file says:
 * it can have spaces, semicolons, as in Rust's {@code [u8; 4]}, and every character that the symbol has, though no control
 * character that is not in the symbol itself.
 */
public final class Demangler {
    /** Longer symbols are not looked at. */
    static final int MAX_SYMBOL = 64 * 1024;

    private static final String BLOCK = "_block_invoke";
    private static final String GLOBAL = "_GLOBAL_";

    private Demangler() {}

    /**
     * The name that a symbol stands for; the symbol itself if it is not mangled, cannot be parsed, is longer than 64 Ki
     * characters, nests too deeply, or would become longer than 64 Ki characters. Throws nothing and keeps nothing, so any
     * thread may call it; takes a time that is bounded by the length of symbol and result.
     */
    public static String demangle(String symbol) {
        if (symbol.length() < 3 || symbol.length() > MAX_SYMBOL || symbol.charAt(0) != '_') {
            return symbol;
        }
        try {
            int version = symbol.indexOf('@');
            if (version >= 0) {
                return demangled(symbol.substring(0, version)) + symbol.substring(version);
            }
            return demangled(symbol);
        } catch (Malformed e) {
            return symbol;
        }
    }

    private static String demangled(String symbol) {
        if (symbol.startsWith("_R")) {
            return RustV0.demangle(symbol);
        }
        if (symbol.startsWith("_Z")) {
            return RustLegacy.matches(symbol) ? RustLegacy.demangle(symbol) : cpp(symbol);
        }
        if (symbol.startsWith("___Z")) {
            return block(symbol);
        }
        if (symbol.startsWith(GLOBAL)) {
            return global(symbol);
        }
        return symbol;
    }

    /** Clang counts lengths in bytes, so what is not ASCII is parsed as the bytes of its UTF-8. */
    private static String cpp(String symbol) {
        if (isAscii(symbol)) {
            return cpp(symbol, "_Z".length(), symbol.length(), -1);
        }
        byte[] utf8 = symbol.getBytes(StandardCharsets.UTF_8);
        String bytes = new String(utf8, StandardCharsets.ISO_8859_1);
        String name = cpp(bytes, "_Z".length(), bytes.length(), -1);
        String decoded = new String(name.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        // A length that ends within a character, or half a surrogate pair, would come out as something else.
        if (decoded.indexOf('\ufffd') >= 0 || !new String(utf8, StandardCharsets.UTF_8).equals(symbol)) {
            throw new Malformed();
        }
        return decoded;
    }

    private static boolean isAscii(String symbol) {
        for (int i = 0; i < symbol.length(); i++) {
            if (symbol.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    private static String cpp(String symbol, int start, int end, int special) {
        CppTree tree = new CppTree(end - start);
        int node = parse(symbol, start, end, tree);
        if (special >= 0) {
            node = tree.add(CppTree.Kind.SPECIAL, special, node);
        }
        Output out = new Output(2 * (end - start));
        new CppPrinter(tree, symbol, out).print(node);
        return out.toString();
    }

    private static int parse(String symbol, int start, int end, CppTree tree) {
        CppParser parser = new CppParser(new Cursor(symbol, start, end), tree, false);
        try {
            return parser.whole();
        } catch (Malformed e) {
            if (!parser.hasScopes) {
                throw e;
            }
            return new CppParser(new Cursor(symbol, start, end), tree, true).whole();
        }
    }

    /** The function of a block literal, which Clang numbers: {@code ___Z1fv_block_invoke_2}. */
    private static String block(String symbol) {
        int end = symbol.lastIndexOf(BLOCK);
        if (end < 0) {
            return symbol;
        }
        int number = end + BLOCK.length();
        if (number < symbol.length() && (symbol.charAt(number) == '_' || symbol.charAt(number) == '.')) {
            number++;
            if (number == symbol.length()) {
                return symbol;
            }
        }
        for (int i = number; i < symbol.length(); i++) {
            if (!Cursor.isDigit(symbol.charAt(i))) {
                return symbol;
            }
        }
        return cpp(symbol, "___Z".length(), end, CppParser.BLOCK_INVOCATION);
    }

    /** What old compilers call the constructors and destructors of a file after its first symbol. */
    private static String global(String symbol) {
        int name = GLOBAL.length() + 3;
        if (symbol.length() <= name
                || "_.$".indexOf(symbol.charAt(GLOBAL.length())) < 0
                || symbol.charAt(name - 1) != '_') {
            return symbol;
        }
        char kind = symbol.charAt(GLOBAL.length() + 1);
        if (kind != 'I' && kind != 'D') {
            return symbol;
        }
        String keyedTo = CppParser.SPECIAL[kind == 'I' ? CppParser.GLOBAL_CONSTRUCTORS : CppParser.GLOBAL_DESTRUCTORS];
        return keyedTo + (symbol.startsWith("_Z", name) ? demangled(symbol.substring(name)) : symbol.substring(name));
    }
}
