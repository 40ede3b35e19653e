// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EscapeTest {
    private int width;

    private String terminal(byte[] text) {
        return Captured.text(out -> width = Escape.terminal(text, text.length, out));
    }

    private String terminal(String text) {
        return terminal(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String json(byte[] text) {
        return Captured.text(out -> Escape.json(text, text.length, out));
    }

    private static String json(String text) {
        return json(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void plainTextIsKept() {
        String ascii = " !\"#$%&'()*+,-./09:;<=>?@AZ[]^_`az{|}~";
        assertEquals(ascii, terminal(ascii));
        assertEquals(ascii.length(), width);
        assertEquals("é漢🦀\u0301 ا", terminal("é漢🦀\u0301 ا"));
        assertEquals(1 + 2 + 2 + 0 + 1 + 1, width);
        assertEquals("é漢🦀\u0301 ا", json("é漢🦀\u0301 ا"));
    }

    @Test
    void controlCharacters() {
        assertEquals("\\n\\t\\r\\\\\\x00\\x1b[31m\\x7f", terminal("\n\t\r\\\0\u001b[31m\u007f"));
        assertEquals(2 + 2 + 2 + 2 + 4 + 4 + 4 + 4, width);
        assertEquals("\\n\\t\\r\\\\\\u0000\\u001b[31m\\u007f\\\"", json("\n\t\r\\\0\u001b[31m\u007f\""));
        assertEquals("\\xc2\\x9b31m", terminal("\u009b31m"));
        assertEquals("\\u009b31m", json("\u009b31m"));
    }

    /** Bidirectional controls, separators, zero width, other format, unassigned, no character. */
    @ParameterizedTest
    @ValueSource(
            ints = {
                0x80, 0x9f, 0xad, 0x61c, 0x200b, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2060, 0x2065,
                0x2066, 0x2069, 0xfeff, 0xfff9, 0xffff, 0x378, 0xe0001, 0xe0041, 0x10ffff
            })
    void invisibleCharacters(int character) {
        String text = Character.toString(character);
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        String shown = "";
        for (byte b : utf8) {
            shown += "\\x" + HexFormat.of().toHexDigits(b);
        }
        assertEquals("a" + shown + "b", terminal("a" + text + "b"));
        assertEquals(2 + shown.length(), width);
        String escaped = "";
        for (char unit : text.toCharArray()) {
            escaped += "\\u" + HexFormat.of().toHexDigits(unit);
        }
        assertEquals("a" + escaped + "b", json("a" + text + "b"));
    }

    /** Unicode standard 16, table 3-7 and the examples 3-8 to 3-11: byte by byte, and the next good byte is kept. */
    @ParameterizedTest
    @CsvSource({
        "80, \\x80",
        "ff41, \\xffA",
        "c0af, \\xc0\\xaf",
        "c1bf, \\xc1\\xbf",
        "c3, \\xc3",
        "c328, \\xc3(",
        "e0809f, \\xe0\\x80\\x9f",
        "e09fbf, \\xe0\\x9f\\xbf",
        "eda080, \\xed\\xa0\\x80",
        "edbfbf41, \\xed\\xbf\\xbfA",
        "e28041, \\xe2\\x80A",
        "e282, \\xe2\\x82",
        "f08080af, \\xf0\\x80\\x80\\xaf",
        "f0808041, \\xf0\\x80\\x80A",
        "f08fbfbf, \\xf0\\x8f\\xbf\\xbf",
        "f0908d, \\xf0\\x90\\x8d",
        "f4908080, \\xf4\\x90\\x80\\x80",
        "f5808080, \\xf5\\x80\\x80\\x80",
        "e1c3a9, \\xe1é",
        "c3c3a9, \\xc3é",
    })
    void invalidUtf8(String hex, String shown) {
        byte[] text = HexFormat.of().parseHex(hex);
        assertEquals(shown, terminal(text));
        assertEquals(shown.length(), width);
        assertEquals(shown.replace("\\", "\\\\"), json(text));
    }

    @Test
    void onlyTheGivenBytesCount() {
        byte[] text = "é!".getBytes(StandardCharsets.UTF_8);
        assertEquals("\\xc3", Captured.text(out -> Escape.terminal(text, 1, out)));
        assertEquals("\\\\xc3", Captured.text(out -> Escape.json(text, 1, out)));
        assertEquals("", Captured.text(out -> Escape.terminal(text, 0, out)));
    }

    @Test
    void randomBytesAreSafeAndUnambiguous() {
        Random random = new Random(1);
        byte[] likely = "\\xn\n\u202e漢🦀\u0301 é".getBytes(StandardCharsets.UTF_8);
        for (int round = 0; round < 20_000; round++) {
            byte[] text = new byte[random.nextInt(24)];
            for (int i = 0; i < text.length; i++) {
                text[i] = random.nextBoolean() ? likely[random.nextInt(likely.length)] : (byte) random.nextInt();
            }
            check(text);
        }
    }

    /** What must hold for any text; also the target of the fuzzer. */
    static void check(byte[] text) {
        int[] width = new int[1];
        byte[] shown = Captured.bytes(out -> width[0] = Escape.terminal(text, text.length, out));
        for (byte b : shown) {
            assertTrue(b < 0 || b >= 0x20 && b != 0x7f, () -> "byte " + b);
        }
        String printed = Captured.utf8(shown);
        assertTrue(printed.codePoints().allMatch(Glyph::visible));
        assertEquals(printed.codePoints().map(Glyph::width).sum(), width[0]);
        assertArrayEquals(text, Captured.unescape(shown));

        String json = json(text);
        assertTrue(json.codePoints().allMatch(Glyph::visible));
        String value = StrictJson.object("{\"k\":\"" + json + "\"}").get("k");
        String original = new String(text, StandardCharsets.UTF_8);
        if (original.indexOf('\ufffd') < 0) {
            assertEquals(original, value);
        }
    }
}
