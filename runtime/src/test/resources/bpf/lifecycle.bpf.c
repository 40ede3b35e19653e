/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Globals of every width and sign, programs to choose from, and maps to configure. */
#include "trigger.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum color { RED = 1, GREEN = 7 };

const volatile s8 in_s8 = 0;
const volatile u8 in_u8 = 0;
const volatile s16 in_s16 = 0;
const volatile u16 in_u16 = 0;
const volatile s32 in_s32 = 0;
const volatile u32 in_u32 = 0;
const volatile s64 in_s64 = 0;
const volatile u64 in_u64 = 0;
const volatile bool in_bool = false;
const volatile enum color in_enum = RED;
const volatile char in_text[8] = {};
const volatile u64 in_longs[3] = {};
u32 in_data = 5;

/* The globals as the program sees them. */
struct seen {
	s64 s8, s16, s32, s64_;
	u64 u8, u16, u32, u64_;
	u64 yes, color, data;
	u64 longs[3];
	char text[8];
};
struct seen seen = {};

u64 events = 0;
u64 raw_events = 0;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} sized SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, u32);
	__type(value, u64);
} spare SEC(".maps");

SEC("tp_btf/sys_enter")
int BPF_PROG(on_enter, struct pt_regs *regs, long id)
{
	if (!triggered(regs, id))
		return 0;
	__sync_fetch_and_add(&events, 1);
	seen.s8 = in_s8;
	seen.s16 = in_s16;
	seen.s32 = in_s32;
	seen.s64_ = in_s64;
	seen.u8 = in_u8;
	seen.u16 = in_u16;
	seen.u32 = in_u32;
	seen.u64_ = in_u64;
	seen.yes = in_bool;
	seen.color = in_enum;
	seen.data = in_data;
	for (int i = 0; i < 3; i++)
		seen.longs[i] = in_longs[i];
	for (int i = 0; i < 8; i++)
		seen.text[i] = in_text[i];
	return 0;
}

SEC("?raw_tp/sys_enter")
int raw_enter(void *ctx)
{
	__sync_fetch_and_add(&raw_events, 1);
	return 0;
}

SEC("?raw_tp/no_such_tracepoint")
int absent(void *ctx)
{
	return 0;
}
