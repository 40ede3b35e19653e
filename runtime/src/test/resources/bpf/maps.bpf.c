/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A map of every kind that BpfMap reads. */
#include "kernel.h"

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 100000);
	__type(key, u32);
	__type(value, u64);
} hash SEC(".maps");

struct place {
	u32 dev;
	u8 kind;
	u64 ino;
};

struct usage {
	s64 delta;
	char name[8];
	u16 count;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct place);
	__type(value, struct usage);
} records SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 5000);
	__type(key, u32);
	__type(value, s32);
} array SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, u32);
} percpu_hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 3);
	__type(key, u32);
	__type(value, struct usage);
} percpu_array SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, u32);
} lru SEC(".maps");

/* Has no batch operations; its values must be network interfaces. */
struct {
	__uint(type, 25 /* BPF_MAP_TYPE_DEVMAP_HASH */);
	__uint(max_entries, 2048);
	__type(key, u32);
	__type(value, u32);
} unbatched SEC(".maps");

/* With this flag the hash of a key is known, so that a test can fill one bucket. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, 1 << 6 /* BPF_F_ZERO_SEED */);
	__uint(max_entries, 8192);
	__type(key, u32);
	__type(value, u32);
} zero_seed SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__uint(key_size, 4);
	__uint(value_size, 6);
} untyped SEC(".maps");
