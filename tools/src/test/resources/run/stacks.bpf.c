// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Stack ids as members, as keys and in records, of two maps of stacks; with the filters of every tool. */
#include "vmlinux.h"
#include "jbcc.h"
#include "maps.h"

struct place {
	u32 pid;
	int kern_stack_id;
	int user_stack_id;
	char comm[16];
};
BPF_STACK_TRACE(stacks);
BPF_STACK_TRACE(others);
BPF_HASH(samples, struct place, u64);
BPF_STACKS(samples, stacks);
BPF_HASH(leaves, stack_id_t, u64);
BPF_STACKS(leaves, others);

struct first {
	u64 time;
	u32 tgid;
	u32 number;
	stack_id_t where;
};
BPF_RECORD(jbcc_ring, struct first);
BPF_STACKS(jbcc_ring, stacks);

const volatile bool with_records = false;
u32 number;

SEC("perf_event")
int sample(void *ctx)
{
	struct first first = {};
	struct place place = {};
	struct jbcc_task who;
	stack_id_t leaf;

	if (!jbcc_begin(&who))
		return 0;
	place.pid = who.pid;
	place.user_stack_id = bpf_get_stackid(ctx, &stacks, BPF_F_USER_STACK);
	place.kern_stack_id = bpf_get_stackid(ctx, &stacks, 0);
	bpf_get_current_comm(place.comm, sizeof(place.comm));
	map_add(&samples, &place, 1);
	leaf = bpf_get_stackid(ctx, &others, 0);
	map_add(&leaves, &leaf, 1);
	if (!with_records)
		return 0;
	first.time = bpf_ktime_get_ns();
	first.tgid = who.pid;
	first.number = ++number;
	first.where = place.user_stack_id;
	return jbcc_submit(ctx, &first, sizeof(first));
}
