// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf.ffi;

import java.lang.foreign.Arena;

/** Pins maps, which jbcc itself never does. */
public final class Pin {
    private Pin() {}

    public static void map(int fd, String path) {
        try (Arena arena = Arena.ofConfined()) {
            var pin = Native.library("libbpf.so.1")
                    .orElseThrow()
                    .find("bpf_obj_pin")
                    .orElseThrow();
            Libc.check(
                    "bpf_obj_pin", Native.call(pin, fd, arena.allocateFrom(path).address()));
        }
    }
}
