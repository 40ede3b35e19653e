// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.flame;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/**
 * Writes a flame graph as a static picture, SVG 1.1 without scripts or styles, for a document. Lengths are pixels. Names
 * are cut by the width of a fixed-width font, whichever the viewer has.
 *
 * <p>{@link StackReader} shows its use.
 */
public final class SvgWriter {
    private static final int MARGIN = 10;
    private static final int ROW = 17;
    private static final int TOP = 32;
    private static final int SUBTITLE = 18;
    private static final int FOOT = 44;
    private static final double LETTER = 7.0; // of the font below, a little more than its widest
    private static final String FONT = "'DejaVu Sans Mono','Liberation Mono',Menlo,Consolas,monospace";
    private static final int MIN_SIDE = 200;

    private final StackTree tree;
    private final FlameOptions options;
    private final Preorder order;
    private final long[] totals;
    private final long[] befores;
    private final int width;
    private final double scale;
    private final Set<FrameKind> kinds = EnumSet.noneOf(FrameKind.class);
    private int rows = 1;
    private int top;
    private Writer out;

    private SvgWriter(StackTree tree, FlameOptions options) {
        this.tree = tree;
        this.options = options;
        order = new Preorder(tree);
        totals = tree.totals(false);
        befores = tree.isDifferential() ? tree.totals(true) : totals;
        width = Math.max(MIN_SIDE, options.width() == 0 ? FlameOptions.SVG_WIDTH : options.width());
        scale = tree.total() == 0 ? 0 : (width - 2.0 * MARGIN) / tree.total();
    }

    /** Writes the picture; the stream is flushed and not closed. */
    public static void write(StackTree tree, FlameOptions options, OutputStream stream) throws IOException {
        new SvgWriter(options.callers() ? tree.callers() : tree, options).write(stream);
    }

