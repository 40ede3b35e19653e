// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf.ffi;

import dev.jbcc.host.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Files named from a directory's descriptor, openat(2), and processes by pidfd: for places where somebody else can
 * replace a directory or link while we look. All throw {@link NativeException}; every descriptor is for
 * {@link Libc#close}.
 *
 * <p>Descriptors are opened with O_PATH, which touches nothing: a FIFO does not block and a device does not notice.
 * What they lead to is read by opening {@code /proc/self/fd/N}, once {@link Statx} has said that it is a plain file.
 *
 * <p>Paths and names are bytes as ISO 8859-1, for they need not be valid in any encoding.
 */
public final class OpenAt {
    private static final SymbolLookup LIBC = Native.libc();
    private static final MemorySegment fchown = find("fchown");
    private static final MemorySegment open = find("open");
    private static final MemorySegment openat = find("openat");
    private static final MemorySegment syscall = find("syscall");
    private static final MemorySegment unlinkat = find("unlinkat");

    // Numbers that all architectures share, include/uapi/asm-generic/unistd.h
    private static final long PIDFD_SEND_SIGNAL = 424;
    private static final long PIDFD_OPEN = 434;
    private static final long OPENAT2 = 437;
    // include/uapi/asm-generic/fcntl.h
    private static final int O_WRONLY = 1;
    private static final int O_CREAT = 0100;
    private static final int O_EXCL = 0200;
    private static final int O_CLOEXEC = 02000000;
    private static final int O_PATH = 010000000;
    private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
    private static final int O_DIRECTORY = ARM ? 040000 : 0200000;
    private static final int O_NOFOLLOW = ARM ? 0100000 : 0400000;
    // include/uapi/linux/openat2.h; struct open_how { __u64 flags, mode, resolve; }
    private static final long OPEN_HOW_SIZE = 24;
    private static final long RESOLVE_NO_MAGICLINKS = 0x02;
    private static final long RESOLVE_IN_ROOT = 0x10;

    private OpenAt() {}

    static MemorySegment find(String name) {
        return LIBC.find(name).orElseThrow(() -> new AssertionError("the C library has no " + name));
    }

    /** Whatever a path leads to; links are followed, those of /proc too. */
    public static int path(String path) {
        return open(path, O_PATH | O_CLOEXEC);
    }

    /** A directory, by a path that is trusted; links are followed, those of /proc too. */
    public static int directory(String path) {
        return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    }

    private static int open(String path, long flags) {
        try (Arena arena = Arena.ofConfined()) {
            return Libc.check("open", Native.call(open, text(arena, path), flags));
        }
    }

    /**
     * Whatever a path leads to below {@code root}, as a process sees it whose root that is: symbolic links are followed and
     * stay below it, those of /proc are refused. Needs Linux 5.6 (ENOSYS).
     */
    public static int pathInRoot(int root, String path) {
        try (Arena arena = Arena.ofConfined()) {
            return Libc.check("openat2", inRoot(arena, root, path, O_PATH | O_CLOEXEC));
        }
    }

    /** As above, a directory. Where there is no openat2(2), a path of one component that is no link will do. */
    public static int directoryInRoot(int root, String path) {
        try (Arena arena = Arena.ofConfined()) {
            long fd = inRoot(arena, root, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
            int errno = (int) fd < 0 ? Native.errno() : 0;
            boolean withoutOpenat2 = errno == Errno.ENOSYS || errno == Errno.EPERM; // EPERM: a seccomp filter
            if (withoutOpenat2 && path.indexOf('/') < 0 && !path.equals("..")) {
                long flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
                return Libc.check("openat", Native.call(openat, root, text(arena, path), flags));
            }
            return Libc.check("openat2", fd);
        }
    }

    private static long inRoot(Arena arena, int root, String path, long flags) {
        MemorySegment how = arena.allocate(OPEN_HOW_SIZE, 8);
        how.set(ValueLayout.JAVA_LONG, 0, flags);
        how.set(ValueLayout.JAVA_LONG, 16, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
        return Native.call(syscall, OPENAT2, root, text(arena, path), how.address(), OPEN_HOW_SIZE, 0);
    }

    private static long text(Arena arena, String text) {
        return arena.allocateFrom(text, StandardCharsets.ISO_8859_1).address();
    }

    /** What has this name in a directory; of a symbolic link, the link itself. */
    public static int entry(int directory, String name) {
        try (Arena arena = Arena.ofConfined()) {
            long flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
            return Libc.check("openat " + name, Native.call(openat, directory, text(arena, name), flags));
        }
    }

    /** Makes an empty file that only its owner may use; EEXIST when there is anything of this name. */
    public static int create(int directory, String name) {
        try (Arena arena = Arena.ofConfined()) {
            long flags = O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC;
            return Libc.check("openat " + name, Native.call(openat, directory, text(arena, name), flags, 0600));
        }
    }

    /** Removes a name, unless it is that of a directory. */
    public static void remove(int directory, String name) {
        try (Arena arena = Arena.ofConfined()) {
            Libc.check("unlinkat " + name, Native.call(unlinkat, directory, text(arena, name), 0));
        }
    }

    /** Gives a file, opened by {@link #create}, to a user; its group stays. */
    public static void giveTo(int fd, int uid) {
        Libc.check("fchown", Native.call(fchown, fd, uid, -1));
    }

    /** A descriptor of a process, which never becomes that of another when the pid is used again. */
    public static int process(int pid) {
        return Libc.check("pidfd_open", Native.call(syscall, PIDFD_OPEN, pid, 0));
    }

    /** Sends a signal to the process of {@link #process}. */
    public static void signal(int process, int signal) {
        Libc.check("pidfd_send_signal", Native.call(syscall, PIDFD_SEND_SIGNAL, process, signal, 0, 0, 0));
    }
}
