// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.ffi.KprobeMulti;
import dev.jbcc.bpf.ffi.Libbpf;
import dev.jbcc.bpf.ffi.LibbpfAttach;
import dev.jbcc.bpf.ffi.LibbpfLog;
import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.bpf.ffi.NativeException;
import dev.jbcc.clang.KernelTypes;
import dev.jbcc.host.Errno;
import dev.jbcc.host.Kernel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A compiled object that is open but not loaded, the only state in which it can be configured: globals, sizes of maps,
 * which programs and maps to use. {@link #load} turns it into a {@link BpfObject} and uses it up. For one thread.
 *
 * {@snippet :
 * try (OpenObject open = OpenObject.open(elf, "execs")) {
 *     open.global("min_length", 16);
 *     open.maxEntries("events", 1 << 20);
 *     try (BpfObject object = open.load()) {
 *         object.attach();
 *     }
 * }
 * }
 */
public final class OpenObject implements AutoCloseable {
    private static final List<String> GLOBAL_SECTIONS = List.of(".rodata", ".data", ".bss");

    private final byte[] elf;
    private final String name;
    private final Btf btf;
    /** What has been configured, to do it again when a failed load is repeated to listen to libbpf. */
    private final List<Runnable> steps = new ArrayList<>();

    /** The programs of {@link #attachTo}. */
    private final Set<String> placed = new HashSet<>();

    /** By name; filled when the first one is asked for. */
    private final Map<String, Global> globals = new HashMap<>();

    /** What {@link KernelTypes#find} has found: once for all objects of a process. */
    private static volatile Path found;

    /** A file with the kernel's types; null when libbpf is to take those of the kernel. */
    private Path types = found;

    private JbccException noTypes;

    private Consumer<String> log;
    private long handle;
    private String refusedHook;
    private String unknownMap;

    /** A global variable and the section that it is in. */
    private record Global(String section, Btf.Variable variable) {
        /** Its memory in an object that is not loaded yet. */
        MemorySegment memory(long object) {
            return Libbpf.mapInitialValue(Libbpf.findMap(object, section)).asSlice(variable.offset(), variable.size());
        }
    }

    private OpenObject(byte[] elf, String name) {
        this.elf = elf;
        this.name = name;
        this.handle = open();
        try {
            // Copied, since libbpf owns this memory only until the object closes, and types are asked for later too.
            this.btf = Btf.parse(MemorySegment.ofArray(Libbpf.objectBtf(handle).toArray(ValueLayout.JAVA_BYTE)));
        } catch (NativeException none) {
            close();
            throw new JbccException.Failed(
                    "the object of " + name + " has no type information (BTF)", none, "compile it with clang -g", null);
        } catch (RuntimeException malformed) {
            close();
            throw malformed;
        }
    }

    /**
     * Opens what clang has made.
     *
     * @param elf the object file
     * @param name for messages, and for the names of its global data in {@code bpftool map}
     */
    public static OpenObject open(byte[] elf, String name) {
        return new OpenObject(elf, name);
    }

    private long open() {
        try {
            return Libbpf.openObject(elf, name, types == null ? null : types.toString());
        } catch (NativeException failure) {
            StringBuilder said = new StringBuilder();
            LibbpfLog.listen(said::append, () -> {
                try {
                    Libbpf.closeObject(Libbpf.openObject(elf, name, types == null ? null : types.toString()));
                } catch (NativeException again) {
                    // What it says is what this is for.
                }
                return null;
            });
            throw new JbccException.Failed(
                    "cannot open the object of " + name + ": " + failure.getMessage(), failure, null, said.toString());
        }
    }

    /** The object's own types. */
    public Btf btf() {
        return btf;
    }

    /** From now on hands what libbpf says while loading to {@code log}, not only after a failure. */
    public void logTo(Consumer<String> log) {
        this.log = log;
    }

    /**
     * Takes the kernel's types, where the programs read them, from this file and not from the kernel: one of
     * {@link KernelTypes#given}.
     */
    public void kernelTypes(Path file) {
        checkOpen();
        types = file;
        reopen();
    }

    private void reopen() {
        Libbpf.closeObject(handle);
        handle = 0;
        handle = open();
        steps.forEach(Runnable::run);
        leaveOutMulti();
    }

    /** Where the kernel does not describe its types, finds them elsewhere; whether it found some just now. */
    private boolean findTypes(NativeException failure) {
        boolean refused = failure.errno() == Errno.EPERM || failure.errno() == Errno.EACCES;
        if (types != null || refused || Kernel.hasBtf()) {
            return false;
        }
        try {
            types = KernelTypes.find(note -> {
                        if (log != null) {
                            log.accept(note + "\n");
                        }
                    })
                    .file();
            found = types;
            return true;
        } catch (JbccException none) {
            noTypes = none;
            return false;
        }
    }

    /** The names of all programs, whether they are to be loaded or not. */
    public List<String> programs() {
        checkOpen();
        List<String> names = new ArrayList<>();
        for (long p = Libbpf.nextProgram(handle, 0); p != 0; p = Libbpf.nextProgram(handle, p)) {
            names.add(Libbpf.programName(p));
        }
        return names;
    }

    /** The section of a program, which says of what kind it is and where it attaches; without a {@code ?} in front. */
    public String section(String program) {
        checkOpen();
        return Libbpf.programSection(program(program));
    }

    /** What maps there are. */
    public List<MapDeclaration> maps() {
        checkOpen();
        return MapDeclaration.all(handle);
    }

    /** Whether a program is to be loaded. */
    public boolean autoloads(String program) {
        checkOpen();
        return Libbpf.programAutoload(program(program));
    }

    /** Says whether a program is to be loaded; by default those are whose section does not start with {@code ?}. */
    public void autoload(String program, boolean load) {
        configure(() -> Libbpf.setProgramAutoload(program(program), load));
    }

    /**
     * Says where an {@code fentry}, {@code fexit}, {@code fmod_ret}, {@code lsm} or {@code tp_btf} program attaches when
     * it is attached, in place of what its section says, which can be the kind alone: {@code SEC("fentry")}. The kernel
     * checks such a program against the types of its place, so this has to be said before load.
     *
     * {@snippet :
     * open.attachTo("opens", "vfs_open"); // of SEC("fentry") or SEC("fexit"): a kernel function
     * open.attachTo("may_open", "file_open"); // of SEC("lsm"): a hook of security modules
     * open.attachTo("switches", "sched_switch"); // of SEC("tp_btf"): a tracepoint
     * }
     *
     * @param place must have the parameters that the program reads
     * @throws JbccException.NotSupported when this kernel has no such place
     */
    public void attachTo(String program, String place) {
        configure(() -> {
            long found = program(program);
            String section = Libbpf.programSection(found);
            if (!Section.of(section).needsKernelBtf()) {
                throw new IllegalArgumentException("program " + program + " has the section \"" + section
                        + "\": it is attached when it is loaded, by BpfProgram");
            }
            try {
                LibbpfAttach.setTarget(found, place);
            } catch (NativeException failure) {
                refusedHook = program;
                throw LoadFailure.noPlace(program, section, place, failure);
            }
            placed.add(program);
        });
    }

    /** Sets how many elements a map can hold, or the bytes of a ring buffer. */
    public void maxEntries(String map, int entries) {
        configure(() -> Libbpf.setMapMaxEntries(map(map), entries));
    }

    /** Sets the bytes of a map's values; for a map whose declaration names no type for them. */
    public void valueSize(String map, int bytes) {
        configure(() -> Libbpf.setMapValueSize(map(map), bytes));
    }

    /** Leaves a map out; nothing that is loaded may use it. */
    public void leaveOut(String map) {
        configure(() -> Libbpf.setMapAutocreate(map(map), false));
    }

    /** Uses the map pinned at {@code path} in place of the declared one, which must be of the same kind. */
    public void usePinned(String map, String path) {
        configure(() -> {
            long declared = map(map);
            int fd;
            try {
                fd = Libbpf.openPinned(path);
            } catch (NativeException failure) {
                throw new JbccException.Usage("cannot open the pinned map " + path + ": " + failure.getMessage());
            }
            try {
                requireSameKind(declared, map, fd, path);
                Libbpf.reuseMapFd(declared, fd);
            } catch (NativeException failure) {
                throw new JbccException.Usage(
                        "the pinned map " + path + " cannot serve as " + map + ": " + failure.getMessage());
            } finally {
                Libc.close(fd);
            }
        });
    }

    /** libbpf takes any map, and the programs would then be checked against that one and not against their source. */
    private static void requireSameKind(long declared, String map, int fd, String path) {
        MapInfo found = MapInfo.of(fd).orElseThrow(() -> new JbccException.Usage(path + " is pinned, but is no map"));
        MapInfo wanted =
                new MapInfo(Libbpf.mapType(declared), Libbpf.mapKeySize(declared), Libbpf.mapValueSize(declared));
        if (!found.equals(wanted)) {
            throw new JbccException.Usage(
                    "the pinned map " + path + " cannot serve as " + map + ": it has " + found + ", not " + wanted);
        }
    }

    /** Sets a global integer, enum or bool. A value that it cannot hold is refused. */
    public void global(String variable, long value) {
        configure(() -> {
            Btf.Variable found = find(variable).variable;
            IntShape shape = IntShape.of(btf, new Place(0, 0, found.type(), false));
            if (shape == null) {
                throw new IllegalArgumentException(variable + " is " + btf.spell(found.type()) + ", not an integer");
            }
            if (!shape.holds(value)) {
                throw new IllegalArgumentException(variable + " holds " + shape.range() + ", not " + value);
            }
            shape.write(find(variable).memory(handle), 0, value);
        });
    }

    /** Sets the first elements of a global array of {@code char}; the others stay 0. */
    public void global(String variable, byte[] bytes) {
        configure(() -> {
            MemorySegment memory = find(variable).memory(handle);
            if (bytes.length > memory.byteSize()) {
                throw new IllegalArgumentException(variable + " holds " + memory.byteSize() + " bytes");
            }
            MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
        });
    }

    /** Sets the first elements of a global array of 64-bit integers; the others stay 0. */
    public void global(String variable, long[] values) {
        configure(() -> {
            MemorySegment memory = find(variable).memory(handle);
            if (8L * values.length > memory.byteSize()) {
                throw new IllegalArgumentException(variable + " holds " + memory.byteSize() / 8 + " values");
            }
            MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_LONG_UNALIGNED, 0, values.length);
        });
    }

    /** libbpf would follow the handle of a loaded or closed object to memory that is no longer there. */
    private void checkOpen() {
        if (handle == 0) {
            throw new IllegalStateException(name + " is loaded or closed: configure it before load");
        }
    }

    private void configure(Runnable step) {
        checkOpen();
        step.run();
        steps.add(step);
    }

    /**
     * Loads the maps and programs into the kernel.
     *
     * @throws JbccException.Failed when the verifier rejects a program; the detail is its whole log
     * @throws JbccException.NotPermitted when the kernel refuses this user
     * @throws JbccException.NotSupported when this kernel lacks something
     */
    public BpfObject load() {
        if (handle == 0) {
            throw new IllegalStateException(name + " is loaded or closed");
        }
        leaveOutMulti();
        if (log == null) {
            try {
                Libbpf.loadObject(handle);
                return loaded();
            } catch (NativeException silent) {
                findTypes(silent);
                // Try again, now listening: a failed object cannot be loaded again, so it is made anew.
                reopen();
            }
        }
        StringBuilder said = new StringBuilder();
        NativeException failure = loadListening(said);
        if (failure != null && findTypes(failure)) {
            reopen();
            said.setLength(0);
            failure = loadListening(said);
        }
        if (failure == null) {
            return loaded();
        }
        Map<String, String> loading = loading();
        Map<String, String> unplaced = new LinkedHashMap<>(loading);
        unplaced.keySet().removeAll(placed);
        JbccException noPlace = LoadFailure.noPlace(unplaced);
        if (noPlace != null) {
            close();
            throw noPlace;
        }
        refusedHook = LoadFailure.refusedHook(failure, said.toString(), loading, Kernel.hasBtf());
        unknownMap = LoadFailure.unknownMap(failure, said.toString());
        close();
        throw LoadFailure.explain(name, failure, said.toString(), noTypes, loading);
    }

    /** Where the kernel has no kprobe.multi, its programs are loaded for {@link BpfProgram} to attach one by one. */
    private void leaveOutMulti() {
        for (long p = Libbpf.nextProgram(handle, 0); p != 0; p = Libbpf.nextProgram(handle, p)) {
            if (Libbpf.programAutoload(p)
                    && Section.of(Libbpf.programSection(p)).isMulti()
                    && !KprobeMulti.works()) {
                KprobeMulti.leaveOut(p);
            }
        }
    }

    private NativeException loadListening(StringBuilder said) {
        Consumer<String> listener = log == null ? said::append : log.andThen(said::append);
        return LibbpfLog.listen(listener, () -> {
            try {
                Libbpf.loadObject(handle);
                return null;
            } catch (NativeException thrown) {
                return thrown;
            }
        });
    }

    /**
     * After {@link #load} or {@link #attachTo} has failed: the program that the kernel does not let have its hook, so that
     * it may be worth trying another one. Empty when it failed for anything else, such as the program's code.
     */
    public Optional<String> refusedHook() {
        return Optional.ofNullable(refusedHook);
    }

    /** After {@link #load} has failed: the map of a kind that this kernel does not have. Empty when it was not that. */
    public Optional<String> unknownMap() {
        return Optional.ofNullable(unknownMap);
    }

    /** The programs that are to be loaded, and their sections. */
    private Map<String, String> loading() {
        Map<String, String> loading = new LinkedHashMap<>();
        for (long p = Libbpf.nextProgram(handle, 0); p != 0; p = Libbpf.nextProgram(handle, p)) {
            if (Libbpf.programAutoload(p)) {
                loading.put(Libbpf.programName(p), Libbpf.programSection(p));
            }
        }
        return loading;
    }

    private BpfObject loaded() {
        BpfObject object = new BpfObject(name, handle, btf);
        handle = 0;
        return object;
    }

    private long program(String program) {
        for (long p = Libbpf.nextProgram(handle, 0); p != 0; p = Libbpf.nextProgram(handle, p)) {
            if (Libbpf.programName(p).equals(program)) {
                return p;
            }
        }
        throw new IllegalArgumentException(name + " has no program " + program);
    }

    private long map(String map) {
        long found = Libbpf.findMap(handle, map);
        if (found == 0) {
            throw new IllegalArgumentException(name + " has no map " + map);
        }
        return found;
    }

    private Global find(String variable) {
        if (globals.isEmpty()) {
            for (String section : GLOBAL_SECTIONS) {
                btf.variables(section).forEach(found -> globals.put(found.name(), new Global(section, found)));
            }
        }
        Global found = globals.get(variable);
        if (found == null) {
            throw new IllegalArgumentException(name + " has no global " + variable);
        }
        return found;
    }

    @Override
    public void close() {
        if (handle != 0) {
            Libbpf.closeObject(handle);
            handle = 0;
        }
    }
}
