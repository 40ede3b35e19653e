// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * A directory of files that nobody but this user (and root) can have written, which others may use at the same time: a
 * file appears whole or not at all. What lies in it is loaded into the kernel, so every doubt is an
 * {@link IOException} whose message can be shown.
 */
final class CacheDirectory {
    /** Of the files that hold entries; no other file is ever removed, but for leftovers of our own writers. */
    static final String SUFFIX = ".entry";

    private static final String TEMPORARY = ".new-";
    private static final long TEMPORARY_AGE = TimeUnit.HOURS.toNanos(1);
    private static final long TOUCH_AGE = TimeUnit.DAYS.toNanos(1);
    private static final int MAX_SYMLINKS = 40;
    private static final AtomicInteger WRITES = new AtomicInteger();

    private final Path path;
    private final int uid;
    private final int maxEntries;
    private final long maxBytes;
    private boolean exists;

    /**
     * Checks the directory and all above it; it need not exist yet.
     *
     * @param path absolute
     * @param uid the user who owns it, the effective one of this process
     * @param maxEntries at most this many files are kept, and {@code maxBytes} bytes in all
     * @throws IOException when someone else could write there, or it cannot be told
     */
    CacheDirectory(Path path, int uid, int maxEntries, long maxBytes) throws IOException {
        this.path = path;
        this.uid = uid;
        this.maxEntries = maxEntries;
        this.maxBytes = maxBytes;
        this.exists = check();
    }

    Path path() {
        return path;
    }

    /** A directory in this one, with the same limits; the files in it are removed by nobody. */
    CacheDirectory below(String name) throws IOException {
        return new CacheDirectory(path.resolve(name), uid, maxEntries, maxBytes);
    }

    /** Removes all but the directories of this kind that were changed last, with the files in them. */
    void keepNewest(String prefix, int count) throws IOException {
        List<Entry> found = new ArrayList<>();
        for (Path directory : all(Files.newDirectoryStream(path, prefix + "*"))) {
            FileStatus status = FileStatus.ofLink(directory);
            if (status != null && status.isDirectory()) {
                found.add(new Entry(directory, 0, status.modified()));
            }
        }
        found.sort(Comparator.comparingLong(Entry::used).reversed());
        for (int i = count; i < found.size(); i++) {
            remove(found.get(i).file());
        }
    }

    /** What is in a directory; the stream, which is closed, throws what no caller of ours expects. */
    static List<Path> all(DirectoryStream<Path> directory) throws IOException {
        List<Path> all = new ArrayList<>();
        try (directory) {
            for (Path each : directory) {
                all.add(each);
            }
        } catch (DirectoryIteratorException unreadable) {
            throw unreadable.getCause();
        }
        return all;
    }

