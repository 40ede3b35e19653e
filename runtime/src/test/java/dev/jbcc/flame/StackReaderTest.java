// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.flame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StackReaderTest {
    /** What flamegraph.pl takes for a line; its second number is found by matching what is in front in the same way. */
    private static final Pattern LINE = Pattern.compile("^(.*)\\s(\\d+(?:\\.\\d*)?)$", Pattern.DOTALL);

    private static List<String> ignored(String input) throws IOException {
        StackReader reader = new StackReader(new StackTree());
        reader.read(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), StackReader.Side.BOTH);
        return reader.ignored();
    }

    private static String again(String input) {
        return Stacks.folded(Stacks.read(input));
    }

    @Test
    void theCountIsTheLastNumberBehindWhiteSpace() {
        assertEquals("a;b c;d(int, x) 7\n", again("a;b c;d(int, x) 7\n"));
        assertEquals("a 7\n", again("a\t7"));
        assertEquals("a  7\n", again("a  7\n"), "only one blank belongs to the count");
        assertEquals("a 7\n", again("a 7\r\n"), "as Windows ends lines");
        assertEquals(" 7\n", again(" 7\n"), "no frame at all is a stack");
        assertEquals("12 7\n", again("12 7\n"));
    }

    @Test
    void sameStacksAddUpAndTheLargestComesFirst() {
        assertEquals("b 5\na;c 3\na 1\na;b 1\n", again("a 1\na;c 1\nb 5\na;b 1\na;c 2\n"));
    }

    @Test
    void emptyFramesStayButAtTheEnd() {
        assertEquals("a;;b 1\n", again("a;;b 1\n"));
        assertEquals(";a 1\n", again(";a 1\n"));
        assertEquals("a 3\n", again("a; 1\na;; 2\n"));
        assertEquals(" 1\n", again(";; 1\n"));
    }

    @Test
    void twoNumbersAreBeforeAndAfter() {
        StackTree tree = Stacks.read("a;b 3 5\na;c 0 2\n");
        assertTrue(tree.isDifferential());
        assertEquals(7, tree.total());
        assertEquals(3, tree.totalBefore());
        assertEquals("a;b 3 5\na;c 0 2\n", Stacks.folded(tree));
        assertEquals("a;d 9 9\na;b 3 5\n", again("a;b 3 5\na;d 9\n"), "one number: it did not change");
        assertEquals("a;d 9 9\na;b 3 5\n", again("a;d 9\na;b 3 5\n"));
        assertEquals("a 1 2 3\n", again("a 1 2 3\n"), "a frame may end with a number, too");
    }

    @Test
    void aStackThatEndsLikeACountComesBackAsOne() {
        StackTree tree = new StackTree();
        tree.add(List.of("app", "worker 12"), 5);
        tree.add(List.of("app", "python 3.11"), 4);
        tree.add(List.of("app", "pool-12"), 3);
        assertEquals("app;worker 12; 5\napp;python 3.11; 4\napp;pool-12 3\n", Stacks.folded(tree));
        assertEquals(Stacks.folded(tree), again(Stacks.folded(tree)));
        assertFalse(Stacks.read(Stacks.folded(tree)).isDifferential());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "a;b",
                "a b",
                "5",
                "a5",
                "a -5",
                "a +5",
                "a 5x",
                "a 5 ",
                "a .5",
                "a 5..",
                "a 1e3",
                "# comment",
                "a\u00a05"
            })
    void otherLinesAreCounted(String line) throws IOException {
        assertFalse(matches(line));
        assertEquals(List.of("ignored 1 line without a count at the end: line 2"), ignored("x 1\n" + line + "\nx 1\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a 5", "a 5.", "a 5.000", "a;b c 5", "a\u000b5", "a \f5", "a 5 6", "a 5. 6.0", " 5", "a b 0"})
    void theseAreLines(String line) throws IOException {
        assertTrue(matches(line));
        assertEquals(List.of(), ignored(line));
    }

    private static boolean matches(String line) {
        Matcher matcher = LINE.matcher(line);
        return matcher.matches();
    }

    @Test
    void fractionsAreRefusedUnlessTheyAreWhole() throws IOException {
        assertEquals("a 12\n", again("a 12.\n"));
        assertEquals("a 12\n", again("a 12.00\n"));
        assertEquals(
                List.of("ignored 2 lines with a count that is not a whole number, the first is line 1"),
                ignored("a 1.5\nb 2\nc 3.5 4\n"));
    }

    @Test
    void nothingIsAddedForZero() {
        assertTrue(Stacks.read("a;b 0\n").isEmpty());
        assertEquals("a 0 1\n", again("a 0 1\nb 0 0\n"));
    }

    @Test
    void countsAreExactUpToTheLargest() {
        assertEquals("a 9223372036854775807\n", again("a 9223372036854775807\n"));
        for (String input :
                List.of("a 9223372036854775808\n", "a 9223372036854775807\nb 1\n", "a 99999999999999999999\n")) {
            JbccException.Failed failure = assertThrows(JbccException.Failed.class, () -> Stacks.read(input));
            assertTrue(failure.getMessage().contains("9223372036854775807"), failure.getMessage());
        }
    }

    @Test
    void longLinesAndDeepStacksAreLeftOut() throws IOException {
        String deepest = "f;".repeat(StackTree.MAX_DEPTH - 1) + "f";
        assertEquals(deepest + " 1\n", again(deepest + " 1\n"));
        assertEquals(
                List.of("ignored 1 line with more than 16384 frames: line 1"), ignored(deepest + ";f 1\n" + "a 1\n"));
        String longest = "f".repeat(StackReader.MAX_LINE - 2);
        assertEquals(longest + " 1\n", again(longest + " 1\n"));
        assertEquals(List.of("ignored 1 line of more than 1 MiB: line 2"), ignored("a 1\nf" + longest + " 1\nb 1\n"));
        assertEquals("b 1\n", again("f" + longest + " 1\nb 1\n"));
    }

    @Test
    void whatDrawsNothingIsEscaped() {
        assertEquals("a\\x1b[31m\\x00;b\\x09c 1\n", again("a\u001b[31m\0;b\tc 1\n"));
        assertEquals("\\xe2\\x80\\xae\\xe2\\x80\\xa8 1\n", again("\u202e\u2028 1\n"));
        assertEquals("日本;é;a\\b 1\n", again("日本;é;a\\b 1\n"));
        byte[] malformed = {'a', (byte) 0xff, (byte) 0xc3, ' ', '1'};
        assertEquals("a\\xff\\xc3 1\n", Stacks.folded(Stacks.read(malformed)));
    }

    @Test
    void aComparisonTakesOneCountFromEach() throws IOException {
        StackTree tree = new StackTree();
        StackReader reader = new StackReader(tree);
        reader.read(bytes("a;b 10\na;c 5\n"), StackReader.Side.BEFORE);
        reader.read(bytes("a;b 20\na;d 1\n"), StackReader.Side.AFTER);
        assertEquals("a;b 10 20\na;d 0 1\na;c 5 0\n", Stacks.folded(tree));
        tree.normalize();
        // 15 before, 21 after: each count times 21 / 15, rounded down.
        assertEquals("a;b 14 20\na;d 0 1\na;c 7 0\n", Stacks.folded(tree));
        assertEquals(21, tree.totalBefore());
        assertThrows(JbccException.Failed.class, () -> reader.read(bytes("a 1 2\n"), StackReader.Side.AFTER));
    }

    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }
}
