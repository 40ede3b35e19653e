// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.demangle;

import dev.jbcc.symbol.demangle.CppTree.Kind;

/** Prints the expressions in C++ names; operands get parentheses unless they are plain names, as libiberty does. */
final class CppExpressionPrinter {
    private final CppPrinter printer;
    private final CppTree tree;
    private final Output out;

    CppExpressionPrinter(CppPrinter printer, CppTree tree, Output out) {
        this.printer = printer;
        this.tree = tree;
        this.out = out;
    }

    void print(int node) {
        int first = tree.first(node);
        int second = tree.second(node);
        int third = tree.third(node);
        switch (tree.kind(node)) {
            case LITERAL -> literal(first, second);
            case UNARY -> unary(first, second);
            case POSTFIX -> {
                operand(second);
                out.append(CppOperators.text(first));
            }
            case RETHROW -> out.append("throw");
            case BINARY -> binary(first, second, third);
            case SUBSCRIPT -> {
                operand(first);
                out.append('[');
                printer.print(second);
                out.append(']');
            }
            case CONDITIONAL -> {
                operand(first);
                out.append('?');
                operand(second);
                out.append(" : ");
                operand(third);
            }
            case CALL -> {
                if (tree.is(first, Kind.ENCODING)) {
                    // The arguments follow, so not the parameters.
                    operand(tree.first(first));
                } else {
                    operand(first);
                }
                parenthesized(second);
            }
            case CAST -> {
                out.append('(');
                printer.print(first);
                out.append(')');
                operand(second);
            }
            case NAMED_CAST -> {
                out.append(CppOperators.text(first)).append('<');
                printer.print(second);
                out.append(">(");
                printer.print(third);
                out.append(')');
            }
            case LEFT_FOLD, RIGHT_FOLD -> fold(node);
            case INITIALIZER_LIST -> {
                if (first != 0) {
                    printer.print(first);
                }
                out.append('{');
                printer.list(second);
                out.append('}');
            }
            case NEW -> {
                out.append("new ");
                if (first != 0) {
                    parenthesized(first);
                    out.append(' ');
                }
                printer.print(second);
                if (third != 0) {
                    operand(third);
                }
            }
            case NEW_INITIALIZER -> parenthesized(first);
            case SIZEOF_PACK -> {
                int pack = printer.findPack(first);
                out.append(pack == 0 ? 0 : printer.length(tree.first(pack)));
            }
            case SIZEOF_ARGUMENTS -> out.append(printer.expandedLength(first));
            case FUNCTION_PARAMETER -> {
                if (first == 0) {
                    out.append("this");
                } else {
                    out.append("{parm#").append(first).append('}');
                }
            }
            case DESIGNATED -> {
                out.append('.');
                designated(first, second);
            }
            case DESIGNATED_INDEX -> {
                out.append('[');
                printer.print(first);
                out.append(']');
                value(second);
            }
            case DESIGNATED_RANGE -> {
                out.append('[');
                printer.print(first);
                out.append(" ... ");
                printer.print(second);
                out.append(']');
                value(third);
            }
            case VENDOR_EXPRESSION -> {
                printer.print(first);
                parenthesized(second);
            }
            case REQUIRES -> requires(first, second);
            case EXPRESSION_REQUIREMENT -> {
                out.append("{ ");
                printer.print(first);
                out.append(second == 1 ? " } noexcept" : " }");
                if (third != 0) {
                    out.append(" -> ");
                    printer.print(third);
                }
            }
            case TYPE_REQUIREMENT -> {
                out.append("typename ");
                printer.print(first);
            }
            case NESTED_REQUIREMENT -> {
                out.append("requires ");
                printer.print(first);
            }
            default -> throw new Malformed();
        }
    }

    /** An operand of an operator. */
    void operand(int node) {
        boolean isPlain = switch (tree.kind(node)) {
            case NAME, NESTED, DESTRUCTOR, INITIALIZER_LIST, NEW_INITIALIZER, FUNCTION_PARAMETER -> true;
            default -> false;
        };
        if (!isPlain) {
            out.append('(');
        }
        printer.print(node);
        if (!isPlain) {
            out.append(')');
        }
    }

