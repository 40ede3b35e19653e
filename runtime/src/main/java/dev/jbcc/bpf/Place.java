// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

/**
 * Where a member is in a struct and what it is: bits from the struct's start, the width in bits if it is a bit-field
 * and else 0, the type's id. It lies wholly inside the struct.
 */
record Place(long bitOffset, int bitSize, int type, boolean inUnion) {
    /** In whole bytes, rounded down for a bit-field. */
    long offset() {
        return bitOffset >>> 3;
    }

    /** Whether it is no bit-field, and starts at a whole byte. */
    boolean isWhole() {
        return bitSize == 0 && (bitOffset & 7) == 0;
    }
}
