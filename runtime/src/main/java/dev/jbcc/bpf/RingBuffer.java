// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.bpf.ffi.NativeException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Reader of a {@code BPF_MAP_TYPE_RINGBUF} (kernel 5.8), straight from the mapped pages; one thread at a time.
 *
 * <p>Layout, {@code kernel/bpf/ringbuf.c}: a page with the consumer's position, a page with the producers', then the
 * data, mapped twice in a row so that no record wraps. Each record has a header of 8 bytes, whose first word is its
 * length with a busy and a discard bit; records are 8-byte aligned.
 *
 * <p>Wake-ups: before it sleeps, the reader raises a flag in the object's memory; the program that then brings the ring
 * to the mark lowers it and wakes the reader ({@code jbcc_submit} in {@code jbcc.h}). The epoll instance is
 * edge-triggered, since otherwise the data below the mark would end each sleep at once.
 *
 * {@snippet :
 * final class Event extends StructView {
 *     final IntField pid = integer("pid");
 *     final TextField comm = text("comm");
 *
 *     Event() {
 *         super("event");
 *     }
 * }
 * Event event = new Event();
 * event.bind(object.btf());
 * RingBuffer events = object.ringBuffer("events");
 * object.attach();
 * events.await(100);
 * events.consume(
 *         (memory, offset, length) -> {
 *             event.at(memory, offset, length);
 *             System.out.println(event.pid.get() + " " + event.comm.string());
 *         },
 *         1000);
 * }
 */
public final class RingBuffer extends EventBuffer {
    private static final int BUSY = 1 << 31;
    private static final int DISCARD = 1 << 30;
    private static final int LENGTH = ~(BUSY | DISCARD);
    private static final int HEADER = 8;
    /** How long to sleep when the oldest record is still being written. */
    private static final int BUSY_MILLIS = 1;

    private static final VarHandle POSITION = ValueLayout.JAVA_LONG.varHandle();
    private static final VarHandle WORD = ValueLayout.JAVA_INT.varHandle();

    private final int epoll;
    private int wakeUp = -1;
    private final MemorySegment consumerPage;
    private final MemorySegment producerPages;
    private final MemorySegment data;
    private final long mask;
    private final long publishEvery;
    private final MemorySegment sleeps;
    private final long wakeAt;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment epollEvent = arena.allocate(16, 8);
    private long consumed;
    private boolean busy;
    private boolean closed;

    /**
     * Maps a ring.
     *
     * @param fd the map; may be closed once this returns
     * @param size of the data in bytes, the map's {@code max_entries}
     * @param sleeps the {@code int} in mapped memory that tells the programs to wake the reader
     * @param wakeAt how many bytes the programs let gather before they do
     */
    RingBuffer(int fd, long size, MemorySegment sleeps, long wakeAt) {
        this(
                Libc.mmap(fd, 0, Libc.pageSize(), Libc.PROT_READ | Libc.PROT_WRITE),
                Libc.mmap(fd, Libc.pageSize(), Libc.pageSize() + 2 * size, Libc.PROT_READ),
                Libc.epollCreate(),
                sleeps,
                wakeAt);
        try {
            Libc.epollAdd(epoll, fd, true);
        } catch (NativeException failure) {
            close();
            throw failure;
        }
    }

    /** Reads the given memory, laid out as the class comment says, and owns it and {@code epoll}. */
    RingBuffer(MemorySegment consumerPage, MemorySegment producerPages, int epoll, MemorySegment sleeps, long wakeAt) {
        this.consumerPage = consumerPage;
        this.producerPages = producerPages;
        this.epoll = epoll;
        this.sleeps = sleeps;
        this.wakeAt = wakeAt;
        data = producerPages.asSlice(Libc.pageSize());
        long size = data.byteSize() / 2;
        mask = size - 1;
        publishEvery = size / 16;
        consumed = (long) POSITION.get(consumerPage, 0L);
    }

    @Override
    public void await(int millis) {
        checkOpen();
        int limit = busy ? Math.min(millis, BUSY_MILLIS) : millis;
        WORD.setVolatile(sleeps, 0L, 1);
        if (available() < wakeAt || busy) {
            Libc.epollWait(epoll, epollEvent, limit);
        }
        WORD.setVolatile(sleeps, 0L, 0);
    }

    /** Lets {@link #wake} end a sleep; before the first one. */
    public void makeWakeable() {
        checkOpen();
        wakeUp = Libc.eventDescriptor();
        Libc.epollAdd(epoll, wakeUp, true);
    }

    /** Ends the sleep that the reader is in, or else its next one. May be called by any thread. */
    public synchronized void wake() {
        if (!closed && wakeUp >= 0) {
            Libc.signal(wakeUp);
        }
    }

    /** How many bytes wait to be read, headers included. */
    public long available() {
        checkOpen();
        return (long) POSITION.getAcquire(producerPages, 0L) - consumed;
    }

    @Override
    public int consume(RecordHandler handler, int max) {
        checkOpen();
        int records = 0;
        long published = consumed;
        long produced = (long) POSITION.getAcquire(producerPages, 0L);
        busy = false;
        try {
            while (consumed < produced && records < max) {
                long at = consumed & mask;
                int header = (int) WORD.getAcquire(data, at);
                if ((header & BUSY) != 0) {
                    busy = true;
                    break;
                }
                int length = header & LENGTH;
                consumed += (HEADER + length + 7L) & ~7L;
                if ((header & DISCARD) == 0) {
                    handler.record(data, at + HEADER, length);
                    records++;
                }
                if (consumed - published >= publishEvery) {
                    POSITION.setRelease(consumerPage, 0L, consumed);
                    published = consumed;
                }
            }
        } finally {
            POSITION.setRelease(consumerPage, 0L, consumed);
        }
        return records;
    }

    /** The pages are gone after close: touching them would end the process. */
    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the ring buffer is closed");
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Libc.close(epoll);
            if (wakeUp >= 0) {
                Libc.close(wakeUp);
            }
            Libc.munmap(producerPages);
            Libc.munmap(consumerPage);
            arena.close();
        }
    }
}
