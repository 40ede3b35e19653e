/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * System calls as the raw tracepoints see them: number, ABI and arguments out of the registers saved at entry.
 *
 * One program on sys_exit sees native and 32-bit callers alike; the syscalls:* tracepoints leave 32-bit callers out
 * (ARCH_TRACE_IGNORE_COMPAT_SYSCALLS). The arguments are still in the saved registers at exit, so no state is kept
 * between entry and exit, and memory that the kernel has just read is resident.
 */
#ifndef JBCC_SYSCALL_H
#define JBCC_SYSCALL_H

#include "jbcc.h"

/*
 * `typed` says whether the verifier knows that the registers are a struct pt_regs, as the argument of a tp_btf program is:
 * then they are read without a helper, which is what each system call of the host costs less.
 */
#define SYSCALL_REG(regs, typed, member) ((typed) ? (regs)->member : BPF_CORE_READ(regs, member))

#if defined(__TARGET_ARCH_x86)

/* arch/x86/entry/syscalls/syscall_64.tbl and syscall_32.tbl */
#define NR_open 2
#define NR_creat 85
#define NR_openat 257
#define NR_openat2 437
#define NR_compat_open 5
#define NR_compat_creat 8
#define NR_compat_openat 295
#define NR_compat_openat2 437
#define NR_rename 82
#define NR_renameat 264
#define NR_renameat2 316
#define NR_compat_rename 38
#define NR_compat_renameat 302
#define NR_compat_renameat2 353
#define NR_execve 59
#define NR_execveat 322
#define NR_compat_execve 11
#define NR_compat_execveat 358
/* The x32 ABI has numbers of its own for what takes pointers to pointers. */
#define NR_x32_execve 520
#define NR_x32_execveat 545

/* arch/x86/include/asm/thread_info.h */
#define TS_COMPAT 0x0002
/* arch/x86/include/uapi/asm/unistd.h: the x32 ABI marks its calls with this bit */
#define X32_SYSCALL_BIT 0x40000000

static __always_inline u32 syscall_nr(struct pt_regs *regs, bool typed)
{
	return (u32)SYSCALL_REG(regs, typed, orig_ax) & ~X32_SYSCALL_BIT;
}

static __always_inline bool syscall_compat(struct task_struct *task)
{
	return BPF_CORE_READ(task, thread_info.status) & TS_COMPAT;
}

/* The first five arguments, which is all that the tools need so far. */
static __always_inline u64 syscall_arg(struct pt_regs *regs, bool typed, bool compat, int n)
{
	switch (n) {
	case 0:
		return compat ? (u32)SYSCALL_REG(regs, typed, bx) : SYSCALL_REG(regs, typed, di);
	case 1:
		return compat ? (u32)SYSCALL_REG(regs, typed, cx) : SYSCALL_REG(regs, typed, si);
	case 2:
		return compat ? (u32)SYSCALL_REG(regs, typed, dx) : SYSCALL_REG(regs, typed, dx);
	case 3:
		return compat ? (u32)SYSCALL_REG(regs, typed, si) : SYSCALL_REG(regs, typed, r10);
	default:
		return compat ? (u32)SYSCALL_REG(regs, typed, di) : SYSCALL_REG(regs, typed, r8);
	}
}

#elif defined(__TARGET_ARCH_arm64)

/* include/uapi/asm-generic/unistd.h and arch/arm64/tools/syscall_32.tbl; native arm64 has neither open nor creat */
#define NR_openat 56
#define NR_openat2 437
#define NR_compat_open 5
#define NR_compat_creat 8
#define NR_compat_openat 322
#define NR_compat_openat2 437
#define NR_renameat 38
#define NR_renameat2 276
#define NR_compat_rename 38
#define NR_compat_renameat 329
#define NR_compat_renameat2 382
#define NR_execve 221
#define NR_execveat 281
#define NR_compat_execve 11
#define NR_compat_execveat 387

/* arch/arm64/include/asm/thread_info.h */
#define TIF_32BIT 22

static __always_inline u32 syscall_nr(struct pt_regs *regs, bool typed)
{
	return SYSCALL_REG(regs, typed, syscallno);
}

static __always_inline bool syscall_compat(struct task_struct *task)
{
	return BPF_CORE_READ(task, thread_info.flags) >> TIF_32BIT & 1;
}

/* The result has replaced the first argument in regs[0]; orig_x0 keeps it. */
static __always_inline u64 syscall_arg(struct pt_regs *regs, bool typed, bool compat, int n)
{
	u64 value = n == 0 ? SYSCALL_REG(regs, typed, orig_x0) : SYSCALL_REG(regs, typed, regs[n]);

	return compat ? (u32)value : value;
}

#endif

/* include/asm/page_64_types.h of x86, asm/memory.h of arm64 with pages of 4 or 16 KiB */
#define THREAD_SIZE 16384

/*
 * The registers that a task's system call has saved, for programs that do not get them as an argument. `kernel_btf` says
 * whether the kernel has BTF itself, which its helper for this (5.15) needs. Without it they are found at the end of the
 * stack, but for `gap` bytes: TOP_OF_KERNEL_STACK_PADDING of arch/x86/include/asm/thread_info.h, which is 16 where the kernel
 * is built with CONFIG_X86_FRED (6.9), whatever the CPU, and else 0, as on arm64.
 */
static __always_inline struct pt_regs *syscall_saved_regs(struct task_struct *task, bool kernel_btf, u32 gap)
{
	if (kernel_btf && bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
	return (struct pt_regs *)(BPF_CORE_READ(task, stack) + THREAD_SIZE - gap - bpf_core_type_size(struct pt_regs));
}

#endif
