// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

import java.nio.charset.StandardCharsets;

/**
 * One executable mapping of a process: a line of /proc/PID/maps, proc(5).
 *
 * @param start of its addresses, unsigned
 * @param end of its addresses, exclusive
 * @param offset in the file of what is at {@code start}
 * @param major of the file's device, as the kernel knows it: on btrfs and overlayfs stat(2) says another
 * @param inode of the file; 0: anonymous
 * @param path of the file as ISO 8859-1, without the kernel's {@code  (deleted)}; or {@code [vdso]} and such; or empty
 * @param deleted whether the kernel says that this path no longer leads to the file
 */
record Mapping(long start, long end, long offset, int major, int minor, long inode, String path, boolean deleted) {
    private static final int MAX_MODULE = 255; // NAME_MAX

    boolean contains(long address) {
        return Long.compareUnsigned(address, start) >= 0 && Long.compareUnsigned(address, end) < 0;
    }

    boolean isFile() {
        return inode != 0 && path.startsWith("/");
    }

    /** Whether the file is memory that has only the form of a file: a JIT may well keep its code in it. */
    boolean isMemoryFile() {
        return path.startsWith("/memfd:")
                || path.startsWith("/SYSV")
                || path.startsWith("/dev/zero")
                || path.startsWith("/dev/shm/")
                || path.startsWith("/anon_hugepage");
    }

    /**
     * Memory without a file that its owner fills with code: anonymous, named by prctl(PR_SET_VMA) or the kernel's own
     * names for it.
     */
    boolean isGenerated() {
        return !isFile()
                && (path.isEmpty()
                        || path.startsWith("//anon")
                        || path.startsWith("[anon")
                        || path.equals("[heap]")
                        || path.startsWith("[stack"));
    }

    boolean isVdso() {
        return path.equals("[vdso]");
    }

    boolean sameFile(Mapping other) {
        return inode == other.inode && major == other.major && minor == other.minor && path.equals(other.path);
    }

    /** What to call it: the name of the file without its folders, malformed UTF-8 replaced; null for no file. */
    String module() {
        if (path.isEmpty() || isGenerated()) {
            return null;
        }
        String name = path.startsWith("/memfd:") ? path.substring(1) : path.substring(path.lastIndexOf('/') + 1);
        if (name.length() > MAX_MODULE) {
            name = name.substring(0, MAX_MODULE);
        }
        return new String(name.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
