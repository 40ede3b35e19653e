// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

import dev.jbcc.JbccException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A file that is written whole or not at all: until everything is there, what was there before stays.
 *
 * {@snippet :
 * OutputFile.write("report.txt", out -> out.write("done\n".getBytes(StandardCharsets.UTF_8)));
 * }
 */
public final class OutputFile {
    private static final Set<OpenOption> CREATE = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

    private OutputFile() {}

    /** What is written. */
    @FunctionalInterface
    public interface Content {
        /** Writes everything; the stream is closed by the caller. */
        void write(OutputStream out) throws IOException;
    }

    /**
     * Writes a file. A device or pipe is written to; a symbolic link is replaced, for in a directory like /tmp it may be
     * somebody else's.
     *
     * @throws JbccException.Failed when that cannot be done
     */
    public static void write(String name, Content content) {
        Path target = Path.of(name);
        try {
            if (Files.isDirectory(target)) {
                throw new IOException("it is a directory");
            }
            if (Files.exists(target) && !Files.isRegularFile(target)) {
                try (OutputStream out = Files.newOutputStream(target)) {
                    content.write(out);
                }
            } else {
                replace(target.toAbsolutePath(), content);
            }
        } catch (IOException failure) {
            String reason = switch (failure) {
                case NoSuchFileException none -> "there is no such directory";
                case AccessDeniedException denied -> "permission denied";
                default -> failure.getMessage();
            };
            throw new JbccException.Failed("cannot write " + name + ": " + reason, failure);
        }
    }

    /**
     * Fails now where {@link #write} is sure to fail later, such as in a directory that is not there; writes nothing.
     *
     * @throws JbccException.Failed when there is no such directory, or nothing can be written in it
     */
    public static void check(String name) {
        Path target = Path.of(name);
        String reason = null;
        if (name.isEmpty()) {
            reason = "it has no name";
        } else if (Files.isDirectory(target)) {
            reason = "it is a directory";
        } else if (!Files.exists(target) || Files.isRegularFile(target)) {
            Path directory = target.toAbsolutePath().getParent();
            if (!Files.isDirectory(directory)) {
                reason = "there is no such directory";
            } else if (!Files.isWritable(directory)) {
                reason = "permission denied";
            }
        }
        if (reason != null) {
            throw new JbccException.Failed("cannot write " + name + ": " + reason);
        }
    }

    private static void replace(Path file, Content content) throws IOException {
        Path part = file.resolveSibling(
                "." + file.getFileName() + "." + ProcessHandle.current().pid() + ".part");
        try (OutputStream out = Channels.newOutputStream(Files.newByteChannel(part, CREATE, likeTheOneBefore(file)))) {
            part.toFile().deleteOnExit(); // should a signal end us
            content.write(out);
        } catch (FileAlreadyExistsException taken) {
            throw taken;
        } catch (IOException | RuntimeException | Error failure) {
            Files.deleteIfExists(part);
            throw failure;
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** No more people may read the file than before. */
    private static FileAttribute<?>[] likeTheOneBefore(Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return new FileAttribute<?>[0];
        }
        return new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS))
        };
    }
}
