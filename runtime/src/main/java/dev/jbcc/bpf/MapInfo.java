// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.bpf.ffi.Libbpf;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What a program relies on in a map: {@code enum bpf_map_type}, and the sizes in bytes. */
record MapInfo(int type, int keySize, int valueSize) {
    // struct bpf_map_info in include/uapi/linux/bpf.h
    private static final int SIZE = 88;
    private static final int TYPE = 0;
    private static final int KEY_SIZE = 8;
    private static final int VALUE_SIZE = 12;

    /** Asks the kernel about a descriptor; empty when it is none of a map. */
    static Optional<MapInfo> of(int fd) {
        try {
            Path link = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd));
            if (!link.toString().equals("anon_inode:bpf-map")) {
                return Optional.empty();
            }
        } catch (IOException unknown) {
            return Optional.empty();
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(SIZE, 8);
            Libbpf.infoByFd(fd, info);
            return Optional.of(new MapInfo(
                    info.get(ValueLayout.JAVA_INT, TYPE),
                    info.get(ValueLayout.JAVA_INT, KEY_SIZE),
                    info.get(ValueLayout.JAVA_INT, VALUE_SIZE)));
        }
    }

    @Override
    public String toString() {
        return "type " + type + ", keys of " + keySize + " and values of " + valueSize + " bytes";
    }
}
