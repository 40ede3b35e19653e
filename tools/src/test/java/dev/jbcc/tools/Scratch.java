// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Directories of this test run, readable by every user and removed at its end; all tests share the object cache. */
final class Scratch {
    private static final Path ROOT = make();
    private static int number;

    private Scratch() {}

    private static Path make() {
        try {
            Path root = Files.createTempDirectory("jbcc-kernel-").toRealPath();
            Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(root)));
            return root;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** By rm, because a path below may be too long to be named whole. */
    private static void remove(Path root) {
        try {
            new ProcessBuilder(List.of("rm", "-rf", root.toString())).start().waitFor(20, TimeUnit.SECONDS);
        } catch (IOException | InterruptedException e) {
            System.err.println("not removed: " + root + ": " + e);
        }
    }

    /** That of this run, but a guest has one that is filled already. */
    static Path cache() {
        String filled = System.getProperty("jbcc.test.cache");
        return filled == null ? ROOT.resolve("cache") : Path.of(filled);
    }

    /** A file or directory of a name that nothing else has; does not make it. */
    static synchronized Path fresh(String name) {
        return ROOT.resolve(name + "-" + ++number);
    }

    static Path directory(String name) throws IOException {
        return Files.createDirectory(
                fresh(name), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    }
}
