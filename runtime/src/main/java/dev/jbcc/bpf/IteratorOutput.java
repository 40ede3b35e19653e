// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.bpf.ffi.Libbpf;
import dev.jbcc.bpf.ffi.LibbpfAttach;
import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.bpf.ffi.NativeException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/** What one walk of an iterator program prints; the kernel runs the program while this is read. For one thread. */
final class IteratorOutput extends InputStream {
    /** The kernel's own buffer has 8 pages. */
    private static final int BUFFER = 1 << 15;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(BUFFER);
    private final long link;
    private final int descriptor;
    private int from;
    private int to;
    private boolean closed;

    /** Takes over the link. */
    IteratorOutput(long link) {
        this.link = link;
        try {
            this.descriptor = LibbpfAttach.createIterator(link);
        } catch (NativeException failure) {
            Libbpf.destroyLink(link);
            arena.close();
            throw failure;
        }
    }

    @Override
    public int read() throws IOException {
        return fill() ? buffer.get(ValueLayout.JAVA_BYTE, from++) & 0xff : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, to - from);
        MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, from, bytes, offset, count);
        from += count;
        return count;
    }

    /** False at the end. EAGAIN is not it: bpf_seq_read() says that after a million elements without any output. */
    private boolean fill() throws IOException {
        if (closed) {
            throw new IOException("closed");
        }
        if (from == to) {
            try {
                int count;
                do {
                    count = Libc.read(descriptor, buffer);
                } while (count < 0);
                from = 0;
                to = count;
            } catch (NativeException failure) {
                throw new IOException("cannot read the iterator: " + failure.getMessage(), failure);
            }
        }
        return from < to;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Libc.close(descriptor);
            Libbpf.destroyLink(link);
            arena.close();
        }
    }
}
