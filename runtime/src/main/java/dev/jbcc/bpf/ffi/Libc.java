// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf.ffi;

import dev.jbcc.host.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** The system calls that jbcc makes through the C library. All throw {@link NativeException} unless they say more. */
public final class Libc {
    private static final SymbolLookup LIBC = Native.libc();
    private static final MemorySegment close = find("close");
    private static final MemorySegment epoll_create1 = find("epoll_create1");
    private static final MemorySegment epoll_ctl = find("epoll_ctl");
    private static final MemorySegment epoll_wait = find("epoll_wait");
    private static final MemorySegment getpriority = find("getpriority");
    private static final MemorySegment eventfd = find("eventfd");
    private static final MemorySegment getpid = find("getpid");
    private static final MemorySegment ioctl = find("ioctl");
    private static final MemorySegment kill = find("kill");
    private static final MemorySegment mmap = find("mmap");
    private static final MemorySegment munmap = find("munmap");
    private static final MemorySegment open = find("open");
    private static final MemorySegment open_by_handle_at = find("open_by_handle_at");
    private static final MemorySegment poll = find("poll");
    private static final MemorySegment read = find("read");
    private static final MemorySegment readlink = find("readlink");
    private static final MemorySegment setpriority = find("setpriority");
    private static final MemorySegment strerror = find("strerror");
    private static final MemorySegment syscall = find("syscall");
    private static final MemorySegment sysconf = find("sysconf");
    private static final MemorySegment write = find("write");

    // include/uapi/asm-generic/mman-common.h
    public static final int PROT_READ = 1;
    public static final int PROT_WRITE = 2;
    private static final int MAP_SHARED = 1;
    private static final int MAP_FAILED = -1;
    // include/uapi/linux/eventpoll.h
    private static final int EPOLL_CLOEXEC = 02000000;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLLIN = 1;
    private static final int EPOLLET = 1 << 31;
    private static final short POLLERR = 8;
    // bits/confname.h
    private static final int SC_PAGESIZE = 30;
    // include/uapi/asm-generic/ioctls.h
    private static final long TIOCGWINSZ = 0x5413;
    private static final int O_RDONLY = 0;
    private static final int O_NONBLOCK = 04000; // of x86 and arm
    private static final int O_CLOEXEC = 02000000;
    private static final int O_PATH = 010000000;
    private static final int PATH_MAX = 4096; // include/uapi/linux/limits.h
    // include/linux/exportfs.h
    private static final int FILEID_INO32_GEN = 1;
    // struct epoll_event { __u32 events; __u64 data; }, packed on x86_64 only; only `events` is used
    private static final long EPOLL_EVENT_SIZE = 16;

    private Libc() {}

    private static MemorySegment find(String name) {
        return LIBC.find(name).orElseThrow(() -> new AssertionError("the C library has no " + name));
    }

    /**
     * Links the call shape, which takes tens of milliseconds once, so that later calls find it done: for a thread that
     * runs while another does something else. Never needed.
     */
    public static void prepare() {
        processId();
    }

    public static void close(int fd) {
        check("close", Native.call(close, fd));
    }

    /** A new epoll instance. Thread-safe; close it with {@link #close}. */
    public static int epollCreate() {
        return check("epoll_create1", Native.call(epoll_create1, EPOLL_CLOEXEC));
    }

    /** A new event descriptor, eventfd(2). Thread-safe; close it with {@link #close}. */
    public static int eventDescriptor() {
        return check("eventfd", Native.call(eventfd, 0, EPOLL_CLOEXEC)); // EFD_CLOEXEC is the same
    }

