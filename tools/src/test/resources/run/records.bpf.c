/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Every kind of output, of what the process "target" does. */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "maps.h"

char LICENSE[] SEC("license") = "GPL";

struct start {
	u32 pid;
	char file[64];
	enum pid_type kind;
};

struct ended {
	u32 pid;
	int code;
};

struct who {
	char comm[16];
};

BPF_RINGBUF(starts, struct start); /* programs that start */
BPF_PERF_OUTPUT(ends, struct ended);
BPF_HASH(execs, struct who, u64);
BPF_HISTOGRAM(lengths);
BPF_HISTOGRAM_BY(by_letter, char);
BPF_PERCPU_ARRAY(per_cpu, u64, 4);
u64 total = 0;

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, pid_t old_pid, struct linux_binprm *bprm)
{
	struct start *start = ring_reserve(&starts, struct start);
	struct who who = {};
	u32 index = 1, zero = 0;
	u64 *value;

	if (!start)
		return 0;
	start->pid = task->tgid;
	start->kind = PIDTYPE_SID;
	long length = bpf_probe_read_kernel_str(start->file, sizeof(start->file), BPF_CORE_READ(bprm, filename));
	char letter = start->file[0];
	bpf_ringbuf_submit(start, 0);
	bpf_get_current_comm(who.comm, sizeof(who.comm));
	map_add(&execs, &who, 1);
	hist_add(&lengths, &zero, length);
	hist_add(&by_letter, &letter, length);
	value = bpf_map_lookup_elem(&per_cpu, &index);
	if (value)
		*value += 1;
	__sync_fetch_and_add(&total, 1);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	struct ended ended = {};

	if (task->pid != task->tgid)
		return 0;
	ended.pid = task->tgid;
	ended.code = task->exit_code >> 8;
	bpf_perf_event_output(ctx, &ends, BPF_F_CURRENT_CPU, &ended, sizeof(ended));
	return 0;
}

SEC("iter/task")
int tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (task && task->tgid == task->pid)
		BPF_SEQ_PRINTF(ctx->meta->seq, "task %d\n", task->tgid);
	return 0;
}
