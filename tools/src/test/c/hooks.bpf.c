/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A program for each kind of hook, all of which run when the tests' own process opens a file. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile __u32 self = 0;
__u64 hits = 0;

static __always_inline int hit(void)
{
	if (bpf_get_current_pid_tgid() >> 32 == self)
		__sync_fetch_and_add(&hits, 1);
	return 0;
}

SEC("?tracepoint/syscalls/sys_enter_openat")
int on_tracepoint(void *ctx)
{
	return hit();
}

SEC("?raw_tp/sys_enter")
int on_raw_tp(void *ctx)
{
	return hit();
}

SEC("?tp_btf/sys_enter")
int on_tp_btf(void *ctx)
{
	return hit();
}

SEC("?fentry/vfs_open")
int on_fentry(void *ctx)
{
	return hit();
}

SEC("?fexit/vfs_open")
int on_fexit(void *ctx)
{
	return hit();
}

SEC("?kprobe/vfs_open")
int on_kprobe(void *ctx)
{
	return hit();
}

SEC("?kretprobe/vfs_open")
int on_kretprobe(void *ctx)
{
	return hit();
}

SEC("?kprobe.multi/vfs_open")
int on_kprobe_multi(void *ctx)
{
	return hit();
}

SEC("?uprobe/libc.so.6:open64")
int on_uprobe(void *ctx)
{
	return hit();
}

SEC("?lsm/file_open")
int on_lsm(void *ctx)
{
	hit();
	return 0; /* allowed */
}

/* Attached by call. */

SEC("?kprobe")
int by_kprobe(void *ctx)
{
	return hit();
}

SEC("?kretprobe")
int by_kretprobe(void *ctx)
{
	return hit();
}

SEC("?kprobe.multi")
int by_kprobe_multi(void *ctx)
{
	return hit();
}

SEC("?kretprobe.multi")
int by_kretprobe_multi(void *ctx)
{
	return hit();
}

SEC("?tracepoint")
int by_tracepoint(void *ctx)
{
	return hit();
}

SEC("?raw_tp")
int by_raw_tp(void *ctx)
{
	return hit();
}

/* Attached to what is said before load. */

SEC("?tp_btf")
int by_tp_btf(void *ctx)
{
	return hit();
}

SEC("?fentry")
int by_fentry(void *ctx)
{
	return hit();
}

SEC("?fexit")
int by_fexit(void *ctx)
{
	return hit();
}

SEC("?lsm")
int by_lsm(void *ctx)
{
	hit();
	return 0; /* allowed */
}

SEC("?fentry/vfs_fsync")
int elsewhere(void *ctx)
{
	return hit();
}
