// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.demangle;

import dev.jbcc.symbol.demangle.CppTree.Kind;

/** Parses the expressions in C++ names: template arguments, decltype, array bounds, constraints. */
final class CppExpressions {
    private final CppParser parser;
    private final Cursor in;
    private final CppTree tree;

    CppExpressions(CppParser parser) {
        this.parser = parser;
        this.in = parser.in;
        this.tree = parser.tree;
    }

    int expression() {
        in.enter();
        boolean outerInType = parser.inType;
        boolean outerInConversion = parser.inConversion;
        parser.inType = true;
        parser.inConversion = false;
        int node = anyExpression();
        parser.inType = outerInType;
        parser.inConversion = outerInConversion;
        in.leave();
        return node;
    }

    private int anyExpression() {
        char c = in.peek();
        char next = in.peek(1);
        if (c == 'L') {
            return primary();
        }
        if (c == 'T') {
            return parser.types.templateParameter();
        }
        if (Cursor.isDigit(c)) {
            return simpleName();
        }
        if (c == 's' && next == 'r') {
            return scopedName();
        }
        if (c == 'f' && (next == 'p' || next == 'L' && Cursor.isDigit(in.peek(2)))) {
            return functionParameter();
        }
        if (c == 'o' && next == 'n' || c == 'd' && next == 'n') {
            return baseName(true);
        }
        if (in.accept('t', 'l')) {
            int type = parser.types.type();
            return tree.add(Kind.INITIALIZER_LIST, type, listToEnd());
        }
        if (in.accept('i', 'l')) {
            return tree.add(Kind.INITIALIZER_LIST, 0, listToEnd());
        }
        if (in.accept('s', 'p')) {
            return tree.add(Kind.PACK_EXPANSION, expression());
        }
        if (c == 'f' && (next == 'l' || next == 'r' || next == 'L' || next == 'R')) {
            return fold();
        }
        if (in.accept('u')) {
            int name = parser.sourceName();
            int arguments = 0;
            while (!in.accept('E')) {
                arguments = tree.append(arguments, parser.templateArgument());
            }
            return tree.add(Kind.VENDOR_EXPRESSION, name, arguments);
        }
        if (c == 'r' && (next == 'q' || next == 'Q')) {
            return requires();
        }
        if (in.accept('c', 'v')) {
            int type = parser.types.type();
            int operand = in.accept('_') ? tree.add(Kind.PACK, listToEnd()) : expression();
            return tree.add(Kind.CAST, type, operand);
        }
        if (in.accept('s', 'o')) {
            return subobject();
        }
        if (in.accept('m', 'c')) {
            // A pointer to a member, converted: type, the pointer, its offset.
            int type = parser.types.type();
            int pointer = expression();
            literalDigits();
            in.expect('E');
            return tree.add(Kind.CAST, type, pointer);
        }
        return operation();
    }

