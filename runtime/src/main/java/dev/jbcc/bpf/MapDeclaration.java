// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.bpf.ffi.Libbpf;
import java.util.ArrayList;
import java.util.List;

/**
 * A map as the C declares it. Globals are maps too, with names such as {@code .rodata}.
 *
 * {@snippet :
 * for (MapDeclaration map : open.maps()) {
 *     System.out.println(map.name() + " is of type " + map.typeName() + " and holds " + map.maxEntries());
 * }
 * }
 *
 * @param type of {@code enum bpf_map_type}
 * @param keyType the BTF type of the keys; 0 when the declaration names none
 * @param valueType the BTF type of the values; 0 when the declaration names none
 * @param keySize in bytes
 * @param valueSize in bytes
 * @param maxEntries how many elements it can have, or the bytes of a ring buffer; unsigned
 */
public record MapDeclaration(
        String name, int type, int keyType, int valueType, int keySize, int valueSize, int maxEntries) {
    // enum bpf_map_type of include/uapi/linux/bpf.h, in its order
    private static final String[] TYPES = {
        "unspec",
        "hash",
        "array",
        "prog_array",
        "perf_event_array",
        "percpu_hash",
        "percpu_array",
        "stack_trace",
        "cgroup_array",
        "lru_hash",
        "lru_percpu_hash",
        "lpm_trie",
        "array_of_maps",
        "hash_of_maps",
        "devmap",
        "sockmap",
        "cpumap",
        "xskmap",
        "sockhash",
        "cgroup_storage",
        "reuseport_sockarray",
        "percpu_cgroup_storage",
        "queue",
        "stack",
        "sk_storage",
        "devmap_hash",
        "struct_ops",
        "ringbuf",
        "inode_storage",
        "task_storage",
        "bloom_filter",
        "user_ringbuf",
        "cgrp_storage",
        "arena"
    };

    /** All maps of an object. */
    static List<MapDeclaration> all(long object) {
        List<MapDeclaration> maps = new ArrayList<>();
        for (long map = Libbpf.nextMap(object, 0); map != 0; map = Libbpf.nextMap(object, map)) {
            maps.add(new MapDeclaration(
                    nameOf(object, map),
                    Libbpf.mapType(map),
                    Libbpf.mapKeyType(map),
                    Libbpf.mapValueType(map),
                    Libbpf.mapKeySize(map),
                    Libbpf.mapValueSize(map),
                    Libbpf.mapMaxEntries(map)));
        }
        return maps;
    }

    /** The names of maps of globals begin with the object's, but are looked up without. */
    private static String nameOf(long object, long map) {
        String name = Libbpf.mapName(map);
        int dot = name.lastIndexOf('.');
        return dot > 0 && Libbpf.findMap(object, name.substring(dot)) == map ? name.substring(dot) : name;
    }

    /** The name of the type without {@code BPF_MAP_TYPE_}, in lower case, such as {@code percpu_hash}. */
    public String typeName() {
        return type >= 0 && type < TYPES.length ? TYPES[type] : "type " + type;
    }

    /** Whether it holds the globals of a section. */
    public boolean isGlobals() {
        return name.startsWith(".");
    }
}
