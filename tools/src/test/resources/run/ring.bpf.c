/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A ring of its own beside jbcc.h, whose records end before their last members. */
#include "vmlinux.h"
#include "jbcc.h"
#include "maps.h"

struct place {
	u32 pid;
	stack_id_t where;
	u64 time;
	char comm[16];
};
BPF_STACK_TRACE(stacks);
BPF_RINGBUF(places, struct place);

SEC("perf_event")
int sample(void *ctx)
{
	struct place place = {};
	struct jbcc_task who;

	if (!jbcc_begin(&who))
		return 0;
	place.pid = who.pid;
	place.where = bpf_get_stackid(ctx, &stacks, 0);
	if (place.where < 0)
		place.where = bpf_get_stackid(ctx, &stacks, BPF_F_USER_STACK);
	bpf_ringbuf_output(&places, &place, offsetof(struct place, time), 0);
	return 0;
}
