// SPDX-License-Identifier: Apache-2.0
// Prints the threads that Java programs start: the static probe (USDT) thread__start of HotSpot.

import dev.jbcc.BpfSource;
import dev.jbcc.bpf.IntField;
import dev.jbcc.bpf.StructView;
import dev.jbcc.bpf.TextField;
import dev.jbcc.bpf.Uprobe;

static final String C = """
        #include "vmlinux.h"
        #include <bpf/usdt.bpf.h>
        #include "maps.h"

        char LICENSE[] SEC("license") = "GPL";

        struct event {
            u32 pid;
            char name[64];
        };
        BPF_RINGBUF(events, struct event);

        SEC("usdt")
        int started(struct pt_regs *ctx)
        {
            struct event *event = ring_reserve(&events, struct event);
            long name = 0, length = 0;

            if (!event)
                return 0;
            bpf_usdt_arg(ctx, 0, &name);
            bpf_usdt_arg(ctx, 1, &length);
            event->pid = bpf_get_current_pid_tgid() >> 32;
            __builtin_memset(event->name, 0, sizeof(event->name));
            bpf_probe_read_user(event->name, length & 63, (void *)name);
            bpf_ringbuf_submit(event, 0);
            return 0;
        }
        """;

static final class Event extends StructView {
    final IntField pid = integer("pid");
    final TextField name = text("name");

    Event() {
        super("event");
    }
}

/** The first argument is a libjvm.so, if not that of this JVM. */
void main(String[] arguments) {
    String jvm = arguments.length > 0 ? arguments[0] : System.getProperty("java.home") + "/lib/server/libjvm.so";
    Event event = new Event();
    try (var object = BpfSource.text("java_threads", C).load()) {
        event.bind(object.btf());
        var events = object.ringBuffer("events");
        object.program("started").attachUsdt(jvm, "hotspot", "thread__start", Uprobe.ALL);
        IO.println("PID      THREAD");
        while (true) {
            events.await(100);
            events.consume(
                    (memory, offset, length) -> {
                        event.at(memory, offset, length);
                        IO.println("%-8d %s".formatted(event.pid.get(), event.name.string()));
                    },
                    1000);
        }
    }
}
