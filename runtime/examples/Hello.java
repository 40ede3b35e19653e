// SPDX-License-Identifier: Apache-2.0
// Says hello to every program that starts; Ctrl-C ends it.

import dev.jbcc.BpfSource;

static final String C = """
        #include "vmlinux.h"
        #include <bpf/bpf_helpers.h>

        char LICENSE[] SEC("license") = "GPL";

        SEC("tracepoint/syscalls/sys_enter_execve")
        int hello(void *ctx)
        {
            bpf_printk("Hello, World!");
            return 0;
        }
        """;

void main() {
    try (var object = BpfSource.text("hello", C).load();
            var pipe = object.tracePipe()) {
        object.attach();
        while (true) {
            pipe.await(100);
            pipe.consume(line -> IO.println(line.comm() + " (" + line.pid() + "): " + line.text()));
        }
    }
}
