// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.flame;

import dev.jbcc.output.Escape;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Makes the text of a frame, which whoever is traced chose, fit for one line of folded stacks: {@code ;} becomes {@code :},
 * and each byte of a character that draws nothing (control, format, unassigned) or of invalid UTF-8 becomes the four
 * characters {@code \xNN}. A backslash stays as it is, so that folded stacks that need none of this come back unchanged.
 */
final class FrameText {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private FrameText() {}

    /** Whether the bytes can stay as they are. */
    static boolean isClean(byte[] text, int start, int end) {
        int i = start;
        while (i < end) {
            byte b = text[i];
            if (b >= 0x20 && b != 0x7f && b != ';') {
                i++;
            } else {
                int size = b < 0 ? Escape.visibleSize(text, i, end) : 0;
                if (size == 0) {
                    return false;
                }
                i += size;
            }
        }
        return true;
    }

    /** The clean form of the bytes, a new array. */
    static byte[] clean(byte[] text, int start, int end) {
        byte[] to = new byte[4 * (end - start)];
        int at = 0;
        int i = start;
        while (i < end) {
            int size = Escape.visibleSize(text, i, end);
            if (size == 0) {
                to[at++] = '\\';
                to[at++] = 'x';
                to[at++] = HEX[text[i] >> 4 & 15];
                to[at++] = HEX[text[i++] & 15];
            } else if (text[i] == ';') {
                to[at++] = ':';
                i++;
            } else {
                for (int next = i + size; i < next; i++) {
                    to[at++] = text[i];
                }
            }
        }
        return Arrays.copyOf(to, at);
    }

    /** The bytes of a string; half a surrogate pair gives the three bytes that are no UTF-8. */
    static byte[] bytes(String text) {
        int length = text.length();
        byte[] to = new byte[3 * length];
        int at = 0;
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                to[at++] = (byte) c;
            } else if (c < 0x800) {
                to[at++] = (byte) (0xc0 | c >> 6);
                to[at++] = (byte) (0x80 | c & 0x3f);
            } else if (Character.isHighSurrogate(c) && i + 1 < length && Character.isLowSurrogate(text.charAt(i + 1))) {
                int character = Character.toCodePoint(c, text.charAt(++i));
                to[at++] = (byte) (0xf0 | character >> 18);
                to[at++] = (byte) (0x80 | character >> 12 & 0x3f);
                to[at++] = (byte) (0x80 | character >> 6 & 0x3f);
                to[at++] = (byte) (0x80 | character & 0x3f);
            } else {
                to[at++] = (byte) (0xe0 | c >> 12);
                to[at++] = (byte) (0x80 | c >> 6 & 0x3f);
                to[at++] = (byte) (0x80 | c & 0x3f);
            }
        }
        return Arrays.copyOf(to, at);
    }

    /** A title made fit in the same way, but for the semicolon, which means nothing there. */
    static String line(String text) {
        byte[] bytes = bytes(text);
        StringBuilder line = new StringBuilder();
        int from = 0;
        for (int i = 0; i <= bytes.length; i++) {
            if (i == bytes.length || bytes[i] == ';') {
                line.append(new String(clean(bytes, from, i), StandardCharsets.UTF_8));
                line.append(i == bytes.length ? "" : ";");
                from = i + 1;
            }
        }
        return line.toString();
    }
}
