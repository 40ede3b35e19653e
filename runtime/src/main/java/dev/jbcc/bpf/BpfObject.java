// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.ffi.Libbpf;
import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.bpf.ffi.NativeException;
import dev.jbcc.host.Errno;
import dev.jbcc.host.Kernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A loaded object: its maps exist and its programs are in the kernel, to be attached. It owns the links and buffers made
 * from it and closes them, last made first, before itself. Nothing outlives the process: every one of them is held by
 * a file descriptor only.
 *
 * <p>Threads: the object and its programs are for one thread at a time, each of its buffers too, but not all for the
 * same; maps are for any. Any number of objects can be open side by side. All of it works on virtual threads, but calls
 * of C hold the carrier thread while they last, and {@link EventBuffer#await} lasts: read buffers on a platform thread.
 *
 * <p>{@link dev.jbcc.BpfSource BpfSource} shows its use.
 */
public final class BpfObject implements AutoCloseable {
    private static final String[] WRITABLE_SECTIONS = {".data", ".bss"};

    private static final int BPF_MAP_TYPE_PERF_EVENT_ARRAY = 4;
    private static final int BPF_MAP_TYPE_PERCPU_HASH = 5;
    private static final int BPF_MAP_TYPE_PERCPU_ARRAY = 6;
    private static final int BPF_MAP_TYPE_LRU_PERCPU_HASH = 10;
    private static final int BPF_MAP_TYPE_RINGBUF = 27;
    // struct bpf_prog_info in include/uapi/linux/bpf.h
    private static final int PROG_INFO_SIZE = 232;
    private static final int PROG_INFO_RECURSION_MISSES = 208;
    private static final int PROG_INFO_NR_MAP_IDS = 52;
    private static final int PROG_INFO_MAP_IDS = 56;
    private static final int MAX_USED_MAPS = 64; // MAX_USED_MAPS of include/linux/bpf_verifier.h
    private static final int MAP_INFO_ID = 4; // of struct bpf_map_info, which is shorter

    private final String name;
    private final Btf btf;
    private final Deque<AutoCloseable> owned = new ArrayDeque<>();
    /** The sections of globals that have been asked for, mapped here. */
    private final Map<String, MemorySegment> sections = new HashMap<>();

    private long handle;

    BpfObject(String name, long handle, Btf btf) {
        this.name = name;
        this.handle = handle;
        this.btf = btf;
    }

    /** The object's own types. */
    public Btf btf() {
        return btf;
    }

    /**
     * Attaches every loaded program to what its section or {@link OpenObject#attachTo} names. The programs on one
     * tracepoint run in the order in which they were attached. Programs for which neither names a place, and iterators,
     * are left for the calls of {@link BpfProgram}.
     */
    public void attach() {
        for (BpfProgram program : programs()) {
            Section section = Section.of(program.section());
            if (section.namesPlace() || section.isPlacedAtLoad()) {
                program.attach();
            }
        }
    }

    /** Attaches one program to what its section or {@link OpenObject#attachTo} names. */
    public BpfLink attach(String program) {
        return program(program).attach();
    }

    /**
     * Runs a program of type {@code perf_event} at each sample of a CPU, from now on.
     *
     * @param cpu its number
     * @return empty when this machine has no such clock, or not that CPU
     */
    public Optional<BpfLink> attach(String program, Sampling sampling, int cpu) {
        return program(program).attachSampling(sampling, cpu);
    }

    /** A loaded program by the name of its C function. */
    public BpfProgram program(String program) {
        for (BpfProgram loaded : programs()) {
            if (loaded.name().equals(program)) {
                return loaded;
            }
        }
        throw new IllegalArgumentException(name + " has no loaded program " + program);
    }

    /** All loaded programs, in the order of the object. */
    public List<BpfProgram> programs() {
        List<BpfProgram> programs = new ArrayList<>();
        for (long p = Libbpf.nextProgram(handle(), 0); p != 0; p = Libbpf.nextProgram(handle, p)) {
            if (Libbpf.programAutoload(p)) {
                programs.add(new BpfProgram(this, p));
            }
        }
        return programs;
    }

    /** Detaches all programs; maps and buffers stay, so that what has been reported can still be read. */
    public void detach() {
        for (AutoCloseable resource : owned) {
            if (resource instanceof BpfLink link) {
                link.close();
            }
        }
    }

    /**
     * A map with typed keys and values; their types are checked against the map's declaration.
     *
     * @param <K> of keys, see {@link Codec} for what fits which C type
     * @param <V> of values
     */
    public <K, V> BpfMap<K, V> map(String map, Class<K> keys, Class<V> values) {
        long found = findMap(map);
        return new BpfMap<>(
                map,
                this,
                Libbpf.mapFd(found),
                switch (Libbpf.mapType(found)) {
                    case BPF_MAP_TYPE_PERCPU_HASH, BPF_MAP_TYPE_PERCPU_ARRAY, BPF_MAP_TYPE_LRU_PERCPU_HASH -> true;
                    default -> false;
                },
                codec(keys, Libbpf.mapKeyType(found), Libbpf.mapKeySize(found)),
                codec(values, Libbpf.mapValueType(found), Libbpf.mapValueSize(found)));
    }

    /** What maps there are. */
    public List<MapDeclaration> maps() {
        return MapDeclaration.all(handle());
    }

    private <T> Codec<T> codec(Class<T> type, int typeId, int size) {
        if (typeId != 0) {
            return Codec.of(type, btf, typeId);
        }
        if (type == byte[].class) {
            @SuppressWarnings("unchecked") // checked right above
            Codec<T> raw = (Codec<T>) Codec.raw(size);
            return raw;
        }
        throw new IllegalArgumentException("the map's declaration names no type for its keys or values: use byte[]");
    }

    /**
     * The live memory of a global that is not const (kernel 5.5); empty when there is none of that name. It must not be
     * touched after close. If all variables of its section, {@code .data} or {@code .bss}, are static, it is a copy of
     * what the variable is now, for libbpf makes such a section one that cannot be mapped.
     */
    public Optional<MemorySegment> variable(String variable) {
        checkOpen();
        for (String section : WRITABLE_SECTIONS) {
            for (Btf.Variable candidate : btf.variables(section)) {
                if (candidate.name().equals(variable)) {
                    return Optional.of(section(section).asSlice(candidate.offset(), candidate.size()));
                }
            }
        }
        return Optional.empty();
    }

    /** Before 1.6, libbpf maps the live globals only for skeletons; what it has otherwise is a copy. */
    private MemorySegment section(String section) {
        MemorySegment memory = sections.get(section);
        if (memory != null) {
            return memory;
        }
        long map = findMap(section);
        int page = Libc.pageSize();
        int size = (Libbpf.mapValueSize(map) + page - 1) / page * page;
        try {
            memory = Libc.mmap(Libbpf.mapFd(map), 0, size, Libc.PROT_READ | Libc.PROT_WRITE);
        } catch (NativeException failure) {
            if (failure.errno() != Errno.EINVAL) {
                throw new JbccException.Failed(
                        "cannot read the globals of " + name + ": " + failure.getMessage(), failure);
            }
            return content(section, Arena.ofAuto());
        }
        sections.put(section, memory);
        return memory;
    }

    /**
     * Reads a ring buffer map. The programs may leave waking the reader to a mark, see {@code jbcc.h}; those that do
     * not wake it for each record when it waits, as the kernel does by itself.
     */
    public RingBuffer ringBuffer(String map) {
        long found = findMap(map, BPF_MAP_TYPE_RINGBUF, "ring buffer");
        long size = Integer.toUnsignedLong(Libbpf.mapMaxEntries(found));
        MemorySegment sleeps =
                variable("jbcc_reader_sleeps").orElseGet(() -> Arena.ofAuto().allocate(ValueLayout.JAVA_INT));
        return own(new RingBuffer(Libbpf.mapFd(found), size, sleeps, wakeMark(size)));
    }

    /** How many bytes may gather in a ring of {@code size} bytes before its reader is woken. */
    public static long wakeMark(long size) {
        return size / 4;
    }

    /**
     * Reads a perf event array map.
     *
     * @param bytes of each CPU's ring, a power of two of pages
     */
    public PerfBuffer perfBuffer(String map, int bytes) {
        findMap(map, BPF_MAP_TYPE_PERF_EVENT_ARRAY, "perf event array");
        if (Integer.bitCount(bytes) != 1) {
            throw new IllegalArgumentException("a perf ring of " + bytes + " bytes, which is no power of two");
        }
        PerfBuffer buffer = own(new PerfBuffer(Kernel.onlineCpus(), Math.max(bytes, Libc.pageSize())));
        buffer.enter((cpu, fd) -> setDescriptor(map, cpu, fd));
        return buffer;
    }

    /**
     * Reads what the programs print by {@code bpf_printk}. When the object has no format string of such a call, because
     * its C makes them otherwise, the lines of all programs of the machine are read.
     */
    public TracePipe tracePipe() {
        return own(new TracePipe(printFormats()));
    }

    /** Whether one of the programs prints by {@code bpf_printk}. */
    public boolean prints() {
        for (BpfProgram program : programs()) {
            if (program.prints()) {
                return true;
            }
        }
        return false;
    }

    /** The formats are in {@code .rodata}, each a static variable of the macro: {@code function.____fmt}. */
    private PrintFormats printFormats() {
        PrintFormats formats = new PrintFormats();
        byte[] constants = null;
        for (Btf.Variable variable : btf.variables(".rodata")) {
            int dot = variable.name().indexOf('.');
            if (dot < 0
                    || !variable.name().startsWith("___", dot + 1)
                    || !variable.name().contains("_fmt")) {
                continue;
            }
            if (constants == null) {
                try (Arena arena = Arena.ofConfined()) {
                    constants = content(".rodata", arena).toArray(ValueLayout.JAVA_BYTE);
                }
            }
            int start = Math.toIntExact(variable.offset());
            int end = start;
            while (end < start + variable.size() && constants[end] != 0) {
                end++;
            }
            formats.add(new String(constants, start, end - start, StandardCharsets.UTF_8));
        }
        return formats;
    }

    /** A copy of what a section of globals has now. */
    private MemorySegment content(String section, Arena arena) {
        long map = findMap(section);
        MemorySegment value = arena.allocate(Integer.toUnsignedLong(Libbpf.mapValueSize(map)), 8);
        int errno = Libbpf.lookup(Libbpf.mapFd(map), arena.allocateFrom(ValueLayout.JAVA_INT, 0), value);
        if (errno != 0) {
            throw new JbccException.Failed("cannot read " + section + " of " + name + ": " + Libc.describe(errno));
        }
        return value;
    }

    /**
     * Enters a descriptor in a map whose values are such: a perf event array, a cgroup array, a program array. The map
     * holds what it refers to by itself, so the descriptor can be closed.
     */
    public void setDescriptor(String map, int index, int fd) {
        long found = findMap(map);
        if (Libbpf.mapKeySize(found) != 4 || Libbpf.mapValueSize(found) != 4) {
            throw new IllegalArgumentException("map " + map + " of " + name + " does not hold descriptors");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = arena.allocateFrom(ValueLayout.JAVA_INT, index);
            MemorySegment value = arena.allocateFrom(ValueLayout.JAVA_INT, fd);
            int errno = Libbpf.update(Libbpf.mapFd(found), key, value, 0);
            if (errno != 0) {
                throw new JbccException.Failed("cannot enter a descriptor in map " + map + ": " + Libc.describe(errno));
            }
        }
    }

    /**
     * How often the kernel has skipped one of the programs because it was running on that CPU already (kernel 5.12; 0
     * before).
     */
    public long missed() {
        long missed = 0;
        try (Arena arena = Arena.ofConfined()) {
            for (BpfProgram program : programs()) {
                MemorySegment info = arena.allocate(PROG_INFO_SIZE, 8);
                Libbpf.infoByFd(program.descriptor(), info);
                missed += info.get(ValueLayout.JAVA_LONG, PROG_INFO_RECURSION_MISSES);
            }
        }
        return missed;
    }

    /** The names of the programs that read or write a map; none if it was left out. */
    public List<String> usersOf(String map) {
        List<String> users = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(PROG_INFO_SIZE, 8);
            MemorySegment ids = arena.allocate((long) MAX_USED_MAPS * Integer.BYTES, 8);
            int descriptor;
            try {
                descriptor = mapDescriptor(map);
            } catch (NativeException leftOut) {
                return users;
            }
            Libbpf.infoByFd(descriptor, info);
            int wanted = info.get(ValueLayout.JAVA_INT, MAP_INFO_ID);
            for (BpfProgram program : programs()) {
                info.fill((byte) 0);
                info.set(ValueLayout.JAVA_INT, PROG_INFO_NR_MAP_IDS, MAX_USED_MAPS);
                info.set(ValueLayout.JAVA_LONG, PROG_INFO_MAP_IDS, ids.address());
                Libbpf.infoByFd(program.descriptor(), info);
                int used = Math.min(info.get(ValueLayout.JAVA_INT, PROG_INFO_NR_MAP_IDS), MAX_USED_MAPS);
                for (int i = 0; i < used; i++) {
                    if (ids.getAtIndex(ValueLayout.JAVA_INT, i) == wanted) {
                        users.add(program.name());
                    }
                }
            }
            return users;
        }
    }

    private long findMap(String map) {
        long found = Libbpf.findMap(handle(), map);
        if (found == 0) {
            throw new IllegalArgumentException(name + " has no map " + map);
        }
        return found;
    }

    int mapDescriptor(String map) {
        return Libbpf.mapFd(findMap(map));
    }

    private long findMap(String map, int type, String kind) {
        long found = findMap(map);
        if (Libbpf.mapType(found) != type) {
            throw new IllegalArgumentException("map " + map + " of " + name + " is no " + kind);
        }
        return found;
    }

    private long handle() {
        checkOpen();
        return handle;
    }

    void checkOpen() {
        if (handle == 0) {
            throw new IllegalStateException(name + " is closed");
        }
    }

    /** Closes a link, buffer or iterator together with the object, unless it is closed before. */
    <T extends AutoCloseable> T own(T resource) {
        owned.push(resource);
        return resource;
    }

    @Override
    public void close() {
        if (handle == 0) {
            return;
        }
        long object = handle;
        handle = 0;
        try {
            closeOwned();
        } finally {
            sections.values().forEach(Libc::munmap);
            Libbpf.closeObject(object);
        }
    }

    /** Closes the last one made and then the others, also when that fails. */
    private void closeOwned() {
        if (owned.isEmpty()) {
            return;
        }
        try {
            switch (owned.pop()) {
                case BpfLink link -> link.close();
                case EventBuffer buffer -> buffer.close();
                case IteratorOutput output -> output.close();
                case TracePipe pipe -> pipe.close();
                default -> throw new AssertionError();
            }
        } finally {
            closeOwned();
        }
    }
}
