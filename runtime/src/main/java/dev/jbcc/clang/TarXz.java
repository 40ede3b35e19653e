// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * Reads the regular files of a {@code .tar.xz} that may be made to do harm. Every doubt is an {@link IOException} whose
 * message can be shown: a name that is absolute or has {@code ..}, a link, a device or a sparse file, more files or bytes than the limits
 * allow, or more bytes than so few compressed ones can honestly hold. A class of its own, so that nobody else loads the
 * libraries.
 */
final class TarXz implements AutoCloseable {
    /** The dictionary of {@code xz -6} is 8 MiB; that of -9, 64 MiB, would not fit into the heap of a tool. */
    private static final int DICTIONARY_KIB = 24 << 10;

    private static final int MAX_NAME = 1024;
    private static final int MAX_DEPTH = 32;
    /** Headers compress 15 to 1, and BTF 5 to 1. */
    private static final int RATIO = 100;

    private static final long RATIO_FREE = 1 << 20;
    /** What may come before a file: its header, a long name, attributes. */
    private static final long MAX_HEADERS = 64 << 10;

    private static final int BLOCK = 512;

    /**
     * What is too much.
     *
     * @param entries files and directories
     * @param bytes of all files together
     * @param fileBytes of one file
     */
    record Limits(int entries, long bytes, long fileBytes) {}

    private final Limits limits;
    private final Bounded unpacked;
    private final TarArchiveInputStream tar;
    private int entries;
    private long bytes;
    /** What the present file may still have. */
    private long left;

    /** Takes over a stream of the compressed bytes, and closes it with itself. */
    TarXz(InputStream compressed, Limits limits) throws IOException {
        this.limits = limits;
        Counting packed = new Counting(new BufferedInputStream(compressed, 1 << 16));
        try {
            unpacked = new Bounded(
                    XZCompressorInputStream.builder()
                            .setInputStream(packed)
                            .setMemoryLimitKiB(DICTIONARY_KIB)
                            .setDecompressConcatenated(true)
                            .get(),
                    packed);
            unpacked.allow(MAX_HEADERS);
            tar = new TarArchiveInputStream(unpacked, "UTF-8");
        } catch (IOException | RuntimeException failure) {
            compressed.close();
            throw failure instanceof IOException known ? known : new IOException("it is damaged: " + failure, failure);
        }
    }

    /** The name of the next regular file, relative and without {@code ..}; null after the last. */
    Path next() throws IOException {
        while (true) {
            TarArchiveEntry entry = nextEntry();
            if (entry == null) {
                return null;
            }
            if (++entries > limits.entries) {
                throw new IOException("it has more than " + limits.entries + " files");
            }
            Path name = safeName(entry.getName());
            byte kind = entry.getLinkFlag();
            if (kind == TarConstants.LF_DIR) {
                continue;
            }
            // A sparse file of PAX has the kind of any other; its zeros come from nowhere, so that no limit counts
            // them.
            boolean whole = (kind == TarConstants.LF_NORMAL || kind == TarConstants.LF_OLDNORM) && !entry.isSparse();
            if (!whole || name == null) {
                boolean link = entry.isSymbolicLink() || entry.isLink();
                throw new IOException("it has " + (link ? "a link" : "something that is no file"));
            }
            bytes += entry.getSize();
            if (entry.getSize() < 0 || entry.getSize() > limits.fileBytes || bytes > limits.bytes) {
                throw new IOException("what is in it is too large");
            }
            unpacked.allow(entry.getSize() + MAX_HEADERS + BLOCK);
            left = entry.getSize();
            return name;
        }
    }

    private TarArchiveEntry nextEntry() throws IOException {
        try {
            return tar.getNextEntry();
        } catch (RuntimeException damaged) { // of a number that is none, for one
            throw new IOException("it is damaged: " + damaged, damaged);
        }
    }

    /** Writes the file that {@link #next} has come to. */
    void copyTo(OutputStream out) throws IOException {
        byte[] piece = new byte[1 << 14];
        for (int n = tar.read(piece); n >= 0; n = tar.read(piece)) {
            left -= n;
            if (left < 0) {
                throw new IOException("it has a file that is larger than it says");
            }
            out.write(piece, 0, n);
        }
    }

    /** Null for the directory that all is in, {@code ./}. */
    static Path safeName(String name) throws IOException {
        if (name.isEmpty() || name.length() > MAX_NAME || name.startsWith("/")) {
            throw new IOException(name.isEmpty() ? "it has a file without a name" : "it has an absolute or long name");
        }
        Path path;
        try {
            path = Path.of(name);
        } catch (InvalidPathException impossible) {
            throw new IOException("it has a name that no file can have", impossible);
        }
        if (path.getNameCount() > MAX_DEPTH) {
            throw new IOException("it has a path of more than " + MAX_DEPTH + " names");
        }
        Path safe = null;
        for (Path each : path) {
            String word = each.toString();
            if (word.equals("..")) {
                throw new IOException("it has a name with ..");
            }
            if (!word.isEmpty() && !word.equals(".")) {
                safe = safe == null ? each : safe.resolve(each);
            }
        }
        return safe;
    }

    @Override
    public void close() throws IOException {
        unpacked.close(); // and not the tar: it would read on to the end
    }

    /** Counts the compressed bytes. */
    private static final class Counting extends FilterInputStream {
        long read;

        Counting(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int b = in.read();
            read += b < 0 ? 0 : 1;
            return b;
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            int n = in.read(to, offset, length);
            read += Math.max(n, 0);
            return n;
        }
    }

    /** Fails when more comes out than is allowed until the next file, or than so few compressed bytes should give. */
    private static final class Bounded extends FilterInputStream {
        private final Counting packed;
        private long read;
        private long left;

        Bounded(InputStream in, Counting packed) {
            super(in);
            this.packed = packed;
        }

        void allow(long bytes) {
            left = bytes;
        }

        private void count(int n) throws IOException {
            read += n;
            left -= n;
            if (left < 0) {
                throw new IOException("it has a name or attributes without end");
            }
            if (read > RATIO_FREE + RATIO * packed.read) {
                throw new IOException("it is a bomb: " + packed.read + " bytes become more than " + read);
            }
        }

        @Override
        public int read() throws IOException {
            int b = in.read();
            count(b < 0 ? 0 : 1);
            return b;
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            int n = in.read(to, offset, length);
            count(Math.max(n, 0));
            return n;
        }

        @Override
        public long skip(long count) throws IOException {
            return Math.max(0, read(new byte[Math.clamp(count, 0, 1 << 14)])); // counted
        }
    }
}
