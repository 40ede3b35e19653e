# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: Apache-2.0
#
# The benchmarks of the library and of jbcc run, sourced by scripts/bench.

bench_run() {
    local tool
    printf '\n%s\n' "run: milliseconds from exec to the first open captured, by a C file with vmlinux.h"
    # The columns of the others; `target` is the pid of the load.
    cat >"$tmp/opens.bpf.c" <<'EOF'
#include "vmlinux.h"
#include "maps.h"

char LICENSE[] SEC("license") = "GPL";

struct open {
	u32 pid;
	char comm[16];
	char path[64];
};
BPF_RINGBUF(opens, struct open);
const volatile u32 target = 0;

TRACEPOINT_PROBE(syscalls, sys_enter_openat, struct trace_event_raw_sys_enter)
{
	struct open *open;

	if (bpf_get_current_pid_tgid() >> 32 != target)
		return 0;
	open = ring_reserve(&opens, struct open);
	if (!open)
		return 0;
	open->pid = target;
	bpf_get_current_comm(open->comm, sizeof(open->comm));
	bpf_probe_read_user_str(open->path, sizeof(open->path), (const char *)args->args[1]);
	bpf_ringbuf_submit(open, 0);
	return 0;
}
EOF
    # The load puts its pid where {} is, as an argument of its own.
    printf '#!/bin/sh\nexec "%s" run "%s" -D "target=$1"\n' "${JOPENSNOOP%/*}/jbcc" "$tmp/opens.bpf.c" >"$tmp/run-opens"
    chmod +x "$tmp/run-opens"
    for tool in jbcc-run jopensnoop bpftrace; do measure run "$tool" 0; done
    each run 15 "jbcc-run jbcc-run-cold jopensnoop bpftrace"
    table run captured_ms "jbcc-run-cold: vmlinux.h is in the cache, but not the object, so clang runs"
    ratio run captured_ms jbcc-run-cold bpftrace '<=' 2
    ratio run captured_ms jbcc-run jopensnoop '<=' 1.3
}

bench_map() {
    local cc run times=${runs:-3} library=${JOPENSNOOP%/*}/../lib/jbcc
    [[ ! $quick || $runs ]] || times=1
    printf '\n%s\n' "map: a hash map of 1,000,000 elements is read; one element is looked up, beside a C loop through libbpf"
    cc=$(command -v gcc || command -v clang)
    "$cc" -O2 -Wall -o "$tmp/map" "$checkout/scripts/bench-map.c" -lbpf || die "map: gcc and libbpf-dev are needed"
    # shellcheck source=scripts/lib.sh
    jdk=$(me=bench && . "$checkout/scripts/lib.sh" && find_jdk && echo "$jdk") || die "no JDK"
    "$jdk/bin/javac" -cp "$library/*" -d "$tmp" "$checkout/scripts/BenchMap.java"
    for ((run = 1; run <= times; run++)); do
        "$jdk/bin/java" -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED -cp "$library/*:$tmp" BenchMap >"$tmp/figures"
        record map jbcc "$run"
        "$tmp/map" >"$tmp/figures"
        record map C "$run"
    done
    table map seconds "seconds to read all of it, keys and values as Long"
    table map rss_peak "rss_peak: KiB, of the whole process"
    table map lookup_ns "lookup_ns: nanoseconds for one look-up, of 1024 elements"
    target "jbcc, seconds for 1,000,000 elements" "$(median map jbcc seconds)" '<=' 2
    target "jbcc, peak RSS, MB" "$(median map jbcc rss_peak | awk '{ print $1 * 1024 / 1e6 }')" '<=' 300
    ratio map lookup_ns jbcc C '<=' 2
}
