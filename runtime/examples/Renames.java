// SPDX-License-Identifier: Apache-2.0
// Prints the files that are renamed.

import dev.jbcc.BpfSource;
import dev.jbcc.bpf.IntField;
import dev.jbcc.bpf.StructView;
import dev.jbcc.bpf.TextField;

static final String C = """
        #include "vmlinux.h"
        #include "maps.h"

        char LICENSE[] SEC("license") = "GPL";

        struct rename {
            u32 pid;
            char comm[16];
            char from[128];
            char to[128];
        };
        BPF_RINGBUF(renames, struct rename);

        static int report(const void *from, const void *to)
        {
            struct rename *rename = ring_reserve(&renames, struct rename);

            if (!rename)
                return 0;
            rename->pid = bpf_get_current_pid_tgid() >> 32;
            bpf_get_current_comm(rename->comm, sizeof(rename->comm));
            bpf_probe_read_user_str(rename->from, sizeof(rename->from), from);
            bpf_probe_read_user_str(rename->to, sizeof(rename->to), to);
            bpf_ringbuf_submit(rename, 0);
            return 0;
        }

        #ifdef __TARGET_ARCH_x86 /* other machines have only those below */
        TRACEPOINT_PROBE(syscalls, sys_enter_rename, struct trace_event_raw_sys_enter)
        {
            return report((void *)args->args[0], (void *)args->args[1]);
        }
        #endif

        TRACEPOINT_PROBE(syscalls, sys_enter_renameat, struct trace_event_raw_sys_enter)
        {
            return report((void *)args->args[1], (void *)args->args[3]);
        }

        TRACEPOINT_PROBE(syscalls, sys_enter_renameat2, struct trace_event_raw_sys_enter)
        {
            return report((void *)args->args[1], (void *)args->args[3]);
        }
        """;

static final class Rename extends StructView {
    final IntField pid = integer("pid");
    final TextField comm = text("comm");
    final TextField from = text("from");
    final TextField to = text("to");

    Rename() {
        super("rename");
    }
}

void main() {
    Rename rename = new Rename();
    try (var object = BpfSource.text("renames", C).load()) {
        rename.bind(object.btf());
        var renames = object.ringBuffer("renames");
        object.attach();
        IO.println("PID      COMM             FROM -> TO");
        while (true) {
            renames.await(100);
            renames.consume(
                    (memory, offset, length) -> {
                        rename.at(memory, offset, length);
                        IO.println("%-8d %-16s %s -> %s"
                                .formatted(
                                        rename.pid.get(),
                                        rename.comm.string(),
                                        rename.from.string(),
                                        rename.to.string()));
                    },
                    1000);
        }
    }
}
