// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * Reads a file of the object cache, which holds an object and all that it was made from, so that a lookup compares
 * instead of hashing: SHA-256 costs 20 ms in a JVM that has just started.
 *
 * <p>The format, big-endian: magic, version; the identity of the compilation; the number of files it depends on, and for
 * each its path, a kind, and what this kind needs (see the constants); the object; CRC-32 of all before it. Byte strings
 * have their length before them.
 */
final class CacheEntry {
    static final int MAGIC = 0x4a424343;
    static final int VERSION = 1;
    private static final int CRC_BYTES = 4;

    /** There must be no such file, because clang would read it instead of one that it read. */
    static final byte ABSENT = 0;

    /** Inode, size and times must be these: for files that a package manager installs. */
    static final byte STATUS = 1;

    /**
     * The content must be this, for files that people edit. Status and CRC-32 of the content come before it: if both are
     * the same, so is the content, and it need not be compared, which costs 60 ns a byte before the JVM has compiled the
     * comparison.
     */
    static final byte CONTENT = 2;

    private final byte[] file;
    private final ByteBuffer at;

    private CacheEntry(byte[] file) {
        this.file = file;
        this.at = ByteBuffer.wrap(file);
    }

    /** Not CRC32C, which computes its tables in Java when it is first used: 2 ms in a JVM that has just started. */
    static int crc(byte[] bytes, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    /**
     * The object in a file, if it was made by this compilation and everything it depends on is as it was; null when not.
     *
     * @throws IOException when the file is damaged
     */
    static byte[] object(byte[] file, byte[] identity) throws IOException {
        if (file.length < CRC_BYTES
                || ByteBuffer.wrap(file).getInt(file.length - CRC_BYTES) != crc(file, file.length - CRC_BYTES)) {
            throw new IOException("its checksum is wrong");
        }
        try {
            return new CacheEntry(file).object(identity);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new IOException("its format is wrong", e);
        }
    }

    private byte[] object(byte[] identity) throws IOException {
        at.limit(file.length - CRC_BYTES);
        if (at.getInt() != MAGIC) {
            throw new IOException("it is something else");
        }
        if (at.getInt() != VERSION || !nextEquals(identity)) {
            return null;
        }
        int dependencies = at.getInt();
        for (int i = 0; i < dependencies; i++) {
            if (!nextDependencyHolds()) {
                return null;
            }
        }
        int length = nextLength();
        int start = at.position();
        if (length != at.remaining()) {
            throw new IOException("it has " + at.remaining() + " bytes of an object of " + length);
        }
        return Arrays.copyOfRange(file, start, start + length);
    }

    /** The length of a byte string, which is in the file whole. */
    private int nextLength() {
        int length = at.getInt();
        if (length < 0 || length > at.remaining()) {
            throw new BufferUnderflowException();
        }
        return length;
    }

    private boolean nextEquals(byte[] bytes) {
        int length = nextLength();
        int start = at.position();
        at.position(start + length);
        return Arrays.equals(file, start, start + length, bytes, 0, bytes.length);
    }

    private boolean nextDependencyHolds() throws IOException {
        int length = nextLength();
        String path = new String(file, at.position(), length, StandardCharsets.UTF_8);
        at.position(at.position() + length);
        byte kind = at.get();
        switch (kind) {
            case ABSENT:
                return !new File(path).exists();
            case STATUS:
                return nextStatusEquals(path);
            case CONTENT:
                return nextContentEquals(path);
            default:
                throw new IOException("it has an unknown kind of dependency: " + kind);
        }
    }

    private boolean nextStatusEquals(String path) {
        long inode = at.getLong();
        long size = at.getLong();
        long modified = at.getLong();
        long changed = at.getLong();
        try {
            FileStatus now = FileStatus.of(Path.of(path));
            return now != null
                    && now.inode() == inode
                    && now.size() == size
                    && now.modified() == modified
                    && now.changed() == changed;
        } catch (IOException | InvalidPathException e) {
            return false;
        }
    }

    private boolean nextContentEquals(String path) {
        boolean sameStatus = nextStatusEquals(path);
        int checksum = at.getInt();
        int length = nextLength();
        int start = at.position();
        at.position(start + length);
        byte[] content = content(new File(path), length);
        return content != null
                && crc(content, length) == checksum
                && (sameStatus || Arrays.equals(file, start, start + length, content, 0, length));
    }

    /** The content of a file if it is that long; else null, also when it cannot be read. */
    private static byte[] content(File file, int length) {
        try (FileInputStream in = new FileInputStream(file)) {
            byte[] content = new byte[length];
            return in.readNBytes(content, 0, length) == length && in.read() < 0 ? content : null;
        } catch (IOException e) {
            return null;
        }
    }
}
