// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.ffi.BtfDump;
import dev.jbcc.bpf.ffi.NativeException;
import dev.jbcc.host.Kernel;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * {@code vmlinux.h}: all types of the running kernel as C, such as {@code bpftool btf dump … format c} prints them.
 *
 * {@snippet :
 * Files.write(Path.of("vmlinux.h"), KernelHeader.text());
 * }
 */
public final class KernelHeader {
    /** Where the kernel has its types. */
    public static final String BTF = "/sys/kernel/btf/vmlinux";

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
     * @throws JbccException.NotSupported when the kernel has no type information
     */
    public static byte[] text() {
        byte[] types;
        try {
            types = BtfDump.types(BTF);
        } catch (NativeException failure) {
            throw new JbccException.NotSupported(
                    "cannot make vmlinux.h from " + BTF + " of this kernel (" + Kernel.release() + "): "
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
