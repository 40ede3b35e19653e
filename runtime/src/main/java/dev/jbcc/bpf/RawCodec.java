// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.JbccException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Memory as a byte array of the same length. */
final class RawCodec extends Codec<byte[]> {
    private final String label;

    RawCodec(String label, int size) {
        super(size);
        this.label = label;
    }

    @Override
    public byte[] decode(MemorySegment segment, long offset) {
        return segment.asSlice(offset, size()).toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public void encode(byte[] value, MemorySegment segment, long offset) {
        if (value.length != size()) {
            throw new JbccException.Failed(label + " has " + size() + " bytes, not " + value.length);
        }
        MemorySegment.copy(value, 0, segment, ValueLayout.JAVA_BYTE, offset, value.length);
    }
}
