// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Makes bytes that a traced process chose safe to show; nothing else in jbcc decides what may reach a terminal or a
 * document. Text should be UTF-8 but may be anything: bytes that are no well-formed UTF-8 (Unicode standard, table 3-7)
 * are shown one by one.
 *
 * {@snippet :
 * System.out.println(Escape.terminal("a name that\u001b[31m somebody else chose"));
 * }
 */
public final class Escape {
    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

    private Escape() {}

    /**
     * Appends the first {@code length} bytes of {@code text} so that they stay on their line and draw nothing but
     * themselves: a backslash is doubled, newline, tab and carriage return are {@code \n \t \r}, and each byte of any
     * other control, format or unassigned character or of invalid UTF-8 is {@code \xNN}. The original bytes can be told
     * from the result.
     *
     * @return the number of terminal cells that were used
     */
    public static int terminal(byte[] text, int length, OutputBuffer out) {
        return terminal(text, 0, length, out);
    }

    /** A text made safe in the same way, for messages. */
    public static String terminal(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        OutputBuffer out = new OutputBuffer(shown);
        terminal(bytes, 0, bytes.length, out);
        try {
            out.flush();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return shown.toString(StandardCharsets.UTF_8);
    }

    /** As above, for the bytes from {@code from} to {@code length}. */
    static int terminal(byte[] text, int from, int length, OutputBuffer out) {
        byte[] to = out.reserve(4L * (length - from));
        int start = out.length();
        int at = start;
        int saved = 0; // bytes more than cells
        int i = from;
        while (i < length) {
            byte b = text[i];
            if (b >= 0x20 && b != 0x7f && b != '\\') {
                to[at++] = b;
                i++;
            } else if (b >= 0) {
                at = control(to, at, b);
                i++;
            } else {
                int character = decode(text, i, length);
                if (character < 0) {
                    at = hexByte(to, at, b);
                    i++;
                    continue;
                }
                int size = size(character);
                if (Glyph.visible(character)) {
                    saved += size - Glyph.width(character);
                    for (int end = i + size; i < end; i++) {
                        to[at++] = text[i];
                    }
                } else {
                    for (int end = i + size; i < end; i++) {
                        at = hexByte(to, at, text[i]);
                    }
                }
            }
        }
        out.advance(at);
        return at - start - saved;
    }

    /**
     * Appends the first {@code length} bytes of {@code text} as the inside of a JSON string. Every character survives;
     * those that {@link #terminal} would not show are written as JSON escapes, so that JSON lines are safe on a terminal
     * too. JSON cannot hold a byte that is no UTF-8: it becomes the four characters {@code \xNN}.
     */
    public static void json(byte[] text, int length, OutputBuffer out) {
        json(text, 0, length, out);
    }

    /** As above, for the bytes from {@code from} to {@code length}. */
    static void json(byte[] text, int from, int length, OutputBuffer out) {
        byte[] to = out.reserve(6L * (length - from));
        int at = out.length();
        int i = from;
        while (i < length) {
            byte b = text[i];
            if (b >= 0x20 && b != 0x7f && b != '\\' && b != '"') {
                to[at++] = b;
                i++;
            } else if (b >= 0) {
                at = jsonAscii(to, at, b);
                i++;
            } else {
                int character = decode(text, i, length);
                if (character < 0) {
                    to[at++] = '\\';
                    at = hexByte(to, at, b);
                    i++;
                    continue;
                }
                int size = size(character);
                if (Glyph.visible(character)) {
                    for (int end = i + size; i < end; i++) {
                        to[at++] = text[i];
                    }
                } else {
                    at = jsonEscape(to, at, character);
                    i += size;
                }
            }
        }
        out.advance(at);
    }

    /** Appends the first {@code length} bytes of {@code text}, each as {@code \xNN}. */
    static void bytes(byte[] text, int length, OutputBuffer out) {
        byte[] to = out.reserve(4L * length);
        int at = out.length();
        for (int i = 0; i < length; i++) {
            at = hexByte(to, at, text[i]);
        }
        out.advance(at);
    }

    /** How many bytes the character at {@code i} has if a terminal may get it as it is; 0 for one that it may not. */
    public static int visibleSize(byte[] text, int i, int length) {
        if (text[i] >= 0) {
            return text[i] >= 0x20 && text[i] != 0x7f ? 1 : 0;
        }
        int character = decode(text, i, length);
        return character >= 0 && Glyph.visible(character) ? size(character) : 0;
    }

    /** How many terminal cells the character at {@code i}, which {@link #visibleSize} has found visible, takes. */
    static int cells(byte[] text, int i, int length) {
        return text[i] >= 0 ? 1 : Glyph.width(decode(text, i, length));
    }

    private static int control(byte[] to, int at, byte b) {
        int letter = switch (b) {
            case '\\' -> '\\';
            case '\n' -> 'n';
            case '\t' -> 't';
            case '\r' -> 'r';
            default -> 0;
        };
        if (letter == 0) {
            return hexByte(to, at, b);
        }
        to[at] = '\\';
        to[at + 1] = (byte) letter;
        return at + 2;
    }

    private static int jsonAscii(byte[] to, int at, byte b) {
        int letter = switch (b) {
            case '\\', '"' -> b;
            case '\n' -> 'n';
            case '\t' -> 't';
            case '\r' -> 'r';
            default -> 0;
        };
        if (letter == 0) {
            return jsonUnit(to, at, b);
        }
        to[at] = '\\';
        to[at + 1] = (byte) letter;
        return at + 2;
    }

    private static int jsonEscape(byte[] to, int at, int character) {
        if (character < 0x10000) {
            return jsonUnit(to, at, character);
        }
        int low = jsonUnit(to, at, Character.highSurrogate(character));
        return jsonUnit(to, low, Character.lowSurrogate(character));
    }

    private static int jsonUnit(byte[] to, int at, int unit) {
        to[at] = '\\';
        to[at + 1] = 'u';
        to[at + 2] = HEX[unit >> 12];
        to[at + 3] = HEX[unit >> 8 & 15];
        to[at + 4] = HEX[unit >> 4 & 15];
        to[at + 5] = HEX[unit & 15];
        return at + 6;
    }

    private static int hexByte(byte[] to, int at, byte b) {
        to[at] = '\\';
        to[at + 1] = 'x';
        to[at + 2] = HEX[b >> 4 & 15];
        to[at + 3] = HEX[b & 15];
        return at + 4;
    }

    /** The character that starts at {@code i} with a byte of 0x80 or more, or -1 if the bytes there are no UTF-8. */
    private static int decode(byte[] text, int i, int length) {
        int lead = text[i] & 0xff;
        int size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
        if (lead < 0xc2 || lead > 0xf4 || size > length - i) {
            return -1;
        }
        int character = lead & 0x7f >> size;
        for (int k = 1; k < size; k++) {
            int next = text[i + k] & 0xff;
            if ((next & 0xc0) != 0x80) {
                return -1;
            }
            character = character << 6 | next & 0x3f;
        }
        boolean overlong = size(character) != size;
        boolean surrogate = character >= 0xd800 && character <= 0xdfff;
        return overlong || surrogate || character > 0x10ffff ? -1 : character;
    }

    private static int size(int character) {
        return character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    }
}
