// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.demangle;

import dev.jbcc.symbol.demangle.CppTree.Kind;

/** Parses the types in C++ names. */
final class CppTypes {
    private final CppParser parser;
    private final Cursor in;
    private final CppTree tree;

    CppTypes(CppParser parser) {
        this.parser = parser;
        this.in = parser.in;
        this.tree = parser.tree;
    }

    int type() {
        in.enter();
        boolean outer = parser.inType;
        parser.inType = true;
        int node = anyType();
        parser.inType = outer;
        in.leave();
        return node;
    }

    private int anyType() {
        char c = in.peek();
        int node;
        switch (c) {
            case 'r', 'V', 'K' -> node = qualified();
            case 'P' -> node = of(Kind.POINTER);
            case 'R' -> node = of(Kind.REFERENCE);
            case 'O' -> node = of(Kind.RVALUE_REFERENCE);
            case 'C' -> node = of(Kind.COMPLEX);
            case 'G' -> node = of(Kind.IMAGINARY);
            case 'F' -> node = function(0, 0);
            case 'A' -> node = array();
            case 'M' -> {
                in.skip(1);
                int owner = type();
                node = tree.add(Kind.MEMBER_POINTER, owner, type());
            }
            case 'U' -> node = vendorQualified();
            case 'T' -> node = templateParameterOrElaborated();
            case 'S' -> {
                char next = in.peek(1);
                if (next == 't') {
                    node = parser.name();
                } else {
                    node = parser.substitution(false);
                    if (in.peek() == 'I' && !parser.inConversion) {
                        node = tree.add(Kind.TEMPLATE, node, parser.templateArguments());
                    } else if (in.peek() == 'W' || tree.is(node, Kind.MODULE) || tree.is(node, Kind.PARTITION)) {
                        throw new Malformed();
                    } else {
                        return node;
                    }
                }
            }
            case 'D' -> {
                switch (in.peek(1)) {
                    case 't', 'T' -> node = decltype();
                    case 'p' -> {
                        in.skip(2);
                        node = tree.add(Kind.PACK_EXPANSION, type());
                    }
                    case 'v' -> node = vector();
                    case 'o', 'O', 'w', 'x' -> node = function(0, 0);
                    case 'k', 'K' -> {
                        in.skip(1);
                        int isDecltype = in.next() == 'K' ? 1 : 0;
                        return tree.add(Kind.CONSTRAINED_AUTO, parser.name(), isDecltype);
                    }
                    case 'F' -> {
                        return floating();
                    }
                    case 'B', 'U' -> {
                        return bitInt();
                    }
                    default -> {
                        in.skip(1);
                        char which = in.next();
                        if ("acnuisdefh".indexOf(which) < 0) {
                            throw new Malformed();
                        }
                        return tree.add(Kind.BUILTIN, 'D' << 8 | which);
                    }
                }
            }
            case 'u' -> {
                in.skip(1);
                node = parser.sourceName();
                if (in.peek() == 'I') {
                    node = tree.add(Kind.TEMPLATE, node, parser.templateArguments());
                }
            }
            default -> {
                if (Cursor.isLower(c)) {
                    if (c == 'k' || c == 'p' || c == 'q') {
                        throw new Malformed();
                    }
                    in.skip(1);
                    return tree.add(Kind.BUILTIN, c);
                }
                if (c != 'N' && c != 'Z' && c != 'W' && !Cursor.isDigit(c)) {
                    throw new Malformed();
                }
                node = parser.name();
            }
        }
        parser.remember(node);
        return node;
    }

    private int of(Kind kind) {
        in.skip(1);
        return tree.add(kind, type());
    }

    private int qualified() {
        int start = in.at();
        while (in.peek() == 'r' || in.peek() == 'V' || in.peek() == 'K') {
            in.skip(1);
        }
        int end = in.at();
        if (atFunction()) {
            // They qualify what this points to, and the function without them is no substitution.
            return function(start, end);
        }
        int node = type();
        return qualify(Kind.QUALIFIED, node, start, end);
    }

    private boolean atFunction() {
        return in.peek() == 'F' || in.peek() == 'D' && "oOwx".indexOf(in.peek(1)) >= 0;
    }

    /** Adds qualifiers in the order of the text from the innermost one, "VKR" is const volatile &. */
    int qualify(Kind kind, int unqualified, int start, int end) {
        int node = unqualified;
        int reference = end > start && "RO".indexOf(in.text.charAt(end - 1)) >= 0 ? end - 1 : end;
        for (int i = reference - 1; i >= start; i--) {
            node = tree.add(kind, node, in.text.charAt(i));
        }
        if (reference < end) {
            node = tree.add(kind, node, in.text.charAt(reference));
        }
        return node;
    }

    /** A function type, after the qualifiers of its {@code this}. */
    private int function(int qualifiersStart, int qualifiersEnd) {
        int condition = 0;
        int thrown = 0;
        boolean isNoexcept = false;
        boolean isTransactionSafe = false;
        while (in.peek() == 'D') {
            in.skip(1);
            switch (in.next()) {
                case 'o' -> isNoexcept = true;
                case 'O' -> {
                    condition = parser.expressions.expression();
                    in.expect('E');
                }
                case 'w' -> {
                    do {
                        thrown = tree.append(thrown, type());
                    } while (!in.accept('E'));
                }
                case 'x' -> isTransactionSafe = true;
                default -> throw new Malformed();
            }
        }
        in.expect('F');
        in.accept('Y');
        int node = qualify(Kind.FUNCTION_QUALIFIED, bareFunction(true), qualifiersStart, qualifiersEnd);
        if (in.peek() == 'R' || in.peek() == 'O') {
            node = tree.add(Kind.FUNCTION_QUALIFIED, node, in.next());
        }
        in.expect('E');
        if (isTransactionSafe) {
            node = tree.add(Kind.FUNCTION_QUALIFIED, node, 'x');
        }
        if (isNoexcept) {
            node = tree.add(Kind.FUNCTION_QUALIFIED, node, 'o');
        }
        if (condition != 0) {
            node = tree.add(Kind.NOEXCEPT, node, condition);
        }
        if (thrown != 0) {
            node = tree.add(Kind.THROW, node, thrown);
        }
        return node;
    }

