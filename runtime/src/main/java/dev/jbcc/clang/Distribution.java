// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** The Linux distribution of this machine, as far as the names of its packages go; from os-release(5). */
enum Distribution {
    DEBIAN("apt install ", "clang", "libbpf-dev"),
    FEDORA("dnf install ", "clang", "libbpf-devel"),
    ARCH("pacman -S ", "clang", "libbpf"),
    SUSE("zypper install ", "clang", "libbpf-devel"),
    ALPINE("apk add ", "clang", "libbpf-dev"),
    OTHER(null, "clang", "libbpf");

    /** Real files have some 400 bytes. */
    private static final int MAX_OS_RELEASE = 64 * 1024;

    private final String install;
    private final String clang;
    private final String libbpfHeaders;

    Distribution(String install, String clang, String libbpfHeaders) {
        this.install = install;
        this.clang = clang;
        this.libbpfHeaders = libbpfHeaders;
    }

    /** What to type to get clang. */
    String installClang() {
        return install == null ? "install clang with the package manager of this system" : install + clang;
    }

    /** What to type to get {@code bpf/bpf_helpers.h} and the other headers of libbpf. */
    String installLibbpfHeaders() {
        return install == null
                ? "install the development files of " + libbpfHeaders + " with the package manager of this system"
                : install + libbpfHeaders;
    }

    /** What to type to get the headers of a kernel. */
    String installKernelHeaders(String release) {
        return switch (this) {
            case DEBIAN -> install + "linux-headers-" + release;
            case FEDORA -> install + "kernel-devel-" + release;
            case ARCH -> install + "linux-headers";
            case SUSE -> install + "kernel-default-devel";
            case ALPINE -> install + "linux-lts-dev";
            case OTHER -> "install the headers of kernel " + release;
        };
    }

    /** The distribution of the system whose root directory is given; {@link #OTHER} when it cannot be told. */
    static Distribution of(Path root) {
        for (String file : new String[] {"etc/os-release", "usr/lib/os-release"}) {
            try (var in = Files.newInputStream(root.resolve(file))) {
                return parse(new String(in.readNBytes(MAX_OS_RELEASE), StandardCharsets.UTF_8));
            } catch (IOException e) {
                // The next place, and OTHER after the last: this only words a hint.
            }
        }
        return OTHER;
    }

    private static Distribution parse(String osRelease) {
        String id = "";
        String like = "";
        for (String line : osRelease.split("\n")) {
            if (line.startsWith("ID=")) {
                id = unquoted(line.substring(3));
            } else if (line.startsWith("ID_LIKE=")) {
                like = unquoted(line.substring(8));
            }
        }
        for (String word : (id + ' ' + like).toLowerCase(Locale.ROOT).split(" ")) {
            Distribution found = switch (word) {
                case "debian", "ubuntu" -> DEBIAN;
                case "fedora", "rhel", "centos", "amzn" -> FEDORA;
                case "arch" -> ARCH;
                case "suse", "opensuse", "sles" -> SUSE;
                case "alpine" -> ALPINE;
                default -> OTHER;
            };
            if (found != OTHER) {
                return found;
            }
        }
        return OTHER;
    }

    private static String unquoted(String value) {
        String trimmed = value.strip();
        boolean quoted = trimmed.length() >= 2
                && (trimmed.charAt(0) == '"' || trimmed.charAt(0) == '\'')
                && trimmed.charAt(trimmed.length() - 1) == trimmed.charAt(0);
        return quoted ? trimmed.substring(1, trimmed.length() - 1) : trimmed;
    }
}
