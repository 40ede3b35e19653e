/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reports renames of files, also those of the kernel's own. */
#include "jbcc.h"
#include "function.h"
#include "path.h"
#include "syscall.h"

#define PATH_BYTES (DIR_BYTES + NAME_MAX + 1)
#define STRING_BYTES (2 * PATH_MAX + 2 * PATH_BYTES)
/* Renames of the kernel's own that can be under way at once; more are counted as lost. */
#define RENAMINGS 256
/* Threads that can be in vfs_rename at once; of more, those of the kernel are lost, and the calls are not followed. */
#define RENAMERS 8192

/* Who asked for it; Renamesnoop.java has their names. */
#define CALL_RENAME 0
#define CALL_RENAMEAT 1
#define CALL_RENAMEAT2 2
#define CALL_KERNEL 3 /* no system call of the three */

struct event {
	u64 time; /* CLOCK_MONOTONIC, nanoseconds */
	u64 cgroup; /* id of the cgroup v2 */
	u64 cgroup_v1; /* of the cgroup in the v1 tree that containers are in; 0: there is none */
	u32 call; /* CALL_… */
	u32 flags; /* RENAME_… */
	u32 pid;
	u32 tid;
	u32 ppid;
	u32 uid;
	s32 err; /* errno, positive; 0 when it succeeded */
	char comm[TASK_COMM_LEN];
	char fs[TASK_COMM_LEN]; /* CALL_KERNEL: the type of the file system whose root the paths begin at */
	struct text old_path; /* as the caller gave it; not with CALL_KERNEL */
	struct text new_path;
	struct text old_dir; /* names of the directory that the path starts from, or of the whole path; as path.h has them */
	struct text new_dir;
	bool old_path_cut; /* only the first PATH_MAX - 1 bytes are there; no such rename succeeds */
	bool new_path_cut;
	bool old_dir_cut; /* the outermost names are missing */
	bool new_dir_cut;
	char data[];
};

/* An event with room for its strings: what is sent ends where its last string ends. */
struct scratch {
	u32 used;
	struct event event;
	char strings[STRING_BYTES];
};

/* By who fills it, DIR_OF_…, for the reason that is told there. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, u32);
	__type(value, struct scratch);
} scratch SEC(".maps");

/* A rename that vfs_rename is at. The names are kept, as the dentries have others when it returns; the directories stay. */
struct renaming {
	u64 old_dir;
	u64 new_dir;
	u32 flags;
	char old_name[NAME_MAX + 1];
	char new_name[NAME_MAX + 1];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct renaming);
} fresh SEC(".maps");

/* By thread, and by how many calls of vfs_rename are below one another in it. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, RENAMINGS);
	__type(key, u64);
	__type(value, struct renaming);
} renamings SEC(".maps");

/* include/linux/sched.h */
#define PF_IO_WORKER 0x00000010
#define PF_KTHREAD 0x00200000

/* So many file systems can be stacked (FILESYSTEM_MAX_STACK_DEPTH, include/linux/fs.h, is 2), each with a vfs_rename. */
#define MAX_DEPTH 3

/* How many calls of vfs_rename a thread is in. Not one that forgets some by itself, which nobody would learn of. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, RENAMERS);
	__type(key, u32);
	__type(value, u32);
} depths SEC(".maps");

const volatile bool failed_only = false;
const volatile bool kernel_btf = true;
const volatile u32 regs_gap = 0; /* of syscall_saved_regs, when that is false */

struct event *unused_event __attribute__((unused));

/* Counts a rename of the kernel's own that cannot be reported, if it passes the filters. */
static __noinline void lose(void)
{
	struct jbcc_counts *counts;
	struct jbcc_task who;

	if (!jbcc_begin(&who))
		return;
	counts = jbcc_count();
	if (counts)
		counts->lost_untracked++;
}

/* Returns have been missed, which happens to kretprobes, if this thread is in vfs_rename by what is known. */
static __always_inline void forget_renamings(u32 tid)
{
	if (!bpf_map_lookup_elem(&depths, &tid))
		return;
	for (u64 depth = 1; depth <= MAX_DEPTH; depth++) {
		u64 key = depth << 32 | tid;

		if (!bpf_map_delete_elem(&renamings, &key))
			lose();
	}
	bpf_map_delete_elem(&depths, &tid);
}

