// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.bpf.Btf;
import dev.jbcc.bpf.BtfType;
import java.util.ArrayList;
import java.util.List;

/** The named members of a struct, those of anonymous structs among them. */
final class FileMembers {
    private static final int MAX_DEPTH = 8;

    private FileMembers() {}

    /** The members in their order, at their offsets from the start of the struct; none when the type is no struct. */
    static List<BtfType.Member> of(Btf btf, int type) {
        List<BtfType.Member> members = new ArrayList<>();
        if (btf.resolve(type) instanceof BtfType.Struct struct && !struct.isUnion()) {
            add(btf, struct, 0, 0, members);
        }
        return members;
    }

    private static void add(Btf btf, BtfType.Struct struct, long bits, int depth, List<BtfType.Member> to) {
        for (BtfType.Member member : struct.members()) {
            BtfType.Member moved =
                    new BtfType.Member(member.name(), bits + member.bitOffset(), member.bitSize(), member.type());
            if (!member.name().isEmpty()) {
                to.add(moved);
            } else if (btf.resolve(member.type()) instanceof BtfType.Struct inner && depth < MAX_DEPTH) {
                add(btf, inner, moved.bitOffset(), depth + 1, to);
            }
        }
    }
}
