// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A ring that the kernel fills. */
class RingBufferTest {
    private static final RecordHandler IGNORE = (memory, offset, length) -> {};

    /** The C's {@code struct record}; its sequence numbers, in the order in which they came. */
    private static final class Received extends StructView implements RecordHandler {
        final IntField sequence = integer("sequence");
        final IntField square = integer("square");
        final BytesField fill = bytes("fill");
        final List<Long> sequences = new ArrayList<>();

        Received(BpfObject object) {
            super("record");
            bind(object.btf());
        }

        @Override
        public void record(java.lang.foreign.MemorySegment memory, long offset, long length) {
            at(memory, offset, length);
            assertEquals(size(), length);
            long number = sequence.get();
            assertEquals(number * number & 0xffff_ffffL, square.get());
            byte[] bytes = new byte[44];
            assertEquals(44, fill.read(bytes));
            for (byte b : bytes) {
                assertEquals((byte) number, b);
            }
            sequences.add(number);
        }
    }

    @Test
    void recordsArriveInOrder() {
        try (BpfObject object = TestBpf.load("ring")) {
            RingBuffer ring = object.ringBuffer("ring");
            Received received = new Received(object);
            object.attach();
            TestBpf.trigger(23);
            object.detach();
            assertEquals(10, ring.consume(received, 10), "no more than asked for");
            assertEquals(13 * 64, ring.available());
            assertEquals(13, ring.consume(received, Integer.MAX_VALUE));
            assertEquals(0, ring.consume(received, Integer.MAX_VALUE));
            assertEquals(0, ring.available());
            assertEquals(23, received.sequences.size());
            for (int i = 0; i < 23; i++) {
                assertEquals(i, received.sequences.get(i));
            }
        }
    }

    @Test
    void whatIsNotReceivedIsCounted() {
        try (OpenObject open = TestBpf.open("ring")) {
            open.maxEntries("ring", 4096);
            open.global("burst", 200);
            try (BpfObject object = TestBpf.load(open)) {
                RingBuffer ring = object.ringBuffer("ring");
                Received received = new Received(object);
                object.attach();
                for (int i = 0; i < 500; i++) {
                    TestBpf.trigger(1);
                    if (i % 3 != 0) {
                        ring.consume(received, i % 70);
                    }
                }
                object.detach();
                ring.consume(received, Integer.MAX_VALUE);
                long attempted = TestBpf.count(object, "attempted");
                long failed = TestBpf.count(object, "failed");
                assertEquals(100_000, attempted);
                assertTrue(failed > 50_000, "the ring was to overflow: " + failed);
                assertEquals(attempted, received.sequences.size() + failed);
                for (int i = 1; i < received.sequences.size(); i++) {
                    assertTrue(received.sequences.get(i - 1) < received.sequences.get(i));
                }
            }
        }
    }

    @Test
    void discardedRecordsAreSkipped() {
        try (OpenObject open = TestBpf.open("ring")) {
            open.global("discard_every", 3);
            try (BpfObject object = TestBpf.load(open)) {
                RingBuffer ring = object.ringBuffer("ring");
                Received received = new Received(object);
                object.attach();
                TestBpf.trigger(9);
                object.detach();
                assertEquals(3, TestBpf.count(object, "discarded"));
                assertEquals(6, ring.consume(received, 6), "those skipped do not count");
                assertEquals(List.of(1L, 2L, 4L, 5L, 7L, 8L), received.sequences);
                assertEquals(0, ring.available());
            }
        }
    }

    @Test
    void aHandlerThatThrowsHasHadItsRecord() {
        try (BpfObject object = TestBpf.load("ring")) {
            RingBuffer ring = object.ringBuffer("ring");
            object.attach();
            TestBpf.trigger(3);
            object.detach();
            assertThrows(
                    UnsupportedOperationException.class,
                    () -> ring.consume(
                            (memory, offset, length) -> {
                                throw new UnsupportedOperationException();
                            },
                            3));
            Received received = new Received(object);
            assertEquals(2, ring.consume(received, 3));
            assertEquals(List.of(1L, 2L), received.sequences);
        }
    }

    private static long awaitMillis(EventBuffer buffer, int limit) {
        long start = System.nanoTime();
        buffer.await(limit);
        return (System.nanoTime() - start) / 1_000_000;
    }

    /** A ring of 64 KiB, whose reader is woken at 16 KiB, with events of 1 KiB. */
    private static BpfObject submitting() {
        try (OpenObject open = TestBpf.open("submit")) {
            open.maxEntries("jbcc_ring", 1 << 16);
            open.global("jbcc_wake_at", BpfObject.wakeMark(1 << 16));
            open.leaveOut("jbcc_perf");
            open.leaveOut("jbcc_pids");
            open.leaveOut("jbcc_cgroup");
            return TestBpf.load(open);
        }
    }

    @Test
    void sleepsForTheGivenTimeBelowTheMark() {
        try (BpfObject object = submitting()) {
            RingBuffer ring = object.ringBuffer("jbcc_ring");
            object.attach();
            long idle = awaitMillis(ring, 50);
            assertTrue(idle >= 49 && idle < 1000, idle + " ms");
            assertTrue(awaitMillis(ring, 0) < 40);
            TestBpf.trigger(3);
            long few = awaitMillis(ring, 50);
            assertTrue(few >= 49 && few < 1000, few + " ms");
            assertEquals(3, ring.consume(IGNORE, Integer.MAX_VALUE));
        }
    }

    @Test
    void wakesWhenTheMarkIsReached() throws InterruptedException {
        try (BpfObject object = submitting()) {
            RingBuffer ring = object.ringBuffer("jbcc_ring");
            object.attach();
            for (int round = 0; round < 3; round++) {
                Thread producer = new Thread(() -> {
                    try {
                        Thread.sleep(100);
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                    TestBpf.trigger(20);
                });
                producer.start();
                long woken = awaitMillis(ring, 20_000);
                producer.join();
                assertTrue(woken >= 50 && woken < 10_000, woken + " ms in round " + round);
                assertTrue(awaitMillis(ring, 20_000) < 10_000, "does not sleep at all beyond the mark");
                assertEquals(20, ring.consume(IGNORE, Integer.MAX_VALUE));
            }
        }
    }

    @Test
    void closesTwiceAndBeforeItsObject() {
        try (BpfObject object = TestBpf.load("ring")) {
            RingBuffer ring = object.ringBuffer("ring");
            ring.close();
            ring.close();
            RingBuffer another = object.ringBuffer("ring");
            object.attach();
            TestBpf.trigger(1);
            assertEquals(1, another.consume(IGNORE, 2));
        }
    }
}