/* CALL_KERNEL when it is another call, or the number means another one in the other ABI. */
static __always_inline u32 call_of(u32 nr, bool compat)
{
#ifdef NR_rename
	if (nr == (compat ? NR_compat_rename : NR_rename))
		return CALL_RENAME;
#else
	if (compat && nr == NR_compat_rename)
		return CALL_RENAME;
#endif
	if (nr == (compat ? NR_compat_renameat : NR_renameat))
		return CALL_RENAMEAT;
	if (nr == (compat ? NR_compat_renameat2 : NR_renameat2))
		return CALL_RENAMEAT2;
	return CALL_KERNEL;
}

static __always_inline void fill(struct event *e, struct jbcc_task *who, u32 call, u32 flags, long ret)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct task_struct *parent = BPF_CORE_READ(task, real_parent);

	__builtin_memset(e, 0, sizeof(*e));
	e->time = bpf_ktime_get_ns();
	e->cgroup = bpf_get_current_cgroup_id();
	e->cgroup_v1 = jbcc_cgroup_v1();
	e->call = call;
	e->flags = flags;
	e->pid = who->pid;
	e->tid = who->tid;
	e->ppid = jbcc_pid_of(parent);
	e->uid = who->uid;
	e->err = ret < 0 ? -ret : 0;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
}

static __always_inline int submit(void *ctx, struct scratch *s, u64 at)
{
	struct event *e = &s->event;
	u64 size = sizeof(struct event) + at;

	if (e->old_path_cut || e->new_path_cut || e->old_dir_cut || e->new_dir_cut)
		jbcc_truncated();
	barrier_var(size); /* or clang proves the check needless, which the verifier cannot */
	if (size > sizeof(struct event) + sizeof(s->strings))
		return 0;
	return jbcc_submit(ctx, e, size);
}

/* Reads a path of the caller's, `at` bytes behind the event, and returns where the next string begins. */
static __always_inline u64 read_path(struct scratch *s, struct text *text, bool *cut, u64 at, u64 path)
{
	char next = 0;
	long len;

	barrier_var(at); /* or clang checks a copy, whose range the verifier does not transfer */
	if (at > STRING_BYTES - PATH_MAX)
		return at;
	len = jbcc_read_user_str(s->strings + at, PATH_MAX, (void *)path);
	if (len <= 0)
		return at;
	if (len == PATH_MAX) {
		bpf_probe_read_user(&next, sizeof(next), (void *)(path + PATH_MAX - 1));
		*cut = next != 0;
	}
	text->off = sizeof(struct event) + at;
	text->len = len - 1;
	return at + len; /* with its NUL, by which the first byte is there even of an empty one */
}

/* Reads the names of a directory. */
static __always_inline u64 read_dir(struct scratch *s, struct text *text, bool *cut, u64 at, struct path *dir)
{
	barrier_var(at);
	if (!dir || at > STRING_BYTES - PATH_BYTES)
		return at;
	*cut = dir_names(s->strings + at, &s->used, dir);
	text->off = sizeof(struct event) + at;
	text->len = s->used;
	return at + s->used;
}

static __always_inline bool is_absolute(struct scratch *s, struct text *text)
{
	u64 at = text->off - sizeof(struct event);

	barrier_var(at);
	return text->len && at < STRING_BYTES && s->strings[at] == '/';
}

