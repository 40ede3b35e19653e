// SPDX-License-Identifier: Apache-2.0
package dev.jbcc;

import dev.jbcc.bpf.BpfObject;
import dev.jbcc.bpf.OpenObject;
import dev.jbcc.clang.Clang;
import dev.jbcc.clang.ObjectCache;
import dev.jbcc.clang.Source;
import dev.jbcc.clang.Target;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * C for BPF, as text or as a file, and how to compile it: where a program that uses jbcc as a library starts.
 *
 * {@snippet :
 * try (BpfObject object = BpfSource.text("hello", c).load()) {
 *     object.attach();
 *     Thread.sleep(1000);
 *     object.map("counts", Long.class, Long.class).forEach((pid, count) -> System.out.println(pid + " " + count));
 * }
 * }
 *
 * <p>The source may include {@code vmlinux.h}, which is made from the types of the running kernel, the headers of libbpf,
 * and jbcc's {@code maps.h}. What clang makes of it is kept in the {@link ObjectCache}. Immutable: each method that adds
 * something returns a new source.
 */
public final class BpfSource {
    private static final String MAPS = "maps.h";

    private final String name;
    private final String text;
    private final Path file;
    private final List<Path> includes;
    private final List<String> flags;

    private BpfSource(String name, String text, Path file, List<Path> includes, List<String> flags) {
        this.name = name;
        this.text = text;
        this.file = file;
        this.includes = includes;
        this.flags = flags;
    }

    /**
     * A source in a string. It is kept as a file of the cache, to which the messages of clang lead.
     *
     * @param name for messages; letters, digits and underscores
     */
    public static BpfSource text(String name, String c) {
        boolean plain = !name.isEmpty();
        for (int i = 0; i < name.length(); i++) {
            plain &= Character.isLetterOrDigit(name.charAt(i)) && name.charAt(i) < 128 || name.charAt(i) == '_';
        }
        if (!plain) {
            throw new IllegalArgumentException("the name of a source: '" + name + "'");
        }
        return new BpfSource(name, c, null, List.of(), List.of());
    }

    /** A source file. What it includes in quotes is looked for beside it first. */
    public static BpfSource file(Path file) {
        String name = file.getFileName().toString();
        int dot = name.indexOf('.');
        return new BpfSource(dot > 0 ? name.substring(0, dot) : name, null, file, List.of(), List.of());
    }

    /** With one more directory in which headers are looked for. */
    public BpfSource include(Path directory) {
        List<Path> more = new ArrayList<>(includes);
        more.add(directory);
        return new BpfSource(name, text, file, List.copyOf(more), flags);
    }

    /** With more options for clang, such as {@code -DLIMIT=3}. */
    public BpfSource flags(String... options) {
        List<String> more = new ArrayList<>(flags);
        more.addAll(List.of(options));
        return new BpfSource(name, text, file, includes, List.copyOf(more));
    }

    /** The ELF object, compiled unless it is in the cache. */
    public byte[] compile() {
        ObjectCache cache = ObjectCache.open(warning -> {});
        List<Path> directories = new ArrayList<>(includes);
        directories.add(headers(cache));
        Source source = new Source(file != null ? file : cache.keepText(name + ".bpf.c", text), directories);
        Clang clang = Clang.find();
        List<String> all = new ArrayList<>(flags);
        all.addAll(cache.kernelTypes(clang, source, Target.host()));
        return cache.object(clang, source, Target.host(), all, false).object();
    }

    /** Where jbcc's own headers are: in the cache, since a jar is no place for clang to look into. */
    private static Path headers(ObjectCache cache) {
        try (InputStream in = BpfSource.class.getResourceAsStream("include/" + MAPS)) {
            if (in == null) {
                throw new IllegalStateException("the jar of jbcc has no " + MAPS);
            }
            return cache.keepText(MAPS, new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .getParent();
        } catch (IOException failure) {
            throw new JbccException.Failed("cannot read the headers of jbcc: " + failure, failure);
        }
    }

    /** Compiles and opens, so that globals and sizes can be set before {@link OpenObject#load}. */
    public OpenObject open() {
        return OpenObject.open(compile(), name);
    }

    /** Compiles, opens and loads as it is. */
    public BpfObject load() {
        try (OpenObject open = open()) {
            return open.load();
        }
    }
}
