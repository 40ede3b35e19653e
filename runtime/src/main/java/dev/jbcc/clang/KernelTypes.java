// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.ffi.BtfDump;
import dev.jbcc.host.Kernel;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * A file with the types of the running kernel, where the kernel does not describe them itself or others are asked for.
 * libbpf takes it for CO-RE; what it does not replace is the kernel's own description for {@code tp_btf}, fentry, LSM and
 * iterator programs.
 *
 * <p>The places, in this order: {@code RELEASE.btf} and {@code RELEASE.btf.tar.xz}, named as BTFHub names them, in the
 * directory {@code btf} of the cache; the places where a distribution puts a {@code vmlinux}; the headers of
 * {@code /lib/modules/RELEASE/build}; those of {@code /sys/kernel/kheaders.tar.xz}. What is made of headers or unpacked is
 * kept in the same directory of the cache.
 *
 * {@snippet :
 * open.kernelTypes(KernelTypes.given("vmlinux.btf").file());
 * }
 *
 * @param file BTF itself, or an ELF file with a section of it
 * @param from where it comes from, for messages
 */
public record KernelTypes(Path file, String from) {
    /** As libbpf looks for them, and {@code build/vmlinux} of those who build their own. */
    private static final String[] USUAL = {
        "boot/vmlinux-%s",
        "lib/modules/%s/vmlinux-%s",
        "lib/modules/%s/build/vmlinux",
        "usr/lib/modules/%s/kernel/vmlinux",
        "usr/lib/debug/boot/vmlinux-%s",
        "usr/lib/debug/boot/vmlinux-%s.debug",
        "usr/lib/debug/lib/modules/%s/vmlinux"
    };

    private static final String ABSENT = ": not there";
    private static final String HUB = "https://github.com/aquasecurity/btfhub-archive";
    private static final byte[] XZ = {(byte) 0xfd, '7', 'z', 'X', 'Z', 0};
    private static final TarXz.Limits ONE_FILE = new TarXz.Limits(16, 64L << 20, 64 << 20);
    private static final int MAX_ENTRIES = 16;
    private static final long MAX_BYTES = 256L << 20;

    /**
     * The types of a file that was named: BTF itself, an ELF file such as a vmlinux, or a {@code .btf.tar.xz} of BTFHub.
     *
     * @throws JbccException.Usage when it is not there, or none of these
     */
    public static KernelTypes given(String file) {
        try {
            return new KernelTypes(usable(Path.of(file).toAbsolutePath(), cache(new ArrayList<>())), file);
        } catch (IOException | InvalidPathException e) {
            throw new JbccException.Usage(
                    "cannot take the kernel's types from " + file + ": " + reason(e),
                    "it can be BTF, a vmlinux with a section .BTF, or a .btf.tar.xz of " + HUB);
        }
    }

    /**
     * Finds types for the running kernel; from headers it takes a second or two the first time.
     *
     * @param notes takes what is done, one line each
     * @throws JbccException.NotSupported when there are none; the message says where they were looked for
     */
    public static KernelTypes find(Consumer<String> notes) {
        List<String> looked = new ArrayList<>();
        return find(Path.of("/"), Kernel.release(), cache(looked), looked, notes);
    }

    /** As {@link #find(Consumer)}, with another root directory of the system, kernel and cache, which may be null. */
    static KernelTypes find(
            Path root, String release, CacheDirectory cache, List<String> looked, Consumer<String> notes) {
        KernelTypes found = named(cache, release, looked);
        if (found == null) {
            found = usual(root, release, looked);
        }
        if (found == null) {
            found = ofHeaders(root, release, cache, looked, notes);
        }
        if (found == null) {
            throw new JbccException.NotSupported(
                    "this kernel (" + release + ") does not describe its types, /sys/kernel/btf/vmlinux, and neither a"
                            + " vmlinux nor headers of it were found" + unusable(looked),
                    null,
                    "do one of these: " + Distribution.of(root).installKernelHeaders(release)
                            + "; modprobe kheaders; --btf FILE with the kernel's file of " + HUB,
                    String.join("\n", looked));
        }
        notes.accept("took the kernel's types from " + found.from);
        return found;
    }

    /** What was there and of no use. */
    private static String unusable(List<String> looked) {
        StringBuilder text = new StringBuilder();
        for (String line : looked) {
            if (!line.endsWith(ABSENT)) {
                text.append("\n  ").append(line);
            }
        }
        return text.toString();
    }

    private static KernelTypes named(CacheDirectory cache, String release, List<String> looked) {
        if (cache == null) {
            return null;
        }
        for (String ending : new String[] {".btf", ".btf.tar.xz"}) {
            Path file = cache.path().resolve(release + ending);
            try {
                if (cache.has(release + ending)) {
                    return new KernelTypes(usable(file, cache), file.toString());
                }
                looked.add(file + ABSENT);
            } catch (IOException e) {
                looked.add(file + ": " + reason(e));
            }
        }
        return null;
    }

    private static KernelTypes usual(Path root, String release, List<String> looked) {
        for (String pattern : USUAL) {
            Path file = root.resolve(pattern.replace("%s", release));
            if (!Files.exists(file)) {
                looked.add(file + ABSENT);
                continue;
            }
            try {
                return new KernelTypes(usable(file, null), file.toString());
            } catch (IOException e) {
                looked.add(file + ": " + reason(e));
            }
        }
        return null;
    }

