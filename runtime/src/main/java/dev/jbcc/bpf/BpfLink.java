// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.bpf.ffi.Libbpf;

/** One attachment of a program to an event of the kernel. Closing it detaches; so does any death of the process. */
public final class BpfLink implements AutoCloseable {
    private long handle;

    BpfLink(long handle) {
        this.handle = handle;
    }

    @Override
    public synchronized void close() {
        if (handle != 0) {
            long link = handle;
            handle = 0;
            Libbpf.destroyLink(link);
        }
    }
}
