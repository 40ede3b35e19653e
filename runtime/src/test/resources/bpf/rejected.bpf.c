/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The verifier rejects this: the value of a map is used without asking whether there is one. */
#include "trigger.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} values SEC(".maps");

SEC("tp_btf/sys_enter")
int BPF_PROG(unchecked, struct pt_regs *regs, long id)
{
	u32 zero = 0;
	u64 *value = bpf_map_lookup_elem(&values, &zero);

	*value += 1;
	return 0;
}
