// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.demangle;

import dev.jbcc.symbol.demangle.CppTree.Kind;

/**
 * Prints C++ names as libiberty does (c++filt, perf, bpftrace). A type has a part before and a part after the name that it
 * would declare, as the two in {@code int (*name)[3]}. Long because names and types are one recursion over one scope.
 */
final class CppPrinter {
    /** The template arguments of a function, and those around it. */
    private record Scope(int arguments, Scope outer) {}

    private final CppTree tree;
    private final String text;
    private final Output out;
    private final CppExpressionPrinter expressions;

    /**
     * The template arguments of the functions that are printed; null outside of templates. T_ refers to those of the innermost
     * one where it is printed, not where it was first seen: GCC substitutes a T_ of one function for that of another.
     */
    private Scope scope;

    private int lambdaDepth;
    /** The template parameters of the innermost lambda that is printed. */
    private int lambdaHead;
    /** Which element a pack stands for; negative where it stands for all. */
    private int packIndex;

    CppPrinter(CppTree tree, String text, Output out) {
        this.tree = tree;
        this.text = text;
        this.out = out;
        expressions = new CppExpressionPrinter(this, tree, out);
    }

    void print(int node) {
        left(node);
        right(node);
    }

    /** Elements with commas in between, but none for an element that is an empty pack. */
    void list(int list) {
        boolean any = false;
        for (int cell = list; cell != 0; cell = tree.second(cell)) {
            int before = out.length();
            if (any) {
                out.append(", ");
            }
            int start = out.length();
            print(tree.first(cell));
            if (out.length() == start) {
                out.truncate(before);
            } else {
                any = true;
            }
            out.step();
        }
    }

