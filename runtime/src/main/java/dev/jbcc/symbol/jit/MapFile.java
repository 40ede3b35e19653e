// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.jit;

import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.bpf.ffi.NativeException;
import dev.jbcc.bpf.ffi.OpenAt;
import dev.jbcc.bpf.ffi.Statx;
import dev.jbcc.host.Errno;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Opens perf maps. We run as root, and whoever owns the process chooses what is below its root directory and, with a
 * mount namespace of his own, what is mounted there: so it must be a plain file, found without following a link, that
 * belongs to the user of the process, or to root if everybody may read it.
 */
final class MapFile {
    private MapFile() {}

    /**
     * The perf map that a process has written: in its own /tmp by its own pid, or in ours by the pid that we see.
     *
     * @return null when there is none
     * @throws NoNames when there is one that is not to be trusted
     */
    static FileChannel find(Target target) throws NoNames {
        int tmp;
        try {
            tmp = target.openTmp();
        } catch (NoNames e) {
            return findHere(target); // most images of containers without a /tmp have no JIT either
        }
        try {
            FileChannel file = open(target, tmp, name(target.ownPid()));
            return file == null ? findHere(target) : file;
        } finally {
            Libc.close(tmp);
        }
    }

    /** As above, but only in our own /tmp, where a file stays when its process has ended. */
    static FileChannel findHere(Target target) throws NoNames {
        int tmp;
        try {
            tmp = OpenAt.directory("/tmp");
        } catch (NativeException e) {
            return null;
        }
        try {
            return open(target, tmp, name(target.pid()));
        } finally {
            Libc.close(tmp);
        }
    }

    static String name(int pid) {
        return "perf-" + pid + ".map";
    }

    /** The file with this name; null when there is none. */
    static FileChannel open(Target target, int directory, String name) throws NoNames {
        int fd;
        try {
            fd = OpenAt.entry(directory, name);
        } catch (NativeException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            throw new NoNames("/tmp/" + name + " cannot be opened: " + Errno.name(e.errno()));
        }
        try {
            check(target, Statx.of(fd), name);
            return FileChannel.open(Path.of("/proc/self/fd/" + fd), StandardOpenOption.READ);
        } catch (IOException e) {
            throw new NoNames("/tmp/" + name + " may not be read");
        } catch (NativeException e) {
            throw new NoNames("/tmp/" + name + " cannot be read: " + Errno.name(e.errno()));
        } finally {
            Libc.close(fd);
        }
    }

    private static void check(Target target, Statx file, String name) throws NoNames {
        if (!file.isRegular()) {
            throw new NoNames("/tmp/" + name + " is not a plain file");
        }
        if (!target.owns(file)) {
            throw new NoNames("/tmp/" + name + " belongs to user " + Integer.toUnsignedString(file.uid())
                    + ", the process to user " + Integer.toUnsignedString(target.uid()));
        }
        if (file.uid() != target.uid() && !file.isPublic()) {
            throw new NoNames("/tmp/" + name + " is a private file of root, the process is not root's");
        }
    }
}
