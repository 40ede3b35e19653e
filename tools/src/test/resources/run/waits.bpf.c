// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* In the manner of runqlat and softirqs of libbpf-tools: how long tasks wait for a CPU, by CPU and by process. */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include "opens.h"

#define MAX_CPUS 4

extern int LINUX_KERNEL_VERSION __kconfig;

const volatile bool targ_ms = false;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, u32);
	__type(value, u64);
} start SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, u32);
	__type(value, struct hist);
} by_pid SEC(".maps");

static struct hist zero;
struct hist hists[MAX_CPUS] = {};
int version = 0;

static int enqueued(struct task_struct *task)
{
	u32 pid = BPF_CORE_READ(task, pid);
	u64 now = bpf_ktime_get_ns();

	if (pid)
		bpf_map_update_elem(&start, &pid, &now, BPF_ANY);
	return 0;
}

static u32 slot(u64 value)
{
	u32 bits = 0;

	for (int i = 0; i < MAX_SLOTS - 1; i++) {
		value >>= 1;
		if (value)
			bits++;
	}
	return bits;
}

SEC("tp_btf/sched_wakeup")
int BPF_PROG(sched_wakeup, struct task_struct *task)
{
	version = LINUX_KERNEL_VERSION;
	return enqueued(task);
}

SEC("tp_btf/sched_switch")
int BPF_PROG(sched_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	u32 pid = BPF_CORE_READ(next, pid);
	u32 cpu = bpf_get_smp_processor_id();
	u64 *began = bpf_map_lookup_elem(&start, &pid);
	struct hist *hist;
	u32 bits;

	if (!began)
		return 0;
	bits = slot((bpf_ktime_get_ns() - *began) / (targ_ms ? 1000000 : 1000));
	bpf_map_delete_elem(&start, &pid);
	if (bits >= MAX_SLOTS)
		return 0;
	if (cpu < MAX_CPUS)
		__sync_fetch_and_add(&hists[cpu].slots[bits], 1);
	bpf_map_update_elem(&by_pid, &pid, &zero, BPF_NOEXIST);
	hist = bpf_map_lookup_elem(&by_pid, &pid);
	if (!hist)
		return 0;
	bpf_probe_read_kernel_str(&hist->comm, sizeof(hist->comm), next->comm);
	__sync_fetch_and_add(&hist->slots[bits], 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
