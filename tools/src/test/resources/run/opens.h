/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef OPENS_H
#define OPENS_H

#define TASK_COMM_LEN 16
#define MAX_SLOTS 20

struct event {
	pid_t pid;
	int flags;
	char comm[TASK_COMM_LEN];
};

struct hist {
	__u32 slots[MAX_SLOTS];
	char comm[TASK_COMM_LEN];
};

#endif
