// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.demangle;

/**
 * Rust's v0 mangling (RFC 2603, https://doc.rust-lang.org/rustc/symbol-mangling/v0.html), printed while it is parsed, as
 * rustc-demangle does with {@code {:#}}: without the hashes of crates and without the types of constants.
 */
final class RustV0 {
    private static final int PREFIX = 2;
    private static final long MAX_BEFORE_DIGIT = Long.divideUnsigned(-1L - 62, 62);

    private final String symbol;
    private final int end;
    private final Output out;
    private Cursor in;
    private long boundLifetimes;
    /** While positive, what is parsed is not shown, and its back references are not followed. */
    private int silent;

    private RustV0(String symbol, int end) {
        this.symbol = symbol;
        this.end = end;
        out = new Output(2 * end);
        in = new Cursor(symbol, PREFIX, end);
    }

    static String demangle(String symbol) {
        int dot = symbol.indexOf('.');
        RustV0 rust = new RustV0(symbol, dot < 0 ? symbol.length() : dot);
        rust.path(true);
        if (Cursor.isUpper(rust.in.peek())) {
            // The crate that instantiates it.
            rust.silent++;
            rust.path(false);
        }
        if (!rust.in.atEnd()) {
            throw new Malformed();
        }
        return rust.out.toString();
    }

    private void print(String text) {
        if (silent == 0) {
            out.append(text);
        }
    }

    private void path(boolean inValue) {
        out.enter();
        char tag = in.next();
        switch (tag) {
            case 'C' -> {
                disambiguator();
                identifier();
            }
            case 'N' -> nested(inValue);
            case 'M', 'X', 'Y' -> {
                if (tag != 'Y') {
                    disambiguator();
                    silent++;
                    path(false);
                    silent--;
                }
                print("<");
                type();
                if (tag != 'M') {
                    print(" as ");
                    path(false);
                }
                print(">");
            }
            case 'I' -> {
                path(inValue);
                print(inValue ? "::<" : "<");
                genericArguments();
                print(">");
            }
            case 'B' -> {
                Cursor outer = follow();
                if (silent == 0) {
                    path(inValue);
                }
                in = outer;
            }
            default -> throw new Malformed();
        }
        out.leave();
    }

    private void nested(boolean inValue) {
        char namespace = in.next();
        if (!Cursor.isLower(namespace) && !Cursor.isUpper(namespace)) {
            throw new Malformed();
        }
        path(inValue);
        long disambiguator = disambiguator();
        if (Cursor.isLower(namespace)) {
            int before = out.length();
            print("::");
            int start = out.length();
            identifier();
            if (out.length() == start) {
                out.truncate(before);
            }
            return;
        }
        print("::{");
        print(
                switch (namespace) {
                    case 'C' -> "closure";
                    case 'S' -> "shim";
                    default -> String.valueOf(namespace);
                });
        int before = out.length();
        print(":");
        int start = out.length();
        identifier();
        if (out.length() == start) {
            out.truncate(before);
        }
        print("#");
        print(Long.toUnsignedString(disambiguator));
        print("}");
    }

    private void genericArguments() {
        for (int i = 0; !in.accept('E'); i++) {
            if (i > 0) {
                print(", ");
            }
            if (in.accept('L')) {
                lifetime(integer62());
            } else if (in.accept('K')) {
                constant(false);
            } else {
                type();
            }
        }
    }

