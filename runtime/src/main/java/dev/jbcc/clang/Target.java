// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import dev.jbcc.JbccException;

/**
 * The machine whose kernel runs the object: decides the byte order of the BPF code and how {@code bpf_tracing.h} finds a
 * function's arguments.
 */
public enum Target {
    X86_64("x86", "bpfel", "x86_64-linux-gnu"),
    AARCH64("arm64", "bpfel", "aarch64-linux-gnu"),
    ARM("arm", "bpfel", "arm-linux-gnueabihf"),
    RISCV64("riscv", "bpfel", "riscv64-linux-gnu"),
    PPC64LE("powerpc", "bpfel", "powerpc64le-linux-gnu"),
    PPC64("powerpc", "bpfeb", "powerpc64-linux-gnu"),
    S390X("s390", "bpfeb", "s390x-linux-gnu"),
    LOONGARCH64("loongarch", "bpfel", "loongarch64-linux-gnu");

    private final String bpfTracingName;
    private final String triple;
    private final String multiarch;

    Target(String bpfTracingName, String triple, String multiarch) {
        this.bpfTracingName = bpfTracingName;
        this.triple = triple;
        this.multiarch = multiarch;
    }

    /** The ending of {@code __TARGET_ARCH_…}, as libbpf's {@code bpf_tracing.h} spells it. */
    String bpfTracingName() {
        return bpfTracingName;
    }

    /** The kernel's directory of this machine, below {@code arch}. */
    String kernelName() {
        return bpfTracingName;
    }

    /** What {@code clang -target} takes, with the byte order spelled out. */
    String triple() {
        return triple;
    }

    /** Debian's directory below {@code /usr/include} with this machine's {@code asm/} headers. */
    String multiarch() {
        return multiarch;
    }

    /**
     * The target for a machine's name, as {@code uname -m} or Java's {@code os.arch} spells it.
     *
     * @throws JbccException.NotSupported when libbpf knows no such machine
     */
    public static Target of(String machine) {
        return switch (machine) {
            case "x86_64", "amd64" -> X86_64;
            case "aarch64", "arm64" -> AARCH64;
            case "arm", "armv7l" -> ARM;
            case "riscv64" -> RISCV64;
            case "ppc64le" -> PPC64LE;
            case "ppc64" -> PPC64;
            case "s390x" -> S390X;
            case "loongarch64" -> LOONGARCH64;
            default ->
                throw new JbccException.NotSupported(
                        "cannot compile BPF for this machine: found " + machine
                                + ", needs one of x86_64, aarch64, arm, riscv64, ppc64le, ppc64, s390x, loongarch64",
                        null);
        };
    }

    /** The machine that this JVM runs on. */
    public static Target host() {
        return of(System.getProperty("os.arch"));
    }
}
