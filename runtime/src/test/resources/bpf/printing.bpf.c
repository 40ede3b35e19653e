/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Prints by bpf_printk, with few and with many arguments. */
#include "trigger.h"

char LICENSE[] SEC("license") = "GPL";

SEC("tp_btf/sys_enter")
int BPF_PROG(on_enter, struct pt_regs *regs, long id)
{
	if (!triggered(regs, id))
		return 0;
	bpf_printk("killed %d: 100%% of %s", self, "it");
	bpf_printk("%d %d %d %d [%x]", 1, 2, 3, 4, 0xabc);
	return 0;
}

SEC("?tp_btf/sys_exit")
int BPF_PROG(on_exit, struct pt_regs *regs, long ret)
{
	bpf_printk("another");
	return 0;
}
