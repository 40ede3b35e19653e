/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The one include of a jbcc tool: filters that every tool has, the way events go to user space, and the counts that
 * say what became of each. The runtime sets the const volatile globals by name before load, so the verifier drops the
 * code of every filter that is not in use.
 *
 * What reads kernel types that are seldom needed is compiled in only when it is: libbpf spends a millisecond of the start
 * on each.
 *
 *	JBCC_RAW_TP		the kernel does not let programs have tracepoints with typed arguments
 *	JBCC_PID_NAMESPACE	the tool runs in a pid namespace of its own
 *	JBCC_MOUNT_NAMESPACE	--mntnsmap
 *	JBCC_MNTNS JBCC_PIDNS JBCC_NETNS	--mntns, --pidns, --netns
 *	JBCC_CONTAINERS		containers are looked at
 *	JBCC_CGROUP_V1=X_cgrp_id	that, and the host has this controller in a cgroup v1
 *	JBCC_FILTER_CGROUP_V1	--cgroup with a cgroup v1
 *
 * A tool does, for each thing that happens:
 *
 *	struct jbcc_task task;
 *	if (!jbcc_begin(&task))		// left out: our own process, or filtered
 *		return 0;
 *	... fill an event ...
 *	jbcc_submit(ctx, event, size);
 *
 * so that seen = filtered + lost + submitted holds in jbcc_counts, exactly.
 */
#ifndef JBCC_H
#define JBCC_H

#include "kernel.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char jbcc_license[] SEC("license") = "Dual BSD/GPL"; /* a file may say its own besides */

/*
 * For the tracepoints of a tool, as in SEC("?" JBCC_TP "/sys_exit"): with typed arguments, or bare ones where the kernel has
 * no BTF. Compiled for the one or the other, since both would double the time that clang takes.
 */
#ifdef JBCC_RAW_TP
#define JBCC_TP "raw_tp"
#define JBCC_TYPED false
#else
#define JBCC_TP "tp_btf"
#define JBCC_TYPED true
#endif

/* A string of any length, placed behind the fixed part of an event. `off` counts from the event's start; 0: none. */
struct text {
	u16 off;
	u16 len;
};

/* The same for one that can be longer than 64 KiB or begin behind one. */
struct long_text {
	u32 off;
	u32 len;
};

/* bpf_probe_read_user_str(), which for an empty string returns 0 on older kernels (6.1) and 1, as documented, on newer ones. */
static __always_inline long jbcc_read_user_str(char *to, u32 size, const void *from)
{
	long len = bpf_probe_read_user_str(to, size, from);

	if (len == 0) {
		*to = 0;
		return 1;
	}
	return len;
}

/* What became of the events. `seen` does not count our own process. */
struct jbcc_counts {
	u64 seen;
	u64 filtered;
	u64 lost_full; /* the buffer had no room */
	u64 lost_no_ring; /* the CPU has no perf ring, since it was offline when the tool started, or in between */
	u64 lost_untracked; /* what began could not be kept until its end: a map was full, or the end was missed */
	u64 truncated; /* submitted with a string that was cut */
	u64 not_followed; /* processes of the command that did not fit into jbcc_pids */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct jbcc_counts);
} jbcc_counts SEC(".maps");

/* Events, on kernels with the BPF ring buffer (5.8); sized by the runtime. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 22);
} jbcc_ring SEC(".maps");

/* Events, on kernels without it. */
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, u32);
	__type(value, u32);
} jbcc_perf SEC(".maps");

/* Processes that pass; with -- COMMAND, what it starts is added. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u8);
} jbcc_pids SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u32);
} jbcc_cgroup SEC(".maps");

/* BCC's --cgroupmap: ids of cgroups (v2) that pass; pinned by the user. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, u64);
	__type(value, u64);
} jbcc_cgroups SEC(".maps");

/* A task's cgroups: in v2, and in the v1 tree that containers are in, 0 when the host has none. */
struct jbcc_cgroup_ids {
	u64 v2;
	u64 v1;
};

