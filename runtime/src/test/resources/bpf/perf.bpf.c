/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writes records to a perf event array, and counts those that the kernel did not take. */
#include "trigger.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct record {
	u64 sequence;
	u64 square;
	u8 fill[37];
};
const struct record *unused_record;

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, u32);
	__type(value, u32);
} perf SEC(".maps");

u64 attempted = 0;
u64 failed = 0;

SEC("tp_btf/sys_enter")
int BPF_PROG(on_enter, struct pt_regs *regs, long id)
{
	struct record r = {};

	if (!triggered(regs, id))
		return 0;
	r.sequence = __sync_fetch_and_add(&attempted, 1);
	r.square = r.sequence * r.sequence;
	__builtin_memset(r.fill, (u8)r.sequence, sizeof(r.fill));
	if (bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, &r, sizeof(r)))
		__sync_fetch_and_add(&failed, 1);
	return 0;
}
