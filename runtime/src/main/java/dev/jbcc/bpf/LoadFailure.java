// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.ffi.NativeException;
import dev.jbcc.host.Errno;
import dev.jbcc.host.Kernel;
import dev.jbcc.host.Privileges;

/** Says why an object could not be loaded, from the errno and from what libbpf and the verifier said. */
final class LoadFailure {
    private LoadFailure() {}

    static JbccException explain(String name, NativeException failure, String said) {
        return explain(name, failure, said, null);
    }

    /** {@code noTypes} says that the kernel's types were not found elsewhere either; null when that is not so. */
    static JbccException explain(String name, NativeException failure, String said, JbccException noTypes) {
        VerifierLog log = VerifierLog.find(said);
        if (log != null) {
            return new JbccException.Failed(
                    "the kernel's verifier rejected program " + log.program() + " of " + name + ":\n" + log.summary(),
                    failure,
                    log.hint(),
                    said);
        }
        if (failure.errno() == Errno.EPERM || failure.errno() == Errno.EACCES) {
            return Privileges.explain("cannot load the programs of " + name, failure);
        }
        if (noTypes != null) {
            return new JbccException.NotSupported(
                    "cannot load " + name + ": " + noTypes.getMessage(),
                    failure,
                    noTypes.hint().orElse(null),
                    noTypes.detail().map(places -> places + "\n").orElse("") + said);
        }
        if (!Kernel.hasBtf()) {
            return new JbccException.NotSupported(
                    "cannot load " + name
                            + ": tp_btf, fentry, LSM and iterator programs need the kernel's own description"
                            + " of its types, and there is no /sys/kernel/btf/vmlinux on this kernel ("
                            + Kernel.release() + ")",
                    failure,
                    "use a kernel built with CONFIG_DEBUG_INFO_BTF=y, as those of the distributions since 2020 are",
                    said);
        }
        return new JbccException.Failed(
                "cannot load " + name + ": " + failure.getMessage() + lastLine(said), failure, null, said);
    }

    private static String lastLine(String said) {
        String text = said.strip();
        return text.isEmpty() ? "" : "\n" + text.substring(text.lastIndexOf('\n') + 1);
    }
}
