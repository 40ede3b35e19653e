/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * For tools that add something up by stack: samples, time off the CPU, bytes. A stack is known by a 64-bit hash of its
 * addresses, so two different ones are not taken for one another, as they can be in a BPF_MAP_TYPE_STACK_TRACE, which
 * has room for one stack in each bucket.
 *
 * The maps exist twice: programs fill one half while user space empties the other (StackMaps.java), so a long run needs
 * no more room than a short one.
 */
#ifndef JBCC_STACKS_H
#define JBCC_STACKS_H

#include "jbcc.h"

#define JBCC_MAX_DEPTH 1024
#define JBCC_EXEC_SHIFT 56

/* Stack hashes that are none; StackMaps.java knows them. */
#define JBCC_NO_STACK 0 /* nothing to walk: a kernel thread's user stack, user code's kernel stack */
#define JBCC_MISSED_STACK 1 /* not readable, or no room for it */

struct jbcc_stack {
	u64 depth;
	u64 ips[JBCC_MAX_DEPTH]; /* the leaf first; the maps hold as many as the runtime sizes them for */
};

/*
 * What is added up under. An image is one program in one process; it changes with execve and with the reuse of a pid. It is
 * made of mm->start_stack, which is chosen at random for each execve, and which user space can compare with that in
 * /proc/PID/stat (Symbolizer.java), and of the low byte of the count of execs.
 */
struct jbcc_stack_key {
	u64 image;
	u64 cgroup;
	u64 cgroup_v1;
	u64 user;
	u64 kernel;
	u32 pid;
	char comm[TASK_COMM_LEN];
	u32 unused;
};

/* Tells user space, while the process is still there, that its stacks will need names. */
struct jbcc_image {
	u64 image;
	u32 pid;
	u32 unused;
};

/* Stacks that are not whole. */
struct jbcc_stack_losses {
	u64 user; /* events that are counted without their user stack */
	u64 kernel; /* events that are counted without their kernel stack */
	u64 full; /* stacks for which there was no room, also of events that are lost */
	u64 cut; /* stacks deeper than jbcc_stack_depth, likewise */
};

#define JBCC_SUMS(name)                                                                                                \
	struct {                                                                                                       \
		__uint(type, BPF_MAP_TYPE_HASH);                                                                       \
		__uint(max_entries, 1);                                                                                \
		__type(key, struct jbcc_stack_key);                                                                    \
		__type(value, u64);                                                                                    \
	} name SEC(".maps")

/* Preallocated, as programs of perf events need on kernels before 6.1: they can interrupt the allocator. */
#define JBCC_STACKS(name)                                                                                              \
	struct {                                                                                                       \
		__uint(type, BPF_MAP_TYPE_HASH);                                                                       \
		__uint(max_entries, 1);                                                                                \
		__uint(key_size, sizeof(u64));                                                                         \
		__uint(value_size, sizeof(struct jbcc_stack));                                                         \
	} name SEC(".maps")

JBCC_SUMS(jbcc_sums_0);
JBCC_SUMS(jbcc_sums_1);
JBCC_STACKS(jbcc_stacks_0);
JBCC_STACKS(jbcc_stacks_1);

/*
 * The images that user space has been told of, with how many pages of code they had mapped then. Of each process, for one
 * that was forked has the image of its parent until it runs another program, but maps what it likes.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct jbcc_image);
	__type(value, u64);
} jbcc_images SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct jbcc_stack);
} jbcc_scratch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct jbcc_stack_losses);
} jbcc_stack_losses SEC(".maps");

const volatile bool jbcc_user_stacks = true;
const volatile bool jbcc_kernel_stacks = true;
const volatile u32 jbcc_stack_depth = 127;
const volatile u64 jbcc_stack_seed = 0; /* so that nobody can choose addresses whose hashes meet */
const volatile u32 jbcc_drain_at = 0; /* new elements in one half that make it wake the reader */

volatile u32 jbcc_half = 0; /* which half programs fill; set by user space */
volatile u32 jbcc_added = 0; /* how many elements have come into this half; cleared by user space */
volatile u32 jbcc_woken = 0; /* whether user space has been told that this half fills; likewise */

struct jbcc_image *unused_jbcc_image __attribute__((unused));

static __always_inline struct jbcc_stack_losses *jbcc_losses(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&jbcc_stack_losses, &zero);
}

static __always_inline void jbcc_wake(void *record, u64 size)
{
	bpf_ringbuf_output(&jbcc_ring, record, size, BPF_RB_FORCE_WAKEUP);
}

/* Counts a new element; at the mark the reader is woken by a record of no image. */
static __always_inline void jbcc_add(void)
{
	__sync_fetch_and_add(&jbcc_added, 1);
	if (jbcc_added >= jbcc_drain_at && !jbcc_woken) {
		struct jbcc_image none = {};

		jbcc_woken = 1;
		jbcc_wake(&none, sizeof(none));
	}
}