    private void type() {
        char tag = in.peek();
        String basic = basicType(tag);
        if (basic != null) {
            in.skip(1);
            print(basic);
            return;
        }
        out.enter();
        switch (tag) {
            case 'R', 'Q' -> {
                in.skip(1);
                print("&");
                if (in.accept('L')) {
                    long lifetime = integer62();
                    if (lifetime != 0) {
                        lifetime(lifetime);
                        print(" ");
                    }
                }
                if (tag == 'Q') {
                    print("mut ");
                }
                type();
            }
            case 'P', 'O' -> {
                in.skip(1);
                print(tag == 'P' ? "*const " : "*mut ");
                type();
            }
            case 'A' -> {
                in.skip(1);
                print("[");
                type();
                print("; ");
                constant(true);
                print("]");
            }
            case 'S' -> {
                in.skip(1);
                print("[");
                type();
                print("]");
            }
            case 'T' -> {
                in.skip(1);
                print("(");
                int count = types();
                print(count == 1 ? ",)" : ")");
            }
            case 'F' -> {
                in.skip(1);
                function();
            }
            case 'D' -> {
                in.skip(1);
                dynamic();
            }
            case 'B' -> {
                in.skip(1);
                Cursor outer = follow();
                if (silent == 0) {
                    type();
                }
                in = outer;
            }
            default -> path(false);
        }
        out.leave();
    }

    private static String basicType(char tag) {
        return switch (tag) {
            case 'a' -> "i8";
            case 'b' -> "bool";
            case 'c' -> "char";
            case 'd' -> "f64";
            case 'e' -> "str";
            case 'f' -> "f32";
            case 'h' -> "u8";
            case 'i' -> "isize";
            case 'j' -> "usize";
            case 'l' -> "i32";
            case 'm' -> "u32";
            case 'n' -> "i128";
            case 'o' -> "u128";
            case 'p' -> "_";
            case 's' -> "i16";
            case 't' -> "u16";
            case 'u' -> "()";
            case 'v' -> "...";
            case 'x' -> "i64";
            case 'y' -> "u64";
            case 'z' -> "!";
            default -> null;
        };
    }

    private int types() {
        int count = 0;
        while (!in.accept('E')) {
            if (count++ > 0) {
                print(", ");
            }
            type();
        }
        return count;
    }

    private void function() {
        long outer = boundLifetimes;
        binder();
        if (in.accept('U')) {
            print("unsafe ");
        }
        if (in.accept('K')) {
            print("extern \"");
            if (in.accept('C')) {
                print("C");
            } else {
                abi();
            }
            print("\" ");
        }
        print("fn(");
        types();
        print(")");
        if (!in.accept('u')) {
            print(" -> ");
            type();
        }
        boundLifetimes = outer;
    }

    /** The name of a calling convention, in which "_" stands for "-". */
    private void abi() {
        int length = in.number();
        in.accept('_');
        int start = in.at();
        in.skip(length);
        print(symbol.substring(start, in.at()).replace('_', '-'));
    }

    private void dynamic() {
        print("dyn ");
        long outer = boundLifetimes;
        binder();
        for (int i = 0; !in.accept('E'); i++) {
            if (i > 0) {
                print(" + ");
            }
            dynamicTrait();
        }
        boundLifetimes = outer;
        in.expect('L');
        long lifetime = integer62();
        if (lifetime != 0) {
            print(" + ");
            lifetime(lifetime);
        }
    }

    private void dynamicTrait() {
        boolean open = openPath();
        while (in.accept('p')) {
            print(open ? ", " : "<");
            open = true;
            identifier();
            print(" = ");
            type();
        }
        if (open) {
            print(">");
        }
    }

    /** A path whose generic arguments, if it has any, are left open for associated types; whether it has. */
    private boolean openPath() {
        out.enter();
        boolean open = false;
        if (in.accept('B')) {
            Cursor outer = follow();
            if (silent == 0) {
                open = openPath();
            }
            in = outer;
        } else if (in.accept('I')) {
            path(false);
            print("<");
            genericArguments();
            open = true;
        } else {
            path(false);
        }
        out.leave();
        return open;
    }

    /** The lifetimes that what follows is generic in. */
    private void binder() {
        if (!in.accept('G')) {
            return;
        }
        long count = integer62() + 1;
        if (count <= 0 || count > symbol.length()) {
            throw new Malformed();
        }
        if (silent > 0) {
            boundLifetimes += count;
            return;
        }
        print("for<");
        for (long i = 0; i < count; i++) {
            if (i > 0) {
                print(", ");
            }
            boundLifetimes++;
            lifetime(1);
        }
        print("> ");
    }