#ifdef JBCC_CONTAINERS
/*
 * Cgroups that user space has found not to be what --container and --pod ask for. What is not here goes to user space,
 * which decides, so a container that was made this moment loses nothing, and neither does one that is forgotten here.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, struct jbcc_cgroup_ids);
	__type(value, u8);
} jbcc_other_cgroups SEC(".maps");

/* A cgroup that was made or removed. When it is gone the kernel no longer tells its path. */
struct jbcc_cgroup_record {
	u64 id;
	u32 hierarchy; /* 0: v2 */
	struct text path;
	char data[];
};
struct jbcc_cgroup_record *jbcc_unused_record __attribute__((unused));

/* Those records; what does not fit is lost, and then a late event may have no container. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 12);
} jbcc_cgroup_ring SEC(".maps");

/* The same on kernels without the ring buffer. */
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, u32);
	__type(value, u32);
} jbcc_cgroup_perf SEC(".maps");

struct jbcc_cgroup_scratch {
	struct jbcc_cgroup_record record;
	char path[PATH_MAX];
};

/* One is enough: the kernel calls the tracepoints of cgroups with cgroup_mutex and a spin lock held. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct jbcc_cgroup_scratch);
} jbcc_cgroup_scratch SEC(".maps");
#endif

#ifdef JBCC_MOUNT_NAMESPACE
/* BCC's --mntnsmap: inodes of mount namespaces that pass; pinned by the user. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, u64);
	__type(value, u32);
} jbcc_mount_namespaces SEC(".maps");
#endif

const volatile u32 jbcc_self = 0; /* our own process, in our pid namespace */
#ifdef JBCC_PID_NAMESPACE
const volatile u32 jbcc_pidns = 0; /* inode of our pid namespace, when that is not the initial one */
#endif
const volatile bool jbcc_use_perf = false;
const volatile u64 jbcc_wake_at = 0; /* bytes waiting in the ring that make it wake the reader */
const volatile bool jbcc_filter_pid = false;
const volatile u32 jbcc_filter_tid = 0;
const volatile bool jbcc_filter_uid = false;
const volatile u32 jbcc_uid = 0;
const volatile u32 jbcc_comm_len = 0; /* 0: any comm */
const volatile char jbcc_comm[TASK_COMM_LEN] = {};
const volatile bool jbcc_filter_cgroup = false;
const volatile bool jbcc_filter_cgroups = false;
#ifdef JBCC_CONTAINERS
const volatile bool jbcc_filter_container = false;
const volatile u32 jbcc_container_hierarchy = 0; /* number of the v1 tree that containers are in */
#endif
#ifdef JBCC_FILTER_CGROUP_V1
const volatile u32 jbcc_cgroup_hierarchy = 0;
const volatile u64 jbcc_cgroup_id = 0;
#endif
/* Inodes of namespaces. */
#ifdef JBCC_MNTNS
const volatile u32 jbcc_filter_mntns = 0;
#endif
#ifdef JBCC_PIDNS
const volatile u32 jbcc_filter_pidns = 0;
#endif
#ifdef JBCC_NETNS
const volatile u32 jbcc_filter_netns = 0;
#endif

/* Set by the reader when it goes to sleep, cleared by the producer that wakes it: one wake-up for a full ring. */
volatile u32 jbcc_reader_sleeps = 0;

/* Who did it, as numbered in the tool's own pid namespace; 0: it has no number there. */
struct jbcc_task {
	u32 pid; /* thread group: what user space calls a process */
	u32 tid;
	u32 uid;
};

#if defined(JBCC_PID_NAMESPACE) || defined(JBCC_PIDNS)
/*
 * A task's number in a pid namespace, or 0. In include/linux/pid.h numbers[level] is the innermost one. Not static, and
 * with a number in place of a pointer, so that the verifier looks at it once and not for each call: what
 * bpf_get_current_task returns is a number for the verifier, a tracepoint's argument is not.
 */
__noinline u32 jbcc_number_in(u64 of, u32 inode)
{
	struct task_struct *task = (struct task_struct *)of;
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	unsigned int level = BPF_CORE_READ(pid, level);

	for (unsigned int i = 0; i < 32; i++) { /* MAX_PID_NS_LEVEL */
		struct upid *upid = (void *)&pid->numbers[0] + i * bpf_core_type_size(struct upid);
		struct pid_namespace *ns = BPF_CORE_READ(upid, ns);

		if (i > level)
			break;
		if (BPF_CORE_READ(ns, ns.inum) == inode)
			return BPF_CORE_READ(upid, nr);
	}
	return 0;
}
#endif

