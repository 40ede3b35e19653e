// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import java.nio.charset.StandardCharsets;

/** Finds the types of a BTF section by kind and name, by hash chains in two arrays of ids. */
final class NameIndex {
    private static final int LOOKED_UP = 1 << BtfSection.STRUCT
            | 1 << BtfSection.UNION
            | 1 << BtfSection.ENUM
            | 1 << BtfSection.ENUM64
            | 1 << BtfSection.FUNC
            | 1 << BtfSection.TYPEDEF
            | 1 << BtfSection.DATASEC;

    private final BtfSection section;
    private final int[] first;
    private final int[] next;

    NameIndex(BtfSection section) {
        this.section = section;
        int count = section.count();
        first = new int[Integer.highestOneBit(count | 1) << 1];
        next = new int[count + 1];
        // From the last to the first, so that the lowest id comes first in its chain.
        for (int id = count; id > 0; id--) {
            if ((1 << section.kind(id) & LOOKED_UP) != 0) {
                int slot = slot(section.nameHash(id));
                next[id] = first[slot];
                first[slot] = id;
            }
        }
    }

    private int slot(int hash) {
        return (hash ^ hash >>> 16) & first.length - 1;
    }

    /** The lowest id of that name and of one of the kinds, given as bits; 0 if there is none. */
    int find(String name, int kinds) {
        byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
        if (wanted.length == 0) {
            return 0;
        }
        for (int id = first[slot(BtfSection.hash(wanted))]; id != 0; id = next[id]) {
            if ((1 << section.kind(id) & kinds) != 0 && section.isNamed(id, wanted)) {
                return id;
            }
        }
        return 0;
    }
}