    private void left(int node) {
        out.enter();
        Scope outerScope = scope;
        int first = tree.first(node);
        int second = tree.second(node);
        switch (tree.kind(node)) {
            case NONE -> {}
            case NAME -> out.append(text, first, second);
            case STANDARD -> out.append(CppWords.standard((char) first, second));
            case ANONYMOUS_NAMESPACE -> out.append("(anonymous namespace)");
            case NESTED -> {
                print(first);
                out.append("::");
                print(second);
            }
            case LOCAL -> local(first, second);
            case TEMPLATE -> template(first, second);
            case TAGGED -> {
                print(first);
                out.append("[abi:");
                print(second);
                out.append(']');
            }
            case CONSTRUCTOR -> print(first);
            case DESTRUCTOR -> {
                out.append('~');
                print(first);
            }
            case OPERATOR -> operator(CppOperators.text(first));
            case CONVERSION -> {
                out.append("operator ");
                print(first);
            }
            case LITERAL_OPERATOR -> {
                out.append("operator\"\" ");
                print(first);
            }
            case VENDOR_OPERATOR -> {
                out.append("operator ");
                print(first);
            }
            case UNNAMED_TYPE -> out.append("{unnamed type#").append(first).append('}');
            case BLOCK -> out.append("'block-literal").append(first).append('\'');
            case DEFAULT_ARGUMENT -> out.append("{default arg#").append(first).append('}');
            case LAMBDA -> lambda(first, second, tree.third(node));
            case STRING_LITERAL -> out.append("string literal");
            case STRUCTURED_BINDING -> {
                out.append('[');
                list(first);
                out.append(']');
            }
            case IN_MODULE -> {
                print(first);
                out.append('@');
                print(second);
            }
            case MODULE -> module(first, '.', second);
            case PARTITION -> module(first, ':', second);
            case SPECIAL -> {
                out.append(CppParser.SPECIAL[first]);
                print(second);
            }
            case CONSTRUCTION_VTABLE -> {
                out.append("construction vtable for ");
                print(first);
                out.append("-in-");
                print(second);
            }
            case REFERENCE_TEMPORARY -> {
                out.append("reference temporary #").append(second).append(" for ");
                print(first);
            }
            case CLONE -> {
                print(first);
                out.append(" [clone ");
                print(second);
                out.append(']');
            }
            case ENCODING -> encoding(node, true);
            case ENABLE_IF -> {
                print(first);
                out.append(" [enable_if:");
                list(second);
                out.append(']');
            }
            case CONSTRAINED -> {
                print(first);
                out.append(" requires ");
                scope = new Scope(tree.third(node), scope);
                print(second);
            }
            case BUILTIN -> out.append(CppWords.builtin(first));
            case FLOAT -> {
                if (second == 'b') {
                    out.append("std::bfloat");
                    print(first);
                    out.append("_t");
                } else {
                    out.append("_Float");
                    print(first);
                    out.append(second == 'x' ? "x" : "");
                }
            }
            case BIT_INT -> {
                out.append(second == 1 ? "unsigned _BitInt(" : "_BitInt(");
                print(first);
                out.append(')');
            }
            case QUALIFIED -> {
                left(first);
                if (!isQualified(first, second)) {
                    out.append(CppWords.qualifier(second));
                }
            }
            case VENDOR_QUALIFIED -> {
                left(first);
                out.append(' ');
                print(second);
                if (tree.third(node) != 0) {
                    argumentList(tree.third(node));
                }
            }
            case ELABORATED -> {
                out.append(first == 's' ? "struct " : first == 'u' ? "union " : "enum ");
                print(second);
            }
            case POINTER -> {
                left(first);
                openFor(first);
                out.append('*');
            }
            case REFERENCE, RVALUE_REFERENCE -> {
                boolean isLvalue = isLvalueReference(node);
                int referent = referent(node);
                left(referent);
                openFor(referent);
                out.append(isLvalue ? "&" : "&&");
            }
            case COMPLEX -> {
                print(first);
                out.append(" _Complex");
            }
            case IMAGINARY -> {
                print(first);
                out.append(" _Imaginary");
            }
            case FUNCTION -> {
                if (first != 0) {
                    result(first);
                }
            }
            case FUNCTION_QUALIFIED, NOEXCEPT, THROW -> left(first);
            case ARRAY -> left(first);
            case VECTOR -> {
                print(first);
                out.append(" __vector(");
                print(second);
                out.append(')');
            }
            case MEMBER_POINTER -> {
                left(second);
                boolean isPlain = shape(second) == Kind.NONE;
                if (isPlain || out.last() != ' ') {
                    out.append(' ');
                }
                if (!isPlain) {
                    out.append('(');
                }
                print(first);
                out.append("::*");
            }
            case TEMPLATE_PARAMETER -> {
                if (lambdaDepth > 0) {
                    lambdaParameter(first);
                } else {
                    left(resolve(node));
                }
            }
            case PACK_EXPANSION -> expansion(first);
            case DECLTYPE -> {
                out.append("decltype (");
                print(first);
                out.append(')');
            }
            case CONSTRAINED_AUTO -> {
                print(first);
                out.append(second == 1 ? " decltype(auto)" : " auto");
            }
            case LIST -> list(node);
            case PACK -> list(first);
            case TYPE_PARAMETER, VALUE_PARAMETER, TEMPLATE_TEMPLATE_PARAMETER, PARAMETER_PACK -> throw new Malformed();
            default -> expressions.print(node);
        }
        scope = outerScope;
        out.leave();
    }

    private void right(int node) {
        out.enter();
        Scope outerScope = scope;
        switch (tree.kind(node)) {
            case QUALIFIED, VENDOR_QUALIFIED -> right(tree.first(node));
            case POINTER -> rightOfTarget(tree.first(node));
            case REFERENCE, RVALUE_REFERENCE -> rightOfTarget(referent(node));
            case MEMBER_POINTER -> rightOfTarget(tree.second(node));
            case FUNCTION, FUNCTION_QUALIFIED, NOEXCEPT, THROW -> {
                parameters(node);
                right(tree.first(coreOfFunction(node)));
            }
            case ARRAY -> {
                out.append(out.last() == ']' ? "[" : " [");
                print(tree.second(node));
                out.append(']');
                right(tree.first(node));
            }
            case TEMPLATE_PARAMETER -> {
                if (lambdaDepth == 0) {
                    right(resolve(node));
                }
            }
            default -> {}
        }
        scope = outerScope;
        out.leave();
    }

