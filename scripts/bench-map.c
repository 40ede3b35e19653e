// SPDX-License-Identifier: Apache-2.0
/* For scripts/bench: what looking up an element of a hash map costs in C through libbpf, as a NAME=VALUE line. */
#include <bpf/bpf.h>
#include <stdio.h>
#include <time.h>

#define KEYS 1024
#define TIMES 1000000

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

int main(void)
{
	int map = bpf_map_create(BPF_MAP_TYPE_HASH, "small", sizeof(__u32), sizeof(__u64), KEYS, NULL);
	__u64 value, sum = 0;
	double start;

	for (__u32 i = 0; i < KEYS; i++) {
		value = i;
		if (bpf_map_update_elem(map, &i, &value, BPF_ANY)) {
			perror("bench-map");
			return 1;
		}
	}
	start = now();
	for (__u32 i = 0; i < TIMES; i++) {
		__u32 key = i % KEYS;

		if (bpf_map_lookup_elem(map, &key, &value))
			return 1;
		sum += value;
	}
	printf("lookup_ns=%.1f\n", (now() - start) / TIMES);
	return sum == 0;
}