#ifdef JBCC_PID_NAMESPACE
static __always_inline u32 jbcc_number_of(struct task_struct *task)
{
	return jbcc_number_in((u64)task, jbcc_pidns);
}

static __always_inline u32 jbcc_pid_of(struct task_struct *task)
{
	return jbcc_number_of(BPF_CORE_READ(task, group_leader));
}

static __always_inline void jbcc_numbers(struct jbcc_task *who)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	who->pid = jbcc_pid_of(task);
	who->tid = jbcc_number_of(task);
}
#else
static __always_inline u32 jbcc_pid_of(struct task_struct *task)
{
	return BPF_CORE_READ(task, tgid);
}

static __always_inline void jbcc_numbers(struct jbcc_task *who)
{
	u64 pid_tgid = bpf_get_current_pid_tgid();

	who->pid = pid_tgid >> 32;
	who->tid = pid_tgid;
}
#endif

static __always_inline bool jbcc_cgroup_passes(void)
{
	u64 id = bpf_get_current_cgroup_id();

	return bpf_map_lookup_elem(&jbcc_cgroups, &id);
}

static __always_inline bool jbcc_mount_namespace_passes(void)
{
#ifdef JBCC_MOUNT_NAMESPACE
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	u64 inode = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);

	return bpf_map_lookup_elem(&jbcc_mount_namespaces, &inode);
#else
	return true;
#endif
}

/* --mntns, --pidns, --netns. A process is in its pid namespace and in all those around it: it has a number in each. */
static __always_inline bool jbcc_namespaces_pass(void)
{
#if defined(JBCC_MNTNS) || defined(JBCC_PIDNS) || defined(JBCC_NETNS)
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
#endif

#ifdef JBCC_MNTNS
	if (BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum) != jbcc_filter_mntns)
		return false;
#endif
#ifdef JBCC_NETNS
	if (BPF_CORE_READ(task, nsproxy, net_ns, ns.inum) != jbcc_filter_netns)
		return false;
#endif
#ifdef JBCC_PIDNS
	if (!jbcc_number_in((u64)task, jbcc_filter_pidns))
		return false;
#endif
	return true;
}

#ifdef JBCC_FILTER_CGROUP_V1
#define JBCC_HIERARCHIES 32 /* more than there are controllers and, in practice, named ones */
#define JBCC_CGROUP_DEPTH 256

/*
 * --cgroup with a cgroup v1, whose tree may have controllers or just a name: a task's css_set has a list of its cgroups in
 * all trees (include/linux/cgroup-defs.h, kernel/cgroup/cgroup-internal.h).
 */
static __noinline bool jbcc_cgroup_v1_passes(void)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	struct list_head *head = (void *)set + bpf_core_field_offset(struct css_set, cgrp_links);
	struct list_head *at = BPF_CORE_READ(head, next);
	struct cgroup *cgroup = NULL;

	for (u32 i = 0; i < JBCC_HIERARCHIES && at && at != head; i++) {
		struct cgrp_cset_link *link = (void *)at - bpf_core_field_offset(struct cgrp_cset_link, cgrp_link);

		cgroup = BPF_CORE_READ(link, cgrp);
		if (BPF_CORE_READ(cgroup, root, hierarchy_id) == jbcc_cgroup_hierarchy)
			break;
		cgroup = NULL;
		at = BPF_CORE_READ(at, next);
	}
	for (u32 i = 0; i < JBCC_CGROUP_DEPTH && cgroup; i++) {
		struct cgroup_subsys_state *above;

		if (BPF_CORE_READ(cgroup, kn, id) == jbcc_cgroup_id)
			return true;
		above = BPF_CORE_READ(cgroup, self.parent);
		cgroup = above ? BPF_CORE_READ(above, cgroup) : NULL;
	}
	return false;
}
#else
static __always_inline bool jbcc_cgroup_v1_passes(void)
{
	return true;
}
#endif

