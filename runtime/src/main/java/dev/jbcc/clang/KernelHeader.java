// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.ffi.BtfDump;
import dev.jbcc.bpf.ffi.NativeException;
import dev.jbcc.host.Kernel;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** {@code vmlinux.h}: all types of a kernel as C, such as {@code bpftool btf dump … format c} prints them. */
final class KernelHeader {
    // The members are looked for in the kernel that loads the program, not where they are in this one.
    private static final String BEFORE = """
            #ifndef __VMLINUX_H__
            #define __VMLINUX_H__

            #ifndef BPF_NO_PRESERVE_ACCESS_INDEX
            #pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
            #endif

            """;
    private static final String AFTER = """

            #ifndef BPF_NO_PRESERVE_ACCESS_INDEX
            #pragma clang attribute pop
            #endif

            #endif
            """;

    private KernelHeader() {}

    /**
     * The text of the header, which takes some 0.3 s to make.
     *
     * @param btf a file with the kernel's types
     * @throws JbccException.NotSupported when it has none
     */
    static byte[] text(Path btf) {
        byte[] types;
        try {
            types = BtfDump.types(btf.toString());
        } catch (NativeException failure) {
            throw new JbccException.NotSupported(
                    "cannot make vmlinux.h from " + btf + " for this kernel (" + Kernel.release() + "): "
                            + failure.getMessage(),
                    failure,
                    "use a kernel built with CONFIG_DEBUG_INFO_BTF=y, or put a vmlinux.h beside the source",
                    null);
        }
        ByteArrayOutputStream text = new ByteArrayOutputStream(types.length + 1024);
        text.writeBytes(BEFORE.getBytes(StandardCharsets.US_ASCII));
        text.writeBytes(types);
        text.writeBytes(AFTER.getBytes(StandardCharsets.US_ASCII));
        return text.toByteArray();
    }
}
