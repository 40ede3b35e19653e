// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.demangle;

import dev.jbcc.symbol.demangle.CppTree.Kind;
import java.util.Arrays;

/**
 * Parses the names of the Itanium C++ ABI (https://itanium-cxx-abi.github.io/cxx-abi/abi.html#mangling), from which the
 * words {@code encoding}, {@code prefix} and so on are. Never goes back, so its time is linear.
 * Long because names, templates and encodings contain each other and share their state.
 */
final class CppParser {
    /** What precedes the entity of a special name; {@link Kind#SPECIAL} refers to it by index. */
    static final String[] SPECIAL = {
        "vtable for ",
        "VTT for ",
        "typeinfo for ",
        "typeinfo name for ",
        "typeinfo fn for ",
        "non-virtual thunk to ",
        "virtual thunk to ",
        "covariant return thunk to ",
        "TLS init function for ",
        "TLS wrapper function for ",
        "template parameter object for ",
        "guard variable for ",
        "hidden alias for ",
        "transaction clone for ",
        "non-transaction clone for ",
        "initializer for module ",
        "java Class for ",
        "global constructors keyed to ",
        "global destructors keyed to ",
        "invocation function for block in ",
    };

    static final int GLOBAL_CONSTRUCTORS = 17;
    static final int GLOBAL_DESTRUCTORS = 18;
    static final int BLOCK_INVOCATION = 19;

    /** How to show a standard abbreviation: std::string, the template it is an alias of, or that without arguments. */
    static final int ALIAS = 0;

    static final int FULL = 1;
    static final int CLASS_NAME = 2;

    final Cursor in;
    final CppTree tree;
    final CppTypes types;
    final CppExpressions expressions;

    private int[] substitutions = new int[16];
    private int substitutionCount;

    /** The template arguments of the encoding that is being parsed, to which T_ refers. */
    private int templateArguments;
    /** Template arguments in a type are not those to which T_ refers. */
    boolean inType;
    /** In the type of a conversion operator, what follows T_ are not its arguments but those of the operator. */
    boolean inConversion;

    /** The qualifiers of {@code this} that the last nested name begins with, as in "VKR". */
    private int thisStart;

    private int thisEnd;

    /** What {@link #hasScopes} leaves open. */
    final boolean scopesAreTypes;
    /** Whether there is a name with a scope in an expression, which Clang ends by an E, but GCC does not. */
    boolean hasScopes;

    CppParser(Cursor in, CppTree tree, boolean scopesAreTypes) {
        this.scopesAreTypes = scopesAreTypes;
        this.in = in;
        this.tree = tree;
        types = new CppTypes(this);
        expressions = new CppExpressions(this);
    }

    /** An encoding up to the end, with the suffixes that compilers add to the name of a part or a clone of a function. */
    int whole() {
        int node = encoding();
        while (in.peek() == '.' && isSuffixCharacter(in.peek(1))) {
            int start = in.at();
            in.skip(1);
            while (isSuffixCharacter(in.peek())) {
                in.skip(1);
            }
            while (in.peek() == '.' && Cursor.isDigit(in.peek(1))) {
                in.skip(1);
                while (Cursor.isDigit(in.peek())) {
                    in.skip(1);
                }
            }
            node = tree.add(Kind.CLONE, node, tree.add(Kind.NAME, start, in.at()));
        }
        if (!in.atEnd()) {
            throw new Malformed();
        }
        return node;
    }

    private static boolean isSuffixCharacter(char c) {
        return Cursor.isLower(c) || Cursor.isDigit(c) || c == '_';
    }

    int encoding() {
        in.enter();
        int outerArguments = templateArguments;
        boolean outerInType = inType;
        boolean outerInConversion = inConversion;
        templateArguments = 0;
        inType = false;
        inConversion = false;
        int node = in.peek() == 'T' || in.peek() == 'G' ? specialName() : function();
        templateArguments = outerArguments;
        inType = outerInType;
        inConversion = outerInConversion;
        in.leave();
        return node;
    }

