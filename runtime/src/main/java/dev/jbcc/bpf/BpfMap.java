// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.ffi.Libbpf;
import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.host.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * A map of a loaded object, its keys and values typed by {@link Codec}s. It lives as long as the object. Safe for use
 * by several threads: each call has its own memory, and the kernel does the rest.
 *
 * {@snippet :
 * record Key(long pid, String comm) {}
 * BpfMap<Key, Long> counts = object.map("counts", Key.class, Long.class);
 * counts.update(new Key(1, "init"), 0L);
 * counts.forEach((key, count) -> System.out.println(key.comm() + ": " + count));
 * }
 *
 * @param <K> the keys
 * @param <V> the values; in a per-CPU map each key has one for each possible CPU
 */
public final class BpfMap<K, V> {
    /** How many elements one batch call moves at most, and how many bytes of them unless one is larger. */
    private static final int BATCH = 4096;

    private static final long BATCH_BYTES = 4 << 20;

    private final String name;
    private final BpfObject owner;
    private final int descriptor;
    private final boolean perCpu;
    private final Codec<K> keys;
    private final Codec<V> values;

    BpfMap(String name, BpfObject owner, int descriptor, boolean perCpu, Codec<K> keys, Codec<V> values) {
        this.name = name;
        this.owner = owner;
        this.descriptor = descriptor;
        this.perCpu = perCpu;
        this.keys = keys;
        this.values = values;
    }

    public String name() {
        return name;
    }

    /** The value of a key; empty when it has none. */
    public Optional<V> lookup(K key) {
        onlyShared();
        return lookupAll(key).map(List::getFirst);
    }

