// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.JbccException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The types of a BPF object or of the kernel, read from a BTF section that is complete in itself (a module's needs the
 * kernel's besides, and is not read). A type is decoded when it is asked for; threads may share an instance. Whatever
 * is wrong with the section ends in {@link JbccException.Failed}.
 *
 * {@snippet :
 * BtfType.Struct event = object.btf().struct("event").orElseThrow();
 * for (BtfType.Member member : event.members()) {
 *     System.out.println(object.btf().spell(member.type()) + " " + member.name());
 * }
 * }
 */
public final class Btf {
    /** BTF does not say how wide a pointer is; BPF and all kernels that jbcc runs on are 64-bit. */
    static final int POINTER_SIZE = 8;

    /** As many links as libbpf follows (MAX_RESOLVE_DEPTH) before it calls a type endless. */
    static final int MAX_DEPTH = 32;

    private static final long MAX_SIZE = 0xffff_ffffL;
    private static final BtfType VOID = new BtfType.Void();

    private final BtfSection section;

    /** Made at the first look-up by name; several threads may make it, each the same. */
    private NameIndex names;

    private Btf(BtfSection section) {
        this.section = section;
    }

    /** Reads a whole section, of either byte order. It is copied: {@code raw} may be freed afterwards. */
    public static Btf parse(MemorySegment raw) {
        return new Btf(new BtfSection(raw));
    }

    /** The byte order of the section, which is that of the data it describes. */
    public ByteOrder order() {
        return section.order();
    }

    /** How many types there are: ids go from 1 to this number. */
    public int count() {
        return section.count();
    }

    /** The type of an id; 0 is void. */
    public BtfType type(int id) {
        if (id == 0) {
            return VOID;
        }
        return switch (section.kind(id)) {
            case BtfSection.INT -> integer(id);
            case BtfSection.PTR -> new BtfType.Ptr(id, section.link(id));
            case BtfSection.ARRAY -> array(id);
            case BtfSection.STRUCT -> struct(id, false);
            case BtfSection.UNION -> struct(id, true);
            case BtfSection.ENUM -> enumeration(id, false);
            case BtfSection.ENUM64 -> enumeration(id, true);
            case BtfSection.FWD -> new BtfType.Fwd(id, section.name(id), section.flag(id));
            case BtfSection.TYPEDEF -> new BtfType.Typedef(id, section.name(id), section.link(id));
            case BtfSection.VOLATILE -> new BtfType.Qualified(id, BtfType.Qualifier.VOLATILE, section.link(id));
            case BtfSection.CONST -> new BtfType.Qualified(id, BtfType.Qualifier.CONST, section.link(id));
            case BtfSection.RESTRICT -> new BtfType.Qualified(id, BtfType.Qualifier.RESTRICT, section.link(id));
            case BtfSection.TYPE_TAG -> new BtfType.TypeTag(id, section.name(id), section.link(id));
            case BtfSection.FUNC ->
                new BtfType.Func(id, section.name(id), section.link(id), linkage(id, section.vlen(id)));
            case BtfSection.FUNC_PROTO -> funcProto(id);
            case BtfSection.VAR -> variable(id);
            case BtfSection.DATASEC -> datasec(id);
            case BtfSection.FLOAT -> new BtfType.Float(id, section.name(id), section.size(id));
            default -> declTag(id);
        };
    }

    private BtfType.Int integer(int id) {
        int encoding = section.number(section.start(id) + BtfSection.COMMON);
        return new BtfType.Int(
                id,
                section.name(id),
                section.size(id),
                encoding >>> 16 & 0xff,
                encoding & 0xff,
                (encoding & 1 << 24) != 0,
                (encoding & 1 << 25) != 0,
                (encoding & 1 << 26) != 0);
    }

    private BtfType.Array array(int id) {
        int at = section.start(id) + BtfSection.COMMON;
        return new BtfType.Array(id, section.number(at), section.number(at + 4), section.word(at + 8));
    }

