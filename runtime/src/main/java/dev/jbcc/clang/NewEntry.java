// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Makes a file of the object cache, in the format that {@link CacheEntry} reads. */
final class NewEntry {
    /** Beyond this, a header is large and generated (vmlinux.h), and its status has to do. */
    private static final long MAX_CONTENT = 256 << 10;

    /** The kernel's file times lag behind the clock by up to one tick, 10 ms at 100 Hz. */
    private static final long TICK_MILLIS = 20;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(128 * 1024);
    private final DataOutputStream out = new DataOutputStream(bytes);
    private final ByteArrayOutputStream dependencyBytes = new ByteArrayOutputStream(64 * 1024);
    private final DataOutputStream dependencies = new DataOutputStream(dependencyBytes);
    private int dependencyCount;

    private NewEntry() {}

    /**
     * The bytes of the file; null when it cannot be told from what the object was made: clang did not say, or a file
     * was changed meanwhile.
     *
     * @param before the status of the source before the compilation
     * @param startMillis when the compilation began, since 1970
     */
    static byte[] of(byte[] identity, Path clang, Source source, FileStatus before, Compiled compiled, long startMillis)
            throws IOException {
        NewEntry entry = new NewEntry();
        if (!entry.addDependencies(clang, source, before, compiled.dependencies(), startMillis)) {
            return null;
        }
        entry.out.writeInt(CacheEntry.MAGIC);
        entry.out.writeInt(CacheEntry.VERSION);
        write(entry.out, identity);
        entry.out.writeInt(entry.dependencyCount);
        entry.dependencyBytes.writeTo(entry.out);
        write(entry.out, compiled.object());
        byte[] all = entry.bytes.toByteArray();
        entry.out.writeInt(CacheEntry.crc(all, all.length));
        return entry.bytes.toByteArray();
    }

    private boolean addDependencies(Path clang, Source source, FileStatus before, List<Path> read, long startMillis)
            throws IOException {
        if (!read.contains(source.file())) {
            return false;
        }
        FileStatus clangStatus = FileStatus.of(clang);
        if (clangStatus == null || wasChangedSince(startMillis, clangStatus)) {
            return false;
        }
        addStatus(clang, clangStatus);
        Set<Path> editable = new LinkedHashSet<>();
        editable.add(source.file().getParent());
        editable.addAll(source.includes());
        // A header is searched beside the one that includes it, then where clang is told, then in the system.
        Set<Path> search = new LinkedHashSet<>();
        for (Path file : read) {
            FileStatus found = FileStatus.of(file);
            if (found == null || !found.isRegular()) {
                return false;
            }
            byte[] content = null;
            if (found.size() <= MAX_CONTENT && isBelowAny(file, editable)) {
                content = Files.readAllBytes(file);
                search.add(file.getParent());
            }
            // Taken after the content, so that a change that came after clang's look at the file cannot be missed.
            FileStatus status = FileStatus.of(file);
            boolean unchanged = file.equals(source.file())
                    ? before.isUnchangedFrom(status)
                    : status != null && !wasChangedSince(startMillis, status);
            if (!unchanged) {
                return false;
            }
            if (content == null) {
                addStatus(file, status);
            } else {
                addContent(file, status, content);
            }
        }
        search.addAll(editable);
        search.add(Path.of("/usr/local/include"));
        search.add(Path.of("/usr/include"));
        for (Path absent : passedOver(read, new ArrayList<>(search))) {
            add(absent, CacheEntry.ABSENT);
        }
        return true;
    }

    /** Files whose time lies in the future were changed before the clock was set back. */
    private static boolean wasChangedSince(long startMillis, FileStatus status) {
        long changed = TimeUnit.NANOSECONDS.toMillis(status.changed());
        return changed >= startMillis - TICK_MILLIS && changed <= System.currentTimeMillis();
    }

    private static boolean isBelowAny(Path file, Set<Path> directories) {
        for (Path directory : directories) {
            if (file.startsWith(directory)) {
                return true;
            }
        }
        return false;
    }

    /** The places before the one where a file was found, at which clang looked for it in vain. */
    private static Set<Path> passedOver(List<Path> read, List<Path> search) {
        Set<Path> absent = new LinkedHashSet<>();
        for (Path file : read) {
            for (int found = 1; found < search.size(); found++) {
                if (!file.startsWith(search.get(found))) {
                    continue;
                }
                Path name = search.get(found).relativize(file);
                for (int i = 0; i < found; i++) {
                    Path candidate = search.get(i).resolve(name);
                    if (!Files.exists(candidate)) {
                        absent.add(candidate);
                    }
                }
            }
        }
        return absent;
    }

    private void addStatus(Path path, FileStatus status) throws IOException {
        add(path, CacheEntry.STATUS);
        write(status);
    }

    private void addContent(Path path, FileStatus status, byte[] content) throws IOException {
        add(path, CacheEntry.CONTENT);
        write(status);
        dependencies.writeInt(CacheEntry.crc(content, content.length));
        write(dependencies, content);
    }

    private void write(FileStatus status) throws IOException {
        dependencies.writeLong(status.inode());
        dependencies.writeLong(status.size());
        dependencies.writeLong(status.modified());
        dependencies.writeLong(status.changed());
    }

    private void add(Path path, byte kind) throws IOException {
        write(dependencies, path.toString().getBytes(StandardCharsets.UTF_8));
        dependencies.writeByte(kind);
        dependencyCount++;
    }

    private static void write(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }
}
