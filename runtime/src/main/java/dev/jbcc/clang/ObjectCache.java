// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import dev.jbcc.JbccException;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.CRC32;

/**
 * Compiled objects kept from one start of a tool to the next, so that only the first one waits for clang.
 *
 * <p>An entry is found by the name of the source and a hash of clang's command line, and is good if clang itself, the
 * source and every header that clang read are as they were: those that people edit byte by byte, those of the system by
 * what stat(2) says. A header that would now be found earlier on the search path counts too; {@code __has_include}, and
 * what a script in the place of clang does, do not.
 *
 * <p>The directory is {@code JBCC_CACHE_DIR}, else {@code /var/cache/jbcc} for root and {@code $XDG_CACHE_HOME/jbcc} or
 * {@code ~/.cache/jbcc} for others. The cache is never the reason that a tool fails: whatever is wrong with it becomes a
 * warning, and clang is run. Any number of processes and threads may use it at once.
 *
 * {@snippet :
 * Source source = new Source(Path.of("execs.bpf.c"), List.of(Path.of("include")));
 * Compiled compiled = ObjectCache.open(System.err::println)
 *         .object(Clang.find(), source, Target.host(), List.of("-DLIMIT=5"), false);
 * try (OpenObject execs = OpenObject.open(compiled.object(), "execs")) {
 *     System.out.println(execs.programs());
 * }
 * }
 */
public final class ObjectCache {
    private static final String VARIABLE = "JBCC_CACHE_DIR";
    private static final int MAX_ENTRIES = 256;
    private static final long MAX_BYTES = 64L << 20;

    private final CacheDirectory directory;
    private final Consumer<String> warnings;

    private ObjectCache(CacheDirectory directory, Consumer<String> warnings) {
        this.directory = directory;
        this.warnings = warnings;
    }

    /**
     * Opens the cache of the user as whom this process runs. If it cannot be trusted or used, it stays empty.
     *
     * @param warnings takes what is wrong with the cache, one line each, without a prefix
     */
    public static ObjectCache open(Consumer<String> warnings) {
        int uid;
        try {
            uid = effectiveUid();
        } catch (IOException e) {
            warnings.accept("not using the cache of compiled programs: cannot tell the user: " + e.getMessage());
            return new ObjectCache(null, warnings);
        }
        return open(System.getenv(), uid, MAX_ENTRIES, MAX_BYTES, warnings);
    }

    static ObjectCache open(
            Map<String, String> environment, int uid, int maxEntries, long maxBytes, Consumer<String> warnings) {
        CacheDirectory directory = null;
        try {
            directory = new CacheDirectory(directoryFor(environment, uid), uid, maxEntries, maxBytes);
        } catch (IOException e) {
            warnings.accept("not using the cache of compiled programs: " + reason(e));
        }
        return new ObjectCache(directory, warnings);
    }

    /**
     * The directory of the cache; it need not exist.
     *
     * @throws IOException when it cannot be trusted or told; the message can be shown
     */
    public static Path directory() throws IOException {
        int uid = effectiveUid();
        Path path = directoryFor(System.getenv(), uid);
        return new CacheDirectory(path, uid, MAX_ENTRIES, MAX_BYTES).path();
    }

    static Path directoryFor(Map<String, String> environment, int uid) throws IOException {
        String named = environment.get(VARIABLE);
        if (named != null && !named.isEmpty()) {
            return absolute(named, VARIABLE);
        }
        if (uid == 0) {
            return Path.of("/var/cache/jbcc");
        }
        String xdg = environment.get("XDG_CACHE_HOME");
        // The XDG specification has relative ones ignored.
        if (xdg != null && xdg.startsWith("/")) {
            return absolute(xdg, "XDG_CACHE_HOME").resolve("jbcc");
        }
        String home = environment.get("HOME");
        if (home == null || home.isEmpty()) {
            throw new IOException("neither " + VARIABLE + " nor HOME is set");
        }
        return absolute(home, "HOME").resolve(".cache/jbcc");
    }

    private static Path absolute(String path, String variable) throws IOException {
        if (!path.startsWith("/")) {
            throw new IOException(variable + " is not an absolute path: " + path);
        }
        try {
            return Path.of(path);
        } catch (InvalidPathException e) {
            throw new IOException(variable + " is not a path: " + e.getMessage(), e);
        }
    }

    /** From proc_pid_status(5), because the owner of {@code /proc/self} is root for a JVM with file capabilities. */
    static int effectiveUid() throws IOException {
        byte[] status;
        try (FileInputStream in = new FileInputStream("/proc/self/status")) {
            status = in.readNBytes(4096);
        }
        for (int i = 0; i + 5 < status.length; i++) {
            if (status[i] == '\n'
                    && status[i + 1] == 'U'
                    && status[i + 2] == 'i'
                    && status[i + 3] == 'd'
                    && status[i + 4] == ':') {
                return secondNumber(status, i + 5);
            }
        }
        throw new IOException("/proc/self/status has no Uid line");
    }

