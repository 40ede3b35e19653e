// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * Unpacks {@code .gnu_debugdata}: an ELF file, compressed with xz, whose symbol table has the functions that the dynamic
 * one of a stripped file lacks (Fedora and its kin). A class of its own, so that nobody else loads the decompressor.
 *
 * <p>Limits: 64 MiB compressed, 256 MiB unpacked; the caller sets lower ones by the size of the heap.
 */
final class DebugData {
    static final int MAX_COMPRESSED = 64 << 20;
    static final int MAX_UNPACKED = 256 << 20;

    private DebugData() {}

    static ElfBytes unpack(byte[] compressed, int maxBytes, int maxDictionaryKilobytes) throws ElfException {
        try (InputStream xz = XZCompressorInputStream.builder()
                .setInputStream(new ByteArrayInputStream(compressed))
                .setMemoryLimitKiB(maxDictionaryKilobytes)
                .get()) {
            byte[] unpacked = xz.readNBytes(maxBytes);
            if (unpacked.length == maxBytes && xz.read() >= 0) {
                throw new ElfException("its .gnu_debugdata has more than " + maxBytes + " bytes");
            }
            return new ElfBytes(unpacked);
        } catch (IOException e) {
            throw new ElfException("its .gnu_debugdata cannot be unpacked: " + e.getMessage(), e);
        }
    }
}