    private int operation() {
        boolean isGlobal = in.peek() == 'g' && in.peek(1) == 's';
        if (isGlobal && (in.peek(2) == 'n' || in.peek(2) == 'd') && (in.peek(3) == 'w' || in.peek(3) == 'a')) {
            in.skip(2);
            return tree.add(Kind.UNARY, CppOperators.index('g', 's'), expression());
        }
        int operator = CppOperators.index(in.peek(), in.peek(1));
        if (operator < 0) {
            throw new Malformed();
        }
        char first = in.next();
        char second = in.next();
        switch (first << 8 | second) {
            case 'p' << 8 | 'p', 'm' << 8 | 'm' -> {
                Kind kind = in.accept('_') ? Kind.UNARY : Kind.POSTFIX;
                return tree.add(kind, operator, expression());
            }
            case 's' << 8 | 't', 't' << 8 | 'i', 'a' << 8 | 't' -> {
                return tree.add(Kind.UNARY, operator, parser.types.type());
            }
            case 's' << 8 | 'Z' -> {
                return tree.add(Kind.SIZEOF_PACK, expression());
            }
            case 's' << 8 | 'P' -> {
                int arguments = 0;
                while (!in.accept('E')) {
                    arguments = tree.append(arguments, parser.templateArgument());
                }
                return tree.add(Kind.SIZEOF_ARGUMENTS, arguments);
            }
            case 'c' << 8 | 'l' -> {
                int function = expression();
                return tree.add(Kind.CALL, function, listToEnd());
            }
            case 'd' << 8 | 't', 'p' << 8 | 't' -> {
                int object = expression();
                return tree.add(Kind.BINARY, operator, object, member());
            }
            case 'd' << 8 | 'c', 's' << 8 | 'c', 'c' << 8 | 'c', 'r' << 8 | 'c' -> {
                int type = parser.types.type();
                return tree.add(Kind.NAMED_CAST, operator, type, expression());
            }
            case 'n' << 8 | 'w', 'n' << 8 | 'a' -> {
                return newExpression();
            }
            case 'i' << 8 | 'x' -> {
                int array = expression();
                return tree.add(Kind.SUBSCRIPT, array, expression());
            }
            case 'd' << 8 | 'i' -> {
                int member = Cursor.isDigit(in.peek()) ? parser.sourceName() : expression();
                return tree.add(Kind.DESIGNATED, member, expression());
            }
            case 'd' << 8 | 'x' -> {
                int index = expression();
                return tree.add(Kind.DESIGNATED_INDEX, index, expression());
            }
            case 'd' << 8 | 'X' -> {
                int from = expression();
                int to = expression();
                return tree.add(Kind.DESIGNATED_RANGE, from, to, expression());
            }
            case 'l' << 8 | 'i' -> throw new Malformed();
            default -> {
                return plainOperation(operator);
            }
        }
    }

    private int plainOperation(int operator) {
        switch (CppOperators.operands(operator)) {
            case 0 -> {
                return tree.add(Kind.RETHROW);
            }
            case 1 -> {
                return tree.add(Kind.UNARY, operator, expression());
            }
            case 2 -> {
                int left = expression();
                return tree.add(Kind.BINARY, operator, left, expression());
            }
            default -> {
                int condition = expression();
                int left = expression();
                return tree.add(Kind.CONDITIONAL, condition, left, expression());
            }
        }
    }

    /** Expressions up to an E. */
    private int listToEnd() {
        int list = 0;
        while (!in.accept('E')) {
            list = tree.append(list, expression());
        }
        return list;
    }

    private int simpleName() {
        return maybeTemplate(parser.unqualifiedName(0));
    }

    private int maybeTemplate(int name) {
        return in.peek() == 'I' ? tree.add(Kind.TEMPLATE, name, parser.templateArguments()) : name;
    }

    /** A name without scope: an operator after "on", a destructor after "dn". */
    private int baseName(boolean withArguments) {
        int name;
        if (in.accept('o', 'n')) {
            name = Cursor.isDigit(in.peek()) ? parser.sourceName() : parser.operatorName();
        } else if (in.accept('d', 'n')) {
            int type = Cursor.isDigit(in.peek()) ? simpleName() : parser.types.type();
            return tree.add(Kind.DESTRUCTOR, type);
        } else {
            name = parser.unqualifiedName(0);
        }
        return withArguments ? maybeTemplate(name) : name;
    }

    /** What follows a dot or an arrow. */
    private int member() {
        return in.peek() == 's' && in.peek(1) == 'r'
                ? scopedName()
                : Cursor.isLower(in.peek()) && !isBaseName() ? expression() : baseName(true);
    }

    private boolean isBaseName() {
        return (in.peek() == 'o' || in.peek() == 'd') && in.peek(1) == 'n';
    }

    private int scopedName() {
        in.skip(2);
        if (Cursor.isDigit(in.peek()) && !parser.scopesAreTypes) {
            parser.hasScopes = true;
            int scope = simpleName();
            while (!in.accept('E')) {
                scope = tree.add(Kind.NESTED, scope, simpleName());
            }
            return maybeTemplate(tree.add(Kind.NESTED, scope, baseName(false)));
        }
        // Also "N" and its levels: GCC, other than Clang, makes substitutions of them as of a type.
        int scope = parser.types.type();
        return tree.add(Kind.NESTED, scope, baseName(true));
    }

