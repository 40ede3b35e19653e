// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.bpf.ffi.NativeException;
import dev.jbcc.bpf.ffi.OpenAt;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * Finds the separate file with the symbols of a stripped one, where gdb looks for it: by build id below
 * /usr/lib/debug/.build-id, then by {@code .gnu_debuglink} beside the file, in .debug beside it, and below
 * /usr/lib/debug; each time below the root directory of the process first, then below ours.
 *
 * <p>It must have the same build id; a file without one must have the CRC-32 that the link tells, for which all of it is
 * read, up to 1 GiB.
 */
final class DebugFiles {
    private static final String GLOBAL = "/usr/lib/debug";
    private static final long MAX_CRC_BYTES = 1L << 30;

    private DebugFiles() {}

    /**
     * The separate file, opened into the pool; null when there is none that fits.
     *
     * @param path of the stripped file in the process's view, ISO 8859-1
     * @param task whose root directory to look into; it may have ended
     */
    static ElfFile find(OpenFiles pool, ElfFile stripped, String path, int task) throws ElfException {
        String id = stripped.buildId();
        ElfFile.DebugLink link = stripped.debugLink();
        List<String> places = new ArrayList<>(4);
        if (id != null && id.length() > 2) {
            places.add(GLOBAL + "/.build-id/" + id.substring(0, 2) + "/" + id.substring(2) + ".debug");
        }
        int slash = path.lastIndexOf('/');
        if (link != null && slash >= 0) {
            String directory = path.substring(0, slash + 1);
            places.add(directory + link.name());
            places.add(directory + ".debug/" + link.name());
            places.add(GLOBAL + directory + link.name());
        }
        if (places.isEmpty()) {
            return null;
        }
        int root = open(-1, "/proc/" + task + "/root");
        try {
            for (String place : places) {
                for (int in = root >= 0 ? 0 : 1; in < 2; in++) {
                    int descriptor = in == 0 ? open(root, place) : open(-1, place);
                    if (descriptor >= 0) {
                        ElfFile found = check(pool, descriptor, place, id, link);
                        if (found != null) {
                            return found;
                        }
                    }
                }
            }
        } finally {
            if (root >= 0) {
                Libc.close(root);
            }
        }
        return null;
    }

    /** A descriptor that names the file; -1 when there is none. A {@code root} of -1 is ours. */
    private static int open(int root, String path) {
        try {
            return root < 0 ? OpenAt.path(path) : OpenAt.pathInRoot(root, path);
        } catch (NativeException e) {
            return -1;
        }
    }

    private static ElfFile check(OpenFiles pool, int descriptor, String path, String id, ElfFile.DebugLink link) {
        OpenFile file = null;
        try {
            file = OpenFile.of(pool, descriptor, path);
            ElfFile elf = new ElfFile(new ElfBytes(file));
            String ownId = elf.buildId();
            boolean same = id != null && ownId != null ? id.equals(ownId) : link != null && hasCrc(file, link.crc());
            if (same && elf.symbols(elf.section(ElfFile.SHT_SYMTAB)) != null) {
                return elf;
            }
        } catch (ElfException e) {
            // Not the one then.
        }
        pool.close(file);
        return null;
    }

    private static boolean hasCrc(OpenFile file, int expected) throws ElfException {
        if (file.size() > MAX_CRC_BYTES) {
            return false;
        }
        CRC32 crc = new CRC32();
        byte[] part = new byte[1 << 16];
        for (long at = 0; at < file.size(); at += part.length) {
            int length = (int) Math.min(part.length, file.size() - at);
            file.read(at, part, length);
            crc.update(part, 0, length);
        }
        return (int) crc.getValue() == expected;
    }
}
