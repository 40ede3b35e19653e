// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import java.io.File;
import java.nio.file.Path;

/**
 * Looks for clang where distributions put it under a version: {@code clang-N} on PATH, then {@code llvm-N/bin} (Debian),
 * {@code llvmN/bin} (Alpine, Fedora) and {@code llvm/N/bin} (Gentoo) below {@code /usr/lib} and {@code /usr/lib64}.
 */
final class ClangVersions {
    private final String path;
    private final Path root;

    private File highest;
    private int version;

    ClangVersions(String path, Path root) {
        this.path = path;
        this.root = root;
    }

    /** The one of the highest version; any on PATH comes before any elsewhere. Null when there is none. */
    File highest() {
        for (String entry : path.split(":")) {
            if (entry.startsWith("/")) {
                scan(new File(entry), "clang-", "");
            }
        }
        if (highest == null) {
            for (String lib : new String[] {"usr/lib", "usr/lib64"}) {
                File directory = root.resolve(lib).toFile();
                scan(directory, "llvm-", "/bin/clang");
                scan(directory, "llvm", "/bin/clang");
                scan(new File(directory, "llvm"), "", "/bin/clang");
            }
        }
        return highest;
    }

    private void scan(File directory, String prefix, String below) {
        String[] names = directory.list();
        if (names == null) {
            return;
        }
        for (String name : names) {
            int found = name.startsWith(prefix) ? number(name, prefix.length()) : -1;
            if (found > version) {
                File file = new File(directory, name + below);
                if (Clang.isProgram(file)) {
                    version = found;
                    highest = file;
                }
            }
        }
    }

    /** The decimal number that the rest of the name is, at most four digits; -1 when it is none. */
    private static int number(String name, int start) {
        int length = name.length() - start;
        if (length < 1 || length > 4) {
            return -1;
        }
        int number = 0;
        for (int i = start; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            number = 10 * number + (c - '0');
        }
        return number;
    }
}
