// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import java.util.Objects;

/**
 * A place in a program or shared library where a uprobe goes.
 *
 * <pre>{@code
 * program.attachUprobe(Uprobe.at("libc.so.6", "getaddrinfo").in(pid));
 * program.attachUretprobe(Uprobe.at("bash", "readline"));
 * }</pre>
 *
 * @param binary a path, or a name: of a library ({@code libc.so.6}) where libbpf finds those, else of a program on PATH
 * @param function a symbol of the file, such as {@code malloc} or {@code fopen@GLIBC_2.2.5}; null for an offset alone
 * @param offset in bytes from the function's start, or from the file's when {@code function} is null
 * @param pid the process to probe, as numbered here, or {@link #ALL}
 */
public record Uprobe(String binary, String function, long offset, int pid) {
    /** Every process that maps the file, also one that starts later. */
    public static final int ALL = -1;

    static final String FUNCTIONS = "readelf -Ws %s lists its functions, if it is not stripped";
    static final String PROBES = "readelf -n %s lists its static probes, if it has any";

    public Uprobe {
        Objects.requireNonNull(binary, "binary");
        if (pid < 1 && pid != ALL) {
            throw new IllegalArgumentException("pid " + pid);
        }
    }

    /** A function's entry (or its return), in all processes. */
    public static Uprobe at(String binary, String function) {
        return new Uprobe(binary, Objects.requireNonNull(function, "function"), 0, ALL);
    }

    /** An offset in the file, as {@code readelf} and {@code objdump -F} have it, in all processes. */
    public static Uprobe at(String binary, long offset) {
        return new Uprobe(binary, null, offset, ALL);
    }

    /** The same place in one process. */
    public Uprobe in(int pid) {
        return new Uprobe(binary, function, offset, pid);
    }

    @Override
    public String toString() {
        String place = function == null
                ? "0x" + Long.toHexString(offset)
                : function + (offset == 0 ? "" : "+0x" + Long.toHexString(offset));
        return binary + ":" + place + (pid == ALL ? "" : " of process " + pid);
    }
}