    private int function() {
        thisStart = thisEnd = in.at();
        int name = name();
        int qualifiersStart = thisStart;
        int qualifiersEnd = thisEnd;
        int conditions = 0;
        while (in.accept("Ua9enable_ifI")) {
            while (!in.accept('E')) {
                conditions = tree.append(conditions, templateArgument());
            }
        }
        int node = name;
        if (atEndOfEncoding()) {
            node = types.qualify(Kind.QUALIFIED, node, qualifiersStart, qualifiersEnd);
        } else {
            int type = types.bareFunction(hasResult(name));
            type = types.qualify(Kind.FUNCTION_QUALIFIED, type, qualifiersStart, qualifiersEnd);
            node = tree.add(Kind.ENCODING, name, type, templateArguments);
        }
        if (conditions != 0) {
            node = tree.add(Kind.ENABLE_IF, node, conditions);
        }
        if (in.accept('Q')) {
            node = tree.add(Kind.CONSTRAINED, node, expressions.expression(), templateArguments);
        }
        return node;
    }

    private boolean atEndOfEncoding() {
        char c = in.peek();
        return in.atEnd() || c == 'E' || c == '.' || c == 'Q';
    }

    /** Whether a function's type begins with its result: that of a template does, unless its name implies the result. */
    private boolean hasResult(int name) {
        int node = name;
        while (tree.is(node, Kind.LOCAL)) {
            node = tree.second(node);
        }
        if (!tree.is(node, Kind.TEMPLATE)) {
            return false;
        }
        node = tree.first(node);
        while (true) {
            switch (tree.kind(node)) {
                case NESTED, LOCAL -> node = tree.second(node);
                case TAGGED, IN_MODULE -> node = tree.first(node);
                case CONSTRUCTOR, DESTRUCTOR, CONVERSION -> {
                    return false;
                }
                default -> {
                    return true;
                }
            }
        }
    }

    private int specialName() {
        char family = in.next();
        char which = in.next();
        if (family == 'T') {
            return switch (which) {
                case 'V' -> special(0, types.type());
                case 'T' -> special(1, types.type());
                case 'I' -> special(2, types.type());
                case 'S' -> special(3, types.type());
                case 'F' -> special(4, types.type());
                case 'J' -> special(16, types.type());
                case 'h' -> {
                    offset('h');
                    yield special(5, encoding());
                }
                case 'v' -> {
                    offset('v');
                    yield special(6, encoding());
                }
                case 'c' -> {
                    offset(in.next());
                    offset(in.next());
                    yield special(7, encoding());
                }
                case 'C' -> {
                    int derived = types.type();
                    in.number();
                    in.expect('_');
                    int base = types.type();
                    yield tree.add(Kind.CONSTRUCTION_VTABLE, base, derived);
                }
                case 'H' -> special(8, name());
                case 'W' -> special(9, name());
                case 'A' -> special(10, templateArgument());
                default -> throw new Malformed();
            };
        }
        return switch (which) {
            case 'V' -> special(11, name());
            case 'A' -> special(12, encoding());
            case 'T' -> in.next() == 'n' ? special(14, encoding()) : special(13, encoding());
            case 'I' -> {
                int module = 0;
                while (in.peek() == 'W') {
                    module = module(module);
                }
                yield special(15, module);
            }
            case 'R' -> {
                int name = name();
                int number = 0;
                if (!in.accept('_') && !in.atEnd()) {
                    number = sequenceNumber();
                }
                yield tree.add(Kind.REFERENCE_TEMPORARY, name, number);
            }
            default -> throw new Malformed();
        };
    }

    int special(int text, int node) {
        return tree.add(Kind.SPECIAL, text, node);
    }

    private void offset(char kind) {
        if (kind != 'h' && kind != 'v') {
            throw new Malformed();
        }
        signedNumber();
        in.expect('_');
        if (kind == 'v') {
            signedNumber();
            in.expect('_');
        }
    }

    private void signedNumber() {
        in.accept('n');
        in.number();
    }

