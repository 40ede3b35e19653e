/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Submits events as a tool does, which leaves the wake-up of the reader to a mark. */
#include "jbcc.h"
#include "trigger.h"

struct event {
	u64 sequence;
	u8 fill[1016];
};
struct event event = {};

SEC("tp_btf/sys_enter")
int BPF_PROG(on_enter, struct pt_regs *regs, long id)
{
	if (!triggered(regs, id))
		return 0;
	event.sequence++;
	return jbcc_submit(ctx, &event, sizeof(event));
}
