// SPDX-License-Identifier: Apache-2.0
// Counts by process who has the CPU 99 times a second, by a software perf event.

import dev.jbcc.BpfSource;
import dev.jbcc.bpf.Sampling;
import dev.jbcc.host.Kernel;

static final String C = """
        #include "vmlinux.h"
        #include "maps.h"

        char LICENSE[] SEC("license") = "GPL";

        struct process {
            u32 pid;
            char comm[16];
        };
        BPF_HASH(counts, struct process, u64);

        SEC("perf_event")
        int sample(void *ctx)
        {
            struct process process = {};

            process.pid = bpf_get_current_pid_tgid() >> 32;
            bpf_get_current_comm(process.comm, sizeof(process.comm));
            map_add(&counts, &process, 1);
            return 0;
        }
        """;

public record Process(long pid, String comm) {}

void main(String[] arguments) throws Exception {
    try (var object = BpfSource.text("cpu_counts", C).load()) {
        var clock = new Sampling(Sampling.Clock.CPU_CLOCK, true, 99, false);
        for (int cpu : Kernel.onlineCpus()) {
            object.program("sample").attachSampling(clock, cpu);
        }
        Thread.sleep(arguments.length == 0 ? 5000 : 1000 * Long.parseLong(arguments[0]));
        object.detach();
        IO.println("SAMPLES  PID      COMM");
        object.map("counts", Process.class, Long.class).forEach((process, count) -> IO.println(
                "%-8d %-8d %s".formatted(count, process.pid(), process.comm())));
    }
}
