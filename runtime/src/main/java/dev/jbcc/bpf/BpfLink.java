// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.bpf.ffi.Libbpf;
import dev.jbcc.bpf.ffi.Libc;
import java.util.List;

/**
 * One attachment of a program to an event of the kernel. Closing it detaches, by any thread; so does any death of the
 * process.
 *
 * <p>{@link BpfProgram} shows its use.
 */
public final class BpfLink implements AutoCloseable {
    private long handle;
    private int descriptor;
    private List<BpfLink> parts = List.of();

    /** An attachment that libbpf made. */
    BpfLink(long handle) {
        this(handle, -1);
    }

    private BpfLink(long handle, int descriptor) {
        this.handle = handle;
        this.descriptor = descriptor;
    }

    /** An attachment that lasts as long as a descriptor is open, which the link closes. */
    static BpfLink ofDescriptor(int descriptor) {
        return new BpfLink(0, descriptor);
    }

    /** Several attachments that are closed as one. */
    static BpfLink ofAll(List<BpfLink> parts) {
        BpfLink all = new BpfLink(0, -1);
        all.parts = List.copyOf(parts);
        return all;
    }

    @Override
    public synchronized void close() {
        parts.forEach(BpfLink::close);
        parts = List.of();
        if (handle != 0) {
            long link = handle;
            handle = 0;
            Libbpf.destroyLink(link);
        }
        if (descriptor >= 0) {
            int open = descriptor;
            descriptor = -1;
            Libc.close(open);
        }
    }
}
