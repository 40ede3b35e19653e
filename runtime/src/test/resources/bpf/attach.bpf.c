/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A program of each kind that is attached by call; each counts how often it ran. */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/usdt.bpf.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile __u32 self = 0; /* the test's process */

__u64 by_uprobe = 0, by_uretprobe = 0, by_usdt = 0, by_tracepoint = 0, by_raw = 0;
__u64 by_xdp = 0, by_tc = 0, by_socket = 0, by_cgroup = 0;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} numbers SEC(".maps");

static __always_inline void count(__u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

SEC("uprobe")
int entered(struct pt_regs *ctx)
{
	if (PT_REGS_PARM1(ctx) == self && PT_REGS_PARM2(ctx) == 0)
		count(&by_uprobe);
	return 0;
}

SEC("uretprobe")
int returned(struct pt_regs *ctx)
{
	if (PT_REGS_RC(ctx) == 0)
		count(&by_uretprobe);
	return 0;
}

SEC("usdt")
int sleeps(struct pt_regs *ctx)
{
	long nanos = 0;

	/* hotspot:thread__sleep__begin has the time as its argument, in milliseconds or nanoseconds */
	if (bpf_usdt_arg(ctx, 0, &nanos) == 0 && (nanos == 7 || nanos == 7000000))
		count(&by_usdt);
	return 0;
}

SEC("tp")
int kill_entered(void *ctx)
{
	if (bpf_get_current_pid_tgid() >> 32 == self)
		count(&by_tracepoint);
	return 0;
}

SEC("raw_tp")
int raw(void *ctx)
{
	count(&by_raw);
	return 0;
}

SEC("xdp")
int xdp_seen(struct xdp_md *ctx)
{
	count(&by_xdp);
	return XDP_PASS;
}

SEC("tc")
int tc_seen(struct __sk_buff *skb)
{
	count(&by_tc);
	return -1; /* TCX_NEXT */
}

SEC("socket")
int packet(struct __sk_buff *skb)
{
	count(&by_socket);
	return 0;
}

SEC("cgroup_skb/egress")
int leaves(struct __sk_buff *skb)
{
	count(&by_cgroup);
	return 1;
}

struct seq_file;
struct task_struct {
	int tgid;
} __attribute__((preserve_access_index));

struct bpf_iter_meta {
	struct seq_file *seq;
} __attribute__((preserve_access_index));

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} __attribute__((preserve_access_index));

struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	void *map;
	void *key;
	void *value;
} __attribute__((preserve_access_index));

SEC("iter/task")
int tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (task)
		BPF_SEQ_PRINTF(ctx->meta->seq, "%d\n", task->tgid);
	return 0;
}

SEC("?iter/bpf_map_elem")
int elements(struct bpf_iter__bpf_map_elem *ctx)
{
	__u32 *key = ctx->key;
	__u64 *value = ctx->value;

	if (key && value)
		BPF_SEQ_PRINTF(ctx->meta->seq, "%u=%llu\n", *key, *value);
	return 0;
}

SEC("?kprobe")
int kernel_function(void *ctx)
{
	return 0;
}

SEC("?tp_btf")
int calls(void *ctx)
{
	if (bpf_get_current_pid_tgid() >> 32 == self)
		count(&by_raw);
	return 0;
}

SEC("?fentry")
int traced(void *ctx)
{
	return 0;
}

SEC("?lsm")
int allows(void *ctx)
{
	return 0;
}

SEC("?fentry/jbcc_no_such")
int nowhere(void *ctx)
{
	return 0;
}