    int name() {
        in.enter();
        int node;
        switch (in.peek()) {
            case 'N' -> node = nestedName();
            case 'Z' -> node = localName();
            case 'S' -> {
                if (in.accept('S', 't')) {
                    node = tree.add(Kind.NESTED, standard('t'), unqualifiedName(0));
                    if (in.peek() == 'I') {
                        remember(node);
                    }
                } else {
                    node = substitution(true);
                    if (isModule(node)) {
                        node = unqualifiedNameIn(node, 0);
                        if (in.peek() == 'I') {
                            remember(node);
                        }
                    }
                }
            }
            default -> {
                node = unqualifiedName(0);
                if (in.peek() == 'I') {
                    remember(node);
                }
            }
        }
        if (in.peek() == 'I' && !tree.is(node, Kind.LOCAL)) {
            node = tree.add(Kind.TEMPLATE, node, templateArguments());
        }
        in.leave();
        return node;
    }

    private int nestedName() {
        in.expect('N');
        in.accept('H');
        int start = in.at();
        while (in.peek() == 'r' || in.peek() == 'V' || in.peek() == 'K') {
            in.skip(1);
        }
        if (in.peek() == 'R' || in.peek() == 'O') {
            in.skip(1);
        }
        int end = in.at();
        int node = prefix();
        in.expect('E');
        thisStart = start;
        thisEnd = end;
        return node;
    }

    /** The components of a nested name, up to its E. */
    private int prefix() {
        int node = 0;
        int module = 0;
        while (in.peek() != 'E') {
            boolean remembered = false;
            char c = in.peek();
            if (c == 'S' && in.peek(1) != 't') {
                int found = substitution(true);
                if (isModule(found)) {
                    module = found;
                    continue;
                }
                if (node != 0) {
                    throw new Malformed();
                }
                node = found;
                remembered = true;
            } else if (in.accept('S', 't')) {
                if (node != 0) {
                    throw new Malformed();
                }
                node = standard('t');
                remembered = true;
            } else if (c == 'T' && node == 0) {
                node = types.templateParameter();
            } else if (c == 'D' && (in.peek(1) == 't' || in.peek(1) == 'T') && node == 0) {
                node = types.decltype();
            } else if (c == 'I' && node != 0) {
                node = tree.add(Kind.TEMPLATE, node, templateArguments());
            } else {
                int name = module != 0 ? unqualifiedNameIn(module, node) : unqualifiedName(node);
                module = 0;
                node = node == 0 ? name : tree.add(Kind.NESTED, node, name);
            }
            // The initializer of a data member is the scope of a closure, but does not change the name.
            in.accept('M');
            if (!remembered && in.peek() != 'E') {
                remember(node);
            }
        }
        if (node == 0) {
            throw new Malformed();
        }
        return node;
    }

    private int localName() {
        in.expect('Z');
        int function = encoding();
        in.expect('E');
        thisStart = thisEnd = in.at();
        int entity;
        if (in.accept('s')) {
            entity = tree.add(Kind.STRING_LITERAL);
            discriminator();
        } else if (in.accept('d')) {
            int number = in.accept('_') ? 1 : in.number() + 2;
            if (number != 1) {
                in.expect('_');
            }
            entity = tree.add(Kind.LOCAL, tree.add(Kind.DEFAULT_ARGUMENT, number), name());
        } else {
            entity = name();
            discriminator();
        }
        return tree.add(Kind.LOCAL, function, entity);
    }

    /** Tells apart entities of one name in one function, and is not shown. */
    private void discriminator() {
        if (in.peek() == '_' && Cursor.isDigit(in.peek(1))) {
            in.skip(2);
        } else if (in.peek() == '_' && in.peek(1) == '_' && Cursor.isDigit(in.peek(2))) {
            in.skip(2);
            in.number();
            in.accept('_');
        }
    }

    private boolean isModule(int node) {
        return tree.is(node, Kind.MODULE) || tree.is(node, Kind.PARTITION);
    }

    private int module(int parent) {
        in.expect('W');
        Kind kind = in.accept('P') ? Kind.PARTITION : Kind.MODULE;
        int node = tree.add(kind, parent, sourceName());
        remember(node);
        return node;
    }

