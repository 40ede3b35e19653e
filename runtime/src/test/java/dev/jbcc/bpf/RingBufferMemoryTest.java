// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.bpf.ffi.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A ring in ordinary memory, for the states that the kernel's passes through too quickly. It is never closed. */
class RingBufferMemoryTest {
    private static final int SIZE = 4096;
    private static final int BUSY = 1 << 31;
    private static final int DISCARD = 1 << 30;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment consumer = arena.allocate(Libc.pageSize(), 8);
    private final MemorySegment producer = arena.allocate(Libc.pageSize() + 2L * SIZE, 8);
    private final MemorySegment data = producer.asSlice(Libc.pageSize());
    private final MemorySegment sleeps = arena.allocate(ValueLayout.JAVA_INT);
    private final int epoll = Libc.epollCreate();
    private final List<byte[]> records = new ArrayList<>();
    private long produced;

    @AfterEach
    void free() {
        Libc.close(epoll);
        arena.close();
    }

    private RingBuffer ring(long start) {
        produced = start;
        consumer.set(ValueLayout.JAVA_LONG, 0, start);
        producer.set(ValueLayout.JAVA_LONG, 0, start);
        return new RingBuffer(consumer, producer, epoll, sleeps, 1024);
    }

    private void set(long position, byte value) {
        long at = position & SIZE - 1;
        data.set(ValueLayout.JAVA_BYTE, at, value);
        data.set(ValueLayout.JAVA_BYTE, at + SIZE, value);
    }

    /** Changes the header of the record at a position. */
    private void header(long position, int header) {
        for (int i = 0; i < 4; i++) {
            set(position + i, (byte) (header >> 8 * i));
        }
    }

    /** Adds a record as the kernel does, and returns its position. */
    private long add(int flags, byte... bytes) {
        long position = produced;
        header(position, bytes.length | flags);
        for (int i = 0; i < bytes.length; i++) {
            set(position + 8 + i, bytes[i]);
        }
        produced += bytes.length + 8 + 7 & ~7;
        producer.set(ValueLayout.JAVA_LONG, 0, produced);
        return position;
    }

    private void keep(MemorySegment memory, long offset, long length) {
        records.add(memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
    }

    private long published() {
        return consumer.get(ValueLayout.JAVA_LONG, 0);
    }

    @Test
    void stopsAtARecordThatIsBeingWritten() {
        RingBuffer ring = ring(0);
        add(0, new byte[] {1});
        long second = add(BUSY, new byte[] {2, 2});
        add(0, new byte[] {3, 3, 3});
        assertEquals(1, ring.consume(this::keep, 10));
        assertEquals(second, published());
        assertEquals(0, ring.consume(this::keep, 10));
        assertEquals(produced - second, ring.available());
        header(second, 2);
        assertEquals(2, ring.consume(this::keep, 10));
        assertEquals(3, records.size());
        assertArrayEquals(new byte[] {2, 2}, records.get(1));
        assertArrayEquals(new byte[] {3, 3, 3}, records.get(2));
        assertEquals(produced, published());
    }

    @Test
    void looksAgainSoonAtARecordThatIsBeingWritten() {
        RingBuffer ring = ring(0);
        long first = add(BUSY, new byte[2000]);
        ring.consume(this::keep, 10);
        long start = System.nanoTime();
        ring.await(10_000);
        assertTrue(System.nanoTime() - start < 5_000_000_000L);
        header(first, 2000);
        assertEquals(1, ring.consume(this::keep, 10));
    }

    @Test
    void raisesItsFlagOnlyWhileItSleeps() throws InterruptedException {
        RingBuffer ring = ring(0);
        ring.await(0);
        assertEquals(0, sleeps.get(ValueLayout.JAVA_INT, 0));
        add(0, new byte[1100]);
        long start = System.nanoTime();
        ring.await(10_000);
        assertTrue(System.nanoTime() - start < 5_000_000_000L, "slept beyond the mark");
        assertEquals(0, sleeps.get(ValueLayout.JAVA_INT, 0));
    }

    @Test
    void skipsWhatIsDiscarded() {
        RingBuffer ring = ring(0);
        add(DISCARD, new byte[16]);
        add(0, new byte[] {7});
        add(DISCARD, new byte[] {8});
        assertEquals(1, ring.consume(this::keep, 1));
        assertEquals(0, ring.consume(this::keep, 1));
        assertArrayEquals(new byte[] {7}, records.getFirst());
        assertEquals(1, records.size());
        assertEquals(produced, published());
    }

    @Test
    void readsRecordsAcrossTheEnd() {
        RingBuffer ring = ring(SIZE - 24);
        byte[] bytes = new byte[100];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i + 1);
        }
        add(0, bytes); // begins 24 bytes before the end
        add(0, new byte[] {1, 2});
        assertEquals(2, ring.consume(this::keep, 10));
        assertArrayEquals(bytes, records.get(0));
        assertArrayEquals(new byte[] {1, 2}, records.get(1));
    }

    @Test
    void goesRoundManyTimes() {
        // Positions only ever grow; they must work beyond 2^32 as well.
        for (long start : new long[] {0, (1L << 32) - 64, (1L << 40) + 8}) {
            RingBuffer ring = ring(start);
            records.clear();
            for (int i = 0; i < 1000; i++) {
                add(0, new byte[i % 300]);
                add(0, new byte[] {(byte) i});
                assertEquals(2, ring.consume(this::keep, 10));
            }
            for (int i = 0; i < 1000; i++) {
                assertEquals(i % 300, records.get(2 * i).length);
                assertEquals((byte) i, records.get(2 * i + 1)[0]);
            }
            assertEquals(produced, published());
        }
    }

    @Test
    void givesRoomBackWhileItReads() {
        RingBuffer ring = ring(0);
        for (int i = 0; i < 63; i++) {
            add(0, new byte[56]);
        }
        long[] most = new long[1];
        ring.consume((memory, offset, length) -> most[0] = Math.max(most[0], offset - 8 - published()), 100);
        assertTrue(most[0] <= SIZE / 8, "kept " + most[0] + " bytes");
        assertEquals(produced, published());
    }

    @Test
    void countsTheRecordOfAHandlerThatThrows() {
        RingBuffer ring = ring(0);
        add(0, new byte[] {1});
        add(0, new byte[] {2});
        assertThrows(
                ArithmeticException.class,
                () -> ring.consume(
                        (memory, offset, length) -> {
                            throw new ArithmeticException();
                        },
                        10));
        assertEquals(16, published());
        assertEquals(1, ring.consume(this::keep, 10));
        assertArrayEquals(new byte[] {2}, records.getFirst());
    }

    @Test
    void startsWhereTheLastReaderStopped() {
        ring(0);
        add(0, new byte[] {1});
        add(0, new byte[] {2});
        consumer.set(ValueLayout.JAVA_LONG, 0, 16);
        RingBuffer second = new RingBuffer(consumer, producer, epoll, sleeps, 1024);
        assertEquals(1, second.consume(this::keep, 10));
        assertArrayEquals(new byte[] {2}, records.getFirst());
    }
}
