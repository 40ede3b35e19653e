// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads a text file of /proc, /sys or /etc, whose size is not known before (the kernel says 0), up to a limit.
 *
 * <p>The bytes are decoded as ISO 8859-1, so that none is lost: a caller that shows them decodes them again.
 */
final class KernelText {
    private KernelText() {}

    /** The first {@code limit} bytes of a file; empty when it cannot be read, for whatever reason. */
    static Optional<String> read(Path file, int limit) {
        try (InputStream in = Files.newInputStream(file)) {
            return Optional.of(new String(in.readNBytes(limit), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The text of {@link #read} as it is shown: malformed UTF-8 becomes U+FFFD. */
    static String utf8(String latin1) {
        return new String(latin1.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /** A decimal number from 0 to {@code max}, or -1 when the text is anything else. */
    static long number(String text, long max) {
        long value = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9 || value > (max - digit) / 10) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return text.isEmpty() ? -1 : value;
    }
}
