// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ShellWordTest {
    private static final int WORDS = 400;

    private static byte[] word(byte[] text, boolean first) {
        return Captured.bytes(out -> ShellWord.append(text, 0, text.length, first, out));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', textBlock = """
            --color=auto, false, --color=auto
            /bin/ls,      true,  /bin/ls
            ./run,        true,  ./run
            ls,           true,  'ls'
            if,           true,  'if'
            A=b,          true,  'A=b'
            /a=b,         true,  '/a=b'
            =b,           false, '=b'
            ~,            false, '~'
            *,            false, '*'
            `a b`,        false, 'a b'
            it's,         false, 'it'\\''s'
            $(id),        false, '$(id)'
            ä€,           false, 'ä€'
            """)
    void plainWordsStayAsTheyAreAndOthersAreQuoted(String text, boolean first, String expected) {
        assertEquals(expected, new String(word(text.getBytes(StandardCharsets.UTF_8), first), StandardCharsets.UTF_8));
    }

    /** Random words, most of them of characters that mean something to a shell or a terminal. */
    @ParameterizedTest
    @ValueSource(strings = {"sh", "dash", "bash"})
    void shellsReadTheSameBytes(String shell) throws Exception {
        if (!Files.isExecutable(Path.of("/bin", shell))) {
            return; // one of them is there: sh
        }
        Random random = new Random(42);
        byte[] nasty = "'\"\\$`\n\n\t\r !#&*()=~{}[]|;<>?ab/\u001b\u007f".getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream script = new ByteArrayOutputStream();
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        script.writeBytes("printf '%s\\0'".getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < WORDS; i++) {
            byte[] text = new byte[random.nextInt(12)];
            for (int k = 0; k < text.length; k++) {
                int any = 1 + random.nextInt(255);
                text[k] = (byte) (random.nextInt(4) == 0 ? any : nasty[random.nextInt(nasty.length)]);
            }
            byte[] shown = word(text, false);
            for (byte b : shown) {
                assertTrue((b & 0xff) >= 0x20 && b != 0x7f, "a control character");
            }
            Captured.utf8(shown);
            script.write(' ');
            script.writeBytes(shown);
            expected.writeBytes(text);
            expected.write(0);
        }
        Process process = new ProcessBuilder(List.of(shell)).start();
        process.getOutputStream().write(script.toByteArray());
        process.getOutputStream().close();
        byte[] read = process.getInputStream().readAllBytes();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertArrayEquals(expected.toByteArray(), read);
    }

    @ParameterizedTest
    @CsvSource({"中文,6", "a,1", "'a b',5", "é,3"})
    void countsTerminalCells(String text, int cells) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] counted = new int[1];
        Captured.bytes(out -> counted[0] = ShellWord.append(bytes, 0, bytes.length, false, out));
        assertEquals(cells, counted[0]);
    }
}