    int bareFunction(boolean hasResult) {
        // "J" says that there is a result though the function is no template, in the names of GCC's Java.
        int result = in.accept('J') || hasResult ? type() : 0;
        return tree.add(Kind.FUNCTION, result, parameters());
    }

    /** At least one type; a single void is no parameter. */
    int parameters() {
        if (in.peek() == 'v') {
            char after = in.peek(1);
            if (in.remaining() == 1 || after == 'E' || after == '.' || after == 'Q') {
                in.skip(1);
                return 0;
            }
            if ((after == 'R' || after == 'O') && in.peek(2) == 'E') {
                in.skip(1);
                return 0;
            }
        }
        int list = 0;
        do {
            // An explicit object parameter is not marked in what is shown.
            list = tree.append(list, type());
        } while (!atEndOfParameters());
        return list;
    }

    private boolean atEndOfParameters() {
        char c = in.peek();
        return in.atEnd() || c == 'E' || c == '.' || c == 'Q' || (c == 'R' || c == 'O') && in.peek(1) == 'E';
    }

    private int array() {
        in.expect('A');
        int dimension = 0;
        if (Cursor.isDigit(in.peek())) {
            int start = in.at();
            in.number();
            dimension = tree.add(Kind.NAME, start, in.at());
        } else if (in.peek() != '_') {
            dimension = parser.expressions.expression();
        }
        in.expect('_');
        return tree.add(Kind.ARRAY, type(), dimension);
    }

    private int vector() {
        in.skip(2);
        int dimension;
        if (Cursor.isDigit(in.peek())) {
            int start = in.at();
            in.number();
            dimension = tree.add(Kind.NAME, start, in.at());
        } else {
            in.accept('_');
            dimension = parser.expressions.expression();
        }
        in.expect('_');
        return tree.add(Kind.VECTOR, in.accept('p') ? tree.add(Kind.BUILTIN, 'p') : type(), dimension);
    }

    private int floating() {
        in.skip(2);
        int start = in.at();
        in.number();
        int width = tree.add(Kind.NAME, start, in.at());
        char suffix = in.next();
        if (suffix != '_' && suffix != 'x' && suffix != 'b') {
            throw new Malformed();
        }
        return tree.add(Kind.FLOAT, width, suffix);
    }

    private int bitInt() {
        in.skip(1);
        int isUnsigned = in.next() == 'U' ? 1 : 0;
        int width;
        if (Cursor.isDigit(in.peek())) {
            int start = in.at();
            in.number();
            width = tree.add(Kind.NAME, start, in.at());
        } else {
            width = parser.expressions.expression();
        }
        in.expect('_');
        return tree.add(Kind.BIT_INT, width, isUnsigned);
    }

    private int vendorQualified() {
        if (in.peek(1) == 'l' || in.peek(1) == 't' || in.peek(1) == 'b') {
            return parser.name();
        }
        in.skip(1);
        int name = parser.sourceName();
        int arguments = in.peek() == 'I' ? parser.templateArguments() : 0;
        return tree.add(Kind.VENDOR_QUALIFIED, type(), name, arguments);
    }

    int decltype() {
        in.skip(2);
        int expression = parser.expressions.expression();
        in.expect('E');
        return tree.add(Kind.DECLTYPE, expression);
    }

    private int templateParameterOrElaborated() {
        char c = in.peek(1);
        if (c == 's' || c == 'u' || c == 'e') {
            in.skip(2);
            return tree.add(Kind.ELABORATED, c, parser.name());
        }
        int node = templateParameter();
        if (in.peek() == 'I' && !parser.inConversion) {
            parser.remember(node);
            node = tree.add(Kind.TEMPLATE, node, parser.templateArguments());
        }
        return node;
    }

    int templateParameter() {
        in.expect('T');
        if (in.accept('L')) {
            // Its level is that of the enclosing lambda or template; the innermost one is shown.
            in.number();
            in.expect('_');
        }
        int index = 0;
        if (!in.accept('_')) {
            index = in.number() + 1;
            in.expect('_');
        }
        if (index < 0) {
            throw new Malformed();
        }
        return tree.add(Kind.TEMPLATE_PARAMETER, index);
    }

    boolean atTemplateParameterDeclaration() {
        return in.peek() == 'T' && "yntpk".indexOf(in.peek(1)) >= 0 && in.remaining() > 1;
    }

    int templateParameterDeclaration() {
        in.enter();
        in.expect('T');
        int node = switch (in.next()) {
            case 'y' -> tree.add(Kind.TYPE_PARAMETER);
            case 'k' -> {
                int concept = parser.name();
                yield tree.add(Kind.TYPE_PARAMETER, concept);
            }
            case 'n' -> tree.add(Kind.VALUE_PARAMETER, type());
            case 'p' -> tree.add(Kind.PARAMETER_PACK, templateParameterDeclaration());
            case 't' -> {
                int head = 0;
                while (!in.accept('E')) {
                    if (in.accept('Q')) {
                        parser.expressions.expression();
                    } else {
                        head = tree.append(head, templateParameterDeclaration());
                    }
                }
                yield tree.add(Kind.TEMPLATE_TEMPLATE_PARAMETER, head);
            }
            default -> throw new Malformed();
        };
        in.leave();
        return node;
    }
}
