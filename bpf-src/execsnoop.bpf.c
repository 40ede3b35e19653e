/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reports programs that start, calls that fail, programs that end. */
#include "jbcc.h"
#include "init_tree.h"
#include "path.h"
#include "syscall.h"

/* include/linux/sched/signal.h */
#define SIGNAL_GROUP_EXIT 0x4

/* The longest argument list that is sent whole: that of xargs by default, and the longest single argument. */
#define ARGS_BYTES (128 * 1024)
/* Of a call that failed: arguments are read one by one, as long as they start within the first of two halves. */
#define FAILED_ARGS 1024
#define FAILED_BYTES (ARGS_BYTES / 2)
/* A record of the perf buffer has a size of 16 bits. */
#define PERF_BYTES 61440
#define PATH_BYTES (DIR_BYTES + NAME_MAX + 1)
#define HEAD_BYTES (2 * PATH_MAX + 2 * PATH_BYTES)
#define ANCESTORS 8
/* Programs that run at the same time whose end is awaited. */
#define RUNNING 65536

#define KIND_EXEC 0
#define KIND_FAILED 1
#define KIND_EXIT 2

struct event {
	u64 time; /* CLOCK_MONOTONIC, nanoseconds */
	u64 cgroup; /* id of the cgroup v2 */
	u64 cgroup_v1; /* of the cgroup in the v1 tree that containers are in; 0: there is none */
	u64 init_cgroup; /* the same of the init of its pid namespace; not when only exec reports, as init_tree and ancestors */
	u64 init_cgroup_v1;
	u64 duration; /* nanoseconds since the exec; KIND_EXIT only */
	u32 kind;
	u32 pid;
	u32 tid; /* of the thread that called exec, which has become the first one */
	u32 ppid;
	u32 uid;
	s32 ret; /* 0, or the negative errno of a call that failed */
	u32 cpu;
	u32 exit_code; /* as wait(2) has it; KIND_EXIT only */
	u32 init_tree; /* INIT_TREE_…: whether it descends from that init */
	u32 ancestors[ANCESTORS]; /* pids, from the parent up, then 0 */
	char comm[TASK_COMM_LEN];
	char pcomm[TASK_COMM_LEN];
	struct text filename; /* as the caller gave it; /dev/fd/N… for a file given as a descriptor */
	struct text interp; /* of a script */
	struct text cwd; /* names of the directory, innermost first, each with its NUL */
	struct text exe; /* names of the path of the file that runs, in the same way */
	struct long_text argv; /* as the program gets it, each with its NUL */
	bool truncated; /* the end of argv is missing */
	bool cwd_cut; /* the outermost names are missing */
	bool exe_cut;
	char data[];
};

/* An event with room for its strings: what is sent ends where its last string ends. */
struct scratch {
	u32 used;
	struct event event;
	char strings[HEAD_BYTES + ARGS_BYTES];
};

/* One for each CPU. Too large for a per-CPU map; programs on tracepoints are not preempted, so none is used twice. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct scratch);
} scratch SEC(".maps");

/* When each process whose end is to be reported has called exec; by thread group id of the initial namespace. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u32);
	__type(value, u64);
} running SEC(".maps");

const volatile u32 filter_ppid = 0; /* 0: any parent */
const volatile bool report_exit = false;
const volatile bool injected_only = false;

struct event *unused_event __attribute__((unused));

#ifdef JBCC_PID_NAMESPACE
static __always_inline u32 tid_of(struct task_struct *task)
{
	return jbcc_number_of(task);
}

/* Of a number that is no more, the kernel tells only what it was in the initial namespace. */
static __always_inline u32 former_tid(u32 tid)
{
	return 0;
}
#else
static __always_inline u32 tid_of(struct task_struct *task)
{
	return BPF_CORE_READ(task, pid);
}

static __always_inline u32 former_tid(u32 tid)
{
	return tid;
}
#endif

static __always_inline struct scratch *scratch_of_cpu(void)
{
	u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&scratch, &cpu);
}