/* At the return of a system call. Its arguments are still in the saved registers, and its paths in memory. */
static __always_inline int report_call(void *ctx, struct pt_regs *regs, bool typed, long ret)
{
	u32 nr = syscall_nr(regs, typed), who_walks = DIR_OF_TRACEPOINT, call, tid, flags = 0;
	int old_fd = AT_FDCWD, new_fd = AT_FDCWD;
	struct path *old_start, *new_start;
	struct task_struct *task;
	struct jbcc_task who;
	struct scratch *s;
	struct event *e;
	u64 at = 0;
	bool compat;

	/* This runs for every system call of the host: leave at once. */
	if (call_of(nr, false) == CALL_KERNEL && call_of(nr, true) == CALL_KERNEL)
		return 0;
	task = (struct task_struct *)bpf_get_current_task();
	compat = syscall_compat(task);
	call = call_of(nr, compat);
	if (call == CALL_KERNEL)
		return 0;
	tid = bpf_get_current_pid_tgid();
	forget_renamings(tid);
	if (!jbcc_begin(&who))
		return 0;
	if (failed_only && ret >= 0)
		return jbcc_filtered();
	s = bpf_map_lookup_elem(&scratch, &who_walks);
	if (!s)
		return 0;
	e = &s->event;
	if (call == CALL_RENAMEAT2)
		flags = syscall_arg(regs, typed, compat, 4);
	fill(e, &who, call, flags, ret);
	if (call == CALL_RENAME) {
		at = read_path(s, &e->old_path, &e->old_path_cut, at, syscall_arg(regs, typed, compat, 0));
		at = read_path(s, &e->new_path, &e->new_path_cut, at, syscall_arg(regs, typed, compat, 1));
	} else {
		old_fd = syscall_arg(regs, typed, compat, 0);
		new_fd = syscall_arg(regs, typed, compat, 2);
		at = read_path(s, &e->old_path, &e->old_path_cut, at, syscall_arg(regs, typed, compat, 1));
		at = read_path(s, &e->new_path, &e->new_path_cut, at, syscall_arg(regs, typed, compat, 3));
	}
	old_start = lookup_start(task, old_fd, is_absolute(s, &e->old_path));
	new_start = lookup_start(task, new_fd, is_absolute(s, &e->new_path));
	at = read_dir(s, &e->old_dir, &e->old_dir_cut, at, old_start);
	if (new_start == old_start) {
		e->new_dir = e->old_dir;
		e->new_dir_cut = e->old_dir_cut;
	} else {
		at = read_dir(s, &e->new_dir, &e->new_dir_cut, at, new_start);
	}
	return submit(ctx, s, at);
}

SEC("?" JBCC_TP "/sys_exit")
int BPF_PROG(rename_call, struct pt_regs *regs, long ret)
{
	return report_call(ctx, regs, JBCC_TYPED, ret);
}

/* /sys/kernel/tracing/events/raw_syscalls/sys_exit/format; unlike syscalls:*, it sees 32-bit callers too */
struct sys_exit_record {
	u64 common;
	s64 id;
	s64 ret;
};

SEC("?tracepoint/raw_syscalls/sys_exit")
int rename_call_tp(struct sys_exit_record *ctx)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	return report_call(ctx, syscall_saved_regs(task, kernel_btf, regs_gap), false, ctx->ret);
}

/*
 * Below here: vfs_rename, which every file system's rename goes through. Of the calls of one of the three system calls,
 * the outermost is what that call asks for, and is reported at its end with the paths that it was given. All others are the
 * kernel's own: of overlayfs in the file systems below it, of nfsd and ksmbd, and of io_uring.
 */

static __always_inline bool in_rename_call(void)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct pt_regs *regs = syscall_saved_regs(task, kernel_btf, regs_gap);

	/* A worker of io_uring has a copy of the registers of the call that its creator was in. */
	if (BPF_CORE_READ(task, flags) & (PF_KTHREAD | PF_IO_WORKER))
		return false;
	return call_of(syscall_nr(regs, false), syscall_compat(task)) != CALL_KERNEL;
}

static __always_inline int enter(struct dentry *old, struct dentry *new, u32 flags)
{
	u32 tid = bpf_get_current_pid_tgid(), zero = 0, depth = 1, *above;
	struct jbcc_counts *counts;
	struct renaming *renaming;
	const unsigned char *name;
	bool in_call, full;
	u64 key;

	above = bpf_map_lookup_elem(&depths, &tid);
	if (above)
		depth = *above + 1;
	if (depth > MAX_DEPTH) {
		forget_renamings(tid);
		depth = 1;
	}
	full = bpf_map_update_elem(&depths, &tid, &depth, BPF_ANY);
	in_call = depth == 1 && in_rename_call();
	if (full && in_call) {
		/* The call is reported at its end as all others; what the kernel renames below it cannot be told from it. */
		counts = jbcc_count();
		if (counts)
			counts->not_followed++;
	} else if (full) {
		lose();
	}
	if (full || in_call)
		return 0;
	renaming = bpf_map_lookup_elem(&fresh, &zero);
	if (!renaming)
		return 0;
	renaming->old_dir = (u64)BPF_CORE_READ(old, d_parent);
	renaming->new_dir = (u64)BPF_CORE_READ(new, d_parent);
	renaming->flags = flags;
	name = BPF_CORE_READ(old, d_name.name);
	bpf_probe_read_kernel_str(renaming->old_name, sizeof(renaming->old_name), name);
	name = BPF_CORE_READ(new, d_name.name);
	bpf_probe_read_kernel_str(renaming->new_name, sizeof(renaming->new_name), name);
	key = (u64)depth << 32 | tid;
	if (bpf_map_update_elem(&renamings, &key, renaming, BPF_ANY))
		lose();
	return 0;
}

