// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** What was printed, and the ways back from escaped text to the original bytes. */
final class Captured {
    private Captured() {}

    static byte[] bytes(Consumer<OutputBuffer> print) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        OutputBuffer out = new OutputBuffer(stream);
        print.accept(out);
        try {
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return stream.toByteArray();
    }

    static String text(Consumer<OutputBuffer> print) {
        return utf8(bytes(print));
    }

    /** Fails unless the bytes are well-formed UTF-8. */
    static String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new AssertionError("no UTF-8", e);
        }
    }

    static TextSource source(byte[] value) {
        return into -> {
            int length = Math.min(value.length, into.length);
            System.arraycopy(value, 0, into, 0, length);
            return length;
        };
    }

    static TextSource source(String value) {
        return source(value.getBytes(StandardCharsets.UTF_8));
    }

    /** Undoes {@code \\ \n \t \r \xNN}; anything else after a backslash fails. */
    static byte[] unescape(byte[] shown) {
        ByteArrayOutputStream original = new ByteArrayOutputStream();
        for (int i = 0; i < shown.length; i++) {
            if (shown[i] != '\\') {
                original.write(shown[i]);
                continue;
            }
            switch (shown[++i]) {
                case '\\' -> original.write('\\');
                case 'n' -> original.write('\n');
                case 't' -> original.write('\t');
                case 'r' -> original.write('\r');
                case 'x' -> {
                    String digits = new String(shown, i + 1, 2, StandardCharsets.US_ASCII);
                    original.write(Integer.parseInt(digits, 16));
                    i += 2;
                }
                default -> throw new AssertionError("escape at " + i);
            }
        }
        return original.toByteArray();
    }
}
