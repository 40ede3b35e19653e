// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

import java.util.Objects;

/**
 * The bytes of an ELF file, in memory or read from the file as they are needed.
 *
 * <p>Files are never mapped: one that shrinks while it is mapped raises SIGBUS, the pages that were touched count as our
 * memory, and a mapping cannot be given back at a known time. A read of a file that shrinks just comes back short.
 */
final class ElfBytes {
    private final OpenFile file;
    private final byte[] memory;
    private final long size;

    ElfBytes(OpenFile file) {
        this.file = Objects.requireNonNull(file);
        this.memory = null;
        this.size = file.size();
    }

    ElfBytes(byte[] memory) {
        this.file = null;
        this.memory = memory;
        this.size = memory.length;
    }

    long size() {
        return size;
    }

    /** What it occupies on the heap. */
    int heapBytes() {
        return memory == null ? 0 : memory.length;
    }

    /** Whether {@code length} bytes at {@code offset}, as unsigned numbers, are all inside. */
    boolean contains(long offset, long length) {
        return offset >= 0 && length >= 0 && offset <= size && length <= size - offset;
    }

    void read(long offset, byte[] into, int length) throws ElfException {
        if (!contains(offset, length)) {
            throw new ElfException("its headers point outside of its " + size + " bytes");
        }
        if (memory != null) {
            System.arraycopy(memory, (int) offset, into, 0, length);
        } else {
            file.read(offset, into, length);
        }
    }

    /** Like {@link #read}, of at most {@code max} bytes: what there is of them up to the end. */
    byte[] upTo(long offset, long max, int limit) throws ElfException {
        if (!contains(offset, 0)) {
            throw new ElfException("its headers point outside of its " + size + " bytes");
        }
        byte[] bytes = new byte[(int) Math.min(Math.min(max < 0 ? Long.MAX_VALUE : max, limit), size - offset)];
        read(offset, bytes, bytes.length);
        return bytes;
    }
}
