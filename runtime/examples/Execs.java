// SPDX-License-Identifier: Apache-2.0
// Prints the programs that start, with their first arguments.

import dev.jbcc.BpfSource;
import dev.jbcc.bpf.IntField;
import dev.jbcc.bpf.StructView;
import dev.jbcc.bpf.TextArrayField;
import dev.jbcc.bpf.TextField;

static final String C = """
        #include "vmlinux.h"
        #include "maps.h"

        char LICENSE[] SEC("license") = "GPL";

        #define ARGUMENTS 8

        struct event {
            u32 pid;
            u32 count;
            char comm[16];
            char arguments[ARGUMENTS][64];
        };
        BPF_RINGBUF(events, struct event);

        TRACEPOINT_PROBE(syscalls, sys_enter_execve, struct trace_event_raw_sys_enter)
        {
            struct event *event = ring_reserve(&events, struct event);
            const char **argv = (const char **)args->args[1];
            const char *argument;

            if (!event)
                return 0;
            event->pid = bpf_get_current_pid_tgid() >> 32;
            event->count = 0;
            bpf_get_current_comm(event->comm, sizeof(event->comm));
            for (int i = 0; i < ARGUMENTS; i++) {
                if (bpf_probe_read_user(&argument, sizeof(argument), &argv[i]) || !argument)
                    break;
                bpf_probe_read_user_str(event->arguments[i], sizeof(event->arguments[i]), argument);
                event->count = i + 1;
            }
            bpf_ringbuf_submit(event, 0);
            return 0;
        }
        """;

static final class Event extends StructView {
    final IntField pid = integer("pid");
    final IntField count = integer("count");
    final TextField comm = text("comm");
    final TextArrayField arguments = texts("arguments");

    Event() {
        super("event");
    }

    String line() {
        StringBuilder line = new StringBuilder("%-8d %-16s".formatted(pid.get(), comm.string()));
        byte[] bytes = new byte[64];
        for (int i = 0; i < count.get(); i++) {
            line.append(' ').append(new String(bytes, 0, arguments.read(i, bytes)));
        }
        return line.toString();
    }
}

void main() {
    Event event = new Event();
    try (var object = BpfSource.text("execs", C).load()) {
        event.bind(object.btf());
        var events = object.ringBuffer("events");
        object.attach();
        IO.println("PID      BY               ARGUMENTS");
        while (true) {
            events.await(100);
            events.consume(
                    (memory, offset, length) -> {
                        event.at(memory, offset, length);
                        IO.println(event.line());
                    },
                    1000);
        }
    }
}
