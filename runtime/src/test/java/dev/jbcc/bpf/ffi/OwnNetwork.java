// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf.ffi;

/** A network namespace for one thread, unshare(2), which goes with the thread. */
public final class OwnNetwork {
    private static final long CLONE_NEWNET = 0x4000_0000;

    private OwnNetwork() {}

    /** Moves the calling platform thread, and what it starts, into a new network namespace. */
    public static void enter() {
        Libc.check("unshare", Native.call(Native.libc().find("unshare").orElseThrow(), CLONE_NEWNET));
    }
}
