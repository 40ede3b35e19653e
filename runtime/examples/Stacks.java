// SPDX-License-Identifier: Apache-2.0
// Shows from where in a process and in the kernel most files are opened: stack ids, and the names of what is on the stacks.

import dev.jbcc.BpfSource;
import dev.jbcc.stack.StackTraces;

static final String C = """
        #include "vmlinux.h"
        #include "maps.h"

        char LICENSE[] SEC("license") = "GPL";

        struct place {
            u32 pid;
            stack_id_t user;
            stack_id_t kernel;
        };
        BPF_STACK_TRACE(stacks);
        BPF_HASH(counts, struct place, u64);

        TRACEPOINT_PROBE(syscalls, sys_enter_openat, struct trace_event_raw_sys_enter)
        {
            struct place place = {};

            place.pid = bpf_get_current_pid_tgid() >> 32;
            place.user = bpf_get_stackid(args, &stacks, BPF_F_USER_STACK);
            place.kernel = bpf_get_stackid(args, &stacks, 0);
            map_add(&counts, &place, 1);
            return 0;
        }
        """;

public record Place(long pid, int user, int kernel) {}

void main(String[] arguments) throws Exception {
    try (var object = BpfSource.text("stacks", C).load();
            var stacks = StackTraces.of(object, "stacks")) {
        var counts = object.map("counts", Place.class, Long.class);
        object.attach();
        for (int i = 0; i < (arguments.length == 0 ? 50 : 10 * Integer.parseInt(arguments[0])); i++) {
            Thread.sleep(100);
            counts.forEach((place, count) -> stacks.remember((int) place.pid())); // a process may have ended at the end
        }
        object.detach();
        counts.forEach((place, count) -> {
            IO.println(count + " times by process " + place.pid());
            stacks.frames(place.kernel(), 0).forEach(frame -> IO.println("    " + frame.label()));
            stacks.frames(place.user(), (int) place.pid()).forEach(frame -> IO.println("    " + frame.label()));
        });
    }
}
