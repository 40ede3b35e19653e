// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.jit;

import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.bpf.ffi.NativeException;
import dev.jbcc.bpf.ffi.OpenAt;
import dev.jbcc.bpf.ffi.Statx;
import dev.jbcc.host.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A process whose names are wanted, as /proc described it when it was first seen. It is not trusted: it may change
 * everything below its root directory while we look.
 *
 * @param ownPid its pid in its own, the innermost pid namespace
 * @param uid its effective user, as numbered in our user namespace
 * @param gid its effective group, likewise
 * @param startTime in clock ticks since boot, which with the pid makes it unique
 * @param comm its command name, ISO 8859-1
 * @param sharesRoot whether its root directory is ours
 */
record Target(int pid, int ownPid, int uid, int gid, long startTime, String comm, boolean sharesRoot) {
    private static final int MAX_STATUS = 1 << 16;
    private static final int MAX_STAT = 1024;
    private static final int MAX_COMM = 64;
    /** USER_HZ: a second in proc(5), whatever the kernel's own rate; of the same size as what it prints of a second. */
    private static final int TICKS = 100;

    private static final int START_TIME = 19; // the 22nd field of proc(5), counted behind the command name

    /** The process that has this pid now; null when there is none, or it has ended. */
    static Target of(int pid) {
        long startTime = startTime(pid);
        String status = ProcText.read(pid, "status", MAX_STATUS);
        long uid = ProcText.number(ProcText.word(ProcText.field(status, "Uid"), 1));
        long gid = ProcText.number(ProcText.word(ProcText.field(status, "Gid"), 1));
        if (startTime < 0 || uid < 0 || gid < 0) {
            return null;
        }
        String pids = ProcText.field(status, "NSpid");
        int last = Math.max(pids.lastIndexOf(' '), pids.lastIndexOf('\t'));
        long ownPid = ProcText.number(pids.substring(last + 1));
        String comm = ProcText.read(pid, "comm", MAX_COMM).stripTrailing();
        return new Target(pid, ownPid > 0 ? (int) ownPid : pid, (int) uid, (int) gid, startTime, comm, sharesRoot(pid));
    }

    /** Whether the pid still belongs to this process. A zombie is no longer it. */
    boolean isAlive() {
        char state = state();
        return startTime(pid) == startTime && state != 'Z' && state != 'X' && state != 0;
    }

    /** The state letter of proc(5), such as T for stopped; 0 when nothing has this pid. */
    char state() {
        String rest = afterName(ProcText.read(pid, "stat", MAX_STAT));
        return rest.isEmpty() ? 0 : rest.charAt(0);
    }

    /** Whether it has a handler for a signal, and so does not end by it. */
    boolean catches(int signal) {
        String caught = ProcText.field(ProcText.read(pid, "status", MAX_STATUS), "SigCgt");
        try {
            return (Long.parseUnsignedLong(caught, 16) >>> signal - 1 & 1) != 0;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    /** Whether it is in our user namespace; if that cannot be told, it is. */
    boolean sharesUsers() {
        try {
            Path own = Files.readSymbolicLink(Path.of("/proc/self/ns/user"));
            return Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/user")).equals(own);
        } catch (IOException e) {
            return true;
        }
    }

    /**
     * Its directory /tmp, for {@link Libc#close}. A symbolic link in it is followed, and stays below the root directory
     * of the process.
     */
    int openTmp() throws NoNames {
        int root = -1;
        try {
            root = OpenAt.directory("/proc/" + pid + "/root");
            if (!isAlive()) { // or this could be the root of another
                throw new NoNames("it has ended");
            }
            return OpenAt.directoryInRoot(root, "tmp");
        } catch (NativeException e) {
            throw new NoNames(
                    switch (e.errno()) {
                        case Errno.EACCES, Errno.EPERM -> "its /tmp may not be read; run as root";
                        case Errno.ENOENT, Errno.ESRCH -> root < 0 ? "it has ended" : "it has no /tmp";
                        default -> "its /tmp cannot be opened: " + Errno.name(e.errno());
                    });
        } finally {
            if (root >= 0) {
                Libc.close(root);
            }
        }
    }

    /** Whether it, or root, made a file. */
    boolean owns(Statx file) {
        return file.uid() == uid || file.uid() == 0;
    }

    /** How long it has been there, in nanoseconds; 0 when that cannot be told. */
    long age() {
        String uptime = ProcText.read("uptime", MAX_STAT);
        int point = uptime.indexOf('.'); // there are always two digits behind it
        if (point < 0 || point + 3 > uptime.length()) {
            return 0;
        }
        long ticks = ProcText.number(uptime.substring(0, point) + uptime.substring(point + 1, point + 3));
        return Math.max(0, ticks - startTime) * (TimeUnit.SECONDS.toNanos(1) / TICKS);
    }

    private static long startTime(int pid) {
        return ProcText.number(ProcText.word(afterName(ProcText.read(pid, "stat", MAX_STAT)), START_TIME));
    }

    /** Of /proc/PID/stat what is behind the command name, which can have any byte in it. */
    private static String afterName(String stat) {
        int end = stat.lastIndexOf(") ");
        return end < 0 ? "" : stat.substring(end + 2);
    }

    private static boolean sharesRoot(int pid) {
        int root = -1;
        int own = -1;
        try {
            root = OpenAt.directory("/proc/" + pid + "/root");
            own = OpenAt.directory("/");
            return Statx.of(root).sameFile(Statx.of(own));
        } catch (NativeException e) {
            return false;
        } finally {
            if (root >= 0) {
                Libc.close(root);
            }
            if (own >= 0) {
                Libc.close(own);
            }
        }
    }
}
