// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf.ffi;

import dev.jbcc.JbccException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;

/**
 * libbpf 1.0 or later, by its soname. Objects, programs, maps and links are opaque handles; a handle is dead once its
 * owner is closed, and using it then crashes the process, which is why only {@code dev.jbcc.bpf} holds any.
 *
 * <p>Functions that fail throw {@link NativeException} with the errno and the C function's name.
 */
public final class Libbpf {
    private static final SymbolLookup LIBBPF = Native.library("libbpf.so.1")
            .orElseThrow(() -> new JbccException.NotSupported(
                    "libbpf.so.1 was not found; jbcc needs libbpf 1.0 or later",
                    "install it: apt install libbpf1 (Debian, Ubuntu), dnf install libbpf (Fedora)"));
    private static final MemorySegment bpf_link__destroy = find("bpf_link__destroy");
    private static final MemorySegment bpf_map__autocreate = find("bpf_map__autocreate");
    private static final MemorySegment bpf_map__btf_key_type_id = find("bpf_map__btf_key_type_id");
    private static final MemorySegment bpf_map__btf_value_type_id = find("bpf_map__btf_value_type_id");
    private static final MemorySegment bpf_map__fd = find("bpf_map__fd");
    private static final MemorySegment bpf_map__initial_value = find("bpf_map__initial_value");
    private static final MemorySegment bpf_map__key_size = find("bpf_map__key_size");
    private static final MemorySegment bpf_map__max_entries = find("bpf_map__max_entries");
    private static final MemorySegment bpf_map__name = find("bpf_map__name");
    private static final MemorySegment bpf_map__reuse_fd = find("bpf_map__reuse_fd");
    private static final MemorySegment bpf_map__set_autocreate = find("bpf_map__set_autocreate");
    private static final MemorySegment bpf_map__set_max_entries = find("bpf_map__set_max_entries");
    private static final MemorySegment bpf_map__set_value_size = find("bpf_map__set_value_size");
    private static final MemorySegment bpf_map__type = find("bpf_map__type");
    private static final MemorySegment bpf_map__value_size = find("bpf_map__value_size");
    private static final MemorySegment bpf_map_delete_elem = find("bpf_map_delete_elem");
    private static final MemorySegment bpf_map_get_next_key = find("bpf_map_get_next_key");
    private static final MemorySegment bpf_map_lookup_elem = find("bpf_map_lookup_elem");
    private static final MemorySegment bpf_map_update_elem = find("bpf_map_update_elem");
    private static final MemorySegment bpf_obj_get = find("bpf_obj_get");
    private static final MemorySegment bpf_obj_get_info_by_fd = find("bpf_obj_get_info_by_fd");
    private static final MemorySegment bpf_object__btf = find("bpf_object__btf");
    private static final MemorySegment bpf_object__close = find("bpf_object__close");
    private static final MemorySegment bpf_object__find_map_by_name = find("bpf_object__find_map_by_name");
    private static final MemorySegment bpf_object__load = find("bpf_object__load");
    private static final MemorySegment bpf_object__next_map = find("bpf_object__next_map");
    private static final MemorySegment bpf_object__next_program = find("bpf_object__next_program");
    private static final MemorySegment bpf_object__open_mem = find("bpf_object__open_mem");
    private static final MemorySegment bpf_program__attach = find("bpf_program__attach");
    private static final MemorySegment bpf_program__attach_perf_event = find("bpf_program__attach_perf_event");
    private static final MemorySegment bpf_program__autoload = find("bpf_program__autoload");
    private static final MemorySegment bpf_program__fd = find("bpf_program__fd");
    private static final MemorySegment bpf_program__name = find("bpf_program__name");
    private static final MemorySegment bpf_program__section_name = find("bpf_program__section_name");
    private static final MemorySegment bpf_program__set_autoload = find("bpf_program__set_autoload");
    private static final MemorySegment btf__raw_data = find("btf__raw_data");
    private static final MemorySegment libbpf_num_possible_cpus = find("libbpf_num_possible_cpus");
    static final MemorySegment libbpf_set_print = find("libbpf_set_print");

