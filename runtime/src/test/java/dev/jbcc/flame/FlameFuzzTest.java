// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.flame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import dev.jbcc.JbccException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.DeflaterOutputStream;

/** Whatever comes in, what was read comes back from each format, and nothing breaks. */
final class FlameFuzzTest {
    /** What flamegraph.pl takes for a line. */
    private static final Pattern LINE = Pattern.compile("^(.*)\\s+?(\\d+(?:\\.\\d*)?)$", Pattern.DOTALL);

    @FuzzTest
    void foldedLines(byte @NotNull [] input) {
        StackTree tree;
        try {
            tree = Stacks.read(input);
        } catch (JbccException.Failed refused) {
            return;
        }
        String folded = Stacks.folded(tree);
        assertTrue(folded.chars().noneMatch(c -> c < 0x20 && c != '\n' || c == 0x7f), folded);
        long total = 0;
        for (String line : folded.split("\n")) {
            total += folded.isEmpty() ? 0 : countOf(line, tree.isDifferential());
        }
        assertEquals(tree.total(), total);
        StackTree again = Stacks.read(folded);
        assertEquals(folded, Stacks.folded(again));
        assertEquals(tree.total(), again.total());
        assertEquals(folded, Stacks.folded(Stacks.read(Stacks.html(tree))));
    }

    /** The last count of a line, as flamegraph.pl finds it, which must find as many as there are. */
    private static long countOf(String line, boolean differential) {
        Matcher matcher = LINE.matcher(line);
        assertTrue(matcher.matches(), line);
        assertEquals(differential, LINE.matcher(matcher.group(1)).matches(), line);
        return Long.parseLong(matcher.group(2));
    }

    @FuzzTest
    void pages(byte @NotNull [] rest) {
        byte[] start = HtmlWriter.FIRST_LINE.getBytes(StandardCharsets.US_ASCII);
        byte[] page = Arrays.copyOf(start, start.length + rest.length);
        System.arraycopy(rest, 0, page, start.length, rest.length);
        try {
            Stacks.read(page);
        } catch (JbccException.Failed refused) {
            // as it should
        }
    }

    /** The bytes inside of a page, past base64 and compression, which a fuzzer would hardly get through. */
    @FuzzTest
    void dataOfAPage(byte @NotNull [] data) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(compressed)) {
            deflater.write(data);
        }
        String page = HtmlWriter.FIRST_LINE + HtmlWriter.STACKS_OPEN
                + Base64.getEncoder().encodeToString(compressed.toByteArray()) + "</script>";
        try {
            String folded = Stacks.folded(Stacks.read(page));
            assertEquals(folded, Stacks.folded(Stacks.read(folded)));
        } catch (JbccException.Failed refused) {
            // as it should
        }
    }

    @FuzzTest
    void names(@NotNull String text) {
        List<String> frames = new ArrayList<>(List.of("app"));
        frames.addAll(List.of(text.split("\n", -1)));
        StackTree tree = new StackTree();
        if (frames.size() <= StackTree.MAX_DEPTH) {
            tree.add(frames, 1);
        }
        String folded = Stacks.folded(tree);
        assertEquals(folded, Stacks.folded(Stacks.read(folded)));
        String page = Stacks.html(tree, new FlameOptions(text, text, text, 0, 0.1, false, false));
        assertEquals(folded, Stacks.folded(Stacks.read(page)));
        assertEquals(3, page.split("<script", -1).length - 1, page);
        assertEquals(3, page.split("</script", -1).length - 1, page);
    }
}
