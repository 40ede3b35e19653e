// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.demangle;

import java.util.Arrays;

/**
 * What a C++ name consists of: nodes with a kind and up to three operands, kept in arrays instead of an object each.
 *
 * <p>Node 0 is none. A node's operands are older than the node, so that the graph has no cycle, but a node can be an
 * operand of many: that is what substitutions do.
 */
final class CppTree {
    /** What a node is, with its operands in order; those not called otherwise are nodes. */
    enum Kind {
        NONE(0),
        /** Part of the symbol: start, end. */
        NAME(0),
        /** Abbreviation of the standard library: its character, and how to show it. */
        STANDARD(0),
        ANONYMOUS_NAMESPACE(0),
        /** Scope and member. */
        NESTED(3),
        /** Function and entity inside. */
        LOCAL(3),
        /** Name and arguments. */
        TEMPLATE(3),
        /** Name and ABI tag. */
        TAGGED(1),
        /** Name of the class. */
        CONSTRUCTOR(1),
        DESTRUCTOR(1),
        /** Index in {@link CppOperators}. */
        OPERATOR(0),
        /** The type converted to. */
        CONVERSION(1),
        LITERAL_OPERATOR(1),
        VENDOR_OPERATOR(1),
        /** Number. */
        UNNAMED_TYPE(0),
        BLOCK(0),
        DEFAULT_ARGUMENT(0),
        /** Parameters, number, template head. */
        LAMBDA(0),
        STRING_LITERAL(0),
        /** List of names. */
        STRUCTURED_BINDING(0),
        /** Name and module. */
        IN_MODULE(1),
        /** Parent module, name. */
        MODULE(0),
        PARTITION(0),
        /** Index of the text, and what it is for. */
        SPECIAL(2),
        /** Base and derived class. */
        CONSTRUCTION_VTABLE(3),
        /** Name and number. */
        REFERENCE_TEMPORARY(1),
        /** Encoding and suffix. */
        CLONE(1),
        /** Name, type, template arguments that the type's template parameters stand for. */
        ENCODING(3),
        /** Function and list of conditions. */
        ENABLE_IF(1),
        /** Entity, condition, template arguments as of an encoding. */
        CONSTRAINED(1),

        /** A character, or two in the bytes of an int. */
        BUILTIN(0),
        /** Width as a name, suffix as a character. */
        FLOAT(0),
        /** Width, and whether unsigned. */
        BIT_INT(1),
        /** Type, or name of a member without a type, and qualifier character. */
        QUALIFIED(1),
        /** Type, name, template arguments. */
        VENDOR_QUALIFIED(5),
        /** Keyword character and type. */
        ELABORATED(2),
        POINTER(1),
        REFERENCE(1),
        RVALUE_REFERENCE(1),
        COMPLEX(1),
        IMAGINARY(1),
        /** Result or 0, list of parameters. */
        FUNCTION(3),
        /** Function, and the character of a qualifier of its {@code this} or of its own. */
        FUNCTION_QUALIFIED(1),
        /** Function and condition. */
        NOEXCEPT(3),
        /** Function and list of types. */
        THROW(3),
        /** Element and dimension or 0. */
        ARRAY(3),
        VECTOR(3),
        /** Class and member. */
        MEMBER_POINTER(3),
        /** Index. */
        TEMPLATE_PARAMETER(0),
        PACK_EXPANSION(0),
        DECLTYPE(1),
        /** Concept, and whether decltype(auto). */
        CONSTRAINED_AUTO(1),
        /** Element, next cell, last cell (in the first). */
        LIST(3),
        /** List. */
        PACK(1),

        /** The kinds of template parameters in the head of a lambda: type. */
        TYPE_PARAMETER(0),
        VALUE_PARAMETER(0),
        TEMPLATE_TEMPLATE_PARAMETER(0),
        PARAMETER_PACK(0),

        /** Type and digits. */
        LITERAL(1),
        /** Operator and operand. */
        UNARY(2),
        POSTFIX(2),
        RETHROW(0),
        /** Operator and two operands. */
        BINARY(6),
        SUBSCRIPT(3),
        /** Three operands. */
        CONDITIONAL(7),
        /** Function and list. */
        CALL(3),
        /** Type and expression. */
        CAST(3),
        /** Operator, type and expression. */
        NAMED_CAST(6),
        /** Operator, pack and first operand or 0. */
        LEFT_FOLD(6),
        RIGHT_FOLD(6),
        /** Type or 0, and list. */
        INITIALIZER_LIST(3),
        /** List of placement, type, initializer list or 0. */
        NEW(7),
        NEW_INITIALIZER(1),
        SIZEOF_PACK(1),
        SIZEOF_ARGUMENTS(1),
        /** Number; 0 is this. */
        FUNCTION_PARAMETER(0),
        /** Member and value. */
        DESIGNATED(3),
        DESIGNATED_INDEX(3),
        /** First, last and value. */
        DESIGNATED_RANGE(7),
        /** Name and list. */
        VENDOR_EXPRESSION(2),
        /** List of parameters, list of requirements. */
        REQUIRES(3),
        EXPRESSION_REQUIREMENT(5),
        TYPE_REQUIREMENT(1),
        NESTED_REQUIREMENT(1);

        /** Which operands are nodes in which a parameter pack is to be looked for: 1, 2, 4. */
        final int searched;

        Kind(int searched) {
            this.searched = searched;
        }
    }

    private static final Kind[] KINDS = Kind.values();

    private byte[] kinds;
    private int[] operands;
    private int size = 1;

    CppTree(int capacity) {
        kinds = new byte[capacity + 1];
        operands = new int[3 * (capacity + 1)];
    }

    Kind kind(int node) {
        return KINDS[kinds[node]];
    }

    boolean is(int node, Kind kind) {
        return kinds[node] == kind.ordinal();
    }

    int first(int node) {
        return operands[3 * node];
    }

    int second(int node) {
        return operands[3 * node + 1];
    }

    int third(int node) {
        return operands[3 * node + 2];
    }

    int add(Kind kind, int first, int second, int third) {
        if (size == kinds.length) {
            kinds = Arrays.copyOf(kinds, 2 * size);
            operands = Arrays.copyOf(operands, 6 * size);
        }
        kinds[size] = (byte) kind.ordinal();
        operands[3 * size] = first;
        operands[3 * size + 1] = second;
        operands[3 * size + 2] = third;
        return size++;
    }

    int add(Kind kind, int first, int second) {
        return add(kind, first, second, 0);
    }

    int add(Kind kind, int first) {
        return add(kind, first, 0, 0);
    }

    int add(Kind kind) {
        return add(kind, 0, 0, 0);
    }

    /** Appends to a list and returns it; the list 0 is empty. */
    int append(int list, int element) {
        int cell = add(Kind.LIST, element);
        if (list == 0) {
            operands[3 * cell + 2] = cell;
            return cell;
        }
        int last = third(list);
        operands[3 * last + 1] = cell;
        operands[3 * list + 2] = cell;
        return list;
    }
}
