/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reports every open, openat, openat2 and creat when it returns. */
#include "jbcc.h"
#include "path.h"
#include "syscall.h"

/* include/uapi/asm-generic/fcntl.h; the same on x86 and arm64 */
#define O_ACCMODE 03
#define O_WRONLY 01
#define O_CREAT 0100
#define O_TRUNC 01000
#define __O_TMPFILE 020000000

/* include/uapi/linux/openat2.h */
#define RESOLVE_IN_ROOT 0x10
struct open_how {
	u64 flags;
	u64 mode;
	u64 resolve;
};

struct event {
	u64 time; /* CLOCK_MONOTONIC, nanoseconds */
	u64 cgroup; /* id of the cgroup v2 */
	u64 cgroup_v1; /* of the cgroup in the v1 tree that containers are in; 0: there is none */
	u64 flags; /* O_… */
	u64 resolve; /* RESOLVE_… of openat2 */
	u32 pid;
	u32 tid;
	u32 ppid;
	u32 uid;
	s32 fd; /* -1 when it failed */
	s32 err; /* errno, positive; 0 when it succeeded */
	u32 mode; /* only with O_CREAT or O_TMPFILE */
	char comm[TASK_COMM_LEN];
	struct text path; /* as the caller gave it */
	struct text dir; /* names of the directory that `path` starts from, innermost first, each with its NUL */
	bool path_cut; /* only the first PATH_MAX - 1 bytes of `path` are there; no such open succeeds */
	bool dir_cut; /* the outermost names of `dir` are missing */
	char data[];
};

/* An event with room for its strings: what is sent ends where its last string ends. */
struct scratch {
	u32 dir_bytes;
	struct event event;
	char strings[PATH_MAX + DIR_BYTES + NAME_MAX + 1];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct scratch);
} scratch SEC(".maps");

#define FLAG_MATCHES 32
#define PATTERN_BYTES 256
#define PATTERN_ANY 0
#define PATTERN_EXACT 1
#define PATTERN_PREFIX 2
#define PATTERN_SUFFIX 3

const volatile bool failed_only = false;
const volatile u32 flag_matches = 0; /* passes when (flags & mask) == value for one of them; 0: all pass */
const volatile u64 flag_mask[FLAG_MATCHES] = {};
const volatile u64 flag_value[FLAG_MATCHES] = {};
const volatile u32 pattern_kind = PATTERN_ANY;
const volatile u32 pattern_len = 0;
const volatile char pattern[PATTERN_BYTES] = {};

struct event *unused_event __attribute__((unused));

static __noinline bool flags_pass(u64 flags)
{
	if (!flag_matches)
		return true;
	for (u32 i = 0; i < FLAG_MATCHES && i < flag_matches; i++)
		if ((flags & flag_mask[i]) == flag_value[i])
			return true;
	return false;
}

static __noinline bool path_passes(const char *path, u32 len)
{
	u32 from = 0;

	if (pattern_kind == PATTERN_ANY)
		return true;
	if (len < pattern_len || (pattern_kind == PATTERN_EXACT && len != pattern_len))
		return false;
	if (pattern_kind == PATTERN_SUFFIX)
		from = len - pattern_len;
	for (u32 i = 0; i < PATTERN_BYTES && i < pattern_len; i++)
		if (path[(from + i) & (PATH_MAX - 1)] != pattern[i])
			return false;
	return true;
}

