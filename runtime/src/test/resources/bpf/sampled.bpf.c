/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Adds up the stacks of one process by samples of the CPUs. */
#include "stacks.h"

const volatile u32 self = 0;

SEC("perf_event")
int sampled(void *ctx)
{
	struct jbcc_task who;

	if (bpf_get_current_pid_tgid() >> 32 != self || !jbcc_begin(&who))
		return 0;
	return jbcc_sum(ctx, &who, 1);
}