    /** After a pointer or a reference to the type. */
    private void rightOfTarget(int target) {
        if (shape(target) != Kind.NONE) {
            out.append(')');
        }
        right(target);
    }

    /** What separates the left part of a type from the asterisk of a pointer to it. */
    private void openFor(int target) {
        Kind shape = shape(target);
        if (shape == Kind.ARRAY) {
            out.append(" (");
        } else if (shape == Kind.FUNCTION) {
            out.append('(');
        }
    }

    /** {@link Kind#ARRAY}, {@link Kind#FUNCTION} or, for other types, {@link Kind#NONE}. */
    private Kind shape(int type) {
        Scope outerScope = scope;
        int node = type;
        while (isTransparent(node)) {
            node = through(node);
        }
        scope = outerScope;
        return switch (tree.kind(node)) {
            case ARRAY -> Kind.ARRAY;
            case FUNCTION, FUNCTION_QUALIFIED, NOEXCEPT, THROW -> Kind.FUNCTION;
            default -> Kind.NONE;
        };
    }

    /** Whether a type has a part after the name. */
    private boolean hasRight(int type) {
        Scope outerScope = scope;
        int node = type;
        while (true) {
            if (isTransparent(node)) {
                node = through(node);
            } else if (tree.is(node, Kind.POINTER) || isReference(node)) {
                node = tree.first(node);
            } else if (tree.is(node, Kind.MEMBER_POINTER)) {
                node = tree.second(node);
            } else {
                break;
            }
            out.step();
        }
        scope = outerScope;
        return shape(node) != Kind.NONE;
    }

    /** Whether a node is a parameter or a qualifier of a type that {@link #through} gives. */
    private boolean isTransparent(int node) {
        return tree.is(node, Kind.QUALIFIED)
                || tree.is(node, Kind.VENDOR_QUALIFIED)
                || tree.is(node, Kind.TEMPLATE_PARAMETER) && lambdaDepth == 0;
    }

    private int through(int node) {
        out.step();
        return tree.is(node, Kind.TEMPLATE_PARAMETER) ? resolve(node) : tree.first(node);
    }

    /** The left part of a function's result, up to the function's name or parentheses. */
    private void result(int type) {
        left(type);
        char last = out.last();
        if (!hasRight(type) || last != '*' && last != '&' && last != '(') {
            out.append(' ');
        }
    }

    /** What follows the name of a function, but for the right part of its result. */
    private void parameters(int function) {
        out.append('(');
        list(tree.second(coreOfFunction(function)));
        out.append(')');
        functionQualifiers(function);
    }

    private int coreOfFunction(int function) {
        int node = function;
        while (tree.is(node, Kind.FUNCTION_QUALIFIED) || tree.is(node, Kind.NOEXCEPT) || tree.is(node, Kind.THROW)) {
            node = tree.first(node);
            out.step();
        }
        return node;
    }

    private void functionQualifiers(int node) {
        out.enter();
        switch (tree.kind(node)) {
            case FUNCTION_QUALIFIED -> {
                functionQualifiers(tree.first(node));
                out.append(CppWords.qualifier(tree.second(node)));
            }
            case NOEXCEPT -> {
                functionQualifiers(tree.first(node));
                out.append(" noexcept(");
                print(tree.second(node));
                out.append(')');
            }
            case THROW -> {
                functionQualifiers(tree.first(node));
                out.append(" throw(");
                list(tree.second(node));
                out.append(')');
            }
            default -> {}
        }
        out.leave();
    }

    /** A function with its parameters, and with its result if it is known and wanted. */
    private void encoding(int node, boolean withResult) {
        Scope outerScope = scope;
        int outerLambdaDepth = lambdaDepth;
        lambdaDepth = 0;
        if (tree.third(node) != 0) {
            scope = new Scope(tree.third(node), scope);
        }
        int type = tree.second(node);
        int result = tree.first(coreOfFunction(type));
        if (result != 0 && withResult) {
            result(result);
        }
        print(tree.first(node));
        parameters(type);
        if (result != 0 && withResult) {
            right(result);
        }
        lambdaDepth = outerLambdaDepth;
        scope = outerScope;
    }

