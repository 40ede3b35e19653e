// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import dev.jbcc.JbccException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The headers of a kernel: those that modules are built with, as distributions package them, or those that the kernel
 * carries itself. From them clang describes the types that the tools read.
 *
 * @param source with what the architecture and the configuration do not change; the same as {@code build} but on Debian
 * @param build with the rest
 */
record KernelHeaders(Path source, Path build) {
    /** Some 8,000 files of 50 MB. */
    private static final TarXz.Limits LIMITS = new TarXz.Limits(60_000, 400L << 20, 32 << 20);

    /** How the names of directories with unpacked headers begin. */
    static final String UNPACKED = "kheaders-";

    private static final String KCONFIG = "include/linux/kconfig.h";
    private static final String CONFIGURATION = "include/generated/autoconf.h";

    /** Of {@code /lib/modules/RELEASE}; null when they are not there. */
    static KernelHeaders ofModules(Path modules) {
        Path build = modules.resolve("build");
        Path source = modules.resolve("source");
        return of(Files.exists(source.resolve(KCONFIG)) ? source : build, build);
    }

    private static KernelHeaders of(Path source, Path build) {
        boolean whole = Files.exists(source.resolve(KCONFIG)) && Files.exists(build.resolve(CONFIGURATION));
        return whole ? new KernelHeaders(source, build) : null;
    }

    /**
     * Unpacks {@code kheaders.tar.xz} into a directory of a cache, or takes what was unpacked before.
     *
     * @throws IOException when the archive is not what it should be, or the cache cannot be used
     */
    static KernelHeaders unpacked(Path archive, CacheDirectory cache, String name) throws IOException {
        CacheDirectory directory = cache.belowBy(name, into -> unpack(archive, into));
        cache.keepNewest(UNPACKED, 1);
        KernelHeaders headers = of(directory.path(), directory.path());
        if (headers == null) {
            throw new IOException("it has no " + KCONFIG + " or no " + CONFIGURATION);
        }
        return headers;
    }

    /** Into a directory that is empty and to which only this user can write, so that no link is followed. */
    static void unpack(Path archive, Path into) throws IOException {
        try (InputStream in = Files.newInputStream(archive);
                TarXz tar = new TarXz(in, LIMITS)) {
            for (Path name = tar.next(); name != null; name = tar.next()) {
                Path file = into.resolve(name);
                Files.createDirectories(file.getParent());
                try (var out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                    tar.copyTo(out);
                }
            }
        }
    }

    /** What changes when the headers do. */
    String stamp() throws IOException {
        return FileStatus.of(build.resolve(CONFIGURATION)) + " " + FileStatus.of(source.resolve(KCONFIG));
    }

    /** The C source that names the types to describe. */
    static byte[] types() throws IOException {
        try (InputStream in = KernelHeaders.class.getResourceAsStream("types.c")) {
            return in.readAllBytes();
        }
    }

    /**
     * An ELF file with the types, in its section {@code .BTF}.
     *
     * @throws JbccException.Failed when clang cannot read the headers
     */
    byte[] describe(Clang clang, Target target) throws IOException {
        Path directory = Files.createTempDirectory("jbcc-types-"); // for this user alone
        try {
            Path types = Files.write(directory.resolve("types.c"), types());
            return clang.describe(types, target, flags(target), directory.resolve("types.bc"));
        } finally {
            CacheDirectory.remove(directory);
        }
    }

    /** As the kernel's own Makefile has them, LINUXINCLUDE. */
    private List<String> flags(Target target) {
        String arch = "arch/" + target.kernelName() + "/include";
        List<String> flags = new ArrayList<>();
        for (Path directory : List.of(
                source.resolve(arch),
                build.resolve(arch + "/generated"),
                source.resolve("include"),
                build.resolve("include"),
                source.resolve(arch + "/uapi"),
                build.resolve(arch + "/generated/uapi"),
                source.resolve("include/uapi"),
                build.resolve("include/generated/uapi"))) {
            flags.add("-I" + directory);
        }
        flags.addAll(List.of("-include", source.resolve(KCONFIG).toString()));
        flags.addAll(List.of(
                "-include", source.resolve("include/linux/compiler_types.h").toString()));
        flags.addAll(List.of("-D__KERNEL__", "-DKBUILD_MODNAME=\"jbcc\"", "-DCC_USING_FENTRY"));
        if (target == Target.X86_64) {
            flags.add("-mno-sse");
        } else if (target == Target.AARCH64) {
            flags.add("-mgeneral-regs-only");
        }
        return flags;
    }
}
