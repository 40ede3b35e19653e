// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host;

import dev.jbcc.JbccException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/**
 * A namespace as {@code --mntns}, {@code --pidns} and {@code --netns} name it: by a process that is in it, or by a file
 * that keeps it, such as {@code /proc/PID/ns/mnt} or what {@code ip netns} and {@code unshare --mount=FILE} mount.
 *
 * {@snippet :
 * long inode = Namespace.network("/run/netns/blue"); // or a pid
 * open.global("wanted", inode);
 * }
 */
public final class Namespace {
    private static final int MAX_PID = 1 << 22;

    private Namespace() {}

    /** The inode of a mount namespace, see {@link #inode}. */
    public static long mount(String text) {
        return inode("mnt", "mount", text);
    }

    /** The inode of a pid namespace, see {@link #inode}; that of a process is the one it is in, not its children's. */
    public static long pid(String text) {
        return inode("pid", "pid", text);
    }

    /** The inode of a network namespace, see {@link #inode}. */
    public static long network(String text) {
        return inode("net", "network", text);
    }

    /**
     * The number that the kernel knows a namespace by, and that {@code lsns} shows.
     *
     * @param type as in /proc/PID/ns
     * @param text a pid, or a path with a slash
     * @throws JbccException.Usage when there is no such process or file, or it is no namespace of that type
     * @throws JbccException.NotPermitted when it may not be looked at
     */
    private static long inode(String type, String name, String text) {
        if (text.indexOf('/') >= 0) {
            return ofFile(type, name, text, Mount.all());
        }
        long pid = KernelText.number(text, MAX_PID);
        if (pid <= 0) {
            throw new JbccException.Usage(
                    "neither a pid nor the path of a namespace: " + text,
                    "For example: 1234, or /proc/1234/ns/" + type);
        }
        if (Processes.processOf((int) pid) == 0) {
            throw new JbccException.Usage("no such process: " + pid);
        }
        long inode = ofLink(type, Path.of("/proc/" + pid + "/ns/" + type));
        if (inode == 0) {
            throw new JbccException.NotPermitted(
                    "cannot tell the " + name + " namespace of process " + pid,
                    null,
                    "It needs CAP_SYS_PTRACE, and the process must not have ended: use sudo.",
                    null);
        }
        return inode;
    }

    static long ofFile(String type, String name, String text, List<Mount> mounts) {
        try {
            Path path = Path.of(text);
            if (Files.notExists(path)) {
                throw new JbccException.Usage("no such file: " + text);
            }
            long inode = ofLink(type, path);
            if (inode == 0) {
                // What a bind mount of a namespace shows as its root is the same text that the link has.
                Path real = path.toRealPath();
                for (Mount mount : mounts) {
                    if (mount.point().equals(real) && mount.type().equals("nsfs")) {
                        inode = number(type, mount.root()); // the last one hides the others
                    }
                }
            }
            if (inode != 0) {
                return inode;
            }
        } catch (InvalidPathException e) {
            throw new JbccException.Usage("not a path: " + e.getMessage());
        } catch (IOException e) {
            // Such as a link of /proc to something that is no file.
        }
        throw new JbccException.Usage(text + " is no " + name + " namespace");
    }

    /** From the target of a link of /proc, which leads nowhere as a path; 0 when it is none of this type. */
    private static long ofLink(String type, Path link) {
        try {
            return Files.isSymbolicLink(link)
                    ? number(type, Files.readSymbolicLink(link).toString())
                    : 0;
        } catch (IOException e) {
            return 0;
        }
    }

    /** From {@code type:[number]}; 0 when it is not that. */
    static long number(String type, String text) {
        String prefix = type + ":[";
        return text.startsWith(prefix) && text.endsWith("]")
                ? Math.max(0, KernelText.number(text.substring(prefix.length(), text.length() - 1), 0xffff_ffffL))
                : 0;
    }
}
