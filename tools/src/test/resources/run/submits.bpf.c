/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sends the ends of processes the way the tools send their events. */
#include "jbcc.h"

struct event {
	u32 pid;
};
struct event *unused_event __attribute__((unused));

SEC("raw_tp/sched_process_exit")
int on_exit(void *ctx)
{
	struct jbcc_task who;
	struct event e;

	if (!jbcc_begin(&who))
		return 0;
	e.pid = who.pid;
	return jbcc_submit(ctx, &e, sizeof(e));
}
