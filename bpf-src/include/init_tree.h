/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whether a process has been started by its container, or was put into it from outside, as docker exec does. */
#ifndef JBCC_INIT_TREE_H
#define JBCC_INIT_TREE_H

#include "jbcc.h"

#define INIT_TREE_UNKNOWN 0
#define INIT_TREE_OUTSIDE 1
#define INIT_TREE_INSIDE 2

/* At most so many generations between a process and the init of its pid namespace; beyond, it is unknown. */
#define INIT_TREE_DEPTH 64

/* The init of a process's pid namespace, whose depth `level` becomes; from its first task. */
static __always_inline struct task_struct *init_of(struct task_struct *leader, unsigned int *level)
{
	struct pid *pid = BPF_CORE_READ(leader, thread_pid);
	struct upid *innermost;

	*level = BPF_CORE_READ(pid, level);
	innermost = (void *)&pid->numbers[0] + *level * bpf_core_type_size(struct upid);
	/* When the first thread of init has ended, child_reaper is another one. */
	return BPF_CORE_READ(innermost, ns, child_reaper, group_leader);
}

/*
 * INIT_TREE_INSIDE if the process descends from the init of its pid namespace, or is it. A process that was put in has an
 * ancestor with its parent in another pid namespace. Unknown in the initial namespace, where everything is inside.
 *
 * What an ended process leaves behind goes to init or, with prctl(PR_SET_CHILD_SUBREAPER), to a nearer ancestor in the
 * same namespace (find_new_reaper in kernel/exit.c), so a daemon that was put in looks like one of init's.
 *
 * Not static, and with a number in place of a pointer, so that the verifier looks at it once by itself and not on each
 * way that leads here.
 */
__noinline u32 init_tree_place(u64 of)
{
	struct task_struct *task = (struct task_struct *)of;
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	unsigned int level;
	struct task_struct *init = init_of(leader, &level);

	if (!level || !init)
		return INIT_TREE_UNKNOWN;
	for (u32 i = 0; i < INIT_TREE_DEPTH; i++) {
		if (leader == init)
			return INIT_TREE_INSIDE;
		leader = BPF_CORE_READ(leader, real_parent, group_leader);
		if (!leader || BPF_CORE_READ(leader, thread_pid, level) < level)
			return INIT_TREE_OUTSIDE;
	}
	return INIT_TREE_UNKNOWN;
}

#endif
