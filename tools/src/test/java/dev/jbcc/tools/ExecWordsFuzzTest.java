// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.jbcc.output.TextSource;
import dev.jbcc.output.Words;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** File names and arguments of programs, which can be anything. */
class ExecWordsFuzzTest {
    private static final byte[] MORE = "\u2026".getBytes(StandardCharsets.UTF_8);

    /** The first byte says what is there and how many words are shown; the file's name ends at the first NUL. */
    @FuzzTest(maxDuration = "1m")
    void anyCommandLine(byte[] bytes) {
        if (bytes.length == 0) {
            return;
        }
        boolean script = (bytes[0] & 1) != 0;
        boolean named = (bytes[0] & 2) != 0;
        boolean cut = (bytes[0] & 4) != 0;
        int most = 1 + ((bytes[0] & 0xff) >> 3);
        int nameEnd = Words.end(bytes, 1, bytes.length);
        byte[] name = Arrays.copyOfRange(bytes, 1, Math.min(nameEnd, 4096));
        byte[] argv = Arrays.copyOfRange(bytes, Math.min(nameEnd + 1, bytes.length), bytes.length);
        ExecWords words = new ExecWords(source(named ? name : null), source(script ? name : null), source(argv));

        words.load(cut);
        List<String> given = split(argv);
        List<String> shown = split(read(words, Integer.MAX_VALUE, false));
        // The name, and then a rest of what was given: in a script all after its path, else all but the first.
        int rest = shown.size() - (named && !shown.isEmpty() ? 1 : 0);
        assertTrue(rest <= given.size());
        assertEquals(
                given.subList(given.size() - rest, given.size()), shown.subList(shown.size() - rest, shown.size()));
        if (named) {
            assertEquals(latin1(name), shown.getFirst());
            if (!script) {
                assertEquals(Math.max(0, given.size() - 1), rest);
            }
        }
        assertEquals(cut, words.isTruncated());

        byte[] people = read(words, most, true);
        List<String> few = split(people);
        boolean more = few.size() > 0 && few.getLast().equals(latin1(MORE));
        assertTrue(few.size() <= most + 1);
        if ((cut || shown.size() > most) && !shown.isEmpty()) {
            assertTrue(more);
        } else {
            assertEquals(shown, few);
        }

        byte[] kept = words.keep(16);
        assertTrue(kept.length <= 16);
        String joined = words.joined();
        ExecWords later = new ExecWords(source(null), source(null), source(null));
        byte[] all = words.keep(Integer.MAX_VALUE);
        later.load(all, cut);
        assertEquals(joined, later.joined());
        assertArrayEquals(read(words, most, true), read(later, most, true));
        assertEquals(words.longerThan(16), all.length > 16);
    }

    private static TextSource source(byte[] text) {
        return into -> {
            if (text == null) {
                return -1;
            }
            int length = Math.min(text.length, into.length);
            System.arraycopy(text, 0, into, 0, length);
            return length;
        };
    }

    /** As a column reads it: again with more room while all that there was is full. */
    private static byte[] read(ExecWords words, int most, boolean forPeople) {
        byte[] into = new byte[1];
        int length = words.source(most, forPeople).read(into);
        while (length == into.length) {
            into = new byte[2 * into.length];
            length = words.source(most, forPeople).read(into);
        }
        return Arrays.copyOf(into, Math.max(0, length));
    }

    private static List<String> split(byte[] words) {
        List<String> list = new ArrayList<>();
        for (int start = 0; start < words.length; ) {
            int end = Words.end(words, start, words.length);
            list.add(latin1(Arrays.copyOfRange(words, start, end)));
            start = end + 1;
        }
        return list;
    }

    private static String latin1(byte[] text) {
        return new String(text, StandardCharsets.ISO_8859_1);
    }
}
