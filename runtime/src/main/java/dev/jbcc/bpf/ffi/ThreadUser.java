// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf.ffi;

import java.lang.foreign.MemorySegment;

/**
 * Another effective user and group for the calling thread alone, until closed by the same thread: the system calls
 * change a thread, and only the C library's wrappers change all of them. As the real and saved user stay, the other user
 * cannot signal or trace us. What the thread does meanwhile should be one system call.
 */
public final class ThreadUser implements AutoCloseable {
    private static final MemorySegment getegid = OpenAt.find("getegid");
    private static final MemorySegment geteuid = OpenAt.find("geteuid");
    private static final MemorySegment syscall = OpenAt.find("syscall");

    private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
    private static final long SETRESUID = ARM ? 147 : 117;
    private static final long SETRESGID = ARM ? 149 : 119;
    private static final long SAME = -1;

    private final long uid = Native.call(geteuid);
    private final long gid = Native.call(getegid);

    /** @throws NativeException when that is not permitted; then nothing has changed */
    public ThreadUser(int uid, int gid) {
        set(SETRESGID, gid);
        try {
            set(SETRESUID, uid);
        } catch (NativeException e) {
            set(SETRESGID, this.gid);
            throw e;
        }
    }

    private static void set(long call, long id) {
        Libc.check("setresuid", Native.call(syscall, call, SAME, id, SAME, 0, 0));
    }

    @Override
    public void close() {
        set(SETRESUID, uid);
        set(SETRESGID, gid);
    }
}