    private void parenthesized(int list) {
        out.append('(');
        printer.list(list);
        out.append(')');
    }

    private void unary(int operator, int operand) {
        out.append(CppOperators.text(operator));
        if (CppOperators.is(operator, "gs")) {
            printer.print(operand);
        } else if (CppOperators.is(operator, "st") || CppOperators.is(operator, "nx")) {
            out.append('(');
            printer.print(operand);
            out.append(')');
        } else if (CppOperators.is(operator, "ad")
                && tree.is(operand, Kind.ENCODING)
                && tree.is(tree.first(operand), Kind.NESTED)
                && tree.is(tree.second(operand), Kind.FUNCTION)) {
            // The address of a member function goes without its parameters, but not that of a const one.
            printer.print(tree.first(operand));
        } else {
            operand(operand);
        }
    }

    private void binary(int operator, int left, int right) {
        // Otherwise the operator would look like the end of the template arguments.
        boolean isGreater = CppOperators.is(operator, "gt");
        if (isGreater) {
            out.append('(');
        }
        operand(left);
        out.append(CppOperators.text(operator));
        operand(right);
        if (isGreater) {
            out.append(')');
        }
    }

    private void fold(int node) {
        String operator = CppOperators.text(tree.first(node));
        boolean isBinary = tree.third(node) != 0;
        out.append('(');
        if (isBinary) {
            printer.printWholePack(tree.second(node));
            out.append(operator).append("...").append(operator);
            printer.printWholePack(tree.third(node));
        } else if (tree.is(node, Kind.LEFT_FOLD)) {
            out.append("...").append(operator);
            printer.printWholePack(tree.second(node));
        } else {
            printer.printWholePack(tree.second(node));
            out.append(operator).append("...");
        }
        out.append(')');
    }

    private void designated(int member, int value) {
        printer.print(member);
        value(value);
    }

    /** Of a designated initializer, which can have another designator before the value. */
    private void value(int node) {
        if (!tree.is(node, Kind.DESIGNATED)
                && !tree.is(node, Kind.DESIGNATED_INDEX)
                && !tree.is(node, Kind.DESIGNATED_RANGE)) {
            out.append('=');
            operand(node);
        } else {
            printer.print(node);
        }
    }

    private void requires(int parameters, int requirements) {
        out.append("requires");
        if (parameters != 0) {
            out.append(' ');
            parenthesized(parameters);
        }
        out.append(" {");
        for (int cell = requirements; cell != 0; cell = tree.second(cell)) {
            out.append(' ');
            printer.print(tree.first(cell));
            out.append(';');
        }
        out.append(" }");
    }

    private void literal(int type, int digits) {
        int builtin = tree.is(type, Kind.BUILTIN) ? tree.first(type) : 0;
        String suffix = switch (builtin) {
            case 'i' -> "";
            case 'j' -> "u";
            case 'l' -> "l";
            case 'm' -> "ul";
            case 'x' -> "ll";
            case 'y' -> "ull";
            default -> null;
        };
        String value = digits == 0 ? "" : printer.textOf(digits);
        if (builtin == 'b' && (value.equals("0") || value.equals("1"))) {
            out.append(value.equals("0") ? "false" : "true");
            return;
        }
        if (suffix == null) {
            out.append('(');
            printer.print(type);
            out.append(')');
        }
        boolean isFloat = builtin == 'f' || builtin == 'd' || builtin == 'e' || builtin == 'g';
        boolean isNegative = value.startsWith("n");
        if (isNegative) {
            out.append('-');
        }
        if (isFloat) {
            out.append('[');
        }
        out.append(value, isNegative ? 1 : 0, value.length());
        if (isFloat) {
            out.append(']');
        }
        if (suffix != null) {
            out.append(suffix);
        }
    }
}
