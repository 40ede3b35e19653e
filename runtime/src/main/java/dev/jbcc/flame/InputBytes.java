// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.flame;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The bytes of an input, one by one, with a look at its start. */
final class InputBytes extends InputStream {
    private final InputStream in;
    private final byte[] buffer = new byte[1 << 16];
    private int at;
    private int end;
    private IOException failure;

    InputBytes(InputStream in) {
        this.in = in;
    }

    /** Whether the input, of which nothing has been read, starts with this text; a short one. */
    boolean startsWith(String ascii) throws IOException {
        while (end < ascii.length()) {
            int count = in.read(buffer, end, buffer.length - end);
            if (count < 0) {
                return false;
            }
            end += count;
        }
        return new String(buffer, 0, ascii.length(), StandardCharsets.ISO_8859_1).equals(ascii);
    }

    /** Why the input could not be read, or null: to tell it from what decoders of its bytes throw. */
    IOException failure() {
        return failure;
    }

    @Override
    public int read() throws IOException {
        if (at == end) {
            at = 0;
            try {
                end = Math.max(0, in.read(buffer, 0, buffer.length));
            } catch (IOException unreadable) {
                end = 0;
                failure = unreadable;
                throw unreadable;
            }
            if (end == 0) {
                return -1;
            }
        }
        return buffer[at++] & 0xff;
    }
}