/* The id of a task's cgroup in the v1 tree that containers are in, for an event's cgroup_v1. */
static __always_inline u64 jbcc_cgroup_v1_of(struct task_struct *task)
{
#ifdef JBCC_CGROUP_V1
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	struct cgroup_subsys_state **states = (void *)set + bpf_core_field_offset(struct css_set, subsys);
	struct cgroup_subsys_state *state = NULL;

	bpf_probe_read_kernel(&state, sizeof(state), states + bpf_core_enum_value(enum cgroup_subsys_id, JBCC_CGROUP_V1));
	return BPF_CORE_READ(state, cgroup, kn, id);
#else
	return 0;
#endif
}

static __always_inline u64 jbcc_cgroup_v1(void)
{
	return jbcc_cgroup_v1_of((struct task_struct *)bpf_get_current_task());
}

/* --container and --pod, as far as user space has decided. */
static __always_inline bool jbcc_container_passes(void)
{
#ifdef JBCC_CONTAINERS
	struct jbcc_cgroup_ids ids = { bpf_get_current_cgroup_id(), jbcc_cgroup_v1() };

	return !jbcc_filter_container || !bpf_map_lookup_elem(&jbcc_other_cgroups, &ids);
#else
	return true;
#endif
}

/* BCC's -n: the comm contains the name. */
static __noinline bool jbcc_comm_passes(void)
{
	char comm[TASK_COMM_LEN];

	bpf_get_current_comm(comm, sizeof(comm));
	for (u32 at = 0; at < TASK_COMM_LEN; at++) {
		u32 i;

		for (i = 0; i < TASK_COMM_LEN; i++) {
			if (i >= jbcc_comm_len)
				return true;
			if (at + i >= TASK_COMM_LEN || comm[(at + i) & (TASK_COMM_LEN - 1)] != jbcc_comm[i])
				break;
		}
		if (i == TASK_COMM_LEN)
			return true;
	}
	return false;
}

static __always_inline struct jbcc_counts *jbcc_count(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&jbcc_counts, &zero);
}

/* Says who runs, counts the event as seen, and applies the standard filters. False: leave it out. */
static __always_inline bool jbcc_begin(struct jbcc_task *who)
{
	struct jbcc_counts *counts;

	jbcc_numbers(who);
	who->uid = bpf_get_current_uid_gid();
	if (who->pid == jbcc_self)
		return false;
	counts = jbcc_count();
	if (!counts)
		return false;
	counts->seen++;
	if ((!jbcc_filter_tid || who->tid == jbcc_filter_tid) && (!jbcc_filter_uid || who->uid == jbcc_uid) &&
	    (!jbcc_filter_pid || bpf_map_lookup_elem(&jbcc_pids, &who->pid)) &&
	    (!jbcc_comm_len || jbcc_comm_passes()) &&
	    (!jbcc_filter_cgroup || bpf_current_task_under_cgroup(&jbcc_cgroup, 0) == 1) &&
	    (!jbcc_filter_cgroups || jbcc_cgroup_passes()) && jbcc_mount_namespace_passes() &&
	    jbcc_namespaces_pass() && jbcc_cgroup_v1_passes() && jbcc_container_passes())
		return true;
	counts->filtered++;
	return false;
}

/* Counts an event that passed jbcc_begin but not the tool's own filters. */
static __always_inline int jbcc_filtered(void)
{
	struct jbcc_counts *counts = jbcc_count();

	if (counts)
		counts->filtered++;
	return 0;
}

static __always_inline void jbcc_truncated(void)
{
	struct jbcc_counts *counts = jbcc_count();

	if (counts)
		counts->truncated++;
}

/* What bpf_perf_event_output says (kernel/trace/bpf_trace.c) when the map has no ring of this CPU, or one that is dead. */
#define JBCC_ENOENT 2
#define JBCC_EOPNOTSUPP 95

/*
 * Hands an event to user space. Readers are not woken for each one: the ring wakes a sleeping reader once it holds
 * jbcc_wake_at bytes, and otherwise the reader looks after a short time (RingBuffer.java). Always 0, for return.
 */
