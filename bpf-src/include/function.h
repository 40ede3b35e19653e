/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Parameters and results of kernel functions, as kprobe and kretprobe programs see them: in registers. */
#ifndef JBCC_FUNCTION_H
#define JBCC_FUNCTION_H

#include "jbcc.h"

#if defined(__TARGET_ARCH_x86)

/* At the entry of a function; `n` counts from 0 to 5. */
static __always_inline u64 function_arg(struct pt_regs *ctx, int n)
{
	switch (n) {
	case 0:
		return ctx->di;
	case 1:
		return ctx->si;
	case 2:
		return ctx->dx;
	case 3:
		return ctx->cx;
	case 4:
		return ctx->r8;
	default:
		return ctx->r9;
	}
}

/* At its return. */
static __always_inline u64 function_result(struct pt_regs *ctx)
{
	return ctx->ax;
}

#elif defined(__TARGET_ARCH_arm64)

static __always_inline u64 function_arg(struct pt_regs *ctx, int n)
{
	return ctx->regs[n];
}

static __always_inline u64 function_result(struct pt_regs *ctx)
{
	return ctx->regs[0];
}

#endif
#endif