    private void write(OutputStream stream) throws IOException {
        out = new BufferedWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), 1 << 16);
        int narrow = walk((frame, depth, x, span) -> rows = Math.max(rows, depth + 1));
        String subtitle = FrameText.line(options.subtitle());
        top = TOP + (subtitle.isEmpty() ? 0 : SUBTITLE);
        int height = top + rows * ROW + FOOT;
        out.write(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\""
                        + " width=\"" + width + "\" height=\"" + height + "\" viewBox=\"0 0 " + width + " " + height
                        + "\" font-family=\"" + FONT + "\" font-size=\"11.5\">\n");
        String title = FrameText.line(options.title());
        out.write("<title>" + Markup.escape(title) + "</title>\n");
        out.write("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
        text(width / 2.0, 21, "#111111", " text-anchor=\"middle\" font-size=\"16\"", cut(title, width / 10));
        if (!subtitle.isEmpty()) {
            text(width / 2.0, TOP + 6, "#444444", " text-anchor=\"middle\"", cut(subtitle, (int) (width / LETTER)));
        }
        walk(this::frame);
        foot(top + rows * ROW, narrow);
        out.write("</svg>\n");
        out.flush();
    }

    private interface Frames {
        void frame(int frame, int depth, double x, double span) throws IOException;
    }

    /** Goes through the frames that are wide enough, and returns how many are not. */
    private int walk(Frames each) throws IOException {
        each.frame(StackTree.ROOT, 0, MARGIN, width - 2.0 * MARGIN);
        long[] starts = new long[64]; // by depth: the count to the left of the next frame
        int[] left = new int[64]; // by depth: children that are still to come
        left[0] = order.children[0];
        int depth = 0;
        int skipped = -1; // the depth of a frame that is too narrow, whose descendants are gone through
        int narrow = 0;
        for (int place = 1; place < order.frames.length; place++) {
            while (left[depth] == 0) {
                depth--;
            }
            left[depth]--;
            int frame = order.frames[place];
            long x = starts[depth];
            starts[depth] += totals[frame];
            depth++;
            if (depth == starts.length) {
                starts = Arrays.copyOf(starts, depth * 2);
                left = Arrays.copyOf(left, depth * 2);
            }
            starts[depth] = x;
            left[depth] = order.children[place];
            if (skipped >= 0 && depth <= skipped) {
                skipped = -1;
            }
            double span = totals[frame] * scale;
            if (skipped >= 0 || span < options.minWidth() || span == 0) {
                skipped = skipped < 0 ? depth : skipped;
                narrow++;
            } else {
                each.frame(frame, depth, MARGIN + x * scale, span);
            }
        }
        return narrow;
    }

    private void frame(int frame, int depth, double x, double span) throws IOException {
        boolean root = frame == StackTree.ROOT;
        String name = root ? "all" : tree.names().text(tree.nameOf(frame));
        boolean process = !options.callers() ? depth == 1 : !root && isProcess(frame);
        FrameKind kind = root ? FrameKind.PROCESS : process ? FrameKind.ofFirst(name) : FrameKind.of(name);
        String shown = FrameKind.shown(name);
        int colour = tree.isDifferential()
                ? Palette.LIGHT.step(Palette.step(befores[frame], totals[frame]))
                : Palette.LIGHT.kind(kind, root ? 0 : Palette.shade(name));
        if (!root) {
            kinds.add(kind);
        }
        int row = options.icicle() ? depth : rows - 1 - depth;
        double y = top + row * ROW;
        double gap = span > 3 ? 0.5 : 0;
        out.write("<g><title>" + Markup.escape(shown) + " (" + details(frame) + ")</title><rect x=\"" + Markup.fixed(x)
                + "\" y=\"" + (int) y + "\" width=\"" + Markup.fixed(span - gap) + "\" height=\"" + (ROW - 1)
                + "\" fill=\"" + Palette.css(colour) + "\"/>");
        int letters = (int) ((span - 6) / LETTER);
        if (letters >= 4) {
            if (shown.length() > letters && (kind == FrameKind.JAVA || kind == FrameKind.INLINED)) {
                shown = shown.substring(shown.lastIndexOf('/') + 1); // the class says more than its package
            }
            text(x + 3, y + 12, Palette.css(Palette.textOn(colour)), "", cut(shown, letters));
        }
        out.write("</g>\n");
    }

    /** Whether the frame, of stacks upside down, is the end of all of them. */
    private boolean isProcess(int frame) {
        return tree.count(frame) == totals[frame] && tree.before(frame) == befores[frame];
    }

    private String details(int frame) {
        String count = Markup.grouped(totals[frame]) + " " + Markup.escape(FrameText.line(options.countName())) + ", "
                + Markup.percent(totals[frame], tree.total());
        if (!tree.isDifferential()) {
            return count;
        }
        double change = (double) totals[frame] - befores[frame];
        return count + "; before " + Markup.grouped(befores[frame]) + ", " + (change > 0 ? "+" : "")
                + Markup.percent(change, tree.total());
    }

    private void foot(int y, int narrow) throws IOException {
        double x = MARGIN;
        if (tree.isDifferential()) {
            x = key(x, y, Palette.LIGHT.step(0), "less");
            x = key(x, y, Palette.LIGHT.step(Palette.STEPS / 2), "the same");
            key(x, y, Palette.LIGHT.step(Palette.STEPS - 1), "more");
        } else {
            for (FrameKind kind : kinds) {
                if (x + 30 + kind.label().length() * LETTER < width) {
                    x = key(x, y, Palette.LIGHT.kind(kind, 0), kind.label());
                }
            }
        }
        String counted = Markup.grouped(tree.total()) + " " + FrameText.line(options.countName())
                + (narrow == 0 ? "" : "; " + Markup.grouped(narrow) + " frames too narrow to draw");
        text(MARGIN, y + 36, "#444444", "", cut(counted, (int) ((width - 2 * MARGIN) / LETTER)));
    }

    private double key(double x, int y, int colour, String label) throws IOException {
        out.write("<rect x=\"" + Markup.fixed(x) + "\" y=\"" + (y + 8) + "\" width=\"12\" height=\"12\" fill=\""
                + Palette.css(colour) + "\" stroke=\"#777777\" stroke-width=\"0.5\"/>");
        text(x + 17, y + 18, "#111111", "", label);
        return x + 17 + (label.length() + 2) * LETTER;
    }

    private void text(double x, double y, String colour, String attributes, String text) throws IOException {
        out.write("<text x=\"" + Markup.fixed(x) + "\" y=\"" + Markup.fixed(y) + "\" fill=\"" + colour + "\""
                + attributes + ">" + Markup.escape(text) + "</text>");
    }

    /** The text, or as much of it as fits before an ellipsis. */
    private static String cut(String text, int letters) {
        if (text.codePointCount(0, text.length()) <= letters) {
            return text;
        }
        return text.substring(0, text.offsetByCodePoints(0, Math.max(0, letters - 1))) + "…";
    }
}
