/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the tests' programs act on: kill(self, 0), by which a test makes an event happen as often as it wants. */
#ifndef TRIGGER_H
#define TRIGGER_H

#include "kernel.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

const volatile u32 self = 0; /* the test's process, in its own pid namespace */

static __always_inline bool triggered(struct pt_regs *regs, long id)
{
#if defined(__TARGET_ARCH_x86)
	return id == 62 && regs->di == self && regs->si == 0;
#else
	return id == 129 && regs->regs[0] == self && regs->regs[1] == 0;
#endif
}

#endif
