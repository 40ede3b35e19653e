/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One program for many kernel functions, in both ways, for many.c. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

__u64 hits = 0;

SEC("?kprobe.multi")
int multi(void *ctx)
{
	__sync_fetch_and_add(&hits, 1);
	return 0;
}

SEC("?kprobe")
int single(void *ctx)
{
	__sync_fetch_and_add(&hits, 1);
	return 0;
}
