// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host;

import dev.jbcc.JbccException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The pid namespace of this process. Outside of the initial one the pids that a BPF program sees by default are not
 * those that a person types; {@code bpf_get_ns_current_pid_tgid} translates and wants both numbers.
 *
 * {@snippet :
 * if (!PidNamespace.own().initial()) {
 *     open.global("namespace", PidNamespace.own().inode());
 * }
 * }
 *
 * @param device of the nsfs file system, as the kernel holds it ({@code major << 20 | minor}), which is not how stat(2) packs it
 * @param inode of the namespace
 */
public record PidNamespace(long device, long inode) {
    /** PROC_PID_INIT_INO of include/linux/proc_ns.h. */
    private static final long INITIAL_INODE = 0xEFFF_FFFCL;

    /** @throws JbccException.Failed when /proc is not mounted */
    public static PidNamespace own() {
        return at(Path.of("/proc/self/ns/pid"));
    }

    static PidNamespace at(Path link) {
        try {
            Map<String, Object> stat = Files.readAttributes(link, "unix:dev,ino");
            return new PidNamespace(kernelDevice((Long) stat.get("dev")), (Long) stat.get("ino"));
        } catch (IOException e) {
            throw new JbccException.Failed(
                    "cannot tell the pid namespace: " + link + " is not readable", e, "Is /proc mounted?", null);
        }
    }

    /** Whether it is the namespace that the machine booted with, where pids are what the kernel itself uses. */
    public boolean initial() {
        return inode == INITIAL_INODE;
    }

    private static long kernelDevice(long stat) {
        return (long) Device.major(stat) << 20 | Device.minor(stat);
    }
}