    private void local(int function, int entity) {
        if (tree.is(function, Kind.ENCODING)) {
            encoding(function, false);
        } else {
            print(function);
        }
        out.append("::");
        print(entity);
    }

    private void template(int name, int list) {
        print(name);
        argumentList(list);
    }

    private void argumentList(int list) {
        out.append(out.last() == '<' ? " <" : "<");
        list(list);
        out.append(out.last() == '>' ? " >" : ">");
    }

    private void operator(String name) {
        out.append("operator");
        if (Cursor.isLower(name.charAt(0))) {
            out.append(' ');
        }
        int end = name.length();
        out.append(name, 0, name.charAt(end - 1) == ' ' ? end - 1 : end);
    }

    private void module(int parent, char separator, int name) {
        if (parent != 0) {
            print(parent);
        }
        if (parent != 0 || separator == ':') {
            out.append(separator);
        }
        print(name);
    }

    private void lambda(int parameters, int number, int head) {
        int outerHead = lambdaHead;
        lambdaHead = head;
        lambdaDepth++;
        out.append("{lambda");
        if (head != 0) {
            templateHead(head, true);
        }
        out.append('(');
        list(parameters);
        out.append(")#").append(number).append('}');
        lambdaDepth--;
        lambdaHead = outerHead;
    }

    private void templateHead(int head, boolean named) {
        out.append('<');
        int index = 0;
        for (int cell = head; cell != 0; cell = tree.second(cell)) {
            if (index > 0) {
                out.append(", ");
            }
            int parameter = tree.first(cell);
            templateParameter(parameter);
            if (named) {
                out.append(' ').append(parameterPrefix(parameter)).append(index);
            }
            index++;
        }
        out.append('>');
    }

    private void templateParameter(int parameter) {
        out.enter();
        int first = tree.first(parameter);
        switch (tree.kind(parameter)) {
            case TYPE_PARAMETER -> {
                if (first == 0) {
                    out.append("typename");
                } else {
                    print(first);
                }
            }
            case VALUE_PARAMETER -> print(first);
            case TEMPLATE_TEMPLATE_PARAMETER -> {
                out.append("template");
                templateHead(first, false);
                out.append(" class");
            }
            default -> {
                templateParameter(first);
                out.append("...");
            }
        }
        out.leave();
    }

    private String parameterPrefix(int parameter) {
        int node = parameter;
        while (tree.is(node, Kind.PARAMETER_PACK)) {
            node = tree.first(node);
        }
        return switch (tree.kind(node)) {
            case TYPE_PARAMETER -> "$T";
            case VALUE_PARAMETER -> "$N";
            default -> "$TT";
        };
    }

    private void lambdaParameter(int index) {
        int parameter = element(lambdaHead, index);
        if (parameter == 0) {
            out.append("auto:").append(index + 1L);
        } else {
            out.append(parameterPrefix(parameter)).append(index);
        }
    }

    /**
     * What a template parameter stands for, itself no template parameter; 0 for an element that its pack does not have.
     * Sets the scope to that in which the result is to be printed; the caller sets it back.
     */
    private int resolve(int node) {
        int argument = node;
        while (tree.is(argument, Kind.TEMPLATE_PARAMETER)) {
            out.step();
            argument = argument(argument);
            scope = scope.outer;
            if (tree.is(argument, Kind.PACK) && packIndex >= 0) {
                argument = element(tree.first(argument), packIndex);
            }
        }
        return argument;
    }

    private int argument(int parameter) {
        int argument = scope == null ? 0 : element(scope.arguments, tree.first(parameter));
        if (argument == 0) {
            throw new Malformed();
        }
        return argument;
    }

