// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf.ffi;

/** A C call that failed, with its errno; callers turn it into a {@link dev.jbcc.JbccException} that says what for. */
public final class NativeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    NativeException(String call, int errno) {
        super(call + ": " + Libc.describe(errno));
        this.errno = errno;
    }

    public int errno() {
        return errno;
    }
}
