// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import java.util.List;

/**
 * One type of a BTF section, as the kernel's Documentation/bpf/btf.rst describes it. Types refer to each other by id,
 * to be looked up with {@link Btf#type}; id 0 is void. A type without a name has the empty string.
 *
 * <p>{@link Btf} shows its use.
 */
public sealed interface BtfType {
    int id();

    record Void() implements BtfType {
        @Override
        public int id() {
            return 0;
        }
    }

    /** {@code bitOffset} and {@code bits} differ from 0 and 8 * {@code size} only for bit-fields of old compilers. */
    record Int(
            int id, String name, long size, int bitOffset, int bits, boolean isSigned, boolean isChar, boolean isBool)
            implements BtfType {}

    /** {@code type} may be void. */
    record Ptr(int id, int type) implements BtfType {}

    /** {@code length} is the number of elements, 0 for a flexible array. */
    record Array(int id, int element, int indexType, long length) implements BtfType {}

    /** A struct or a union; {@code size} in bytes. */
    record Struct(int id, String name, long size, boolean isUnion, List<Member> members) implements BtfType {}

    /** A member of a struct; {@code bitSize} is 0 unless it is a bit-field. */
    record Member(String name, long bitOffset, int bitSize, int type) {}

    /** An enum of 1, 2, 4 or 8 bytes. */
    record Enum(int id, String name, long size, boolean isSigned, List<Value> values) implements BtfType {}

    /** A constant of an enum; one of an unsigned 64-bit enum is given as bits. */
    record Value(String name, long value) {}

    /** A struct or union that is declared but not defined. */
    record Fwd(int id, String name, boolean isUnion) implements BtfType {}

    record Typedef(int id, String name, int type) implements BtfType {}

    /** const, volatile or restrict. */
    record Qualified(int id, Qualifier qualifier, int type) implements BtfType {}

    enum Qualifier {
        VOLATILE("volatile"),
        CONST("const"),
        RESTRICT("restrict");

        private final String word;

        Qualifier(String word) {
            this.word = word;
        }

        /** As C spells it. */
        public String word() {
            return word;
        }
    }

    /** An attribute of a pointed-to type, such as {@code user} or {@code rcu}. */
    record TypeTag(int id, String name, int type) implements BtfType {}

    /** A function; {@code type} is its prototype. */
    record Func(int id, String name, int type, Linkage linkage) implements BtfType {}

    /** The last parameter of a variadic function has no name and type 0. */
    record FuncProto(int id, int returnType, List<Param> params) implements BtfType {}

    record Param(String name, int type) {}

    /** A global variable; {@link Btf#variables} says where it is. */
    record Var(int id, String name, int type, Linkage linkage) implements BtfType {}

    enum Linkage {
        STATIC,
        GLOBAL,
        EXTERN
    }

    /** The variables of one ELF section, such as {@code .rodata}. */
    record Datasec(int id, String name, long size, List<SectionVariable> variables) implements BtfType {}

    /** Where a {@link Var} is in its section; offset and size in bytes. */
    record SectionVariable(int type, long offset, long size) {}

    record Float(int id, String name, long size) implements BtfType {}

    /** An attribute of {@code type}, or of its member or parameter {@code component} unless that is -1. */
    record DeclTag(int id, String name, int type, int component) implements BtfType {}
}
