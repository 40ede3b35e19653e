// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.bpf.ffi.PerfEvent;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Reader of a {@code BPF_MAP_TYPE_PERF_EVENT_ARRAY}: one ring for each online CPU, for kernels without the BPF ring
 * buffer; one thread at a time.
 *
 * <p>Records of all CPUs come in the order of their times, and what caused something else comes before it: a record is
 * handed out only if it is older than the moment before the rings were looked at, and what came before it is then there.
 *
 * <p>Layout, {@code struct perf_event_mmap_page} in {@code include/uapi/linux/perf_event.h}: a page with the positions,
 * then the data, in which a record may wrap. A wrapped record is copied to be handed out in one piece.
 *
 * {@snippet :
 * PerfBuffer events = object.perfBuffer("events", 1 << 18);
 * object.attach();
 * events.await(100);
 * events.consume((memory, offset, length) -> System.out.println(length + " bytes"), 1000);
 * System.out.println(events.lost() + " lost");
 * }
 */
public final class PerfBuffer extends EventBuffer {
    private static final long DATA_HEAD = 1024;
    private static final long DATA_TAIL = 1032;
    private static final int PERF_RECORD_LOST = 2;
    private static final int PERF_RECORD_SAMPLE = 9;
    private static final int HEADER = 8; // struct perf_event_header { u32 type; u16 misc; u16 size; }
    private static final int TIME = 8;
    private static final int LENGTH = 4;
    private static final int MAX_RECORD = 1 << 16;

    private static final VarHandle POSITION = ValueLayout.JAVA_LONG.varHandle();

    private final int epoll = Libc.epollCreate();
    private final List<Ring> rings;
    private final long mask;
    /** Of each ring in one call of {@link #consume}: its end, where to go on, and the time of the record there. */
    private final long[] heads;

    private final long[] tails;
    private final long[] times;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment epollEvent = arena.allocate(16, 8);
    private final MemorySegment wrapped = arena.allocate(MAX_RECORD, 8);
    private long lost;
    private boolean closed;

    /** The pages of one CPU: that of the positions, and behind it the data. */
    record Ring(int cpu, int fd, MemorySegment pages, MemorySegment data) {}

    /**
     * Opens and maps the rings.
     *
     * @param cpus the CPUs to read
     * @param size of each CPU's data in bytes, a power of two of pages
     */
    PerfBuffer(List<Integer> cpus, int size) {
        this(size, new ArrayList<>(cpus.size()), cpus.size());
        int page = Libc.pageSize();
        int fd = -1;
        try {
            for (int cpu : cpus) {
                fd = PerfEvent.bpfOutput(cpu, size / 4);
                MemorySegment pages = Libc.mmap(fd, 0, page + size, Libc.PROT_READ | Libc.PROT_WRITE);
                rings.add(new Ring(cpu, fd, pages, pages.asSlice(page)));
                fd = -1;
                Libc.epollAdd(epoll, rings.getLast().fd, true);
            }
        } catch (RuntimeException failure) {
            if (fd >= 0) {
                Libc.close(fd);
            }
            close();
            throw failure;
        }
    }

    /** Reads the given rings, each with {@code size} bytes of data, and owns them. */
    PerfBuffer(int size, List<Ring> rings) {
        this(size, rings, rings.size());
    }

    private PerfBuffer(int size, List<Ring> rings, int count) {
        this.rings = rings;
        mask = size - 1;
        heads = new long[count];
        tails = new long[count];
        times = new long[count];
    }

    /** Hands each CPU and the descriptor of its ring to what enters them in the map. */
    void enter(BiConsumer<Integer, Integer> map) {
        rings.forEach(ring -> map.accept(ring.cpu, ring.fd));
    }

    @Override
    public void await(int millis) {
        checkOpen();
        Libc.epollWait(epoll, epollEvent, millis);
    }

    /** Records that the kernel says it could not place, as far as it has come to say so. */
    public long lost() {
        return lost;
    }

    @Override
    public int consume(RecordHandler handler, int max) {
        checkOpen();
        long now = System.nanoTime(); // CLOCK_MONOTONIC too; before the positions are read
        int count = rings.size();
        for (int i = 0; i < count; i++) {
            heads[i] = (long) POSITION.getAcquire(rings.get(i).pages, DATA_HEAD);
            tails[i] = (long) POSITION.get(rings.get(i).pages, DATA_TAIL);
        }
        int records = 0;
        try {
            for (int i = 0; i < count; i++) {
                times[i] = timeOfNext(i);
            }
            while (records < max) {
                int oldest = 0;
                for (int i = 1; i < count; i++) {
                    oldest = times[i] < times[oldest] ? i : oldest;
                }
                if (count == 0 || times[oldest] > now) {
                    break;
                }
                take(oldest, handler);
                times[oldest] = timeOfNext(oldest);
                records++;
            }
        } finally {
            for (int i = 0; i < count; i++) {
                POSITION.setRelease(rings.get(i).pages, DATA_TAIL, tails[i]);
            }
        }
        return records;
    }

    /** Passes what is no sample. Records are 8-byte aligned, and so are the fields read here: none wraps. */
    private long timeOfNext(int ring) {
        MemorySegment data = rings.get(ring).data;
        while (tails[ring] < heads[ring]) {
            long at = tails[ring] & mask;
            int type = data.get(ValueLayout.JAVA_INT, at);
            if (type == PERF_RECORD_SAMPLE) {
                return data.get(ValueLayout.JAVA_LONG, at + HEADER & mask);
            }
            if (type == PERF_RECORD_LOST) {
                lost += data.get(ValueLayout.JAVA_LONG, at + HEADER + 8 & mask);
            }
            tails[ring] += Short.toUnsignedInt(data.get(ValueLayout.JAVA_SHORT, at + 6));
        }
        return Long.MAX_VALUE;
    }

    private void take(int ring, RecordHandler handler) {
        MemorySegment memory = rings.get(ring).data;
        long at = tails[ring] & mask;
        int size = Short.toUnsignedInt(memory.get(ValueLayout.JAVA_SHORT, at + 6));
        tails[ring] += size;
        if (at + size > mask + 1) {
            long first = mask + 1 - at;
            MemorySegment.copy(memory, at, wrapped, 0, first);
            MemorySegment.copy(memory, 0, wrapped, first, size - first);
            memory = wrapped;
            at = 0;
        }
        int length = memory.get(ValueLayout.JAVA_INT, at + HEADER + TIME);
        handler.record(memory, at + HEADER + TIME + LENGTH, length);
    }

    /** The pages are gone after close: touching them would end the process. */
    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the perf buffer is closed");
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            for (Ring ring : rings) {
                Libc.munmap(ring.pages);
                Libc.close(ring.fd);
            }
            Libc.close(epoll);
            arena.close();
        }
    }
}
