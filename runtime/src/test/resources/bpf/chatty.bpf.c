/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Too complex for the verifier, which says so in a log of many megabytes. */
#include "kernel.h"

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

u64 result = 0;

SEC("raw_tp/sys_enter")
int endless(void *ctx)
{
	u64 sum = 0;

	for (u32 i = 0; i < 10000000; i++) {
		if (bpf_ktime_get_ns() & 1)
			sum += i;
		asm volatile("" : "+r"(sum));
	}
	result = sum;
	return 0;
}