/* Walks the stack and keeps it in the half that `stacks` is of; returns its hash. */
static __always_inline u64 jbcc_stack_of(void *ctx, void *stacks, u64 flags)
{
	struct jbcc_stack_losses *losses = jbcc_losses();
	struct jbcc_stack *stack;
	u64 hash = jbcc_stack_seed;
	u32 zero = 0;
	long bytes;

	stack = bpf_map_lookup_elem(&jbcc_scratch, &zero);
	if (!stack || !losses)
		return JBCC_MISSED_STACK;
	bytes = bpf_get_stack(ctx, stack->ips, jbcc_stack_depth * sizeof(u64), flags);
	if (bytes == 0 || bytes == -EFAULT)
		return JBCC_NO_STACK;
	if (bytes < 0)
		return JBCC_MISSED_STACK;
	stack->depth = (u64)bytes / sizeof(u64);
	for (u32 i = 0; i < JBCC_MAX_DEPTH; i++) {
		if (i >= jbcc_stack_depth || i >= stack->depth)
			break;
		hash = (hash ^ stack->ips[i]) * 0x9e3779b97f4a7c15ULL; /* 2^64 / golden ratio */
		hash ^= hash >> 32;
	}
	if (stack->depth == jbcc_stack_depth)
		losses->cut++;
	if (hash <= JBCC_MISSED_STACK)
		hash = JBCC_MISSED_STACK + 1;
	if (bpf_map_lookup_elem(stacks, &hash))
		return hash;
	if (bpf_map_update_elem(stacks, &hash, stack, BPF_ANY)) {
		losses->full++;
		return JBCC_MISSED_STACK;
	}
	jbcc_add();
	return hash;
}

/*
 * Tells user space of an image that is new, or that has mapped more code than when it was told of last: what the stack of
 * this moment needs is mapped now, and the process may not be there for long.
 */
static __always_inline void jbcc_tell(struct task_struct *task, u64 id, u32 pid)
{
	struct jbcc_image image = { .image = id, .pid = pid };
	u64 code = BPF_CORE_READ(task, mm, exec_vm);
	u64 *told = bpf_map_lookup_elem(&jbcc_images, &image);

	if (told && *told == code)
		return;
	bpf_map_update_elem(&jbcc_images, &image, &code, BPF_ANY);
	jbcc_wake(&image, sizeof(image));
}

/* Whether there was room. */
static __always_inline bool jbcc_sum_under(void *sums, const struct jbcc_stack_key *key, u64 amount)
{
	u64 *sum = bpf_map_lookup_elem(sums, key);

	if (!sum && !bpf_map_update_elem(sums, key, &amount, BPF_NOEXIST)) {
		jbcc_add();
		return true;
	}
	if (!sum) /* another CPU may have added the same key since */
		sum = bpf_map_lookup_elem(sums, key);
	if (!sum)
		return false;
	__sync_fetch_and_add(sum, amount);
	return true;
}

static __always_inline void jbcc_sum_in(void *ctx, const struct jbcc_task *who, void *sums, void *stacks, u64 amount)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct jbcc_stack_key key = {};
	struct jbcc_stack_losses *losses;
	struct jbcc_counts *counts;

	key.pid = who->pid;
	key.image = BPF_CORE_READ(task, mm, start_stack) | BPF_CORE_READ(task, self_exec_id) << JBCC_EXEC_SHIFT;
	key.cgroup = bpf_get_current_cgroup_id();
	key.cgroup_v1 = jbcc_cgroup_v1();
	bpf_get_current_comm(key.comm, sizeof(key.comm));
	if (jbcc_user_stacks)
		key.user = jbcc_stack_of(ctx, stacks, BPF_F_USER_STACK);
	if (jbcc_kernel_stacks)
		key.kernel = jbcc_stack_of(ctx, stacks, 0);
	if (key.user > JBCC_MISSED_STACK)
		jbcc_tell(task, key.image, key.pid);
	if (jbcc_sum_under(sums, &key, amount)) {
		losses = jbcc_losses();
		if (losses && key.user == JBCC_MISSED_STACK)
			losses->user++;
		if (losses && key.kernel == JBCC_MISSED_STACK)
			losses->kernel++;
	} else {
		counts = jbcc_count();
		if (counts)
			counts->lost_full++;
	}
}

/*
 * Adds `amount` under the current task and its stacks; after jbcc_begin, which has counted the event as seen. Always 0,
 * for return.
 */
static __always_inline int jbcc_sum(void *ctx, const struct jbcc_task *who, u64 amount)
{
	if (jbcc_half)
		jbcc_sum_in(ctx, who, &jbcc_sums_1, &jbcc_stacks_1, amount);
	else
		jbcc_sum_in(ctx, who, &jbcc_sums_0, &jbcc_stacks_0, amount);
	return 0;
}

#endif
