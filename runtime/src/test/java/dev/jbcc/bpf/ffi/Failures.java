// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf.ffi;

/** Makes failures of C calls that this machine would not produce. */
public final class Failures {
    private Failures() {}

    public static NativeException of(String call, int errno) {
        return new NativeException(call, errno);
    }
}
