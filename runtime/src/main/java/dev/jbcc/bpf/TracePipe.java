// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.bpf.ffi.NativeException;
import dev.jbcc.host.Kernel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Reads what the programs of an object print by {@code bpf_printk}; one thread at a time.
 *
 * <pre>{@code
 * try (TracePipe pipe = object.tracePipe()) {
 *     object.attach();
 *     while (running) {
 *         pipe.await(100);
 *         pipe.consume(line -> System.out.println(line.text()));
 *     }
 * }
 * }</pre>
 *
 * <p>The kernel has one trace for all programs. This reads a trace instance of its own below
 * {@code /sys/kernel/tracing/instances}, so that it takes no line from other readers (kernel 5.9), and leaves out lines
 * that no format of the object can have made. The instance goes with {@link #close}; one that a killed process left is
 * removed by the next reader.
 */
public final class TracePipe implements AutoCloseable {
    private static final String TRACEFS = "/sys/kernel/tracing";
    private static final String OLD_TRACEFS = "/sys/kernel/debug/tracing";
    private static final String PREFIX = "jbcc-";
    private static final AtomicInteger INSTANCES = new AtomicInteger();
    private static final int BUFFER = 1 << 16;

    private final Path instance;
    private final PrintFormats formats;
    private final int descriptor;
    private final int epoll;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment epollEvent = arena.allocate(16, 8);
    private final MemorySegment buffer = arena.allocate(BUFFER);
    /** The start of a line whose end has not been read. */
    private String begun = "";

    private boolean closed;

    TracePipe(PrintFormats formats) {
        this.formats = formats;
        instance = makeInstance();
        int opened = -1;
        int polled = -1;
        try {
            Files.writeString(instance.resolve("events/bpf_trace/bpf_trace_printk/enable"), "1");
            opened = Libc.openWithoutWaiting(instance.resolve("trace_pipe").toString());
            polled = Libc.epollCreate();
            Libc.epollAdd(polled, opened, false);
        } catch (IOException | NativeException failure) {
            if (opened >= 0) {
                Libc.close(opened);
            }
            if (polled >= 0) {
                Libc.close(polled);
            }
            remove(instance);
            throw new JbccException.NotSupported(
                    "cannot read what bpf_printk prints: " + failure.getMessage() + " (needs Linux 5.9; this is "
                            + Kernel.release() + ")",
                    failure,
                    null,
                    null);
        }
        descriptor = opened;
        epoll = polled;
    }

    private static Path makeInstance() {
        Path instances = Path.of(TRACEFS, "instances");
        if (!Files.isDirectory(instances)) {
            instances = Path.of(OLD_TRACEFS, "instances");
        }
        if (!Files.isDirectory(instances)) {
            throw new JbccException.NotSupported(
                    "cannot read what bpf_printk prints: tracefs is not mounted at " + TRACEFS,
                    "mount -t tracefs tracefs " + TRACEFS);
        }
        removeLeftovers(instances);
        Path made = instances.resolve(PREFIX + ProcessHandle.current().pid() + "-" + INSTANCES.incrementAndGet());
        try {
            return Files.createDirectory(made);
        } catch (IOException failure) {
            throw new JbccException.NotPermitted(
                    "cannot make the trace instance " + made + ": " + failure, failure, "run as root", null);
        }
    }

    /** Of our kind, by the name, and of processes that are gone. */
    private static void removeLeftovers(Path instances) {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(instances, PREFIX + "[0-9]*-*")) {
            for (Path left : found) {
                String name = left.getFileName().toString().substring(PREFIX.length());
                String pid = name.substring(0, name.indexOf('-'));
                if (!Files.exists(Path.of("/proc", pid))) {
                    remove(left);
                }
            }
        } catch (IOException unreadable) {
            // It is only tidying.
        }
    }

    private static void remove(Path instance) {
        try {
            Files.deleteIfExists(instance); // rmdir(2) of the instance is all it takes
        } catch (IOException busy) {
            // Somebody else reads it; the next one removes it.
        }
    }

    /**
     * Sleeps until there are lines, or for {@code millis}. Since 6.1 the kernel waits until its buffer is half full
     * ({@code buffer_percent}), so the time bounds how late a line is seen.
     */
    public void await(int millis) {
        checkOpen();
        Libc.epollWait(epoll, epollEvent, millis);
    }

    /** Hands on the lines that are there; returns how many. */
    public int consume(Consumer<TraceLine> handler) {
        checkOpen();
        int lines = 0;
        int count;
        do {
            count = Libc.read(descriptor, buffer);
            if (count > 0) {
                byte[] bytes = buffer.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
                lines += split(begun + new String(bytes, StandardCharsets.ISO_8859_1), handler);
            }
        } while (count > 0);
        return lines;
    }

    private int split(String text, Consumer<TraceLine> handler) {
        int lines = 0;
        int start = 0;
        int end;
        while ((end = text.indexOf('\n', start)) >= 0) {
            TraceLine line = TraceLine.parse(utf8(text.substring(start, end)));
            if (line != null && formats.match(line.text())) {
                handler.accept(line);
                lines++;
            }
            start = end + 1;
        }
        begun = text.length() - start > BUFFER ? "" : text.substring(start);
        return lines;
    }

    /** Bytes were kept one a character, since a character of UTF-8 can be cut between two reads. */
    private static String utf8(String bytes) {
        return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the trace pipe is closed");
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Libc.close(epoll);
            Libc.close(descriptor);
            arena.close();
            remove(instance);
        }
    }
}
