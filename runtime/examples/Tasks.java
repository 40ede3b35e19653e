// SPDX-License-Identifier: Apache-2.0
// Prints all processes, as a program in the kernel sees them: an iterator.

import dev.jbcc.BpfSource;

static final String C = """
        #include "vmlinux.h"
        #include <bpf/bpf_helpers.h>
        #include <bpf/bpf_tracing.h>

        char LICENSE[] SEC("license") = "GPL";

        SEC("iter/task")
        int tasks(struct bpf_iter__task *ctx)
        {
            struct task_struct *task = ctx->task;

            if (task && task->pid == task->tgid)
                BPF_SEQ_PRINTF(ctx->meta->seq, "%-8d %s\\n", task->tgid, task->comm);
            return 0;
        }
        """;

void main() throws Exception {
    try (var object = BpfSource.text("tasks", C).load();
            var output = object.program("tasks").iterate()) {
        output.transferTo(System.out);
        System.out.flush();
    }
}
