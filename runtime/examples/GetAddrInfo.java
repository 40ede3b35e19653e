// SPDX-License-Identifier: Apache-2.0
// Prints the host names that programs look up: a uprobe on getaddrinfo of the C library.

import dev.jbcc.BpfSource;
import dev.jbcc.bpf.Uprobe;

static final String C = """
        #include "vmlinux.h"
        #include <bpf/bpf_helpers.h>
        #include <bpf/bpf_tracing.h>

        char LICENSE[] SEC("license") = "GPL";

        SEC("uprobe")
        int BPF_KPROBE(looked_up, const char *node)
        {
            char host[64];

            if (bpf_probe_read_user_str(host, sizeof(host), node) > 0)
                bpf_printk("%s", host);
            return 0;
        }
        """;

void main() {
    try (var object = BpfSource.text("getaddrinfo", C).load();
            var pipe = object.tracePipe()) {
        object.program("looked_up").attachUprobe(Uprobe.at("libc.so.6", "getaddrinfo"));
        IO.println("PID      COMM             HOST");
        while (true) {
            pipe.await(100);
            pipe.consume(line -> IO.println("%-8d %-16s %s".formatted(line.pid(), line.comm(), line.text())));
        }
    }
}