    private int element(int list, int index) {
        int cell = list;
        for (int i = 0; i < index && cell != 0; i++) {
            cell = tree.second(cell);
            out.step();
        }
        return cell == 0 ? 0 : tree.first(cell);
    }

    private void expansion(int pattern) {
        int pack = findPack(pattern);
        if (pack == 0) {
            print(pattern);
            out.append("...");
            return;
        }
        int outer = packIndex;
        int length = length(tree.first(pack));
        for (int i = 0; i < length; i++) {
            packIndex = i;
            int before = out.length();
            if (i > 0) {
                out.append(", ");
            }
            int start = out.length();
            print(pattern);
            if (out.length() == start) {
                out.truncate(before);
            }
        }
        packIndex = outer;
    }

    /** For an expression that is about all elements of a pack. */
    void printWholePack(int node) {
        int outer = packIndex;
        packIndex = -1;
        expressions.operand(node);
        packIndex = outer;
    }

    /** The first pack that a pattern repeats; 0 when there is none. */
    int findPack(int node) {
        out.enter();
        int found = 0;
        if (tree.is(node, Kind.TEMPLATE_PARAMETER)) {
            if (lambdaDepth == 0) {
                int argument = argument(node);
                found = tree.is(argument, Kind.PACK) ? argument : 0;
            }
        } else {
            int current = node;
            while (tree.is(current, Kind.LIST) && found == 0) {
                found = findPack(tree.first(current));
                current = tree.second(current);
            }
            int searched = tree.kind(current).searched;
            if (found == 0 && (searched & 1) != 0) {
                found = findPack(tree.first(current));
            }
            if (found == 0 && (searched & 2) != 0) {
                found = findPack(tree.second(current));
            }
            if (found == 0 && (searched & 4) != 0) {
                found = findPack(tree.third(current));
            }
        }
        out.leave();
        return found;
    }

    int length(int list) {
        int length = 0;
        for (int cell = list; cell != 0; cell = tree.second(cell)) {
            length++;
            out.step();
        }
        return length;
    }

    /** The number of arguments after the expansion of packs. */
    int expandedLength(int list) {
        int length = 0;
        for (int cell = list; cell != 0; cell = tree.second(cell)) {
            int argument = tree.first(cell);
            if (tree.is(argument, Kind.PACK_EXPANSION)) {
                int pack = findPack(tree.first(argument));
                length += pack == 0 ? 1 : length(tree.first(pack));
            } else {
                length++;
            }
        }
        return length;
    }

    /** What is under references to references, which collapse into one; sets the scope as {@link #resolve} does. */
    private int referent(int reference) {
        int node = reference;
        while (isReference(node)) {
            out.step();
            node = tree.first(node);
            if (tree.is(node, Kind.TEMPLATE_PARAMETER) && lambdaDepth == 0) {
                node = resolve(node);
            }
        }
        return node;
    }

    /** An rvalue reference is one all the way. */
    private boolean isLvalueReference(int reference) {
        Scope outerScope = scope;
        int node = reference;
        while (tree.is(node, Kind.RVALUE_REFERENCE)) {
            out.step();
            node = tree.first(node);
            if (tree.is(node, Kind.TEMPLATE_PARAMETER) && lambdaDepth == 0) {
                node = resolve(node);
            }
        }
        scope = outerScope;
        return tree.is(node, Kind.REFERENCE);
    }

    private boolean isReference(int node) {
        return tree.is(node, Kind.REFERENCE) || tree.is(node, Kind.RVALUE_REFERENCE);
    }

    /** Whether a type has that qualifier already, such as the argument that a parameter stands for. */
    private boolean isQualified(int type, int qualifier) {
        Scope outerScope = scope;
        int node = type;
        boolean found = false;
        while (isTransparent(node) && !found) {
            found = tree.is(node, Kind.QUALIFIED) && tree.second(node) == qualifier;
            node = through(node);
        }
        scope = outerScope;
        return found;
    }

    /** A decimal number in the symbol, perhaps with the sign "n", or other text in it. */
    String textOf(int name) {
        return text.substring(tree.first(name), tree.second(name));
    }
}