/* All but what the kinds differ in. The strings are absent. */
static __always_inline void fill(struct event *e, struct task_struct *task, u32 kind)
{
	struct task_struct *parent = BPF_CORE_READ(task, real_parent);

	__builtin_memset(e, 0, sizeof(*e));
	e->time = bpf_ktime_get_ns();
	e->cgroup = bpf_get_current_cgroup_id();
	e->cgroup_v1 = jbcc_cgroup_v1();
	e->kind = kind;
	e->ppid = jbcc_pid_of(parent);
	e->cpu = bpf_get_smp_processor_id();
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	bpf_probe_read_kernel_str(e->pcomm, sizeof(e->pcomm), &parent->comm);
}

/* Counts the event and applies the filters that need no strings; NULL: leave it out. */
static __always_inline struct scratch *begin(struct task_struct *task, u32 kind, bool full)
{
	u32 init_tree = INIT_TREE_UNKNOWN;
	struct jbcc_task who;
	struct scratch *s;
	struct event *e;

	if (!jbcc_begin(&who))
		return NULL;
	if (full)
		init_tree = init_tree_place(bpf_get_current_task());
	if ((filter_ppid && jbcc_pid_of(BPF_CORE_READ(task, real_parent)) != filter_ppid) ||
	    (injected_only && init_tree != INIT_TREE_OUTSIDE)) {
		jbcc_filtered();
		return NULL;
	}
	s = scratch_of_cpu();
	if (!s)
		return NULL;
	e = &s->event;
	fill(e, task, kind);
	e->pid = who.pid;
	e->tid = who.tid;
	e->uid = who.uid;
	e->init_tree = init_tree;
	if (full && init_tree != INIT_TREE_UNKNOWN) {
		unsigned int level;
		struct task_struct *init = init_of(BPF_CORE_READ(task, group_leader), &level);

		e->init_cgroup = BPF_CORE_READ(init, cgroups, dfl_cgrp, kn, id);
		e->init_cgroup_v1 = jbcc_cgroup_v1_of(init);
	}
	return s;
}

static __always_inline void fill_ancestors(struct event *e, struct task_struct *task)
{
	for (u32 i = 0; i < ANCESTORS; i++) {
		task = BPF_CORE_READ(task, real_parent);
		e->ancestors[i] = jbcc_pid_of(task);
		if (BPF_CORE_READ(task, pid) <= 1)
			break;
	}
}

/* Sets a text that lies `at` bytes behind the event, of `len` bytes with its NUL, and returns where the next begins. */
static __always_inline u64 place(struct text *text, u64 at, long len)
{
	if (len <= 0)
		return at;
	text->off = sizeof(struct event) + at;
	text->len = len - 1;
	return at + len;
}

/* The same for the names of a path. */
static __always_inline u64 place_path(struct scratch *s, struct text *text, bool *cut, u64 at, struct path *path)
{
	barrier_var(at); /* or clang checks a copy, whose range the verifier does not transfer */
	if (at > HEAD_BYTES - PATH_BYTES)
		return at;
	*cut = dir_names(s->strings + at, &s->used, path);
	text->off = sizeof(struct event) + at;
	text->len = s->used;
	return at + s->used;
}

/* A file without a directory, such as that of memfd_create(2), has a name only. */
static __always_inline u64 place_exe(struct scratch *s, struct event *e, u64 at, struct file *file)
{
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);

	barrier_var(at);
	if (!file || at > HEAD_BYTES - PATH_BYTES)
		return at;
	if (dentry == BPF_CORE_READ(dentry, d_parent)) {
		const unsigned char *name = BPF_CORE_READ(dentry, d_name.name);
		long len = bpf_probe_read_kernel_str(s->strings + at, NAME_MAX + 1, name);

		if (len <= 0)
			return at;
		e->exe.off = sizeof(struct event) + at;
		e->exe.len = len;
		return at + len;
	}
	return place_path(s, &e->exe, &e->exe_cut, at, &file->f_path);
}

static __always_inline int submit(void *ctx, struct scratch *s, u64 at, u64 args)
{
	u64 size = sizeof(struct event) + at + args;

	if (s->event.truncated || s->event.cwd_cut || s->event.exe_cut)
		jbcc_truncated();
	barrier_var(size); /* or clang proves the check needless, which the verifier cannot */
	if (size > sizeof(struct event) + sizeof(s->strings))
		return 0;
	return jbcc_submit(ctx, &s->event, size);
}