    private int functionParameter() {
        in.skip(1);
        if (in.accept('L')) {
            in.number();
        }
        in.expect('p');
        if (in.accept('T')) {
            return tree.add(Kind.FUNCTION_PARAMETER, 0);
        }
        while (in.peek() == 'r' || in.peek() == 'V' || in.peek() == 'K') {
            in.skip(1);
        }
        if (in.accept('_')) {
            return tree.add(Kind.FUNCTION_PARAMETER, 1);
        }
        int number = in.number();
        in.expect('_');
        if (number > Integer.MAX_VALUE - 2) {
            throw new Malformed();
        }
        return tree.add(Kind.FUNCTION_PARAMETER, number + 2);
    }

    private int fold() {
        in.skip(1);
        char which = in.next();
        int operator = CppOperators.index(in.peek(), in.peek(1));
        if (operator < 0 || CppOperators.operands(operator) != 2) {
            throw new Malformed();
        }
        in.skip(2);
        int first = expression();
        int second = which == 'L' || which == 'R' ? expression() : 0;
        return tree.add(which == 'l' || which == 'L' ? Kind.LEFT_FOLD : Kind.RIGHT_FOLD, operator, first, second);
    }

    private int newExpression() {
        int placement = 0;
        while (!in.accept('_')) {
            placement = tree.append(placement, expression());
        }
        int type = parser.types.type();
        int initializer = 0;
        if (in.accept('p', 'i')) {
            initializer = tree.add(Kind.NEW_INITIALIZER, listToEnd());
        } else if (!in.accept('E')) {
            initializer = expression();
            in.expect('E');
        }
        return tree.add(Kind.NEW, placement, type, initializer);
    }

    /** A part of an object that a pointer or a reference in a template argument refers to. */
    private int subobject() {
        int type = parser.types.type();
        int object = expression();
        if (in.peek() == 'n' || Cursor.isDigit(in.peek())) {
            literalDigits();
        }
        while (in.accept('_')) {
            if (Cursor.isDigit(in.peek())) {
                in.number();
            }
        }
        in.accept('p');
        in.expect('E');
        return tree.add(Kind.CAST, type, object);
    }

    private int requires() {
        in.skip(1);
        int parameters = 0;
        if (in.next() == 'Q') {
            while (!in.accept('_')) {
                parameters = tree.append(parameters, parser.types.type());
            }
        }
        int requirements = 0;
        while (!in.accept('E')) {
            int requirement = switch (in.next()) {
                case 'X' -> {
                    int expression = expression();
                    int isNoexcept = in.accept('N') ? 1 : 0;
                    int constraint = in.accept('R') ? parser.name() : 0;
                    yield tree.add(Kind.EXPRESSION_REQUIREMENT, expression, isNoexcept, constraint);
                }
                case 'T' -> tree.add(Kind.TYPE_REQUIREMENT, parser.types.type());
                case 'Q' -> tree.add(Kind.NESTED_REQUIREMENT, expression());
                default -> throw new Malformed();
            };
            requirements = tree.append(requirements, requirement);
        }
        return tree.add(Kind.REQUIRES, parameters, requirements);
    }

    /** L type value E, or the mangled name of a function or an object. */
    int primary() {
        in.expect('L');
        if (in.accept('_', 'Z') || in.peek() == 'Z') {
            in.accept('Z');
            int node = parser.encoding();
            in.expect('E');
            return node;
        }
        int type = parser.types.type();
        if (in.accept('E')) {
            // A string, whose characters are not in the name, nullptr, or a closure.
            return tree.add(Kind.LITERAL, type, 0);
        }
        int digits = literalDigits();
        in.expect('E');
        return tree.add(Kind.LITERAL, type, digits);
    }

    /** Decimal digits, or hexadecimal ones of a floating-point number, or of the two of a complex one. */
    private int literalDigits() {
        int start = in.at();
        in.accept('n');
        while (Cursor.isDigit(in.peek()) || in.peek() >= 'a' && in.peek() <= 'f' || in.peek() == '_') {
            in.skip(1);
        }
        return tree.add(Kind.NAME, start, in.at());
    }
}
