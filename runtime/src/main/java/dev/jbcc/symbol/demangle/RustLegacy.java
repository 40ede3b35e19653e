// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.demangle;

/**
 * Rust's first mangling: a C++ nested name whose last component is a hash, with characters that C++ has no names for escaped
 * as {@code $LT$} or {@code $u20$}. rustc has no page about it; the escapes are those of rustc_symbol_mangling/src/legacy.rs.
 */
final class RustLegacy {
    private static final int HASH_DIGITS = 16;
    private static final int MIN_DIFFERENT_DIGITS = 5;

    private RustLegacy() {}

    /** Whether a name is Rust's and not C++'s: {@code _ZN…17h<16 digits>E}, of digits as various as those of a hash. */
    static boolean matches(String symbol) {
        int end = endOfName(symbol);
        String prefix = "17h";
        int hash = end - 1 - HASH_DIGITS;
        if (!symbol.startsWith("_ZN") || hash - prefix.length() < 3 || symbol.charAt(end - 1) != 'E') {
            return false;
        }
        if (!symbol.startsWith(prefix, hash - prefix.length())) {
            return false;
        }
        int seen = 0;
        for (int i = hash; i < end - 1; i++) {
            char c = symbol.charAt(i);
            if (!Cursor.isDigit(c) && (c < 'a' || c > 'f')) {
                return false;
            }
            seen |= 1 << Character.digit(c, 16);
        }
        return Integer.bitCount(seen) >= MIN_DIFFERENT_DIGITS;
    }

    /** The end of what is before a suffix such as {@code .llvm.123}; a component can have dots, but no "E." at its end. */
    private static int endOfName(String symbol) {
        int suffix = symbol.indexOf("E.", Math.max(0, symbol.lastIndexOf("17h")));
        return suffix < 0 ? symbol.length() : suffix + 1;
    }

    static String demangle(String symbol) {
        int end = endOfName(symbol);
        Cursor in = new Cursor(symbol, "_ZN".length(), end - 1);
        Output out = new Output(end);
        while (true) {
            int length = in.number();
            int start = in.at();
            in.skip(length);
            if (in.atEnd()) {
                return out.toString();
            }
            if (length == 0) {
                throw new Malformed();
            }
            if (out.length() > 0) {
                out.append("::");
            }
            component(new Cursor(symbol, start, in.at()), out);
        }
    }

    private static void component(Cursor in, Output out) {
        // What an escape begins with could not follow the length.
        if (in.peek() == '_' && in.peek(1) == '$') {
            in.skip(1);
        }
        while (!in.atEnd()) {
            char c = in.next();
            if (c == '.') {
                out.append(in.accept('.') ? "::" : ".");
            } else if (c == '$') {
                escape(in, out);
            } else if (Cursor.isLower(c) || Cursor.isUpper(c) || Cursor.isDigit(c) || c == '_' || c == ':') {
                out.append(c);
            } else {
                throw new Malformed();
            }
        }
    }

    private static void escape(Cursor in, Output out) {
        if (in.accept("SP$")) {
            out.append('@');
        } else if (in.accept("BP$")) {
            out.append('*');
        } else if (in.accept("RF$")) {
            out.append('&');
        } else if (in.accept("LT$")) {
            out.append('<');
        } else if (in.accept("GT$")) {
            out.append('>');
        } else if (in.accept("LP$")) {
            out.append('(');
        } else if (in.accept("RP$")) {
            out.append(')');
        } else if (in.accept("C$")) {
            out.append(',');
        } else {
            in.expect('u');
            int codePoint = 0;
            do {
                int digit = Character.digit(in.next(), 16);
                codePoint = codePoint << 4 | digit;
                if (digit < 0 || codePoint > Character.MAX_CODE_POINT) {
                    throw new Malformed();
                }
            } while (!in.accept('$'));
            out.appendDecoded(codePoint);
        }
    }
}