    private static KernelTypes ofHeaders(
            Path root, String release, CacheDirectory cache, List<String> looked, Consumer<String> notes) {
        Path modules = root.resolve("lib/modules").resolve(release);
        KernelHeaders headers = KernelHeaders.ofModules(modules);
        if (headers != null) {
            try {
                return described(headers, modules.resolve("build").toString(), release, cache, notes);
            } catch (IOException | JbccException e) {
                looked.add(modules.resolve("build") + ": " + e.getMessage());
            }
        } else {
            looked.add(modules.resolve("build") + ABSENT);
        }
        Path archive = root.resolve("sys/kernel/kheaders.tar.xz");
        if (!Files.isReadable(archive)) {
            looked.add(archive + ABSENT);
            return null;
        }
        try {
            if (cache == null) {
                throw new IOException("there is no cache to unpack it to");
            }
            String name = KernelHeaders.UNPACKED + release + "-" + Fingerprint.of(archive);
            headers = KernelHeaders.unpacked(archive, cache, name);
            return described(headers, archive.toString(), release, cache, notes);
        } catch (IOException | JbccException e) {
            looked.add(archive + ": " + e.getMessage());
            return null;
        }
    }

    private static KernelTypes described(
            KernelHeaders headers, String from, String release, CacheDirectory cache, Consumer<String> notes)
            throws IOException {
        Clang clang = Clang.find();
        String name = nameFor(release, headers, clang.executable(), KernelHeaders.types());
        if (cache != null && cache.has(name)) {
            return new KernelTypes(cache.path().resolve(name), "the headers in " + from);
        }
        notes.accept("making the kernel's types from the headers in " + from);
        byte[] made = headers.describe(clang, Target.host());
        return new KernelTypes(keep(cache, name, made), "the headers in " + from);
    }

    /** Of what is made of these headers, by this compiler, for a source like {@link KernelHeaders#types}. */
    static String nameFor(String release, KernelHeaders headers, Path clang, byte[] types) throws IOException {
        String made = headers + headers.stamp() + clang + FileStatus.of(clang);
        return "headers-" + release + "-" + Fingerprint.of(made.getBytes(StandardCharsets.UTF_8), types)
                + CacheDirectory.SUFFIX;
    }

    private static Path keep(CacheDirectory cache, String name, byte[] made) throws IOException {
        if (cache != null) {
            cache.write(name, made);
            return cache.path().resolve(name);
        }
        Path temporary = Files.createTempFile("jbcc-types-", ".btf"); // for this user alone
        temporary.toFile().deleteOnExit();
        return Files.write(temporary, made);
    }

    /** The file itself, or what is in it when it is an archive. */
    private static Path usable(Path file, CacheDirectory cache) throws IOException {
        byte[] start;
        try (InputStream in = new FileInputStream(file.toFile())) {
            start = in.readNBytes(XZ.length);
        }
        boolean packed = Arrays.equals(start, XZ);
        Path types = packed ? unpacked(file, cache) : file;
        int errno = BtfDump.check(types.toString());
        if (errno != 0) {
            boolean elf = start.length > 3 && start[0] == 0x7f && start[1] == 'E' && start[2] == 'L' && start[3] == 'F';
            throw new IOException(
                    packed
                            ? "what is in it is no BTF"
                            : elf
                                    ? "it has no section .BTF; pahole -J adds one where there is debug information (DWARF)"
                                    : "it is neither BTF nor an ELF file");
        }
        return types;
    }

    private static Path unpacked(Path archive, CacheDirectory cache) throws IOException {
        String name = "archive-" + Fingerprint.of(archive) + CacheDirectory.SUFFIX;
        if (cache != null && cache.has(name)) {
            return cache.path().resolve(name);
        }
        Path to = cache != null ? null : Files.createTempFile("jbcc-types-", ".btf");
        if (to != null) {
            to.toFile().deleteOnExit();
            unpack(archive, to);
            return to;
        }
        cache.writeTo(name, temporary -> unpack(archive, temporary));
        return cache.path().resolve(name);
    }

    /** The one file that an archive of BTFHub has. */
    static void unpack(Path archive, Path to) throws IOException {
        try (InputStream in = new FileInputStream(archive.toFile());
                TarXz tar = new TarXz(in, ONE_FILE)) {
            if (tar.next() == null) {
                throw new IOException("there is no file in it");
            }
            try (var out = Files.newOutputStream(to)) {
                tar.copyTo(out);
            }
            if (tar.next() != null) {
                throw new IOException("there is more than one file in it");
            }
        }
    }

    /** Null, with a line that says why, when there is none that can be trusted. */
    private static CacheDirectory cache(List<String> looked) {
        try {
            int uid = ObjectCache.effectiveUid();
            Path directory = ObjectCache.directoryFor(System.getenv(), uid).resolve("btf");
            return new CacheDirectory(directory, uid, MAX_ENTRIES, MAX_BYTES);
        } catch (IOException e) {
            looked.add("the cache: " + e.getMessage());
            return null;
        }
    }

    private static String reason(Exception e) {
        return e instanceof FileNotFoundException missing && missing.getMessage() != null
                ? missing.getMessage().replaceFirst("^.* \\((.*)\\)$", "$1")
                : e.getClass() == IOException.class ? e.getMessage() : e.toString();
    }
}
