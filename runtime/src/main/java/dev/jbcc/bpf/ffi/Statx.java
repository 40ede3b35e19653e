// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * What statx(2) says of a file: {@code struct statx} of include/uapi/linux/stat.h, the same on every architecture.
 *
 * @param mode type and permission bits
 * @param uid its owner, as numbered in our user namespace
 * @param modified when the content was last changed, nanoseconds since 1970; the owner can set it
 * @param major of the device that holds the file
 * @param minor of that device
 */
public record Statx(int mode, int uid, long inode, long size, long modified, int major, int minor) {
    private static final MemorySegment syscall = OpenAt.find("syscall");
    // By its number, not the C library's function: it came late to some, and without it nothing here would run.
    private static final long STATX = System.getProperty("os.arch").equals("aarch64") ? 291 : 332;
    private static final long SIZE = 256;
    private static final int WANTED = 0x7ff; // STATX_BASIC_STATS
    private static final int AT_FDCWD = -100;
    private static final int AT_EMPTY_PATH = 0x1000;

    private static final int TYPE = 0170000;
    private static final int REGULAR = 0100000;
    private static final int SOCKET = 0140000;
    private static final int READ_BY_OTHERS = 0004;

    /** Of what a descriptor is open for; it may be one that only names the file. */
    public static Statx of(int fd) {
        return of(fd, "", AT_EMPTY_PATH);
    }

    /** Of what a path leads to; {@code path} is its bytes as ISO 8859-1. */
    public static Statx of(String path) {
        return of(AT_FDCWD, path, 0);
    }

    private static Statx of(int directory, String path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path, StandardCharsets.ISO_8859_1);
            MemorySegment statx = arena.allocate(SIZE, 8);
            Libc.check("statx", Native.call(syscall, STATX, directory, name.address(), flags, WANTED, statx.address()));
            return new Statx(
                    Short.toUnsignedInt(statx.get(ValueLayout.JAVA_SHORT, 28)),
                    statx.get(ValueLayout.JAVA_INT, 20),
                    statx.get(ValueLayout.JAVA_LONG, 32),
                    statx.get(ValueLayout.JAVA_LONG, 40),
                    statx.get(ValueLayout.JAVA_LONG, 112) * 1_000_000_000 + statx.get(ValueLayout.JAVA_INT, 120),
                    statx.get(ValueLayout.JAVA_INT, 136),
                    statx.get(ValueLayout.JAVA_INT, 140));
        }
    }

    public boolean isRegular() {
        return (mode & TYPE) == REGULAR;
    }

    public boolean isSocket() {
        return (mode & TYPE) == SOCKET;
    }

    /** Whether everybody may read it. */
    public boolean isPublic() {
        return (mode & READ_BY_OTHERS) != 0;
    }

    /** Whether it is the same file; links and names may differ. */
    public boolean sameFile(Statx other) {
        return inode == other.inode && major == other.major && minor == other.minor;
    }

    /** Whether it is the same file with the same content, as far as the kernel can tell. */
    public boolean sameContent(Statx other) {
        return sameFile(other) && size == other.size && modified == other.modified;
    }
}
