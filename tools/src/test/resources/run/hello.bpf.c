/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Says hello to each program that starts. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

enum how { SOFTLY, LOUDLY = 7 };

const volatile int limit = 0; /* only so many, unless 0 */
const volatile bool polite = true;
const volatile enum how how = SOFTLY;
const volatile char greeting[16] = "hello";
const volatile u64 large = 0;
int greeted = 0;

/* On each exec. */
SEC("tp_btf/sched_process_exec")
int hello(void *ctx)
{
	if (limit && greeted >= limit)
		return 0;
	__sync_fetch_and_add(&greeted, 1);
	bpf_printk("%s, %d: %d", greeting, (int)how, polite);
	return large == 1;
}