    private BtfType.Struct struct(int id, boolean isUnion) {
        BtfType.Member[] members = new BtfType.Member[section.vlen(id)];
        boolean bitFields = section.flag(id);
        int at = section.start(id) + BtfSection.COMMON;
        for (int i = 0; i < members.length; i++, at += 12) {
            long offset = section.word(at + 8);
            members[i] = new BtfType.Member(
                    section.string(section.number(at)),
                    bitFields ? offset & 0xff_ffff : offset,
                    bitFields ? (int) (offset >>> 24) : 0,
                    section.number(at + 4));
        }
        return new BtfType.Struct(id, section.name(id), section.size(id), isUnion, List.of(members));
    }

    private BtfType.Enum enumeration(int id, boolean wide) {
        BtfType.Value[] values = new BtfType.Value[section.vlen(id)];
        boolean isSigned = section.flag(id);
        int at = section.start(id) + BtfSection.COMMON;
        for (int i = 0; i < values.length; i++, at += wide ? 12 : 8) {
            long low = section.word(at + 4);
            long value = wide ? low | section.word(at + 8) << 32 : isSigned ? (int) low : low;
            values[i] = new BtfType.Value(section.string(section.number(at)), value);
        }
        return new BtfType.Enum(id, section.name(id), section.size(id), isSigned, List.of(values));
    }

    private BtfType.FuncProto funcProto(int id) {
        BtfType.Param[] params = new BtfType.Param[section.vlen(id)];
        int at = section.start(id) + BtfSection.COMMON;
        for (int i = 0; i < params.length; i++, at += 8) {
            params[i] = new BtfType.Param(section.string(section.number(at)), section.number(at + 4));
        }
        return new BtfType.FuncProto(id, section.link(id), List.of(params));
    }

    private BtfType.Var variable(int id) {
        int linkage = section.number(section.start(id) + BtfSection.COMMON);
        return new BtfType.Var(id, section.name(id), section.link(id), linkage(id, linkage));
    }

    private BtfType.Datasec datasec(int id) {
        BtfType.SectionVariable[] variables = new BtfType.SectionVariable[section.vlen(id)];
        int at = section.start(id) + BtfSection.COMMON;
        for (int i = 0; i < variables.length; i++, at += 12) {
            variables[i] = new BtfType.SectionVariable(section.number(at), section.word(at + 4), section.word(at + 8));
        }
        return new BtfType.Datasec(id, section.name(id), section.size(id), List.of(variables));
    }

    private BtfType.DeclTag declTag(int id) {
        int component = section.number(section.start(id) + BtfSection.COMMON);
        return new BtfType.DeclTag(id, section.name(id), section.link(id), component);
    }

    private static BtfType.Linkage linkage(int id, int value) {
        return switch (value) {
            case 0 -> BtfType.Linkage.STATIC;
            case 1 -> BtfType.Linkage.GLOBAL;
            case 2 -> BtfType.Linkage.EXTERN;
            default -> throw BtfSection.damaged("type " + id + " has the unknown linkage " + value);
        };
    }

    /** The struct or union of that name, or the one that a typedef of that name stands for. */
    public Optional<BtfType.Struct> struct(String name) {
        int id = find(name, 1 << BtfSection.STRUCT | 1 << BtfSection.UNION);
        if (id == 0) {
            id = find(name, 1 << BtfSection.TYPEDEF);
        }
        return resolve(id) instanceof BtfType.Struct struct ? Optional.of(struct) : Optional.empty();
    }

    /** The enum of that name. */
    public Optional<BtfType.Enum> enumeration(String name) {
        int id = find(name, 1 << BtfSection.ENUM | 1 << BtfSection.ENUM64);
        return type(id) instanceof BtfType.Enum enumeration ? Optional.of(enumeration) : Optional.empty();
    }

