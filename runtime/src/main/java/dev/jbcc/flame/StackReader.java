// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.flame;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Reads stacks into a tree: folded lines, by the rules of flamegraph.pl, or a page that {@link HtmlWriter} made. What it
 * reads may be anything.
 *
 * <p>A folded line ends with white space and a number; what is in front is the stack, its frames from the root on,
 * separated by {@code ;}. White space inside of frames is legal. If what is in front ends in the same way, the stack is
 * differential: that number counts before, the last one after. Other lines are left out, and counted.
 *
 * {@snippet :
 * StackTree tree = new StackTree();
 * try (InputStream folded = Files.newInputStream(Path.of("out.folded"));
 *         OutputStream picture = Files.newOutputStream(Path.of("out.svg"))) {
 *     new StackReader(tree).read(folded, StackReader.Side.BOTH);
 *     SvgWriter.write(tree, FlameOptions.titled("out.folded"), picture);
 * }
 * }
 */
public final class StackReader {
    /** The longest line, in bytes without its end. */
    static final int MAX_LINE = 1 << 20;

    /** What the counts of an input without a second number are. */
    public enum Side {
        /** Before and after, should the tree be differential. */
        BOTH,
        BEFORE,
        AFTER
    }

    /** Why a line was left out. */
    enum Reason {
        NO_COUNT("without a count at the end"),
        FRACTION("with a count that is not a whole number"),
        TOO_LONG("of more than " + (MAX_LINE >> 20) + " MiB"),
        TOO_DEEP("with more than " + StackTree.MAX_DEPTH + " frames");

        private final String text;

        Reason(String text) {
            this.text = text;
        }
    }

    private record Ignored(long lines, long first) {}

    private final StackTree tree;
    private final Map<Reason, Ignored> ignored = new EnumMap<>(Reason.class);

    /** Reads into that tree. */
    public StackReader(StackTree tree) {
        this.tree = tree;
    }

    /**
     * Adds all stacks of an input. May be called again with another one.
     *
     * @throws IOException when it cannot be read
     * @throws dev.jbcc.JbccException.Failed when it is no such input, or too large
     */
    public void read(InputStream in, Side side) throws IOException {
        ignored.clear();
        InputBytes bytes = new InputBytes(in);
        if (bytes.startsWith(HtmlWriter.FIRST_LINE)) {
            new HtmlReader(tree, side).read(bytes);
        } else {
            new FoldedLines(tree, side, this::ignore).read(bytes);
        }
    }

    private void ignore(Reason reason, long line) {
        ignored.merge(reason, new Ignored(1, line), (old, one) -> new Ignored(old.lines + 1, old.first));
    }

    /** What was left out of the last input: for each reason how many lines, and which was the first. */
    public List<String> ignored() {
        List<String> sentences = new ArrayList<>();
        ignored.forEach((reason, lines) -> sentences.add("ignored " + lines.lines
                + (lines.lines == 1 ? " line " : " lines ") + reason.text
                + (lines.lines == 1 ? ": line " : ", the first is line ") + lines.first));
        return sentences;
    }
}