/* How many of these bytes of arguments, behind `at` bytes of other strings, the buffer takes. */
static __always_inline u64 that_fit(struct event *e, u64 at, u64 args)
{
	u64 most = jbcc_use_perf ? PERF_BYTES - sizeof(struct event) - at : ARGS_BYTES;

	if (args <= most)
		return args;
	e->truncated = true;
	return most;
}

/* The kernel has just copied the arguments to the stack of the new program, so they are all in memory. */
static __always_inline int report_start(void *ctx, struct task_struct *task, u32 old_pid, struct linux_binprm *bprm,
					bool full)
{
	unsigned long args, args_end;
	const char *filename, *interp;
	u64 at = 0, len;
	u32 tgid;
	struct scratch *s;
	struct event *e;
	u64 time;

	s = begin(task, KIND_EXEC, full);
	if (!s)
		return 0;
	e = &s->event;
	tgid = BPF_CORE_READ(task, tgid);
	if (old_pid != tgid)
		e->tid = former_tid(old_pid);
	filename = BPF_CORE_READ(bprm, filename);
	interp = BPF_CORE_READ(bprm, interp);
	at = place(&e->filename, at, bpf_probe_read_kernel_str(s->strings, PATH_MAX, filename));
	if (interp != filename && at <= PATH_MAX)
		at = place(&e->interp, at, bpf_probe_read_kernel_str(s->strings + at, PATH_MAX, interp));
	if (full) {
		at = place_path(s, &e->cwd, &e->cwd_cut, at, &BPF_CORE_READ(task, fs)->pwd);
		at = place_exe(s, e, at, BPF_CORE_READ(task, mm, exe_file));
		fill_ancestors(e, task);
	}
	args = BPF_CORE_READ(task, mm, arg_start);
	args_end = BPF_CORE_READ(task, mm, arg_end);
	len = that_fit(e, at, args_end - args);
	barrier_var(len);
	barrier_var(at);
	if (len > ARGS_BYTES || at > HEAD_BYTES)
		return 0;
	if (bpf_probe_read_user(s->strings + at, len, (void *)args)) {
		e->truncated = true;
	} else {
		e->argv.off = sizeof(struct event) + at;
		e->argv.len = len;
	}
	if (report_exit) {
		struct jbcc_counts *counts = jbcc_count();

		time = e->time;
		if (bpf_map_update_elem(&running, &tgid, &time, BPF_ANY) && counts)
			counts->not_followed++;
	}
	return submit(ctx, s, at, e->argv.len);
}

/* Two programs, since libbpf spends a millisecond on each kernel type that a loaded program reads. */
SEC("?" JBCC_TP "/sched_process_exec")
int BPF_PROG(exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	return report_start(ctx, task, old_pid, bprm, false);
}

SEC("?" JBCC_TP "/sched_process_exec")
int BPF_PROG(exec_full, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	return report_start(ctx, task, old_pid, bprm, true);
}

#define ARG_MORE 0
#define ARG_END 1
#define ARG_CUT 2

/*
 * Takes the string that `pointer` of the caller's memory points to, behind `at` bytes of other strings. Of global linkage,
 * so that the verifier looks at it once, and not in each turn of the loop.
 */
__noinline int read_arg(u64 at, u64 pointer, u32 pointer_size)
{
	struct scratch *s = scratch_of_cpu();
	u64 string = 0, used;
	long len;

	if (!s || at > HEAD_BYTES)
		return ARG_CUT;
	/* Both ABIs are little-endian. */
	if (bpf_probe_read_user(&string, pointer_size == sizeof(u32) ? sizeof(u32) : sizeof(u64), (void *)pointer))
		return ARG_CUT;
	if (!string)
		return ARG_END;
	used = s->used;
	barrier_var(used);
	if (used >= FAILED_BYTES)
		return ARG_CUT;
	len = jbcc_read_user_str(s->strings + at + used, FAILED_BYTES, (void *)string);
	if (len <= 0)
		return ARG_CUT;
	s->used = used + len;
	return len == FAILED_BYTES ? ARG_CUT : ARG_MORE;
}

/* Reads the strings that an argv of the caller's memory points to; e->argv.len becomes their bytes. */
static __always_inline void read_argv(struct scratch *s, struct event *e, u64 at, u64 argv, bool small_pointers)
{
	u32 pointer_size = small_pointers ? sizeof(u32) : sizeof(u64);
	int step = ARG_MORE;

	e->argv.off = sizeof(struct event) + at;
	s->used = 0;
	for (u32 i = 0; i < FAILED_ARGS && step == ARG_MORE; i++)
		step = read_arg(at, argv + i * pointer_size, pointer_size);
	e->truncated = step != ARG_END;
	e->argv.len = s->used;
}

