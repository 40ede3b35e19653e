// SPDX-License-Identifier: Apache-2.0
// Counts for each process by how many bytes its reads have got, for five seconds or as many as are given.

import dev.jbcc.BpfSource;
import dev.jbcc.output.Histogram;
import dev.jbcc.output.OutputBuffer;

static final String C = """
        #include "vmlinux.h"
        #include "maps.h"

        char LICENSE[] SEC("license") = "GPL";

        struct process {
            u32 pid;
            char comm[16];
        };
        BPF_HISTOGRAM_BY(sizes, struct process);

        TRACEPOINT_PROBE(syscalls, sys_exit_read, struct trace_event_raw_sys_exit)
        {
            struct process process = {};

            if (args->ret < 0)
                return 0;
            process.pid = bpf_get_current_pid_tgid() >> 32;
            bpf_get_current_comm(process.comm, sizeof(process.comm));
            hist_add(&sizes, &process, args->ret);
            return 0;
        }
        """;

public record Process(long pid, String comm) {}

public record Sizes(long[] slots) {}

void main(String[] arguments) throws Exception {
    try (var object = BpfSource.text("read_sizes", C).load()) {
        object.attach();
        Thread.sleep(arguments.length == 0 ? 5000 : 1000 * Long.parseLong(arguments[0]));
        object.detach();
        var out = new OutputBuffer(System.out);
        object.map("sizes", Process.class, Sizes.class).forEach((process, sizes) -> {
            out.append("\n" + process.comm() + " (" + process.pid() + ")\n");
            Histogram.log2Floor(sizes.slots(), "bytes", out);
        });
        out.flush();
    }
}