    /** The values of a key, one for each possible CPU (a single one when the map is not per-CPU). */
    public Optional<List<V>> lookupAll(K key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(valueBytes(), 8);
            int errno = Libbpf.lookup(fd(), encode(arena, key), value);
            if (errno == Errno.ENOENT) {
                return Optional.empty();
            }
            check("look up", errno);
            return Optional.of(decodeAll(value, 0));
        }
    }

    /** Sets the value of a key, whether it had one or not. */
    public void update(K key, V value) {
        onlyShared();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(valueBytes(), 8);
            values.encode(value, bytes, 0);
            check("update", Libbpf.update(fd(), encode(arena, key), bytes, 0));
        }
    }

    /** Sets the values of a key, one for each possible CPU. */
    public void updateAll(K key, List<V> each) {
        int cpus = perCpu ? Libbpf.possibleCpus() : 1;
        if (each.size() != cpus) {
            throw new IllegalArgumentException(each.size() + " values for " + cpus + " possible CPUs");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(valueBytes(), 8);
            for (int cpu = 0; cpu < cpus; cpu++) {
                values.encode(each.get(cpu), bytes, cpu * slot());
            }
            check("update", Libbpf.update(fd(), encode(arena, key), bytes, 0));
        }
    }

    /** Removes a key; false when it was not there. */
    public boolean delete(K key) {
        try (Arena arena = Arena.ofConfined()) {
            int errno = Libbpf.delete(fd(), encode(arena, key));
            if (errno == Errno.ENOENT) {
                return false;
            }
            check("delete from", errno);
            return true;
        }
    }

    /** Visits every element of a map that is not per-CPU; see {@link #forEachAll} for what may change meanwhile. */
    public void forEach(BiConsumer<K, V> visitor) {
        onlyShared();
        forEachAll((key, all) -> visitor.accept(key, all.getFirst()));
    }

    /**
     * Visits every element, in batches where the kernel has them (5.6, and not for every type of map). Elements that
     * are added or removed meanwhile may be missed; without batches, removing one may start the walk again, so that an
     * element comes twice.
     */
    public void forEachAll(BiConsumer<K, List<V>> visitor) {
        if (!batches(visitor, Libbpf::lookupBatch)) {
            walk(visitor);
        }
    }

    /**
     * Visits every element of a map that is not per-CPU and removes them all. Exact only while nothing else changes the
     * map.
     */
    public void drain(BiConsumer<K, V> visitor) {
        onlyShared();
        if (!batches((key, all) -> visitor.accept(key, all.getFirst()), Libbpf::lookupAndDeleteBatch)) {
            List<K> visited = new ArrayList<>();
            forEach((key, value) -> {
                visitor.accept(key, value);
                visited.add(key);
            });
            visited.forEach(this::delete);
        }
    }

    /** A call of {@link Libbpf} that moves a batch. */
    private interface BatchCall {
        int move(
                int fd,
                MemorySegment in,
                MemorySegment out,
                MemorySegment keys,
                MemorySegment values,
                MemorySegment count);
    }

    /** False when this map has no batch operations, in which case nothing has been visited. */
    private boolean batches(BiConsumer<K, List<V>> visitor, BatchCall call) {
        try (Arena arena = Arena.ofConfined()) {
            long keySize = keys.size();
            long valueSize = valueBytes();
            int room = Math.clamp(BATCH_BYTES / (keySize + valueSize), 1, BATCH);
            MemorySegment in = MemorySegment.NULL;
            // A hash map's position is a bucket number of 4 bytes, others' a key.
            MemorySegment position = arena.allocate(Math.max(keySize, 4), 8);
            MemorySegment next = arena.allocate(Math.max(keySize, 4), 8);
            MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
            MemorySegment keyBytes = arena.allocate(keySize * room, 8);
            MemorySegment valueBytes = arena.allocate(valueSize * room, 8);
            while (true) {
                count.set(ValueLayout.JAVA_INT, 0, room);
                int errno = call.move(fd(), in, next, keyBytes, valueBytes, count);
                if (errno == Errno.ENOSPC) { // one bucket holds more than fits
                    room *= 2;
                    keyBytes = arena.allocate(keySize * room, 8);
                    valueBytes = arena.allocate(valueSize * room, 8);
                    continue;
                }
                if (in.equals(MemorySegment.NULL) && (errno == Errno.EINVAL || errno == Errno.ENOTSUPP)) {
                    return false;
                }
                if (errno != 0 && errno != Errno.ENOENT) {
                    check("read", errno);
                }
                int filled = count.get(ValueLayout.JAVA_INT, 0);
                for (int i = 0; i < filled; i++) {
                    visitor.accept(keys.decode(keyBytes, i * keySize), decodeAll(valueBytes, i * valueSize));
                }
                if (errno == Errno.ENOENT) {
                    return true;
                }
                MemorySegment.copy(next, 0, position, 0, next.byteSize());
                in = position;
            }
        }
    }

    private void walk(BiConsumer<K, List<V>> visitor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(valueBytes(), 8);
            MemorySegment key = MemorySegment.NULL;
            MemorySegment next = arena.allocate(keys.size(), 8);
            MemorySegment current = arena.allocate(keys.size(), 8);
            while (true) {
                int errno = Libbpf.nextKey(fd(), key, next);
                if (errno == Errno.ENOENT) {
                    return;
                }
                check("read", errno);
                MemorySegment.copy(next, 0, current, 0, keys.size());
                key = current;
                errno = Libbpf.lookup(fd(), key, value);
                if (errno == Errno.ENOENT) {
                    continue; // removed since
                }
                check("read", errno);
                visitor.accept(keys.decode(key, 0), decodeAll(value, 0));
            }
        }
    }

    /** The map's descriptor. After close the number may be another file's, so that it must not be used. */
    int fd() {
        owner.checkOpen();
        return descriptor;
    }

    private MemorySegment encode(Arena arena, K key) {
        MemorySegment bytes = arena.allocate(keys.size(), 8);
        keys.encode(key, bytes, 0);
        return bytes;
    }

    private List<V> decodeAll(MemorySegment bytes, long offset) {
        if (!perCpu) {
            return List.of(values.decode(bytes, offset));
        }
        int cpus = Libbpf.possibleCpus();
        List<V> all = new ArrayList<>(cpus);
        for (int cpu = 0; cpu < cpus; cpu++) {
            all.add(values.decode(bytes, offset + cpu * slot()));
        }
        return all;
    }

    /** Per-CPU values are 8-byte aligned, {@code bpf_percpu_hash_copy} in {@code kernel/bpf/hashtab.c}. */
    private long slot() {
        return (values.size() + 7L) & ~7L;
    }

    private long valueBytes() {
        return perCpu ? slot() * Libbpf.possibleCpus() : values.size();
    }

    private void onlyShared() {
        if (perCpu) {
            throw new IllegalStateException("map " + name + " is per-CPU: a key has a value for each CPU");
        }
    }

    private void check(String verb, int errno) {
        if (errno != 0) {
            throw new JbccException.Failed("cannot " + verb + " map " + name + ": " + Libc.describe(errno));
        }
    }
}
