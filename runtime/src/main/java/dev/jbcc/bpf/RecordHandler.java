// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import java.lang.foreign.MemorySegment;

/**
 * Receives the records of a buffer, in place.
 *
 * <p>{@link RingBuffer} shows its use.
 */
@FunctionalInterface
public interface RecordHandler {
    /**
     * One record. The bytes are valid only during the call: the kernel overwrites them afterwards.
     *
     * @param memory the memory that the record is in
     * @param offset where it starts
     * @param length its length in bytes; a perf buffer may pad it by up to 7
     */
    void record(MemorySegment memory, long offset, long length);
}
