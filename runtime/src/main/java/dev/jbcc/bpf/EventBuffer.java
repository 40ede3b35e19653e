// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

/**
 * A buffer that programs write records to and one thread reads: the BPF ring buffer, or perf rings before 5.8.
 *
 * <p>{@link RingBuffer} shows its use.
 */
public abstract sealed class EventBuffer implements AutoCloseable permits RingBuffer, PerfBuffer {
    EventBuffer() {}

    /**
     * Sleeps until the buffer is filling up or the time is over. Programs do not wake the reader for each record, so
     * the time bounds how late one is seen.
     *
     * @param millis at most this long; 0 returns at once
     */
    public abstract void await(int millis);

    /**
     * Hands the records that are there to {@code handler}, oldest first, at most {@code max} of them.
     *
     * @return how many there were
     */
    public abstract int consume(RecordHandler handler, int max);

    /** Unmaps the buffer; what is still in it is gone. Does nothing the second time. */
    @Override
    public abstract void close();
}