    /** The function of that name. */
    public Optional<BtfType.Func> func(String name) {
        int id = find(name, 1 << BtfSection.FUNC);
        return type(id) instanceof BtfType.Func func ? Optional.of(func) : Optional.empty();
    }

    /** A global variable; offset in its section and size in bytes, as the section says, type as an id. */
    public record Variable(String name, long offset, long size, int type) {}

    /**
     * The global variables of an ELF section such as {@code .rodata}, none if it is not described. Offsets and sizes
     * of an object file are right only after libbpf has opened it: the linker information in the file is needed.
     */
    public List<Variable> variables(String sectionName) {
        List<Variable> found = new ArrayList<>();
        if (type(find(sectionName, 1 << BtfSection.DATASEC)) instanceof BtfType.Datasec datasec) {
            for (BtfType.SectionVariable entry : datasec.variables()) {
                // Extern functions (kfuncs) stand here too, in ".ksyms".
                if (type(entry.type()) instanceof BtfType.Var variable) {
                    found.add(new Variable(variable.name(), entry.offset(), entry.size(), variable.type()));
                }
            }
        }
        return found;
    }

    private int find(String name, int kinds) {
        NameIndex index = names;
        if (index == null) {
            index = new NameIndex(section);
            names = index;
        }
        return index.find(name, kinds);
    }

    /** The type behind all typedefs, qualifiers and type tags. */
    public BtfType resolve(int id) {
        return type(resolveId(id));
    }

    int resolveId(int id) {
        int at = id;
        for (int depth = 0; depth < MAX_DEPTH; depth++) {
            switch (at == 0 ? 0 : section.kind(at)) {
                case BtfSection.TYPEDEF,
                        BtfSection.VOLATILE,
                        BtfSection.CONST,
                        BtfSection.RESTRICT,
                        BtfSection.TYPE_TAG -> at = section.link(at);
                default -> {
                    return at;
                }
            }
        }
        throw endless(id);
    }

    /** The size of a value of that type, 0 to 4 GiB; void, functions and declarations have none and are refused. */
    public long sizeof(int id) {
        long count = 1;
        int at = id;
        for (int depth = 0; depth < MAX_DEPTH; depth++) {
            switch (at == 0 ? 0 : section.kind(at)) {
                case BtfSection.INT,
                        BtfSection.STRUCT,
                        BtfSection.UNION,
                        BtfSection.ENUM,
                        BtfSection.ENUM64,
                        BtfSection.FLOAT,
                        BtfSection.DATASEC -> {
                    return times(id, count, section.size(at));
                }
                case BtfSection.PTR -> {
                    return times(id, count, POINTER_SIZE);
                }
                case BtfSection.ARRAY -> {
                    int array = section.start(at) + BtfSection.COMMON;
                    count = times(id, count, section.word(array + 8));
                    at = section.number(array);
                }
                case BtfSection.TYPEDEF,
                        BtfSection.VOLATILE,
                        BtfSection.CONST,
                        BtfSection.RESTRICT,
                        BtfSection.TYPE_TAG,
                        BtfSection.VAR -> at = section.link(at);
                default -> throw BtfSection.damaged("type " + id + ", " + spell(id) + ", has no size");
            }
        }
        throw endless(id);
    }

    /** Both factors are below 2^32, so that the product overflows to a negative number at worst. */
    private static long times(int id, long count, long size) {
        long product = count * size;
        if (product < 0 || product > MAX_SIZE) {
            throw BtfSection.damaged("type " + id + " is larger than 4 GiB");
        }
        return product;
    }

    private static JbccException.Failed endless(int id) {
        return BtfSection.damaged("type " + id + " refers to itself, or to more than " + MAX_DEPTH + " others in turn");
    }

    /** The type as C spells it without a variable, such as {@code char[16]} or {@code const struct foo *}. */
    public String spell(int id) {
        return new TypeSpelling(this).of(id);
    }
}
