// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf.ffi;

import dev.jbcc.host.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;

/**
 * Files named from a directory's descriptor, openat(2), and processes by pidfd: for places where somebody else can
 * replace a directory or link while we look. All throw {@link NativeException}; every descriptor is for
 * {@link Libc#close}.
 *
 * <p>Descriptors are opened with O_PATH, which touches nothing: a FIFO does not block and a device does not notice.
 * What they lead to is read by opening {@code /proc/self/fd/N}, once {@link #status} has said that it is a plain file.
 */
public final class OpenAt {
    private static final SymbolLookup LIBC = Native.libc();
    private static final MemorySegment fchown = find("fchown");
    private static final MemorySegment open = find("open");
    private static final MemorySegment openat = find("openat");
    private static final MemorySegment statx = find("statx");
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
    private static final int AT_EMPTY_PATH = 0x1000;
    // include/uapi/linux/openat2.h; struct open_how { __u64 flags, mode, resolve; }
    private static final long OPEN_HOW_SIZE = 24;
    private static final long RESOLVE_NO_MAGICLINKS = 0x02;
    private static final long RESOLVE_IN_ROOT = 0x10;
    // include/uapi/linux/stat.h
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final long STATX_SIZE = 256;

    private OpenAt() {}

    static MemorySegment find(String name) {
        return LIBC.find(name).orElseThrow(() -> new AssertionError("the C library has no " + name));
    }

    /**
     * What statx(2) tells of a file; the same {@code device} and {@code inode} mean the same file.
     *
     * @param mode type and permissions, as in {@code st_mode}
     * @param uid its owner, as numbered in our user namespace
     * @param modified in seconds since 1970
     */
    public record Status(int mode, int uid, long device, long inode, long size, long modified) {
        private static final int TYPE = 0170000;

        public boolean isRegular() {
            return (mode & TYPE) == 0100000;
        }

        public boolean isSocket() {
            return (mode & TYPE) == 0140000;
        }

        /** Whether everybody may read it. */
        public boolean isPublic() {
            return (mode & 0004) != 0;
        }

        public boolean isSameFile(Status other) {
            return device == other.device && inode == other.inode;
        }
    }

    /** A directory, by a path that is trusted; links are followed, those of /proc too. */
    public static int directory(String path) {
        try (Arena arena = Arena.ofConfined()) {
            long flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
            return Libc.check(
                    "open " + path, Native.call(open, arena.allocateFrom(path).address(), flags));
        }
    }

    /**
     * A directory below {@code root}, as a process sees it whose root that is: symbolic links are followed and stay
     * below it, those of /proc are refused.
     */
    public static int directoryInRoot(int root, String path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment how = arena.allocate(OPEN_HOW_SIZE, 8);
            how.set(ValueLayout.JAVA_LONG, 0, O_PATH | O_DIRECTORY | O_CLOEXEC);
            how.set(ValueLayout.JAVA_LONG, 16, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
            long name = arena.allocateFrom(path).address();
            int fd = (int) Native.call(syscall, OPENAT2, root, name, how.address(), OPEN_HOW_SIZE, 0);
            int errno = fd < 0 ? Native.errno() : 0;
            if (errno == Errno.ENOSYS || errno == Errno.EPERM) {
                // A seccomp filter that does not know openat2. One component that is no link stays below as well.
                if (path.indexOf('/') >= 0 || path.equals("..")) {
                    throw new NativeException("openat2 " + path, errno);
                }
                fd = (int) Native.call(openat, root, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                errno = fd < 0 ? Native.errno() : 0;
            }
            if (fd < 0) {
                throw new NativeException("openat2 " + path, errno);
            }
            return fd;
        }
    }

    /** What has this name in a directory; of a symbolic link, the link itself. */
    public static int entry(int directory, String name) {
        try (Arena arena = Arena.ofConfined()) {
            long flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
            return Libc.check(
                    "openat " + name,
                    Native.call(openat, directory, arena.allocateFrom(name).address(), flags));
        }
    }

    /** Makes an empty file that only its owner may use; EEXIST when there is anything of this name. */
    public static int create(int directory, String name) {
        try (Arena arena = Arena.ofConfined()) {
            long flags = O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC;
            long address = arena.allocateFrom(name).address();
            return Libc.check("openat " + name, Native.call(openat, directory, address, flags, 0600));
        }
    }

    /** Removes a name, unless it is that of a directory. */
    public static void remove(int directory, String name) {
        try (Arena arena = Arena.ofConfined()) {
            long address = arena.allocateFrom(name).address();
            Libc.check("unlinkat " + name, Native.call(unlinkat, directory, address, 0));
        }
    }

    /** Gives a file, opened by {@link #create}, to a user; its group stays. */
    public static void giveTo(int fd, int uid) {
        Libc.check("fchown", Native.call(fchown, fd, uid, -1));
    }

    public static Status status(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(STATX_SIZE, 8);
            long empty = arena.allocateFrom("").address();
            Libc.check("statx", Native.call(statx, fd, empty, AT_EMPTY_PATH, STATX_BASIC_STATS, buffer.address(), 0));
            // struct statx: stx_uid at 20, stx_mode 28, stx_ino 32, stx_size 40, stx_mtime 112, stx_dev_major 136
            return new Status(
                    Short.toUnsignedInt(buffer.get(ValueLayout.JAVA_SHORT, 28)),
                    buffer.get(ValueLayout.JAVA_INT, 20),
                    buffer.get(ValueLayout.JAVA_LONG, 136),
                    buffer.get(ValueLayout.JAVA_LONG, 32),
                    buffer.get(ValueLayout.JAVA_LONG, 40),
                    buffer.get(ValueLayout.JAVA_LONG, 112));
        }
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
