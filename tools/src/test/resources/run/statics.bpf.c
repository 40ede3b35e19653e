/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counts system calls in a variable that nothing outside sees, and has a program that is left out. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

static u64 calls;

SEC("tp_btf/sys_enter")
int on_call(void *ctx)
{
	__sync_fetch_and_add(&calls, 1);
	return 0;
}

SEC("?xdp")
int passes(struct xdp_md *ctx)
{
	return XDP_PASS;
}
