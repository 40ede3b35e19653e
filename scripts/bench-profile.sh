# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: Apache-2.0
#
# The benchmarks of jprofile, sourced by scripts/bench: jprofile, bpftrace's profile:hz and perf record with perf script, in
# turn, on the same processes for the same time. Only processes that are started here are looked at.

# What is compiled once.
prepare_profile() {
    local cc
    [[ ! -e $tmp/run ]] || return 0
    cc=$(command -v gcc || command -v clang)
    "$cc" -O2 -Wall -o "$tmp/run" "$checkout/scripts/bench-run.c"
    "$cc" -O1 -fno-omit-frame-pointer -fno-optimize-sibling-calls -o "$tmp/burn" "$checkout/tools/src/test/c/burn.c"
    command -v perf >/dev/null || {
        echo "installing with apt-get: linux-perf"
        apt-get install -y -q --no-install-recommends linux-perf >"$tmp/apt" 2>&1 || die "apt-get install linux-perf failed"
    }
    # shellcheck source=scripts/lib.sh
    jdk=$(me=bench && . "$checkout/scripts/lib.sh" && find_jdk && echo "$jdk") || die "no JDK"
    "$jdk/bin/javac" -d "$tmp" "$checkout/tools/src/test/java/dev/jbcc/tools/Burner.java"
    # A file that clang, whose libLLVM has 100 MB, is busy with for some 30 s.
    awk 'BEGIN { for (i = 0; i < 60000; i++) printf "int f%d(int *a, int n) { int s = 0; for (int i = 0; i < n; i++) s += a[i] * %d ^ (s >> %d); return s; }\n", i, i, i % 31 }' >"$tmp/big.c"
}

# start_profiled jvm|paths: starts what is profiled; sets profiled to the pids, separated by commas
start_profiled() {
    case $1 in
        jvm)
            "$jdk/bin/java" -XX:+PreserveFramePointer -cp "$tmp" dev.jbcc.tools.Burner 300 >/dev/null &
            profiled=$!
            clang -O2 -c -o /dev/null "$tmp/big.c" &
            profiled=$profiled,$!
            ;;
        paths)
            "$tmp/burn" paths 300 </dev/null >/dev/null &
            profiled=$!
            ;;
    esac
    sleep 2 # the JVM has compiled what it runs
}

end_profiled() {
    local pid
    for pid in ${profiled//,/ }; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
}

# measure_profile BENCH TOOL RUN LOAD HERTZ SECONDS
measure_profile() {
    local bench=$1 tool=$2 run=$3 load=$4 hertz=$5 seconds=$6 command=() filter out=$tmp/out
    start_profiled "$load"
    case $tool in
        jprofile) command=("${JOPENSNOOP%/*}/jprofile" -f -F "$hertz" -p "$profiled") ;;
        bpftrace)
            filter="pid == ${profiled//,/ || pid == }"
            command=(bpftrace -e "profile:hz:$hertz /$filter/ { @[comm, ustack(perf), kstack(perf)] = count(); }")
            ;;
        perf) command=(perf record -q -F "$hertz" -g -o "$tmp/perf.data" -p "$profiled") ;;
    esac
    JBCC_CACHE_DIR=$tmp/cache "$tmp/run" -w 2 -d "$seconds" -o "$out" "${command[@]}" >"$tmp/figures" || {
        cat "$out.err" >&2
        end_profiled
        die "$bench: $tool failed"
    }
    if [[ $tool == perf ]]; then
        # What perf has recorded is read, named and written by a second command; its time and CPU time count too.
        "$tmp/run" -o "$out" perf script -i "$tmp/perf.data" >"$tmp/script"
        cat "$tmp/script" >>"$tmp/figures"
        awk -F= '{ if ($1 == "rss_peak") v[$1] = $2 > v[$1] ? $2 : v[$1]; else v[$1] += $2 } END { for (n in v) print n "=" v[n] }' \
            "$tmp/figures" >"$tmp/sums"
        mv "$tmp/sums" "$tmp/figures"
    fi
    end_profiled
    case $tool in
        jprofile) awk '{ n += $NF } END { print "samples=" n + 0; print "stacks=" NR }' "$out" ;;
        bpftrace) awk '/\]: [0-9]+$/ { n += $NF; s++ } END { print "samples=" n + 0; print "stacks=" s + 0 }' "$out" ;;
        perf) awk '/^[^ \t]/ { n++ } END { print "samples=" n + 0 }' "$out" ;;
    esac >>"$tmp/figures"
    [[ $run == 0 ]] || record "$bench" "$tool" "$run"
}

# each_profile BENCH RUNS LOAD HERTZ SECONDS TOOL…
each_profile() {
    local bench=$1 count=${runs:-$2} run tool
    [[ ! $quick || $runs ]] || count=1
    measure_profile "$bench" jprofile 0 "$3" "$4" 1
    for ((run = 1; run <= count; run++)); do
        for tool in "${@:6}"; do measure_profile "$bench" "$tool" "$run" "$3" "$4" "$5"; done
    done
}

bench_profile() {
    local seconds=${quick:+2}
    prepare_profile
    printf '\n%s\n' "profile: a JVM and clang, whose libLLVM has 100 MB, at 99 Hz for ${seconds:=10} s"
    each_profile profile 3 jvm 99 "$seconds" jprofile bpftrace perf
    table profile samples "samples"
    table profile sampling_ms "sampling_ms: CPU milliseconds in each second of sampling"
    table profile end_ms "end_ms: from the end of sampling to the last line; perf with perf script"
    table profile cpu_total "cpu_total: CPU seconds, user and system, from exec to exit"
    table profile rss_peak "rss_peak, KiB"
    ratio profile sampling_ms jprofile bpftrace '<=' 1.0
    ratio profile end_ms jprofile perf '<=' 0.5

    printf '\n%s\n' "stacks: 10,000 different stacks of 60 frames, at 4999 Hz for 8 s"
    each_profile stacks 1 paths 4999 8 jprofile
    table stacks stacks "different stacks"
    table stacks end_ms "end_ms"
    table stacks rss_peak "rss_peak, KiB"
    target "jprofile, peak RSS, MiB" "$(median stacks jprofile rss_peak | awk '{ print $1 / 1024 }')" '<=' 160
}