    /** A name in a scope, which is 0 for the global one. */
    int unqualifiedName(int scope) {
        return unqualifiedNameIn(0, scope);
    }

    private int unqualifiedNameIn(int outerModule, int scope) {
        int module = outerModule;
        while (in.peek() == 'W') {
            module = module(module);
        }
        in.accept('F');
        if (in.peek() == 'L' && !Cursor.isLower(in.peek(1))) {
            in.skip(1);
        }
        char c = in.peek();
        int name;
        if (Cursor.isDigit(c)) {
            name = sourceName();
        } else if (Cursor.isLower(c)) {
            name = operatorName();
        } else if (c == 'U') {
            name = unnamed();
        } else if (in.accept('D', 'C')) {
            int names = 0;
            while (!in.accept('E')) {
                names = tree.append(names, sourceName());
            }
            name = tree.add(Kind.STRUCTURED_BINDING, names);
        } else if (c == 'C' && scope != 0) {
            in.skip(1);
            boolean inherited = in.accept('I');
            inRange(in.next(), '1', '5');
            if (inherited) {
                types.type();
            }
            name = tree.add(Kind.CONSTRUCTOR, className(scope));
        } else if (c == 'D' && scope != 0) {
            in.skip(1);
            inRange(in.next(), '0', '5');
            name = tree.add(Kind.DESTRUCTOR, className(scope));
        } else {
            throw new Malformed();
        }
        if (module != 0) {
            name = tree.add(Kind.IN_MODULE, name, module);
        }
        while (in.accept('B')) {
            name = tree.add(Kind.TAGGED, name, sourceName());
        }
        return name;
    }

    private static void inRange(char c, char low, char high) {
        if (c < low || c > high) {
            throw new Malformed();
        }
    }

    /** The name of a class without its scope and its arguments, as its constructors have. */
    private int className(int scope) {
        int node = scope;
        while (true) {
            switch (tree.kind(node)) {
                case NESTED, LOCAL -> node = tree.second(node);
                case TEMPLATE, TAGGED, IN_MODULE -> node = tree.first(node);
                case STANDARD -> {
                    return tree.add(Kind.STANDARD, tree.first(node), CLASS_NAME);
                }
                default -> {
                    return node;
                }
            }
        }
    }

    int sourceName() {
        int length = in.number();
        int start = in.at();
        if (length == 0) {
            throw new Malformed();
        }
        in.skip(length);
        if (length >= 10 && in.text.startsWith("_GLOBAL_", start) && in.text.charAt(start + 9) == 'N') {
            char separator = in.text.charAt(start + 8);
            if (separator == '_' || separator == '.' || separator == '$') {
                return tree.add(Kind.ANONYMOUS_NAMESPACE);
            }
        }
        return tree.add(Kind.NAME, start, in.at());
    }

    int operatorName() {
        if (in.accept('c', 'v')) {
            boolean outer = inConversion;
            inConversion = true;
            int type = types.type();
            inConversion = outer;
            return tree.add(Kind.CONVERSION, type);
        }
        if (in.accept('l', 'i')) {
            return tree.add(Kind.LITERAL_OPERATOR, sourceName());
        }
        if (in.peek() == 'v' && Cursor.isDigit(in.peek(1))) {
            in.skip(2);
            return tree.add(Kind.VENDOR_OPERATOR, sourceName());
        }
        int operator = CppOperators.index(in.peek(), in.peek(1));
        if (operator < 0) {
            throw new Malformed();
        }
        in.skip(2);
        return tree.add(Kind.OPERATOR, operator);
    }

