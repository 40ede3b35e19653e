// SPDX-License-Identifier: Apache-2.0

/** The jbcc runtime: compiles BPF C, loads it through libbpf, and reads and prints what it reports. */
module dev.jbcc.runtime {
    requires transitive info.picocli;
    requires org.apache.commons.compress;
    requires org.tukaani.xz; // by commons-compress, where it is optional

    exports dev.jbcc;
    exports dev.jbcc.bpf;
    exports dev.jbcc.clang;
    exports dev.jbcc.flame;
    exports dev.jbcc.host;
    exports dev.jbcc.host.container;
    exports dev.jbcc.output;
    exports dev.jbcc.stack;
    exports dev.jbcc.symbol;
    exports dev.jbcc.symbol.jit;
    exports dev.jbcc.tool;
}
