/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Samples the stacks that run on the CPUs. */
#include "stacks.h"

const volatile bool include_idle = false;

SEC("perf_event")
int profile(void *ctx)
{
	bool idle = !(u32)bpf_get_current_pid_tgid();
	struct jbcc_task who;

	if (idle && !include_idle)
		return 0;
	if (!jbcc_begin(&who))
		return 0;
	if (!who.pid && !idle) /* of another pid namespace */
		return jbcc_filtered();
	return jbcc_sum(ctx, &who, 1);
}