    private static int secondNumber(byte[] line, int start) throws IOException {
        int i = start;
        long number = 0;
        for (int field = 0; field < 2; field++) {
            while (i < line.length && line[i] == '\t') {
                i++;
            }
            number = 0;
            int digits = 0;
            for (; i < line.length && line[i] >= '0' && line[i] <= '9' && digits < 10; i++, digits++) {
                number = 10 * number + (line[i] - '0');
            }
            if (digits == 0) {
                throw new IOException("/proc/self/status has a Uid line without numbers");
            }
        }
        return (int) number;
    }

    /**
     * The object for a source: from the cache, else compiled and stored there.
     *
     * @param flags more options for clang; header directories belong into the source's list, because those named here
     *     are not watched for headers that appear later
     * @param recompile compiles even if it is in the cache
     * @throws JbccException.Failed as {@link Clang#compile}
     */
    public Compiled object(Clang clang, Source source, Target target, List<String> flags, boolean recompile) {
        if (directory == null) {
            return clang.compile(source, target, flags);
        }
        byte[] identity = clang.identity(source, target, flags);
        String name = entryName(source, identity);
        if (!recompile) {
            byte[] object = lookUp(name, identity);
            if (object != null) {
                return new Compiled(object, "", List.of(), true);
            }
        }
        FileStatus before = status(source.file());
        long start = System.currentTimeMillis();
        Compiled compiled = clang.compile(source, target, flags);
        if (before != null) {
            store(name, identity, clang, source, before, compiled, start);
        }
        return compiled;
    }

    /**
     * The flags by which clang finds {@code vmlinux.h}, for a source that includes it and has none of its own: the
     * types of the running kernel, kept here with what clang makes of them beforehand. No flags when it does not.
     *
     * @throws JbccException.NotSupported when the kernel has no type information, and none is found for it
     */
    public List<String> kernelTypes(Clang clang, Source source, Target target) {
        return kernelTypes(clang, source, target, null);
    }

    /** The same with the types of a file of {@link KernelTypes#given}, unless that is null. */
    public List<String> kernelTypes(Clang clang, Source source, Target target, Path types) {
        return new VmlinuxHeader(directory, warnings).flags(clang, source, target, types);
    }

    /**
     * Keeps a text as a file, so that clang's messages lead to something that can be opened; without a cache, until the
     * JVM ends.
     *
     * @param name of the file; in a cache, the same text has the same path each time
     * @throws JbccException.Failed when it cannot be written
     */
    public Path keepText(String name, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, bytes.length);
        try {
            if (directory == null) {
                return temporary(name, bytes);
            }
            CacheDirectory texts = directory.below("text-" + Long.toHexString(crc.getValue()));
            byte[] kept = texts.read(name);
            if (!Arrays.equals(kept, bytes)) {
                texts.write(name, bytes);
                directory.keepNewest("text-", MAX_ENTRIES);
            }
            return texts.path().resolve(name);
        } catch (IOException e) {
            throw new JbccException.Failed("cannot keep the source text " + name + ": " + reason(e), e);
        }
    }

    /** In a directory for this user alone. */
    private static Path temporary(String name, byte[] bytes) throws IOException {
        Path directory = Files.createTempDirectory("jbcc-text-");
        Path file = directory.resolve(name);
        directory.toFile().deleteOnExit();
        file.toFile().deleteOnExit();
        return Files.write(file, bytes);
    }

    private static String entryName(Source source, byte[] identity) {
        CRC32 crc = new CRC32();
        crc.update(identity, 0, identity.length);
        StringBuilder name = new StringBuilder(96);
        String file = source.file().getFileName().toString();
        for (int i = 0; i < file.length() && i < 50; i++) {
            char c = file.charAt(i);
            boolean plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            name.append(plain || c == '.' || c == '_' || c == '-' ? c : '_');
        }
        return name.append('-')
                .append(Long.toHexString(crc.getValue() | 1L << 32), 1, 9)
                .append(CacheDirectory.SUFFIX)
                .toString();
    }

    private byte[] lookUp(String name, byte[] identity) {
        byte[] file;
        try {
            file = directory.read(name);
        } catch (IOException e) {
            warnings.accept("compiling again, because the cache cannot be used: " + reason(e));
            return null;
        }
        if (file == null) {
            return null;
        }
        try {
            return CacheEntry.object(file, identity);
        } catch (IOException e) {
            warnings.accept(
                    "compiling again, because " + directory.path().resolve(name) + " is damaged: " + e.getMessage());
            return null;
        }
    }

    private void store(
            String name,
            byte[] identity,
            Clang clang,
            Source source,
            FileStatus before,
            Compiled compiled,
            long start) {
        try {
            byte[] entry = NewEntry.of(identity, clang.executable(), source, before, compiled, start);
            if (entry != null) {
                directory.write(name, entry);
            }
        } catch (IOException e) {
            warnings.accept("cannot keep the compiled program in the cache " + directory.path() + ": " + reason(e));
        }
    }

    private static FileStatus status(Path file) {
        try {
            return FileStatus.of(file);
        } catch (IOException e) {
            return null;
        }
    }

    /** The JDK's own exceptions have but the file's name as their message. */
    private static String reason(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "no permission for " + e.getMessage();
        }
        return e.getClass() == IOException.class ? e.getMessage() : e.toString();
    }
}
