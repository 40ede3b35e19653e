/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Puts records into a ring buffer, some of which it discards, and counts what became of each. */
#include "trigger.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct record {
	u64 sequence;
	u32 square;
	u8 fill[44];
};
const struct record *unused_record;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} ring SEC(".maps");

const volatile u32 burst = 1; /* records for each trigger, at most 256 */
const volatile u32 discard_every = 0;

u64 attempted = 0;
u64 failed = 0;
u64 discarded = 0;

SEC("tp_btf/sys_enter")
int BPF_PROG(on_enter, struct pt_regs *regs, long id)
{
	if (!triggered(regs, id))
		return 0;
	for (u32 i = 0; i < 256 && i < burst; i++) {
		struct record *r = bpf_ringbuf_reserve(&ring, sizeof(*r), 0);
		u64 sequence = attempted++;

		if (!r) {
			failed++;
			continue;
		}
		r->sequence = sequence;
		r->square = (u32)sequence * (u32)sequence;
		__builtin_memset(r->fill, (u8)sequence, sizeof(r->fill));
		if (discard_every && sequence % discard_every == 0) {
			discarded++;
			bpf_ringbuf_discard(r, 0);
		} else {
			bpf_ringbuf_submit(r, 0);
		}
	}
	return 0;
}
