// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds members of structs by name: dotted names lead into nested structs, and the members of an anonymous struct or
 * union are found by their own names, as in C.
 */
final class MemberSearch {
    private final Btf btf;
    private final List<String> problems;

    /** What is not found is added to {@code problems}. */
    MemberSearch(Btf btf, List<String> problems) {
        this.btf = btf;
        this.problems = problems;
    }

    /** The member of that path, or null after a problem was noted. */
    Place find(BtfType.Struct struct, String path) {
        Place start = new Place(0, 0, struct.id(), false);
        BtfType.Struct within = struct;
        for (int from = 0; ; ) {
            int dot = path.indexOf('.', from);
            String name = dot < 0 ? path.substring(from) : path.substring(from, dot);
            Place found = member(start, within, name, new HashSet<>(), 0);
            if (found == null) {
                problems.add(btf.spell(within.id()) + " has no member '" + name + "'"
                        + Nearest.suggestion(name, names(within)));
                return null;
            }
            found = bitField(found);
            if (!fits(found, struct)) {
                problems.add(btf.spell(within.id()) + " is smaller than its member '" + name + "' needs");
                return null;
            }
            if (dot < 0) {
                return found;
            }
            if (!(found.isWhole() && btf.resolve(found.type()) instanceof BtfType.Struct next)) {
                problems.add(btf.spell(within.id()) + ": '" + name + "' is " + btf.spell(found.type())
                        + " and has no members");
                return null;
            }
            start = found;
            within = next;
            from = dot + 1;
        }
    }

    /** Whether the struct has a member of that name, which is not a path. */
    boolean has(BtfType.Struct struct, String name) {
        return member(new Place(0, 0, struct.id(), false), struct, name, new HashSet<>(), 0) != null;
    }

    /** {@code seen} holds the structs already searched: broken BTF may contain itself. */
    private Place member(Place start, BtfType.Struct struct, String name, Set<Integer> seen, int depth) {
        boolean inUnion = start.inUnion() || struct.isUnion();
        for (BtfType.Member member : struct.members()) {
            Place place = new Place(start.bitOffset() + member.bitOffset(), member.bitSize(), member.type(), inUnion);
            if (member.name().equals(name)) {
                return place;
            }
            BtfType.Struct inner = anonymous(member, seen, depth);
            Place found = inner == null ? null : member(place, inner, name, seen, depth + 1);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** The anonymous struct or union that a member is, or null; a bit-field without a name only fills space. */
    private BtfType.Struct anonymous(BtfType.Member member, Set<Integer> seen, int depth) {
        if (!member.name().isEmpty() || member.bitSize() != 0 || depth == Btf.MAX_DEPTH) {
            return null;
        }
        int id = btf.resolveId(member.type());
        return seen.add(id) && btf.type(id) instanceof BtfType.Struct inner ? inner : null;
    }

    /** Old compilers describe a bit-field by an integer type that does not fill its bytes. */
    private Place bitField(Place place) {
        return place.bitSize() == 0
                        && btf.resolve(place.type()) instanceof BtfType.Int integer
                        && (integer.bitOffset() != 0 || integer.bits() != 8 * integer.size())
                        && integer.bits() != 0
                ? new Place(place.bitOffset() + integer.bitOffset(), integer.bits(), place.type(), place.inUnion())
                : place;
    }

    private boolean fits(Place place, BtfType.Struct struct) {
        long bits = place.bitSize() != 0 ? place.bitSize() : btf.sizeof(place.type()) * 8;
        return place.bitOffset() + bits <= struct.size() * 8;
    }

    private List<String> names(BtfType.Struct struct) {
        List<String> names = new ArrayList<>();
        addNames(struct, names, new HashSet<>(), 0);
        return names;
    }

    private void addNames(BtfType.Struct struct, List<String> names, Set<Integer> seen, int depth) {
        for (BtfType.Member member : struct.members()) {
            BtfType.Struct inner = anonymous(member, seen, depth);
            if (inner != null) {
                addNames(inner, names, seen, depth + 1);
            } else if (!member.name().isEmpty()) {
                names.add(member.name());
            }
        }
    }
}
