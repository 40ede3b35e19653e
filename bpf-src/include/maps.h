/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Short ways to declare maps and to use them, for C written by hand. They are plain macros and functions: what they
 * declare is what libbpf's BTF-defined maps are, and can be mixed with those. Include it after vmlinux.h, linux/bpf.h or
 * kernel.h, any of which has the types.
 *
 *	BPF_HASH(counts, u32, u64);			key and value; 10240 elements
 *	BPF_HASH(starts, u64, struct start, 65536);	... or as many as the fourth argument says
 *	BPF_RINGBUF(events, struct event);		256 KiB, or the bytes of a third argument
 *
 *	map_add(&counts, &pid, 1);			the value of a key, or 0, and so much more
 *	hist_add(&sizes, &pid, bytes);			for BPF_HISTOGRAM_BY
 *	struct event *e = ring_reserve(&events, struct event);
 */
#ifndef JBCC_MAPS_H
#define JBCC_MAPS_H

#include <bpf/bpf_helpers.h>

#define JBCC_MAP(map_type, name, key_type, value_type, entries) \
	struct { \
		__uint(type, map_type); \
		__uint(max_entries, entries); \
		__type(key, key_type); \
		__type(value, value_type); \
	} name SEC(".maps")

/* The size that is given, or the default. */
#define JBCC_SIZE(ignored, size, ...) size

#define BPF_HASH(name, key, value, ...) \
	JBCC_MAP(BPF_MAP_TYPE_HASH, name, key, value, JBCC_SIZE(0, ##__VA_ARGS__, 10240))
#define BPF_LRU_HASH(name, key, value, ...) \
	JBCC_MAP(BPF_MAP_TYPE_LRU_HASH, name, key, value, JBCC_SIZE(0, ##__VA_ARGS__, 10240))
#define BPF_PERCPU_HASH(name, key, value, ...) \
	JBCC_MAP(BPF_MAP_TYPE_PERCPU_HASH, name, key, value, JBCC_SIZE(0, ##__VA_ARGS__, 10240))
#define BPF_ARRAY(name, value, ...) \
	JBCC_MAP(BPF_MAP_TYPE_ARRAY, name, __u32, value, JBCC_SIZE(0, ##__VA_ARGS__, 1))
#define BPF_PERCPU_ARRAY(name, value, ...) \
	JBCC_MAP(BPF_MAP_TYPE_PERCPU_ARRAY, name, __u32, value, JBCC_SIZE(0, ##__VA_ARGS__, 1))

/* Stacks by their ids, of at most 127 frames. */
#define BPF_STACK_TRACE(name, ...) \
	struct { \
		__uint(type, BPF_MAP_TYPE_STACK_TRACE); \
		__uint(max_entries, JBCC_SIZE(0, ##__VA_ARGS__, 16384)); \
		__uint(key_size, sizeof(__u32)); \
		__uint(value_size, 127 * sizeof(__u64)); \
	} name SEC(".maps")

/*
 * What bpf_get_stackid returns. A number of this type, as a key, a value or a member of them, is printed as a stack by
 * jbcc run; so is a member of any type whose name ends with stack, stack_id or stackid.
 *
 *	BPF_STACK_TRACE(stacks);
 *	BPF_HASH(counts, stack_id_t, u64);
 */
typedef __s32 stack_id_t;

/* Where there are several maps of stacks: of which one the stack ids in `map` are. A global that nothing uses. */
#define BPF_STACKS(map, stacks) void *map##__stacks__##stacks __attribute__((unused))

/*
 * Says of what type the records of a ring or perf buffer are, which its declaration cannot: by this, jbcc run prints
 * them by their members. It is a global that nothing uses, and keeps the type in the object.
 */
#define BPF_RECORD(name, record) record *name##__record __attribute__((unused))

#define BPF_RINGBUF(name, record, ...) \
	struct { \
		__uint(type, BPF_MAP_TYPE_RINGBUF); \
		__uint(max_entries, JBCC_SIZE(0, ##__VA_ARGS__, 1 << 18)); \
	} name SEC(".maps"); \
	BPF_RECORD(name, record)

#define BPF_PERF_OUTPUT(name, record) \
	struct { \
		__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); \
		__uint(key_size, sizeof(__u32)); \
		__uint(value_size, sizeof(__u32)); \
	} name SEC(".maps"); \
	BPF_RECORD(name, record)

/* Room for a record in a ring buffer; null when it is full. To be given to bpf_ringbuf_submit or _discard. */
#define ring_reserve(ring, record) ((record *)bpf_ringbuf_reserve(ring, sizeof(record), 0))

/* Counts by powers of two: slot i those of 2^i to 2^(i+1) - 1, slot 0 also those of 0. */
struct log2_hist {
	__u64 slots[64];
};

/* One such histogram. */
#define BPF_HISTOGRAM(name) BPF_ARRAY(name, struct log2_hist, 1)
/* One for each key. */
#define BPF_HISTOGRAM_BY(name, key, ...) BPF_HASH(name, key, struct log2_hist, ##__VA_ARGS__)

/* Floor of the logarithm; 0 for 0. */
static __always_inline __u32 log2_slot(__u64 value)
{
	__u32 slot = 0;

	if (value >> 32) {
		value >>= 32;
		slot += 32;
	}
	if (value >> 16) {
		value >>= 16;
		slot += 16;
	}
	if (value >> 8) {
		value >>= 8;
		slot += 8;
	}
	if (value >> 4) {
		value >>= 4;
		slot += 4;
	}
	if (value >> 2) {
		value >>= 2;
		slot += 2;
	}
	return slot + (value >> 1 != 0);
}

/* Adds to the u64 of a key; a key that does not fit any more is left out. */
static __always_inline void map_add(void *map, const void *key, __u64 amount)
{
	__u64 *value = bpf_map_lookup_elem(map, key);
	const __u64 zero = 0;

	if (!value) {
		bpf_map_update_elem(map, key, &zero, 1 /* BPF_NOEXIST */);
		value = bpf_map_lookup_elem(map, key);
	}
	if (value)
		__sync_fetch_and_add(value, amount);
}

static const struct log2_hist jbcc_no_hist;

/* Counts a value in the histogram of a key. */
static __always_inline void hist_add(void *map, const void *key, __u64 value)
{
	struct log2_hist *hist = bpf_map_lookup_elem(map, key);

	if (!hist) {
		bpf_map_update_elem(map, key, &jbcc_no_hist, 1 /* BPF_NOEXIST */);
		hist = bpf_map_lookup_elem(map, key);
	}
	if (hist)
		__sync_fetch_and_add(&hist->slots[log2_slot(value) & 63], 1);
}

/*
 * A program on a tracepoint; `args` is what the tracepoint has. The type is vmlinux.h's:
 *
 *	TRACEPOINT_PROBE(syscalls, sys_enter_openat, struct trace_event_raw_sys_enter)
 *	{
 *		...
 *	}
 */
#define TRACEPOINT_PROBE(category, event, type) \
	SEC("tracepoint/" #category "/" #event) \
	int tracepoint__##category##__##event(type *args)

#endif
