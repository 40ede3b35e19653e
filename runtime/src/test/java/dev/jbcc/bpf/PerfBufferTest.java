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
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class PerfBufferTest {
    private static final int LOST = 2;
    private static final int SAMPLE = 9;

    /** The C's {@code struct record}: checks each, and notes which came. */
    private static final class Received extends StructView implements RecordHandler {
        final IntField sequence = integer("sequence");
        final IntField square = integer("square");
        final BytesField fill = bytes("fill");
        final BitSet sequences = new BitSet();
        int records;

        Received(BpfObject object) {
            super("record");
            bind(object.btf());
        }

        @Override
        public void record(MemorySegment memory, long offset, long length) {
            at(memory, offset, length);
            assertTrue(length >= size() && length < size() + 8, length + " bytes");
            long number = sequence.get();
            assertEquals(number * number, square.get());
            byte[] bytes = new byte[37];
            assertEquals(37, fill.read(bytes));
            for (byte b : bytes) {
                assertEquals((byte) number, b);
            }
            sequences.set((int) number);
            records++;
        }
    }

    @Test
    void recordsArrive() {
        try (BpfObject object = TestBpf.load("perf")) {
            PerfBuffer buffer = object.perfBuffer("perf", 4096);
            Received received = new Received(object);
            object.attach();
            // Many times round the ring, so that records wrap at every place.
            for (int i = 0; i < 2000; i++) {
                TestBpf.trigger(23);
                assertEquals(23, buffer.consume(received, 10) + buffer.consume(received, 100));
            }
            object.detach();
            assertEquals(23 * 2000, received.records);
            assertEquals(23 * 2000, received.sequences.cardinality());
            assertEquals(0, buffer.lost());
            assertEquals(0, TestBpf.count(object, "failed"));
        }
    }

    @Test
    void whatIsLostIsCounted() throws InterruptedException {
        try (BpfObject object = TestBpf.load("perf")) {
            PerfBuffer buffer = object.perfBuffer("perf", 4096);
            Received received = new Received(object);
            object.attach();
            for (int i = 0; i < 20; i++) {
                TestBpf.trigger(500);
                buffer.consume(received, Integer.MAX_VALUE);
            }
            long failed = TestBpf.count(object, "failed");
            assertTrue(failed > 1000, "the ring was to overflow: " + failed);
            // A CPU's loss is told with its next record, so one is needed on each.
            long end = System.nanoTime() + 20_000_000_000L;
            while (buffer.lost() < failed && System.nanoTime() < end) {
                List<Thread> threads = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    threads.add(new Thread(() -> TestBpf.trigger(2)));
                }
                threads.forEach(Thread::start);
                for (Thread thread : threads) {
                    thread.join();
                }
                buffer.consume(received, Integer.MAX_VALUE);
            }
            object.detach();
            buffer.consume(received, Integer.MAX_VALUE);
            assertEquals(failed, TestBpf.count(object, "failed"), "the few after the burst had room");
            assertEquals(failed, buffer.lost());
            assertEquals(TestBpf.count(object, "attempted"), received.records + failed);
        }
    }

    @Test
    void sleepsForTheGivenTimeUntilARingIsFilling() throws InterruptedException {
        try (BpfObject object = TestBpf.load("perf")) {
            PerfBuffer buffer = object.perfBuffer("perf", 4096);
            object.attach();
            long start = System.nanoTime();
            buffer.await(50);
            long idle = (System.nanoTime() - start) / 1_000_000;
            assertTrue(idle >= 49 && idle < 1000, idle + " ms");
            Thread producer = new Thread(() -> {
                try {
                    Thread.sleep(100);
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                TestBpf.trigger(100);
            });
            producer.start();
            start = System.nanoTime();
            buffer.await(20_000);
            long woken = (System.nanoTime() - start) / 1_000_000;
            producer.join();
            assertTrue(woken >= 50 && woken < 10_000, woken + " ms");
            buffer.close();
            buffer.close();
        }
    }

    /** Two rings of 128 bytes in ordinary memory; never closed. */
    private static final class Memory {
        private static final int SIZE = 128;
        final Arena arena = Arena.ofConfined();
        final List<PerfBuffer.Ring> rings = new ArrayList<>();
        final List<byte[]> records = new ArrayList<>();
        final PerfBuffer buffer;
        private long time;

        Memory(long start) {
            for (int cpu = 0; cpu < 2; cpu++) {
                MemorySegment pages = arena.allocate(Libc.pageSize() + SIZE, 8);
                pages.set(ValueLayout.JAVA_LONG, 1024, start);
                pages.set(ValueLayout.JAVA_LONG, 1032, start);
                rings.add(new PerfBuffer.Ring(cpu, -1, pages, pages.asSlice(Libc.pageSize())));
            }
            buffer = new PerfBuffer(SIZE, rings);
        }

        long tail(int cpu) {
            return rings.get(cpu).pages().get(ValueLayout.JAVA_LONG, 1032);
        }

        /** Adds a record as the kernel does. */
        void add(int cpu, int type, byte... payload) {
            MemorySegment pages = rings.get(cpu).pages();
            long head = pages.get(ValueLayout.JAVA_LONG, 1024);
            int size = 8 + payload.length + 7 & ~7;
            byte[] record = new byte[size];
            MemorySegment bytes = MemorySegment.ofArray(record);
            bytes.set(ValueLayout.JAVA_INT_UNALIGNED, 0, type);
            bytes.set(ValueLayout.JAVA_SHORT_UNALIGNED, 6, (short) size);
            System.arraycopy(payload, 0, record, 8, payload.length);
            for (int i = 0; i < size; i++) {
                rings.get(cpu).data().set(ValueLayout.JAVA_BYTE, head + i & SIZE - 1, record[i]);
            }
            pages.set(ValueLayout.JAVA_LONG, 1024, head + size);
        }

        /** A sample of the next point in time. */
        void sample(int cpu, byte... bytes) {
            sampleAt(++time, cpu, bytes);
        }

        /** A sample: its time and length, then the bytes, as BPF pads them. */
        void sampleAt(long when, int cpu, byte... bytes) {
            byte[] payload = new byte[12 + bytes.length];
            MemorySegment.ofArray(payload).set(ValueLayout.JAVA_LONG_UNALIGNED, 0, when);
            payload[8] = (byte) bytes.length;
            System.arraycopy(bytes, 0, payload, 12, bytes.length);
            add(cpu, SAMPLE, payload);
        }

        int consume(int max) {
            return buffer.consume(
                    (memory, offset, length) ->
                            records.add(memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE)),
                    max);
        }
    }

    @Test
    void aWrappedRecordIsCopiedWhole() {
        byte[] bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
        for (long start : new long[] {0, 8, 88, 96, 104, 112, 120, (1L << 32) - 8, (1L << 45) + 120}) {
            Memory memory = new Memory(start);
            memory.sample(0, bytes); // 40 bytes
            memory.sample(0, bytes);
            memory.sample(1, (byte) 1);
            assertEquals(3, memory.consume(10));
            assertArrayEquals(bytes, memory.records.get(0));
            assertArrayEquals(bytes, memory.records.get(1));
            assertArrayEquals(new byte[] {1}, memory.records.get(2));
            assertEquals(start + 80, memory.tail(0));
            assertEquals(start + 24, memory.tail(1));
            assertEquals(0, memory.consume(10));
        }
    }

    @Test
    void lossesAddUpAndOtherRecordsAreSkipped() {
        Memory memory = new Memory(112);
        memory.add(0, LOST, new byte[] {9, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0});
        memory.add(0, 77, new byte[8]);
        memory.sample(0, (byte) 1);
        memory.add(1, LOST, new byte[] {9, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0});
        assertEquals(1, memory.consume(10));
        assertEquals(5 + 258, memory.buffer.lost());
        assertEquals(112 + 64, memory.tail(0));
    }

    @Test
    void recordsOfAllCpusComeInTheOrderOfTheirTimes() {
        Memory memory = new Memory(0);
        memory.sampleAt(10, 1, (byte) 1);
        memory.sampleAt(20, 0, (byte) 2);
        memory.sampleAt(30, 0, (byte) 3);
        memory.sampleAt(40, 1, (byte) 4);
        memory.sampleAt(Long.MAX_VALUE - 1, 0, (byte) 5); // later than now: what comes before it may not be there yet
        assertEquals(3, memory.consume(3));
        assertEquals(1, memory.consume(10));
        for (int i = 0; i < 4; i++) {
            assertArrayEquals(new byte[] {(byte) (i + 1)}, memory.records.get(i));
        }
        assertEquals(0, memory.consume(10));
        assertEquals(48, memory.tail(0));
    }

    @Test
    void handsOutNoMoreThanAskedFor() {
        Memory memory = new Memory(0);
        memory.sample(0, (byte) 1);
        memory.sample(0, (byte) 2);
        memory.sample(1, (byte) 3);
        assertEquals(1, memory.consume(1));
        assertEquals(24, memory.tail(0));
        assertEquals(2, memory.consume(2));
        assertArrayEquals(new byte[] {3}, memory.records.get(2));
    }

    @Test
    void aHandlerThatThrowsHasHadItsRecord() {
        Memory memory = new Memory(0);
        memory.sample(0, (byte) 1);
        memory.sample(0, (byte) 2);
        assertThrows(
                ArithmeticException.class,
                () -> memory.buffer.consume(
                        (segment, offset, length) -> {
                            throw new ArithmeticException();
                        },
                        10));
        assertEquals(24, memory.tail(0));
        assertEquals(1, memory.consume(10));
        assertArrayEquals(new byte[] {2}, memory.records.getFirst());
    }
}