    /** A lifetime by how many binders ago it was bound, from 1; 0 is an erased one. */
    private void lifetime(long index) {
        if (index == 0) {
            print("'_");
            return;
        }
        long depth = boundLifetimes - index;
        if (index < 0 || depth < 0) {
            throw new Malformed();
        }
        if (depth < 26) {
            print("'");
            print(String.valueOf((char) ('a' + depth)));
        } else {
            print("'_");
            print(Long.toString(depth));
        }
    }

    private void constant(boolean inValue) {
        out.enter();
        char tag = in.next();
        switch (tag) {
            case 'p' -> print("_");
            case 'h', 't', 'm', 'y', 'o', 'j' -> integer();
            case 'a', 's', 'l', 'x', 'n', 'i' -> {
                if (in.accept('n')) {
                    print("-");
                }
                integer();
            }
            case 'b' -> {
                long value = hexadecimal();
                if (value != 0 && value != 1) {
                    throw new Malformed();
                }
                print(value == 0 ? "false" : "true");
            }
            case 'c' -> {
                long value = hexadecimal();
                if (value < 0 || value > Character.MAX_CODE_POINT) {
                    throw new Malformed();
                }
                print("'");
                character((int) value, '\'');
                print("'");
            }
            case 'B' -> {
                Cursor outer = follow();
                if (silent == 0) {
                    constant(inValue);
                }
                in = outer;
            }
            case 'R' -> {
                if (in.accept('e')) {
                    string();
                } else {
                    compound(tag, inValue);
                }
            }
            case 'e', 'Q', 'A', 'T', 'V' -> compound(tag, inValue);
            default -> throw new Malformed();
        }
        out.leave();
    }

    /** A constant that is an expression, which goes in braces where a type is expected. */
    private void compound(char tag, boolean inValue) {
        if (!inValue) {
            print("{");
        }
        switch (tag) {
            case 'e' -> {
                print("*");
                string();
            }
            case 'R', 'Q' -> {
                print(tag == 'R' ? "&" : "&mut ");
                constant(true);
            }
            case 'A' -> {
                print("[");
                constants();
                print("]");
            }
            case 'T' -> {
                print("(");
                print(constants() == 1 ? ",)" : ")");
            }
            default -> {
                path(true);
                switch (in.next()) {
                    case 'U' -> {}
                    case 'T' -> {
                        print("(");
                        constants();
                        print(")");
                    }
                    case 'S' -> fields();
                    default -> throw new Malformed();
                }
            }
        }
        if (!inValue) {
            print("}");
        }
    }

    private int constants() {
        int count = 0;
        while (!in.accept('E')) {
            if (count++ > 0) {
                print(", ");
            }
            constant(true);
        }
        return count;
    }

    private void fields() {
        print(" { ");
        for (int i = 0; !in.accept('E'); i++) {
            if (i > 0) {
                print(", ");
            }
            disambiguator();
            identifier();
            print(": ");
            constant(true);
        }
        print(" }");
    }

    /** A number in decimal digits if it has at most 64 bits. */
    private void integer() {
        int start = in.at();
        long value = hexadecimal();
        int first = start;
        int last = in.at() - 1;
        while (first < last && symbol.charAt(first) == '0') {
            first++;
        }
        if (last - first <= 16) {
            print(Long.toUnsignedString(value));
        } else {
            print("0x");
            print(symbol.substring(start, last));
        }
    }

    /** Hexadecimal digits and the "_" after them; the low 64 bits. */
    private long hexadecimal() {
        long value = 0;
        while (!in.accept('_')) {
            value = value << 4 | hexadecimalDigit();
        }
        return value;
    }