    static {
        // Silent until something fails; LibbpfLog then listens to a second try.
        Native.call(libbpf_set_print, 0);
    }

    private static final int MAX_NAME = 256;
    // include/uapi/linux/bpf.h: enum bpf_cmd, and the size of `batch` in union bpf_attr
    private static final int BPF_MAP_LOOKUP_BATCH = 24;
    private static final int BPF_MAP_LOOKUP_AND_DELETE_BATCH = 25;
    private static final int BATCH_ATTRIBUTES = 56;

    private Libbpf() {}

    static MemorySegment find(String name) {
        return LIBBPF.find(name)
                .orElseThrow(() -> new JbccException.NotSupported(
                        "libbpf.so.1 has no function " + name + "; jbcc needs libbpf 1.0 or later", null));
    }

    /** Such as {@code v1.1}. */
    public static String version() {
        return Native.string(Native.call(find("libbpf_version_string")), MAX_NAME);
    }

    // Objects

    /**
     * {@code bpf_object__open_mem}. The ELF bytes are not needed any more afterwards.
     *
     * @param types a file with the kernel's types in place of the kernel's own description, or null
     */
    public static long openObject(byte[] elf, String name, String types) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(elf.length, 8);
            MemorySegment.copy(elf, 0, bytes, ValueLayout.JAVA_BYTE, 0, elf.length);
            // struct bpf_object_open_opts { sz, object_name, relaxed_maps, pin_root_path, :32, kconfig, btf_custom_path
            // }
            MemorySegment options = arena.allocate(56, 8);
            options.set(ValueLayout.JAVA_LONG, 0, 56);
            options.set(ValueLayout.JAVA_LONG, 8, arena.allocateFrom(name).address());
            if (types != null) {
                options.set(ValueLayout.JAVA_LONG, 48, arena.allocateFrom(types).address());
            }
            return pointer(
                    "bpf_object__open_mem",
                    Native.call(bpf_object__open_mem, bytes.address(), elf.length, options.address()));
        }
    }

    /** {@code bpf_object__load}: creates the maps, relocates, and loads the programs. */
    public static void loadObject(long object) {
        status("bpf_object__load", Native.call(bpf_object__load, object));
    }

    /** {@code bpf_object__close}: also unloads everything that no link or descriptor of others holds. */
    public static void closeObject(long object) {
        Native.call(bpf_object__close, object);
    }

    /** The object's BTF as libbpf has completed it, in memory that the object owns. */
    public static MemorySegment objectBtf(long object) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(ValueLayout.JAVA_INT);
            long btf = pointer("bpf_object__btf", Native.call(bpf_object__btf, object));
            long data = pointer("btf__raw_data", Native.call(btf__raw_data, btf, size.address()));
            return Native.memory(data, Integer.toUnsignedLong(size.get(ValueLayout.JAVA_INT, 0)))
                    .asReadOnly();
        }
    }

    /** The program after {@code previous} (0: the first), or 0. */
    public static long nextProgram(long object, long previous) {
        return Native.call(bpf_object__next_program, object, previous);
    }

    /** The map after {@code previous} (0: the first), or 0. */
    public static long nextMap(long object, long previous) {
        return Native.call(bpf_object__next_map, object, previous);
    }

    /** The map of that name, or 0; {@code .rodata} and its kind are found by section name. */
    public static long findMap(long object, String name) {
        try (Arena arena = Arena.ofConfined()) {
            return Native.call(
                    bpf_object__find_map_by_name,
                    object,
                    arena.allocateFrom(name).address());
        }
    }

    // Programs and links

    public static String programName(long program) {
        return Native.string(Native.call(bpf_program__name, program), MAX_NAME);
    }

    /** The section that the program is in, which says where it attaches. */
    public static String programSection(long program) {
        return Native.string(Native.call(bpf_program__section_name, program), MAX_NAME);
    }

    public static boolean programAutoload(long program) {
        return (Native.call(bpf_program__autoload, program) & 0xff) != 0;
    }

    public static void setProgramAutoload(long program, boolean load) {
        status("bpf_program__set_autoload", Native.call(bpf_program__set_autoload, program, load ? 1 : 0));
    }

    public static int programFd(long program) {
        return status("bpf_program__fd", Native.call(bpf_program__fd, program));
    }

    /** {@code bpf_program__attach}, by section; returns a link to {@link #destroyLink destroy}. */
    public static long attachProgram(long program) {
        return pointer("bpf_program__attach", Native.call(bpf_program__attach, program));
    }

    /** {@code bpf_program__attach_perf_event}: also starts the event. The link owns its descriptor from then on. */
    public static long attachPerfEvent(long program, int event) {
        return pointer("bpf_program__attach_perf_event", Native.call(bpf_program__attach_perf_event, program, event));
    }

    public static void destroyLink(long link) {
        status("bpf_link__destroy", Native.call(bpf_link__destroy, link));
    }

    // Maps

    public static String mapName(long map) {
        return Native.string(Native.call(bpf_map__name, map), MAX_NAME);
    }

    public static int mapFd(long map) {
        return status("bpf_map__fd", Native.call(bpf_map__fd, map));
    }

    /** {@code enum bpf_map_type}. */
    public static int mapType(long map) {
        return (int) Native.call(bpf_map__type, map);
    }

    public static int mapKeySize(long map) {
        return (int) Native.call(bpf_map__key_size, map);
    }

    public static int mapValueSize(long map) {
        return (int) Native.call(bpf_map__value_size, map);
    }

    public static int mapMaxEntries(long map) {
        return (int) Native.call(bpf_map__max_entries, map);
    }

    /** The BTF type of the keys, 0 when the map's definition names none. */
    public static int mapKeyType(long map) {
        return (int) Native.call(bpf_map__btf_key_type_id, map);
    }

    /** The BTF type of the values, 0 when the map's definition names none. */
    public static int mapValueType(long map) {
        return (int) Native.call(bpf_map__btf_value_type_id, map);
    }

    public static void setMapMaxEntries(long map, int entries) {
        status("bpf_map__set_max_entries", Native.call(bpf_map__set_max_entries, map, entries));
    }

    public static void setMapValueSize(long map, int bytes) {
        status("bpf_map__set_value_size", Native.call(bpf_map__set_value_size, map, bytes));
    }

    public static boolean mapAutocreate(long map) {
        return (Native.call(bpf_map__autocreate, map) & 0xff) != 0;
    }

    public static void setMapAutocreate(long map, boolean create) {
        status("bpf_map__set_autocreate", Native.call(bpf_map__set_autocreate, map, create ? 1 : 0));
    }

    /** {@code bpf_map__reuse_fd}: uses an existing map in place of the declared one; the descriptor is duplicated. */
    public static void reuseMapFd(long map, int fd) {
        status("bpf_map__reuse_fd", Native.call(bpf_map__reuse_fd, map, fd));
    }

    /**
     * The memory of a section of globals that becomes its content at load. Owned by the object; of no use after load,
     * when it is a copy or the live map, depending on libbpf's version.
     */
    public static MemorySegment mapInitialValue(long map) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(ValueLayout.JAVA_LONG);
            long value = pointer("bpf_map__initial_value", Native.call(bpf_map__initial_value, map, size.address()));
            return Native.memory(value, size.get(ValueLayout.JAVA_LONG, 0));
        }
    }

    // Elements; each returns 0 or the errno, because most are answers and not failures

    public static int lookup(int fd, MemorySegment key, MemorySegment value) {
        return errno(Native.call(bpf_map_lookup_elem, fd, key.address(), value.address()));
    }

    public static int update(int fd, MemorySegment key, MemorySegment value, long flags) {
        return errno(Native.call(bpf_map_update_elem, fd, key.address(), value.address(), flags));
    }

    public static int delete(int fd, MemorySegment key) {
        return errno(Native.call(bpf_map_delete_elem, fd, key.address()));
    }

    /** The key after {@code key}; {@link MemorySegment#NULL} asks for the first. */
    public static int nextKey(int fd, MemorySegment key, MemorySegment next) {
        return errno(Native.call(bpf_map_get_next_key, fd, key.address(), next.address()));
    }

    /**
     * {@code BPF_MAP_LOOKUP_BATCH} of bpf(2) (kernel 5.6). libbpf's function for it has seven parameters, more than
     * {@link Native} can pass.
     *
     * @param in where to go on, {@link MemorySegment#NULL} at first; {@code out} receives where to go on next
     * @param count in: room in keys and values; out: how many were filled, also with ENOENT (the end)
     */
    public static int lookupBatch(
            int fd,
            MemorySegment in,
            MemorySegment out,
            MemorySegment keys,
            MemorySegment values,
            MemorySegment count) {
        return batch(BPF_MAP_LOOKUP_BATCH, fd, in, out, keys, values, count);
    }

    /** {@code BPF_MAP_LOOKUP_AND_DELETE_BATCH} (kernel 5.6): the same, and removes what it returns. */
    public static int lookupAndDeleteBatch(
            int fd,
            MemorySegment in,
            MemorySegment out,
            MemorySegment keys,
            MemorySegment values,
            MemorySegment count) {
        return batch(BPF_MAP_LOOKUP_AND_DELETE_BATCH, fd, in, out, keys, values, count);
    }

    private static int batch(
            int command,
            int fd,
            MemorySegment in,
            MemorySegment out,
            MemorySegment keys,
            MemorySegment values,
            MemorySegment count) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(BATCH_ATTRIBUTES, 8);
            attributes.set(ValueLayout.JAVA_LONG, 0, in.address());
            attributes.set(ValueLayout.JAVA_LONG, 8, out.address());
            attributes.set(ValueLayout.JAVA_LONG, 16, keys.address());
            attributes.set(ValueLayout.JAVA_LONG, 24, values.address());
            attributes.set(ValueLayout.JAVA_INT, 32, count.get(ValueLayout.JAVA_INT, 0));
            attributes.set(ValueLayout.JAVA_INT, 36, fd);
            int errno = Libc.bpf(command, attributes);
            count.set(ValueLayout.JAVA_INT, 0, attributes.get(ValueLayout.JAVA_INT, 32));
            return errno;
        }
    }

    /** Opens a pinned map or program. */
    public static int openPinned(String path) {
        try (Arena arena = Arena.ofConfined()) {
            return status(
                    "bpf_obj_get",
                    Native.call(bpf_obj_get, arena.allocateFrom(path).address()));
        }
    }

    /** {@code bpf_obj_get_info_by_fd}; what the kernel does not know of stays as it is in {@code info}. */
    public static void infoByFd(int fd, MemorySegment info) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment length = arena.allocate(ValueLayout.JAVA_INT);
            length.set(ValueLayout.JAVA_INT, 0, (int) info.byteSize());
            status("bpf_obj_get_info_by_fd", Native.call(bpf_obj_get_info_by_fd, fd, info.address(), length.address()));
        }
    }

    /** How many values a per-CPU map has for each key. */
    public static int possibleCpus() {
        return status("libbpf_num_possible_cpus", Native.call(libbpf_num_possible_cpus));
    }

    static long pointer(String call, long result) {
        if (result == 0) {
            throw new NativeException(call, Native.errno());
        }
        return result;
    }

    static int status(String call, long result) {
        int value = (int) result;
        if (value < 0) {
            throw new NativeException(call, -value);
        }
        return value;
    }

    private static int errno(long result) {
        return (int) result < 0 ? -(int) result : 0;
    }
}
