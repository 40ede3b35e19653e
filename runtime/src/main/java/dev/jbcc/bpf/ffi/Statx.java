// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf.ffi;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What statx(2) says of a file: {@code struct statx} of include/uapi/linux/stat.h, the same on every architecture.
 *
 * @param mode type and permission bits
 * @param modified when the content was last changed, nanoseconds since 1970; the owner can set it
 * @param major of the device that holds the file
 * @param minor of that device
 */
public record Statx(int mode, long inode, long size, long modified, int major, int minor) {
    static final long SIZE = 256;
    static final int WANTED = 0x7ff; // STATX_BASIC_STATS

    private static final int TYPE = 0170000;
    private static final int REGULAR = 0100000;

    static Statx of(MemorySegment statx) {
        return new Statx(
                Short.toUnsignedInt(statx.get(ValueLayout.JAVA_SHORT, 28)),
                statx.get(ValueLayout.JAVA_LONG, 32),
                statx.get(ValueLayout.JAVA_LONG, 40),
                statx.get(ValueLayout.JAVA_LONG, 112) * 1_000_000_000 + statx.get(ValueLayout.JAVA_INT, 120),
                statx.get(ValueLayout.JAVA_INT, 136),
                statx.get(ValueLayout.JAVA_INT, 140));
    }

    public boolean isRegular() {
        return (mode & TYPE) == REGULAR;
    }

    /** Whether it is the same file with the same content, as far as the kernel can tell; links and names may differ. */
    public boolean sameContent(Statx other) {
        return inode == other.inode
                && size == other.size
                && modified == other.modified
                && major == other.major
                && minor == other.minor;
    }
}