    private int unnamed() {
        if (in.accept('U', 't')) {
            return tree.add(Kind.UNNAMED_TYPE, ordinal());
        }
        if (in.accept('U', 'b')) {
            return tree.add(Kind.BLOCK, ordinal());
        }
        if (!in.accept('U', 'l')) {
            throw new Malformed();
        }
        in.enter();
        int head = 0;
        while (types.atTemplateParameterDeclaration()) {
            head = tree.append(head, types.templateParameterDeclaration());
        }
        if (in.accept('Q')) {
            expressions.expression();
        }
        boolean outerInConversion = inConversion;
        inConversion = false;
        int parameters = types.parameters();
        inConversion = outerInConversion;
        if (in.accept('Q')) {
            expressions.expression();
        }
        in.expect('E');
        int number = ordinal();
        in.leave();
        return tree.add(Kind.LAMBDA, parameters, number, head);
    }

    /** "_" is 1, "0_" is 2. */
    private int ordinal() {
        if (in.accept('_')) {
            return 1;
        }
        int number = in.number();
        in.expect('_');
        return number + 2;
    }

    /** "0_" is 1, "Z_" is 36, "10_" is 37. */
    private int sequenceNumber() {
        long number = 0;
        do {
            char c = in.next();
            if (Cursor.isDigit(c)) {
                number = number * 36 + (c - '0');
            } else if (Cursor.isUpper(c)) {
                number = number * 36 + (c - 'A' + 10);
            } else {
                throw new Malformed();
            }
            if (number >= Integer.MAX_VALUE) {
                throw new Malformed();
            }
        } while (!in.accept('_'));
        return (int) number + 1;
    }

    void remember(int node) {
        if (substitutionCount == substitutions.length) {
            substitutions = Arrays.copyOf(substitutions, 2 * substitutionCount);
        }
        substitutions[substitutionCount++] = node;
    }

    /** S_ and so on, or the abbreviation of a name of the standard library, then shown in full before a constructor. */
    int substitution(boolean inPrefix) {
        in.expect('S');
        char c = in.peek();
        if (c == '_' || Cursor.isDigit(c) || Cursor.isUpper(c)) {
            int index = in.accept('_') ? 0 : sequenceNumber();
            if (index >= substitutionCount) {
                throw new Malformed();
            }
            return substitutions[index];
        }
        in.skip(1);
        if ("absiod".indexOf(c) < 0) {
            throw new Malformed();
        }
        boolean full = inPrefix && (in.peek() == 'C' || in.peek() == 'D');
        int node = tree.add(Kind.STANDARD, c, full ? FULL : ALIAS);
        int plain = node;
        while (in.accept('B')) {
            node = tree.add(Kind.TAGGED, node, sourceName());
        }
        if (node != plain) {
            remember(node);
        }
        return node;
    }

    private int standard(char which) {
        return tree.add(Kind.STANDARD, which, ALIAS);
    }

    /** A list of template arguments in I and E. */
    int templateArguments() {
        in.enter();
        in.expect('I');
        boolean outerInConversion = inConversion;
        boolean outerInType = inType;
        inConversion = false;
        // Qualifiers are those of the whole name, not of a name in its arguments.
        int outerThisStart = thisStart;
        int outerThisEnd = thisEnd;
        inType = true;
        int list = 0;
        while (!in.accept('E')) {
            if (in.accept('Q')) {
                expressions.expression();
                in.expect('E');
                break;
            }
            list = tree.append(list, templateArgument());
        }
        inConversion = outerInConversion;
        inType = outerInType;
        thisStart = outerThisStart;
        thisEnd = outerThisEnd;
        if (!inType) {
            templateArguments = list;
        }
        in.leave();
        return list;
    }

    int templateArgument() {
        in.enter();
        int node;
        switch (in.peek()) {
            case 'X' -> {
                in.skip(1);
                node = expressions.expression();
                in.expect('E');
            }
            case 'L' -> node = expressions.primary();
            case 'J', 'I' -> {
                in.skip(1);
                int list = 0;
                while (!in.accept('E')) {
                    list = tree.append(list, templateArgument());
                }
                node = tree.add(Kind.PACK, list);
            }
            default -> {
                if (types.atTemplateParameterDeclaration()) {
                    types.templateParameterDeclaration();
                    node = templateArgument();
                } else {
                    node = types.type();
                }
            }
        }
        in.leave();
        return node;
    }
}
