// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.JbccException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** A {@code char[N]} as a String; one of exactly N bytes has no zero byte at its end. */
final class TextCodec extends Codec<String> {
    private final String label;

    TextCodec(String label, int width) {
        super(width);
        this.label = label;
    }

    @Override
    public String decode(MemorySegment segment, long offset) {
        Objects.checkFromIndexSize(offset, size(), segment.byteSize());
        byte[] bytes = new byte[CharArray.length(segment, offset, size())];
        CharArray.read(segment, offset, bytes.length, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public void encode(String value, MemorySegment segment, long offset) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > size()) {
            throw new JbccException.Failed(
                    label + " holds " + size() + " bytes, '" + value + "' has " + bytes.length + " in UTF-8");
        }
        if (value.indexOf('\0') >= 0) {
            throw new JbccException.Failed(label + " cannot hold a text with a zero byte in it");
        }
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, offset, bytes.length);
        segment.asSlice(offset + bytes.length, size() - bytes.length).fill((byte) 0);
    }
}
