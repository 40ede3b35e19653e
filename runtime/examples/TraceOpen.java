// SPDX-License-Identifier: Apache-2.0
// Prints the files that processes open.

import dev.jbcc.BpfSource;
import dev.jbcc.bpf.IntField;
import dev.jbcc.bpf.StructView;
import dev.jbcc.bpf.TextField;

static final String C = """
        #include "vmlinux.h"
        #include "maps.h"

        char LICENSE[] SEC("license") = "GPL";

        struct event {
            u32 pid;
            char comm[16];
            char path[256];
        };
        BPF_RINGBUF(events, struct event);

        TRACEPOINT_PROBE(syscalls, sys_enter_openat, struct trace_event_raw_sys_enter)
        {
            struct event *event = ring_reserve(&events, struct event);

            if (!event)
                return 0;
            event->pid = bpf_get_current_pid_tgid() >> 32;
            bpf_get_current_comm(event->comm, sizeof(event->comm));
            bpf_probe_read_user_str(event->path, sizeof(event->path), (void *)args->args[1]);
            bpf_ringbuf_submit(event, 0);
            return 0;
        }
        """;

/** The C struct of that name; its members are found by their names, and checked. */
static final class Event extends StructView {
    final IntField pid = integer("pid");
    final TextField comm = text("comm");
    final TextField path = text("path");

    Event() {
        super("event");
    }
}

void main() {
    Event event = new Event();
    try (var object = BpfSource.text("trace_open", C).load()) {
        event.bind(object.btf());
        var events = object.ringBuffer("events");
        object.attach();
        IO.println("PID      COMM             PATH");
        while (true) {
            events.await(100);
            events.consume(
                    (memory, offset, length) -> {
                        event.at(memory, offset, length);
                        IO.println("%-8d %-16s %s".formatted(event.pid.get(), event.comm.string(), event.path.string()));
                    },
                    1000);
        }
    }
}
