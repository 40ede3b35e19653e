// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** What attaching to a network interface takes: its number, and packet sockets, packet(7). */
public final class Sockets {
    private static final SymbolLookup LIBC = Native.libc();
    private static final MemorySegment bind = LIBC.find("bind").orElseThrow();
    private static final MemorySegment if_nametoindex =
            LIBC.find("if_nametoindex").orElseThrow();
    private static final MemorySegment setsockopt = LIBC.find("setsockopt").orElseThrow();
    private static final MemorySegment socket = LIBC.find("socket").orElseThrow();

    private static final int AF_PACKET = 17;
    private static final int SOCK_RAW = 3;
    private static final int SOCK_CLOEXEC = 02000000;
    private static final int ETH_P_ALL = 3; // include/uapi/linux/if_ether.h
    // include/uapi/asm-generic/socket.h, as x86 and arm have it
    private static final int SOL_SOCKET = 1;
    private static final int SO_ATTACH_BPF = 50;
    private static final int SOCKADDR_LL = 20;

    private Sockets() {}

    /** The number of an interface in this thread's network namespace; 0 when there is none of that name. */
    public static int interfaceIndex(String name) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) Native.call(if_nametoindex, arena.allocateFrom(name).address());
        }
    }

    /** A socket of all packets of one interface with a program as its filter; to be {@link Libc#close closed}. */
    public static int filtered(long program, int interfaceIndex) {
        // Protocol 0 receives nothing until bind, so that there is no packet that the program did not see.
        int fd = Libc.check("socket", Native.call(socket, AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment option = arena.allocateFrom(ValueLayout.JAVA_INT, Libbpf.programFd(program));
            Libc.check("setsockopt", Native.call(setsockopt, fd, SOL_SOCKET, SO_ATTACH_BPF, option.address(), 4, 0));
            // struct sockaddr_ll { unsigned short family; __be16 protocol; int ifindex; … }
            MemorySegment address = arena.allocate(SOCKADDR_LL, 4);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_PACKET);
            address.set(ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN), 2, (short) ETH_P_ALL);
            address.set(ValueLayout.JAVA_INT, 4, interfaceIndex);
            Libc.check("bind", Native.call(bind, fd, address.address(), SOCKADDR_LL));
            return fd;
        } catch (NativeException failure) {
            Libc.close(fd);
            throw failure;
        }
    }
}