static __always_inline int report(void *ctx, struct pt_regs *regs, bool typed, long ret, bool full_path)
{
	u32 nr = syscall_nr(regs, typed), zero = 0, size;
	struct task_struct *task, *parent;
	struct jbcc_task who;
	struct open_how how;
	struct scratch *s;
	struct event *e;
	const char *name;
	bool compat;
	int dirfd = AT_FDCWD;
	long len;

	/* This runs for every system call of the host: leave at once. */
	switch (nr) {
#ifdef NR_open
	case NR_open:
	case NR_creat:
#endif
	case NR_openat:
	case NR_openat2:
	case NR_compat_open:
	case NR_compat_creat:
	case NR_compat_openat:
		break;
	default:
		return 0;
	}

	task = (struct task_struct *)bpf_get_current_task();
	compat = syscall_compat(task);
	if (nr == NR_openat2) {
		dirfd = syscall_arg(regs, typed, compat, 0);
		name = (const char *)syscall_arg(regs, typed, compat, 1);
		if (bpf_probe_read_user(&how, sizeof(how), (void *)syscall_arg(regs, typed, compat, 2)))
			__builtin_memset(&how, 0, sizeof(how));
	} else {
		how.resolve = 0;
#ifdef NR_open
		if (nr == (compat ? NR_compat_open : NR_open)) {
#else
		if (compat && nr == NR_compat_open) {
#endif
			name = (const char *)syscall_arg(regs, typed, compat, 0);
			how.flags = (u32)syscall_arg(regs, typed, compat, 1);
			how.mode = syscall_arg(regs, typed, compat, 2);
		} else if (nr == (compat ? NR_compat_openat : NR_openat)) {
			dirfd = syscall_arg(regs, typed, compat, 0);
			name = (const char *)syscall_arg(regs, typed, compat, 1);
			how.flags = (u32)syscall_arg(regs, typed, compat, 2);
			how.mode = syscall_arg(regs, typed, compat, 3);
#ifdef NR_creat
		} else if (nr == (compat ? NR_compat_creat : NR_creat)) {
#else
		} else if (compat && nr == NR_compat_creat) {
#endif
			name = (const char *)syscall_arg(regs, typed, compat, 0);
			how.flags = O_CREAT | O_WRONLY | O_TRUNC;
			how.mode = syscall_arg(regs, typed, compat, 1);
		} else {
			return 0; /* the number means another call in the other ABI */
		}
	}

	if (!jbcc_begin(&who))
		return 0;
	if ((failed_only && ret >= 0) || !flags_pass(how.flags))
		return jbcc_filtered();
	s = bpf_map_lookup_elem(&scratch, &zero);
	if (!s)
		return 0;
	e = &s->event;

	size = sizeof(struct event);
	e->path.off = 0;
	e->path.len = 0;
	len = jbcc_read_user_str(s->strings, PATH_MAX, name);
	if (len > 0) {
		e->path.off = size;
		e->path.len = len - 1;
		size += len - 1;
	}
	e->path_cut = false;
	if (len == PATH_MAX) {
		char next = 0;

		bpf_probe_read_user(&next, sizeof(next), name + PATH_MAX - 1);
		e->path_cut = next != 0;
	}
	if (!path_passes(s->strings, e->path.len))
		return jbcc_filtered();

	e->time = bpf_ktime_get_ns();
	e->cgroup = bpf_get_current_cgroup_id();
	e->cgroup_v1 = jbcc_cgroup_v1();
	e->flags = how.flags;
	e->resolve = how.resolve;
	e->pid = who.pid;
	e->tid = who.tid;
	parent = BPF_CORE_READ(task, real_parent);
	e->ppid = jbcc_pid_of(parent);
	e->uid = who.uid;
	e->fd = ret < 0 ? -1 : ret;
	e->err = ret < 0 ? -ret : 0;
	e->mode = how.flags & (O_CREAT | __O_TMPFILE) ? how.mode & 07777 : 0;
	bpf_get_current_comm(e->comm, sizeof(e->comm));

	e->dir.off = 0;
	e->dir.len = 0;
	e->dir_cut = 0;
	if (full_path && e->path.off) {
		bool at_root = s->strings[0] == '/' && !(e->resolve & RESOLVE_IN_ROOT);
		struct path *start = lookup_start(task, dirfd, at_root);
		u32 at = e->path.len;

		if (start && at < PATH_MAX) {
			e->dir_cut = dir_names(s->strings + at, &s->dir_bytes, start);
			e->dir.off = size;
			e->dir.len = s->dir_bytes;
			size += e->dir.len;
		}
	}
	if (e->path_cut || e->dir_cut)
		jbcc_truncated();
	barrier_var(size); /* or clang proves the check needless, which the verifier cannot */
	if (size > sizeof(struct event) + sizeof(s->strings))
		return 0;
	return jbcc_submit(ctx, e, size);
}

/* Two programs, since libbpf spends a millisecond on each kernel type that a loaded program reads. */
SEC("?" JBCC_TP "/sys_exit")
int BPF_PROG(open_exit, struct pt_regs *regs, long ret)
{
	return report(ctx, regs, JBCC_TYPED, ret, false);
}

SEC("?" JBCC_TP "/sys_exit")
int BPF_PROG(open_exit_full_path, struct pt_regs *regs, long ret)
{
	return report(ctx, regs, JBCC_TYPED, ret, true);
}