/* When a call fails, the caller's memory and registers are as they were. */
static __always_inline int report_failed(void *ctx, struct pt_regs *regs, bool typed, long ret)
{
	u32 nr = syscall_nr(regs, typed), first;
	u64 at = 0, len;
	bool compat, small_pointers;
	struct task_struct *task;
	struct scratch *s;
	struct event *e;

	/* This runs for every system call of the host: leave at once. */
	if (ret >= 0)
		return 0;
	switch (nr) {
	case NR_execve:
	case NR_execveat:
	case NR_compat_execve:
	case NR_compat_execveat:
#ifdef NR_x32_execve
	case NR_x32_execve:
	case NR_x32_execveat:
#endif
		break;
	default:
		return 0;
	}
	task = (struct task_struct *)bpf_get_current_task();
	compat = syscall_compat(task);
	small_pointers = compat;
	if (compat) {
		if (nr != NR_compat_execve && nr != NR_compat_execveat)
			return 0; /* the number means another call in the other ABI */
		first = nr == NR_compat_execveat;
	} else if (nr == NR_execve || nr == NR_execveat) {
		first = nr == NR_execveat;
#ifdef NR_x32_execve
	} else if (nr == NR_x32_execve || nr == NR_x32_execveat) {
		first = nr == NR_x32_execveat;
		small_pointers = true;
#endif
	} else {
		return 0;
	}
	s = begin(task, KIND_FAILED, true);
	if (!s)
		return 0;
	e = &s->event;
	e->ret = ret;
	at = place(&e->filename, at,
		   jbcc_read_user_str(s->strings, PATH_MAX,
					   (void *)(first ? syscall_arg(regs, typed, compat, 1) : syscall_arg(regs, typed, compat, 0))));
	at = place_path(s, &e->cwd, &e->cwd_cut, at, &BPF_CORE_READ(task, fs)->pwd);
	fill_ancestors(e, task);
	barrier_var(at);
	if (at > HEAD_BYTES)
		return 0;
	read_argv(s, e, at, first ? syscall_arg(regs, typed, compat, 2) : syscall_arg(regs, typed, compat, 1), small_pointers);
	len = that_fit(e, at, e->argv.len);
	e->argv.len = len;
	return submit(ctx, s, at, len);
}

SEC("?" JBCC_TP "/sys_exit")
int BPF_PROG(exec_failed, struct pt_regs *regs, long ret)
{
	return report_failed(ctx, regs, JBCC_TYPED, ret);
}

/* The standard filters have passed what is in `running`; it can have changed its user and name since. */
SEC("?" JBCC_TP "/sched_process_exit")
int BPF_PROG(exec_exit, struct task_struct *task)
{
	u32 tgid = BPF_CORE_READ(task, tgid);
	struct jbcc_counts *counts;
	struct signal_struct *signal;
	struct scratch *s;
	struct event *e;
	u64 *start, began;

	start = bpf_map_lookup_elem(&running, &tgid);
	if (!start)
		return 0;
	began = *start;
	signal = BPF_CORE_READ(task, signal);
	/* Threads that end together can all be the last one; the one that deletes the entry reports. */
	if (BPF_CORE_READ(signal, live.counter) || bpf_map_delete_elem(&running, &tgid))
		return 0;
	counts = jbcc_count();
	s = scratch_of_cpu();
	if (!counts || !s)
		return 0;
	counts->seen++;
	e = &s->event;
	fill(e, task, KIND_EXIT);
	e->duration = e->time - began;
	e->pid = jbcc_pid_of(task);
	e->tid = tid_of((struct task_struct *)bpf_get_current_task());
	e->uid = bpf_get_current_uid_gid();
	if (BPF_CORE_READ(signal, flags) & SIGNAL_GROUP_EXIT)
		e->exit_code = BPF_CORE_READ(signal, group_exit_code);
	else
		e->exit_code = BPF_CORE_READ(task, group_leader, exit_code);
	return submit(ctx, s, 0, 0);
}
