// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.zip.CRC32;

/**
 * The size and the CRC-32 of content, in hexadecimal, for the names of what is made of it. Not SHA-256, which takes a third
 * of a second for the kernel's types in a JVM that has just started.
 */
final class Fingerprint {
    private Fingerprint() {}

    /** Of bytes, one array after the other. */
    static String of(byte[]... parts) {
        CRC32 crc = new CRC32();
        long size = 0;
        for (byte[] part : parts) {
            crc.update(part, 0, part.length);
            size += part.length;
        }
        return text(size, crc);
    }

    /** Of a file, read in pieces: a vmlinux with debug information can have a gigabyte. */
    static String of(Path file) throws IOException {
        CRC32 crc = new CRC32();
        long size = 0;
        try (FileInputStream in = new FileInputStream(file.toFile())) {
            byte[] piece = new byte[1 << 16];
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                crc.update(piece, 0, n);
                size += n;
            }
        }
        return text(size, crc);
    }

    private static String text(long size, CRC32 crc) {
        return Long.toHexString(size) + "-" + Long.toHexString(crc.getValue());
    }
}
