// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.bpf.ffi.NativeException;
import dev.jbcc.bpf.ffi.OpenAt;
import dev.jbcc.bpf.ffi.Statx;
import java.io.IOException;
import java.io.RandomAccessFile;

/**
 * A regular file that is kept open, so that it can be read after its process, its name or its mount has gone; when
 * {@link OpenFiles} had to close it, it is opened anew by its path, if that is still the same file.
 *
 * <p>It is opened in two steps, because those who are traced choose the paths: a descriptor that only names the file
 * shows what it is, and only a regular file is then opened for reading. (RandomAccessFile, not FileChannel: a channel is
 * closed when its thread is interrupted.)
 */
final class OpenFile {
    private final OpenFiles pool;
    private final Statx identity;
    private final String path;
    private final boolean reachable;
    private RandomAccessFile content;

    private OpenFile(OpenFiles pool, Statx identity, String path, boolean reachable, RandomAccessFile content) {
        this.pool = pool;
        this.identity = identity;
        this.path = path;
        this.reachable = reachable;
        this.content = content;
    }

    /**
     * Opens a file and keeps it open in the pool.
     *
     * @param descriptor one that only names the file; it is closed
     * @param path where the file is found on this host, as ISO 8859-1, when it is; null: not known
     * @throws ElfException when it is no regular file or cannot be read
     */
    static OpenFile of(OpenFiles pool, int descriptor, String path) throws ElfException {
        try {
            Statx identity = Statx.of(descriptor);
            RandomAccessFile content = open(descriptor, identity);
            OpenFile file = new OpenFile(pool, identity, path, path != null && isAt(path, identity), content);
            pool.opened(file);
            return file;
        } catch (NativeException e) {
            throw new ElfException(e.getMessage(), e);
        } finally {
            Libc.close(descriptor);
        }
    }

    private static RandomAccessFile open(int descriptor, Statx identity) throws ElfException {
        if (!identity.isRegular()) {
            throw new ElfException("it is no regular file");
        }
        try {
            return new RandomAccessFile("/proc/self/fd/" + descriptor, "r");
        } catch (IOException e) {
            throw new ElfException("it cannot be opened: " + e.getMessage(), e);
        }
    }

    private static boolean isAt(String path, Statx identity) {
        try {
            return Statx.of(path).sameContent(identity);
        } catch (NativeException e) {
            return false;
        }
    }

    Statx identity() {
        return identity;
    }

    long size() {
        return identity.size();
    }

    /** Whether it was found by its path on this host when it was opened, so that it may be closed meanwhile. */
    boolean isReachable() {
        return reachable;
    }

    void read(long offset, byte[] into, int length) throws ElfException {
        try {
            RandomAccessFile in = content();
            in.seek(offset);
            int done = 0;
            while (done < length) {
                int count = in.read(into, done, length - done);
                if (count < 0) {
                    throw new ElfException("it was truncated while it was read");
                }
                done += count;
            }
        } catch (IOException e) {
            throw new ElfException("it cannot be read: " + e.getMessage(), e);
        }
    }

    private RandomAccessFile content() throws ElfException {
        if (content != null) {
            pool.used(this);
            return content;
        }
        if (path == null) {
            throw new ElfException("it had to be closed, and it has no name to open it by");
        }
        try {
            int descriptor = OpenAt.path(path);
            try {
                if (!Statx.of(descriptor).sameContent(identity)) {
                    throw new ElfException("it was replaced");
                }
                content = open(descriptor, identity);
            } finally {
                Libc.close(descriptor);
            }
        } catch (NativeException e) {
            throw new ElfException(e.getMessage(), e);
        }
        pool.opened(this);
        return content;
    }

    /** For {@link OpenFiles}; it can be read all the same, if its path still leads to it. */
    void closeContent() {
        try {
            if (content != null) {
                content.close();
            }
        } catch (IOException e) {
            // Nothing was written, so nothing is lost.
        }
        content = null;
    }
}
