// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import dev.jbcc.JbccException;
import dev.jbcc.host.Kernel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Gives a source the {@code vmlinux.h} that it includes: made from the types of the running kernel, in a directory of
 * the cache whose name has their size and CRC-32, and precompiled there for each clang. With it, clang needs some 60 ms
 * for a small source, and without some 400.
 */
final class VmlinuxHeader {
    private static final String NAME = "vmlinux.h";
    /** With a number to be changed with what {@link KernelHeader} puts around the types. */
    private static final String DIRECTORY = "vmlinux-1-";

    private static final String ANY_DIRECTORY = "vmlinux-";
    /** Of as many kernels the header is kept, some 17 MB for each. */
    private static final int KERNELS = 3;

    /** Beyond this, nobody wrote the file by hand. */
    private static final long MAX_SOURCE = 1 << 20;

    private static final int MAX_FILES = 64;

    private final CacheDirectory cache;
    private final Consumer<String> warnings;

    /** The {@code cache} may be null: then the header is made anew each time, in a temporary directory. */
    VmlinuxHeader(CacheDirectory cache, Consumer<String> warnings) {
        this.cache = cache;
        this.warnings = warnings;
    }

    /** See {@link ObjectCache#kernelTypes}. */
    List<String> flags(Clang clang, Source source, Target target, Path given) {
        Includes includes = new Includes(source);
        if (!includes.vmlinux) {
            return List.of();
        }
        Path btf = given != null
                ? given
                : Kernel.hasBtf() ? Kernel.BTF : KernelTypes.find(warnings).file();
        if (cache != null) {
            try {
                return kept(clang, target, includes.first, btf);
            } catch (IOException e) {
                warnings.accept("making vmlinux.h again, because the cache cannot be used: " + e.getMessage());
            }
        }
        return temporary(btf);
    }

    private List<String> kept(Clang clang, Target target, boolean precompiled, Path btf) throws IOException {
        CacheDirectory directory = cache.below(DIRECTORY + Fingerprint.of(btf));
        if (!directory.has(NAME)) {
            directory.write(NAME, KernelHeader.text(btf));
            cache.keepNewest(ANY_DIRECTORY, KERNELS);
        }
        List<String> flags =
                new ArrayList<>(List.of("-idirafter", directory.path().toString()));
        if (precompiled) {
            FileStatus status = FileStatus.of(clang.executable());
            String identity = status + " " + clang.language(target);
            String name = "pch-" + Fingerprint.of(identity.getBytes(StandardCharsets.UTF_8));
            Path header = directory.path().resolve(NAME);
            if (directory.has(name) || directory.writeBy(to -> clang.precompile(header, target, to), name)) {
                flags.add("-include-pch");
                flags.add(directory.path().resolve(name).toString());
            }
        }
        return flags;
    }

    /** Removed when the JVM ends, since clang has yet to read it. */
    private static List<String> temporary(Path btf) {
        try {
            Path directory = Files.createTempDirectory("jbcc-vmlinux-"); // for this user alone
            Path header = directory.resolve(NAME);
            directory.toFile().deleteOnExit();
            header.toFile().deleteOnExit();
            Files.write(header, KernelHeader.text(btf));
            return List.of("-idirafter", directory.toString());
        } catch (IOException e) {
            throw new JbccException.Failed("cannot write vmlinux.h to a temporary directory: " + e, e);
        }
    }

    /** What a source includes, as far as that is files of the user. */
    private static final class Includes {
        private final Source source;
        private final Set<Path> seen = new HashSet<>();
        /** Whether vmlinux.h is wanted, and is not there. */
        boolean vmlinux;
        /** Whether it comes before all other headers and definitions, so that a precompiled one can stand for it. */
        boolean first;

        Includes(Source source) {
            this.source = source;
            Deque<Path> files = new ArrayDeque<>(List.of(source.file()));
            while (!files.isEmpty() && seen.size() < MAX_FILES) {
                Path file = files.pop();
                if (seen.add(file)) {
                    scan(file, files);
                }
            }
        }

        private void scan(Path file, Deque<Path> files) {
            boolean begun = false;
            for (String line : lines(file)) {
                String text = line.strip();
                if (!text.startsWith("#")) {
                    continue;
                }
                String directive = text.substring(1).strip();
                String name = directive.startsWith("include") ? header(directive) : null;
                if (name == null) {
                    begun = true; // a definition may change what the header means
                } else if (name.equals(NAME)) {
                    if (find(file, name) == null) {
                        first |= !begun && file.equals(source.file());
                        vmlinux = true;
                    }
                    begun = true;
                } else {
                    begun = true;
                    Path found = find(file, name);
                    if (found != null) {
                        files.add(found);
                    }
                }
            }
        }

        private static String header(String directive) {
            String rest = directive.substring("include".length()).strip();
            char close = rest.startsWith("<") ? '>' : '"';
            int end = rest.isEmpty() ? -1 : rest.indexOf(close, 1);
            return end < 0 ? null : rest.substring(1, end);
        }

        /** Where a header is, beside the file that includes it or where clang is told; null: in the system, or not. */
        private Path find(Path file, String name) {
            List<Path> places = new ArrayList<>(source.includes());
            places.addFirst(file.getParent());
            for (Path place : places) {
                Path candidate = place.resolve(name).normalize();
                if (Files.isRegularFile(candidate)) {
                    return candidate;
                }
            }
            return null;
        }

        private static List<String> lines(Path file) {
            try {
                if (Files.size(file) > MAX_SOURCE) {
                    return List.of();
                }
                return new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                        .lines()
                        .toList();
            } catch (IOException e) {
                return List.of(); // clang says what is wrong with it
            }
        }
    }
}
