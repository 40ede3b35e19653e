// SPDX-License-Identifier: Apache-2.0
// Lets a network interface receive nothing but IPv4 and ARP, by XDP, and says what it has dropped.

import dev.jbcc.BpfSource;

static final String C = """
        #include "vmlinux.h"
        #include <bpf/bpf_endian.h>
        #include "maps.h"

        char LICENSE[] SEC("license") = "GPL";

        BPF_HASH(dropped, u16, u64);

        SEC("xdp")
        int ipv4_only(struct xdp_md *ctx)
        {
            struct ethhdr *ethernet = (void *)(long)ctx->data;
            u16 protocol;

            if ((void *)(ethernet + 1) > (void *)(long)ctx->data_end)
                return XDP_DROP;
            protocol = bpf_ntohs(ethernet->h_proto);
            if (protocol == 0x0800 || protocol == 0x0806)
                return XDP_PASS;
            map_add(&dropped, &protocol, 1);
            return XDP_DROP;
        }
        """;

/** Arguments: the interface, and for how many seconds. */
void main(String[] arguments) throws Exception {
    try (var object = BpfSource.text("ipv4_only", C).load()) {
        object.program("ipv4_only").attachXdp(arguments[0]);
        IO.println("attached");
        Thread.sleep(1000 * Long.parseLong(arguments[1]));
        object.map("dropped", Integer.class, Long.class).forEach((protocol, packets) -> IO.println(
                "0x%04x: %d dropped".formatted(protocol, packets)));
    }
}