    /** Removes a file, or a directory and all in it, which others may be removing too; links are not followed. */
    static void remove(Path path) throws IOException {
        Files.walkFileTree(path, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException why) throws IOException {
                if (why instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw why;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path emptied, IOException why) throws IOException {
                if (why != null) {
                    throw why;
                }
                Files.deleteIfExists(emptied);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** Whether a file is there; it is one of ours then, as {@link #read} checks it. */
    boolean has(String name) throws IOException {
        return exists && statusOf(path.resolve(name)) != null;
    }

    /** Follows the path name by name, symbolic links too; whether it is there to the end. */
    private boolean check() throws IOException {
        Deque<Path> names = new ArrayDeque<>();
        push(names, path);
        Path at = path.getRoot();
        checkParent(at, FileStatus.ofLink(at));
        int links = 0;
        while (!names.isEmpty()) {
            String name = names.pop().toString();
            if (name.isEmpty() || name.equals(".")) {
                continue;
            }
            if (name.equals("..")) {
                at = at.getParent() == null ? at : at.getParent();
                continue;
            }
            Path next = at.resolve(name);
            FileStatus status = FileStatus.ofLink(next);
            if (status == null) {
                return false;
            }
            if (status.isSymlink()) {
                if (names.isEmpty()) {
                    throw new IOException(next + " is a symbolic link");
                }
                if (!isTrusted(status.uid())) {
                    throw foreign(next, status);
                }
                if (++links > MAX_SYMLINKS) {
                    throw new IOException(path + " has too many symbolic links");
                }
                Path target = Files.readSymbolicLink(next);
                if (target.isAbsolute()) {
                    at = target.getRoot();
                }
                push(names, target);
                continue;
            }
            if (names.isEmpty()) {
                checkOwn(next, status);
            } else {
                checkParent(next, status);
            }
            at = next;
        }
        return true;
    }

    private static void push(Deque<Path> names, Path path) {
        for (int i = path.getNameCount() - 1; i >= 0; i--) {
            names.push(path.getName(i));
        }
    }

    private boolean isTrusted(int owner) {
        return owner == 0 || owner == uid;
    }

    private static IOException foreign(Path file, FileStatus status) {
        return new IOException(file + " belongs to another user (uid " + status.uid() + ")");
    }

    private void checkParent(Path directory, FileStatus status) throws IOException {
        if (!status.isDirectory()) {
            throw new IOException(directory + " is not a directory");
        }
        if (!isTrusted(status.uid())) {
            throw foreign(directory, status);
        }
        if (status.isWritableByOthers() && !status.isSticky()) {
            throw new IOException(directory + " can be written by other users");
        }
    }

    private void checkOwn(Path directory, FileStatus status) throws IOException {
        if (!status.isDirectory()) {
            throw new IOException(directory + " is not a directory");
        }
        if (status.uid() != uid) {
            throw foreign(directory, status);
        }
        if (status.isWritableByOthers()) {
            throw new IOException(directory + " can be written by other users");
        }
    }

    /**
     * The content of a file, or null when there is none. Its time is brought up to date, at most once a day.
     *
     * @throws IOException when it is not a file of ours, or is larger than the whole directory may be, or cannot be read
     */
    byte[] read(String name) throws IOException {
        if (!exists) {
            return null;
        }
        Path file = path.resolve(name);
        FileStatus status = statusOf(file);
        if (status == null) {
            return null;
        }
        if (status.size() > maxBytes || status.size() > Integer.MAX_VALUE - 16) {
            throw new IOException(file + " is too large: " + status.size() + " bytes");
        }
        byte[] content = new byte[(int) status.size()];
        // Nobody else can have put another file there since: see check().
        try (FileInputStream in = new FileInputStream(file.toFile())) {
            if (in.readNBytes(content, 0, content.length) != content.length) {
                throw new IOException(file + " ended early");
            }
        }
        long now = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
        if (now - status.modified() > TOUCH_AGE) {
            // Where this fails (a read-only file system), the file merely looks less used than it is.
            boolean ignored = file.toFile().setLastModified(System.currentTimeMillis());
        }
        return content;
    }

    private FileStatus statusOf(Path file) throws IOException {
        FileStatus status = FileStatus.ofLink(file);
        if (status == null) {
            return null;
        }
        if (!status.isRegular()) {
            throw new IOException(file + " is not a regular file");
        }
        if (status.uid() != uid) {
            throw foreign(file, status);
        }
        if (status.isWritableByOthers()) {
            throw new IOException(file + " can be written by other users");
        }
        return status;
    }

    /**
     * Puts a file there, in place of an older one or of anything that is no directory, then removes the files that were
     * not used for the longest time until the limits hold.
     */
    void write(String name, byte[] content) throws IOException {
        if (content.length > maxBytes) {
            throw new IOException("an entry of " + content.length + " bytes is larger than the cache may be");
        }
        if (!exists) {
            create();
        }
        Path temporary = temporary();
        boolean moved = false;
        try {
            try (var channel = Files.newByteChannel(
                            temporary,
                            EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                            ownerOnly("rw-------"));
                    OutputStream out = Channels.newOutputStream(channel)) {
                out.write(content);
            }
            Files.move(temporary, path.resolve(name), StandardCopyOption.ATOMIC_MOVE);
            moved = true;
        } finally {
            if (!moved) {
                Files.deleteIfExists(temporary);
            }
        }
        evict(name);
    }

    private Path temporary() {
        return path.resolve(
                TEMPORARY + ProcessHandle.current().pid() + "-" + WRITES.incrementAndGet() + "-" + System.nanoTime());
    }

    /** As {@link #write}, for a file that another program writes; false when it says that it did not. */
    boolean writeBy(Predicate<Path> writer, String name) throws IOException {
        if (!exists) {
            create();
        }
        Path temporary = temporary();
        try {
            if (!writer.test(temporary)) {
                return false;
            }
            Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rw-------"));
            Files.move(temporary, path.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
        evict(name);
        return true;
    }

    /** What fills a file or an empty directory. */
    interface Writer {
        void write(Path path) throws IOException;
    }

    /** As {@link #write}, for content that need not be in memory as a whole. */
    void writeTo(String name, Writer writer) throws IOException {
        if (!exists) {
            create();
        }
        Path temporary = temporary();
        try {
            Files.createFile(temporary, ownerOnly("rw-------"));
            writer.write(temporary);
            Files.move(temporary, path.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
        evict(name);
    }

    /** A directory in this one, which is filled if it is not there; it appears whole or not at all. */
    CacheDirectory belowBy(String name, Writer writer) throws IOException {
        if (!exists) {
            create();
        }
        CacheDirectory below = below(name);
        if (below.exists) {
            return below;
        }
        Path temporary = temporary();
        try {
            Files.createDirectory(temporary, ownerOnly("rwx------"));
            writer.write(temporary);
            Files.move(temporary, path.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failure) {
            if (!below(name).exists) { // and not that another tool was first
                throw failure;
            }
        } finally {
            if (Files.exists(temporary)) {
                remove(temporary);
            }
        }
        evict(name);
        return below(name);
    }

    private void create() throws IOException {
        List<Path> missing = new ArrayList<>();
        for (Path p = path; p != null && !Files.exists(p); p = p.getParent()) {
            missing.add(p);
        }
        for (Path directory : missing.reversed()) {
            try {
                Files.createDirectory(directory, ownerOnly("rwx------"));
            } catch (FileAlreadyExistsException e) {
                // Another tool was first; or someone else, which the check tells.
            }
        }
        exists = check();
        if (!exists) {
            throw new IOException(path + " was removed");
        }
    }

    private static FileAttribute<Set<PosixFilePermission>> ownerOnly(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }

    private record Entry(Path file, long size, long used) {}

    private void evict(String justWritten) throws IOException {
        List<Entry> entries = new ArrayList<>();
        long bytes = 0;
        long now = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
        for (Path file : all(Files.newDirectoryStream(path))) {
            String name = file.getFileName().toString();
            FileStatus status = FileStatus.ofLink(file);
            if (status == null) {
                continue;
            }
            if (name.startsWith(TEMPORARY) && now - status.modified() > TEMPORARY_AGE) {
                remove(file);
            } else if (name.endsWith(SUFFIX) && !status.isDirectory()) {
                long used = name.equals(justWritten) ? Long.MAX_VALUE : status.modified();
                entries.add(new Entry(file, status.size(), used));
                bytes += status.size();
            }
        }
        if (entries.size() <= maxEntries && bytes <= maxBytes) {
            return;
        }
        entries.sort(Comparator.comparingLong(Entry::used));
        int left = entries.size();
        for (Entry entry : entries) {
            if (left <= maxEntries && bytes <= maxBytes) {
                break;
            }
            Files.deleteIfExists(entry.file());
            left--;
            bytes -= entry.size();
        }
    }
}
