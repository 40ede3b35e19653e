// SPDX-License-Identifier: Apache-2.0

/** The jbcc runtime: compiles BPF C, loads it through libbpf, and reads and prints what it reports. */
module dev.jbcc.runtime {
    requires transitive info.picocli;

    exports dev.jbcc;
}
