// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

/** Spells a BTF type as C does, for messages: the parameters of functions and the members of structs are left out. */
final class TypeSpelling {
    private final Btf btf;

    TypeSpelling(Btf btf) {
        this.btf = btf;
    }

    String of(int id) {
        return declare(id, "", 0);
    }

    /** The type with {@code inner} where C puts the name of a variable. */
    private String declare(int id, String inner, int depth) {
        if (depth > Btf.MAX_DEPTH) {
            return join("...", inner);
        }
        BtfType type = btf.type(id);
        if (type instanceof BtfType.Qualified) {
            return qualified(id, inner, depth);
        }
        if (type instanceof BtfType.TypeTag tag) {
            return declare(tag.type(), inner, depth + 1);
        }
        if (type instanceof BtfType.Ptr ptr) {
            BtfType target = btf.type(ptr.type());
            boolean bound = target instanceof BtfType.Array || target instanceof BtfType.FuncProto;
            return declare(ptr.type(), bound ? "(*" + inner + ")" : "*" + inner, depth + 1);
        }
        if (type instanceof BtfType.Array array) {
            return declare(
                    array.element(), inner + (array.length() == 0 ? "[]" : "[" + array.length() + "]"), depth + 1);
        }
        if (type instanceof BtfType.FuncProto proto) {
            return declare(proto.returnType(), inner + "(...)", depth + 1);
        }
        if (type instanceof BtfType.Func func) {
            return declare(func.type(), func.name() + inner, depth + 1);
        }
        if (type instanceof BtfType.Var variable) {
            return declare(variable.type(), variable.name() + inner, depth + 1);
        }
        return join(plain(type), inner);
    }

    /** Qualifiers of a pointer stand behind its star, all others in front. */
    private String qualified(int id, String inner, int depth) {
        StringBuilder words = new StringBuilder();
        int at = id;
        int below = depth;
        while (below <= Btf.MAX_DEPTH && btf.type(at) instanceof BtfType.Qualified qualified) {
            words.append(words.isEmpty() ? "" : " ")
                    .append(qualified.qualifier().word());
            at = qualified.type();
            below++;
        }
        return btf.type(at) instanceof BtfType.Ptr
                ? declare(at, join(words.toString(), inner), below)
                : words + " " + declare(at, inner, below);
    }

    private static String plain(BtfType type) {
        return switch (type) {
            case BtfType.Int integer -> integer.name();
            case BtfType.Float number -> number.name();
            case BtfType.Typedef typedef -> typedef.name();
            case BtfType.Struct struct -> tagged(struct.isUnion() ? "union" : "struct", struct.name());
            case BtfType.Fwd fwd -> tagged(fwd.isUnion() ? "union" : "struct", fwd.name());
            case BtfType.Enum enumeration -> tagged("enum", enumeration.name());
            case BtfType.Datasec datasec -> "section " + datasec.name();
            case BtfType.DeclTag tag -> "attribute " + tag.name();
            default -> "void";
        };
    }

    private static String tagged(String word, String name) {
        return name.isEmpty() ? word + " {...}" : word + " " + name;
    }

    private static String join(String base, String inner) {
        return inner.isEmpty() || inner.startsWith("[") ? base + inner : base + " " + inner;
    }
}