    /** Wakes who waits for an event descriptor. */
    public static void signal(int eventDescriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1);
            check("write", Native.call(write, eventDescriptor, one.address(), one.byteSize()));
        }
    }

    /** Watches {@code fd} for input; edge-triggered means that only a wake-up counts, not data that is there. */
    public static void epollAdd(int epoll, int fd, boolean edgeTriggered) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment event = arena.allocate(EPOLL_EVENT_SIZE, 8);
            event.set(ValueLayout.JAVA_INT, 0, edgeTriggered ? EPOLLIN | EPOLLET : EPOLLIN);
            check("epoll_ctl", Native.call(epoll_ctl, epoll, EPOLL_CTL_ADD, fd, event.address()));
        }
    }

    /**
     * Waits for one wake-up of what the epoll instance watches.
     *
     * @param event room for one {@code struct epoll_event}, of at least 16 bytes
     * @param millis how long to wait at most; -1: for ever
     * @return whether there was one; a signal counts as none
     */
    public static boolean epollWait(int epoll, MemorySegment event, int millis) {
        int ready = (int) Native.call(epoll_wait, epoll, event.address(), 1, millis);
        if (ready < 0 && Native.errno() != Errno.EINTR) {
            throw new NativeException("epoll_wait", Native.errno());
        }
        return ready > 0;
    }

    /** Maps {@code length} bytes of {@code fd}, shared; unmapped by {@link #munmap}. */
    public static MemorySegment mmap(int fd, long offset, long length, int protection) {
        long address = Native.call(mmap, 0, length, protection, MAP_SHARED, fd, offset);
        if (address == MAP_FAILED) {
            throw new NativeException("mmap", Native.errno());
        }
        return Native.memory(address, length);
    }

    public static void munmap(MemorySegment mapping) {
        check("munmap", Native.call(munmap, mapping.address(), mapping.byteSize()));
    }

    /** Opens a file or directory for reading, for the calls that want a descriptor. */
    public static int openReadOnly(String path) {
        try (Arena arena = Arena.ofConfined()) {
            return check(
                    "open " + path, Native.call(open, arena.allocateFrom(path).address(), O_RDONLY | O_CLOEXEC));
        }
    }

    /** The same for a file whose {@link #read} is not to wait. */
    public static int openWithoutWaiting(String path) {
        try (Arena arena = Arena.ofConfined()) {
            long flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC;
            return check(
                    "open " + path, Native.call(open, arena.allocateFrom(path).address(), flags));
        }
    }

    /** Reads at most as many bytes as {@code into} has; 0: the end, -1: nothing yet, or a signal came. */
    public static int read(int fd, MemorySegment into) {
        int count = (int) Native.call(read, fd, into.address(), into.byteSize());
        if (count < 0 && Native.errno() != Errno.EAGAIN && Native.errno() != Errno.EINTR) {
            throw new NativeException("read", Native.errno());
        }
        return count;
    }

    /**
     * Opens a file of a kernfs, such as a cgroup's directory, by its number, as a descriptor that only names it
     * (O_PATH). Needs CAP_DAC_READ_SEARCH in the initial user namespace and Linux 4.14; ESTALE: there is no such file.
     *
     * @param mount a descriptor of any file of that file system
     * @param id the 64-bit inode number
     */
    public static int openByNumber(int mount, long id) {
        try (Arena arena = Arena.ofConfined()) {
            // struct file_handle { __u32 bytes; int type; char handle[]; }. Kernfs has its own type since 5.5, but
            // takes
            // as well the generic one, of the inode's low and high half, that it knew before.
            MemorySegment handle = arena.allocate(16, 8);
            handle.set(ValueLayout.JAVA_INT, 0, 8);
            handle.set(ValueLayout.JAVA_INT, 4, FILEID_INO32_GEN);
            handle.set(ValueLayout.JAVA_INT, 8, (int) id);
            handle.set(ValueLayout.JAVA_INT, 12, (int) (id >>> 32));
            return check(
                    "open_by_handle_at", Native.call(open_by_handle_at, mount, handle.address(), O_PATH | O_CLOEXEC));
        }
    }

    /**
     * The path that an open descriptor has now, from the kernel's link in /proc; malformed UTF-8 is replaced. The
     * kernel adds {@code  (deleted)} when the file is gone.
     */
    public static String pathOf(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(PATH_MAX);
            int length = check(
                    "readlink",
                    Native.call(
                            readlink, arena.allocateFrom("/proc/self/fd/" + fd).address(), buffer.address(), PATH_MAX));
            byte[] path = buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
            return new String(path, StandardCharsets.UTF_8);
        }
    }

    /** The kernel's page size in bytes. */
    public static int pageSize() {
        return (int) Native.call(sysconf, SC_PAGESIZE);
    }

    /** Our own process id, in our pid namespace. */
    public static int processId() {
        return (int) Native.call(getpid);
    }

    /** The nice value of the calling thread, -20 to 19, getpriority(2). */
    public static int nice() {
        return (int) Native.call(getpriority, 0, 0);
    }

    /** Sets the nice value of a thread; without CAP_SYS_NICE it can only be made larger. Never throws. */
    public static void nice(int thread, int value) {
        Native.call(setpriority, 0, thread, value);
    }

    /** Sends a signal, kill(2). */
    public static void kill(int pid, int signal) {
        check("kill", Native.call(kill, pid, signal));
    }

    /** The columns of the terminal that {@code fd} is, or 0 when it is none. Never throws. */
    public static int terminalColumns(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(8, 2); // struct winsize { unsigned short rows, columns, … }
            if ((int) Native.call(ioctl, fd, TIOCGWINSZ, size.address()) != 0) {
                return 0;
            }
            int columns = Short.toUnsignedInt(size.get(ValueLayout.JAVA_SHORT, 2));
            return columns == 0 ? 80 : columns;
        }
    }

    /** Whether {@code fd} is a pipe or socket that nobody reads any more, poll(2). Never throws. */
    public static boolean readerIsGone(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pollfd = arena.allocate(8, 4); // struct pollfd { int fd; short events, revents; }
            pollfd.set(ValueLayout.JAVA_INT, 0, fd);
            return (int) Native.call(poll, pollfd.address(), 1, 0) == 1
                    && (pollfd.get(ValueLayout.JAVA_SHORT, 6) & POLLERR) != 0;
        }
    }

    /** perf_event_open(2) for all processes on one CPU, with close-on-exec. */
    static int perfEventOpen(MemorySegment attributes, int cpu) {
        boolean arm = System.getProperty("os.arch").equals("aarch64");
        long number = arm ? 241 : 298; // __NR_perf_event_open
        long closeOnExec = 8; // PERF_FLAG_FD_CLOEXEC
        return check("perf_event_open", Native.call(syscall, number, attributes.address(), -1, cpu, -1, closeOnExec));
    }

    /**
     * Returns once every program that was running on any CPU has ended, membarrier(2) with MEMBARRIER_CMD_GLOBAL, which
     * waits for an RCU grace period; false where the kernel does not offer it (nohz_full).
     */
    public static boolean awaitRunningPrograms() {
        boolean arm = System.getProperty("os.arch").equals("aarch64");
        long number = arm ? 283 : 324; // __NR_membarrier
        return (int) Native.call(syscall, number, 1, 0, 0) == 0;
    }

    /** bpf(2); returns 0 or the errno. */
    static int bpf(int command, MemorySegment attributes) {
        boolean arm = System.getProperty("os.arch").equals("aarch64");
        long number = arm ? 280 : 321; // __NR_bpf
        long result = Native.call(syscall, number, command, attributes.address(), attributes.byteSize(), 0, 0);
        return (int) result < 0 ? Native.errno() : 0;
    }

    /** An ioctl(2) with an integer argument. */
    static void ioctl(int fd, long request, long argument) {
        check("ioctl", Native.call(ioctl, fd, request, argument));
    }

    /** bpf(2) for a command that makes something; returns its descriptor, or the errno negated. */
    static int bpfDescriptor(int command, MemorySegment attributes) {
        boolean arm = System.getProperty("os.arch").equals("aarch64");
        long number = arm ? 280 : 321; // __NR_bpf
        int result = (int) Native.call(syscall, number, command, attributes.address(), attributes.byteSize(), 0, 0);
        return result < 0 ? -Native.errno() : result;
    }

    /** The name of an error number and the C library's words: {@code ENOENT (No such file or directory)}. */
    public static String describe(int errno) {
        return Errno.name(errno) + " (" + Native.string(Native.call(strerror, errno), 200) + ")";
    }

    static int check(String call, long result) {
        int value = (int) result;
        if (value < 0) {
            throw new NativeException(call, Native.errno());
        }
        return value;
    }
}