    private int hexadecimalDigit() {
        char c = in.next();
        if (!Cursor.isDigit(c) && (c < 'a' || c > 'f')) {
            throw new Malformed();
        }
        return Character.digit(c, 16);
    }

    /** A string literal, given as hexadecimal digits of UTF-8. */
    private void string() {
        print("\"");
        while (!in.accept('_')) {
            int first = octet();
            int more =
                    first < 0x80 ? 0 : first < 0xc2 ? -1 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : -1;
            if (more < 0) {
                throw new Malformed();
            }
            int codePoint = more == 0 ? first : first & 0x3f >> more;
            for (int i = 0; i < more; i++) {
                int next = octet();
                if ((next & 0xc0) != 0x80) {
                    throw new Malformed();
                }
                codePoint = codePoint << 6 | next & 0x3f;
            }
            if (more == 2 && codePoint < 0x800 || more == 3 && codePoint < 0x10000) {
                throw new Malformed();
            }
            character(codePoint, '"');
        }
        print("\"");
    }

    private int octet() {
        int high = hexadecimalDigit();
        return high << 4 | hexadecimalDigit();
    }

    /** As Rust's escape_debug has it, approximately: what is not printable becomes an escape. */
    private void character(int codePoint, char quote) {
        if (!Character.isValidCodePoint(codePoint) || Character.getType(codePoint) == Character.SURROGATE) {
            throw new Malformed();
        }
        switch (codePoint) {
            case '\0' -> print("\\0");
            case '\t' -> print("\\t");
            case '\n' -> print("\\n");
            case '\r' -> print("\\r");
            case '\\' -> print("\\\\");
            default -> {
                if (codePoint == quote) {
                    print("\\");
                    print(String.valueOf(quote));
                } else if (isPrintable(codePoint)) {
                    if (silent == 0) {
                        out.appendDecoded(codePoint);
                    }
                } else {
                    print("\\u{");
                    print(Integer.toHexString(codePoint));
                    print("}");
                }
            }
        }
    }

    private static boolean isPrintable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.UNASSIGNED,
                    Character.PRIVATE_USE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.NON_SPACING_MARK,
                    Character.ENCLOSING_MARK -> false;
            case Character.SPACE_SEPARATOR -> codePoint == ' ';
            default -> true;
        };
    }

    private void identifier() {
        boolean isPunycode = in.accept('u');
        // "0" is a number of its own: nothing follows it.
        int length = in.accept('0') ? 0 : in.number();
        in.accept('_');
        int start = in.at();
        in.skip(length);
        if (silent > 0) {
            return;
        }
        if (isPunycode) {
            Punycode.decode(symbol, start, in.at(), out);
        } else {
            out.append(symbol, start, in.at());
        }
    }

    private long disambiguator() {
        return in.accept('s') ? integer62() + 1 : 0;
    }

    /** "_" is 0, "0_" is 1, "Z_" is 62; unsigned, because the hash of a crate is. */
    private long integer62() {
        if (in.accept('_')) {
            return 0;
        }
        long value = 0;
        while (!in.accept('_')) {
            char c = in.next();
            int digit;
            if (Cursor.isDigit(c)) {
                digit = c - '0';
            } else if (Cursor.isLower(c)) {
                digit = c - 'a' + 10;
            } else if (Cursor.isUpper(c)) {
                digit = c - 'A' + 36;
            } else {
                throw new Malformed();
            }
            if (Long.compareUnsigned(value, MAX_BEFORE_DIGIT) > 0) {
                throw new Malformed();
            }
            value = value * 62 + digit;
        }
        return value + 1;
    }

    /** After the B of a back reference: goes to where it points, and returns the cursor to go on with. */
    private Cursor follow() {
        int reference = in.at() - 1;
        long target = integer62() + PREFIX;
        if (target < PREFIX || target >= reference) {
            throw new Malformed();
        }
        Cursor outer = in;
        in = new Cursor(symbol, (int) target, end);
        return outer;
    }
}
