/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Rejected at its last instruction, after the verifier has gone through a loop and said something about each turn. The
 * loop has one path only: with branches in it, the verifier of Linux 6.18.44 can run into a NULL pointer of its own
 * (maybe_fork_scalars, when push_stack gives up).
 */
#include "kernel.h"

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile u32 turns = 1;

SEC("raw_tp/sys_enter")
int chatty(void *ctx)
{
	u64 sum = 1;
	u32 limit = turns;

	for (u32 i = 0; i < limit; i++) {
		sum += 3;
		asm volatile("" : "+r"(sum));
	}
	return *(volatile int *)sum;
}