static __always_inline int jbcc_submit(void *ctx, void *event, u64 size)
{
	struct jbcc_counts *counts;
	long failed;

	if (jbcc_use_perf) {
		failed = bpf_perf_event_output(ctx, &jbcc_perf, BPF_F_CURRENT_CPU, event, size);
	} else {
		u64 flags = BPF_RB_NO_WAKEUP;

		if (jbcc_reader_sleeps && bpf_ringbuf_query(&jbcc_ring, BPF_RB_AVAIL_DATA) + size >= jbcc_wake_at)
			flags = BPF_RB_FORCE_WAKEUP;
		failed = bpf_ringbuf_output(&jbcc_ring, event, size, flags);
		if (!failed && flags == BPF_RB_FORCE_WAKEUP)
			jbcc_reader_sleeps = 0;
	}
	if (failed) {
		counts = jbcc_count();
		if (!counts)
			return 0;
		if (jbcc_use_perf && (failed == -JBCC_ENOENT || failed == -JBCC_EOPNOTSUPP))
			counts->lost_no_ring++;
		else
			counts->lost_full++;
	}
	return 0;
}

/* With -- COMMAND, everything that it starts is traced too. raw_tp needs no BTF of the kernel. */
SEC("?raw_tp/sched_process_fork")
int BPF_PROG(jbcc_follow_fork, struct task_struct *parent, struct task_struct *child)
{
	u32 from = jbcc_pid_of(parent);
	u32 to = jbcc_pid_of(child);
	struct jbcc_counts *counts;
	u8 one = 1;

	if (from == to || !bpf_map_lookup_elem(&jbcc_pids, &from))
		return 0;
	counts = jbcc_count();
	if (bpf_map_update_elem(&jbcc_pids, &to, &one, BPF_ANY) && counts)
		counts->not_followed++;
	return 0;
}

SEC("?raw_tp/sched_process_exit")
int BPF_PROG(jbcc_follow_exit, struct task_struct *task)
{
	u32 pid = jbcc_pid_of(task);

	/* The first thread can end before the others, and does when another one calls execve. */
	if (BPF_CORE_READ(task, signal, live.counter) == 0)
		bpf_map_delete_elem(&jbcc_pids, &pid);
	return 0;
}

#ifdef JBCC_CONTAINERS
/* When containers are looked at: the paths of cgroups, for events that come late. */
static __always_inline int jbcc_report_cgroup(void *ctx, struct cgroup *cgroup, const char *path)
{
	u32 zero = 0, hierarchy = BPF_CORE_READ(cgroup, root, hierarchy_id);
	struct jbcc_cgroup_scratch *scratch;
	struct jbcc_cgroup_record *record;
	long len;

	if (hierarchy && hierarchy != jbcc_container_hierarchy)
		return 0;
	scratch = bpf_map_lookup_elem(&jbcc_cgroup_scratch, &zero);
	if (!scratch)
		return 0;
	record = &scratch->record;
	len = bpf_probe_read_kernel_str(scratch->path, sizeof(scratch->path), path);
	if (len <= 0 || len > PATH_MAX)
		return 0;
	record->id = BPF_CORE_READ(cgroup, kn, id);
	record->hierarchy = hierarchy;
	record->path.off = sizeof(*record);
	record->path.len = len - 1;
	if (jbcc_use_perf)
		bpf_perf_event_output(ctx, &jbcc_cgroup_perf, BPF_F_CURRENT_CPU, record, sizeof(*record) + len);
	else
		bpf_ringbuf_output(&jbcc_cgroup_ring, record, sizeof(*record) + len, BPF_RB_NO_WAKEUP);
	return 0;
}

SEC("raw_tp/cgroup_mkdir")
int BPF_PROG(jbcc_cgroup_made, struct cgroup *cgroup, const char *path)
{
	return jbcc_report_cgroup(ctx, cgroup, path);
}

SEC("raw_tp/cgroup_rmdir")
int BPF_PROG(jbcc_cgroup_removed, struct cgroup *cgroup, const char *path)
{
	return jbcc_report_cgroup(ctx, cgroup, path);
}
#endif

#endif