/* Writes a whole path: its last name, and those of the directories up to the root of the file system. */
static __always_inline u64 read_names(struct scratch *s, struct text *text, bool *cut, u64 at, const char *name, u64 dir,
				      u32 who_walks)
{
	u64 start;
	long len;

	barrier_var(at);
	if (at > STRING_BYTES - PATH_BYTES)
		return at;
	len = bpf_probe_read_kernel_str(s->strings + at, NAME_MAX + 1, name);
	if (len <= 0)
		return at;
	start = at + len;
	barrier_var(start);
	if (start > STRING_BYTES - PATH_BYTES)
		return at;
	*cut = dentry_names(s->strings + start, &s->used, (struct dentry *)dir, NULL, who_walks);
	text->off = sizeof(struct event) + at;
	text->len = len + s->used;
	return start + s->used;
}

static __always_inline int leave(void *ctx, long ret, u32 who_walks)
{
	u32 tid = bpf_get_current_pid_tgid(), depth, *found;
	struct renaming *renaming;
	struct jbcc_task who;
	struct dentry *dir;
	struct scratch *s;
	struct event *e;
	u64 key, at = 0;

	found = bpf_map_lookup_elem(&depths, &tid);
	if (!found)
		return 0;
	depth = *found;
	key = (u64)depth << 32 | tid;
	if (depth > 1) {
		depth--;
		bpf_map_update_elem(&depths, &tid, &depth, BPF_ANY);
	} else {
		bpf_map_delete_elem(&depths, &tid);
	}
	renaming = bpf_map_lookup_elem(&renamings, &key);
	if (!renaming)
		return 0;
	if (!jbcc_begin(&who))
		goto out;
	if (failed_only && ret >= 0) {
		jbcc_filtered();
		goto out;
	}
	s = bpf_map_lookup_elem(&scratch, &who_walks);
	if (!s)
		goto out;
	e = &s->event;
	fill(e, &who, CALL_KERNEL, renaming->flags, ret);
	dir = (struct dentry *)renaming->old_dir;
	bpf_probe_read_kernel_str(e->fs, sizeof(e->fs), BPF_CORE_READ(dir, d_sb, s_type, name));
	at = read_names(s, &e->old_dir, &e->old_dir_cut, at, renaming->old_name, renaming->old_dir, who_walks);
	at = read_names(s, &e->new_dir, &e->new_dir_cut, at, renaming->new_name, renaming->new_dir, who_walks);
	submit(ctx, s, at);
out:
	bpf_map_delete_elem(&renamings, &key);
	return 0;
}

/* Since 5.12 the one parameter is a struct renamedata, which has had other members with each few versions, but these. */
static __always_inline int enter_with(const struct renamedata *data)
{
	return enter(BPF_CORE_READ(data, old_dentry), BPF_CORE_READ(data, new_dentry), BPF_CORE_READ(data, flags));
}

SEC("?fentry/vfs_rename")
int vfs_rename_enter(u64 *ctx)
{
	if (bpf_core_type_exists(struct renamedata))
		return enter_with((void *)ctx[0]);
	return enter((void *)ctx[1], (void *)ctx[3], ctx[5]);
}

/* Behind the parameters there is the result. */
SEC("?fexit/vfs_rename")
int vfs_rename_leave(u64 *ctx)
{
	if (bpf_core_type_exists(struct renamedata))
		return leave(ctx, (int)ctx[1], DIR_OF_FENTRY);
	return leave(ctx, (int)ctx[6], DIR_OF_FENTRY);
}

SEC("?kprobe/vfs_rename")
int vfs_rename_enter_k(struct pt_regs *ctx)
{
	if (bpf_core_type_exists(struct renamedata))
		return enter_with((void *)function_arg(ctx, 0));
	return enter((void *)function_arg(ctx, 1), (void *)function_arg(ctx, 3), function_arg(ctx, 5));
}

SEC("?kretprobe/vfs_rename")
int vfs_rename_leave_k(struct pt_regs *ctx)
{
	return leave(ctx, (int)function_result(ctx), DIR_OF_TRACEPOINT);
}
