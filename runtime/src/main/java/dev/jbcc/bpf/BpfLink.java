// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.bpf.ffi.Libbpf;
import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.bpf.ffi.PerfEvent;
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
    private int event = -1; // of a sampling; owned by the handle
    private long enabled;

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

    /** The attachment to a sampling event, whose descriptor belongs to what libbpf made. */
    static BpfLink ofSampling(long handle, int event) {
        BpfLink link = new BpfLink(handle);
        link.event = event;
        return link;
    }

    /**
     * Whether a sampling has ended by itself since it was attached or last asked: its CPU went offline. The event stays
     * dead when the CPU comes back, and a new one is needed. False for other links.
     */
    public synchronized boolean stopped() {
        if (handle == 0 || event < 0) {
            return false;
        }
        long before = enabled;
        enabled = PerfEvent.timeEnabled(event);
        return enabled <= before;
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
