// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.flame;

/**
 * How a flame graph is to look.
 *
 * <p>{@link StackTree} shows its use.
 *
 * @param title shown at the top
 * @param subtitle shown below it; may be empty
 * @param countName what is counted, such as {@code samples}
 * @param width of the graph in pixels; 0: that of the window for HTML, {@value #SVG_WIDTH} for SVG
 * @param minWidth frames narrower than this many pixels are not drawn
 * @param icicle whether the root is at the top
 * @param callers whether stacks are upside down, from the functions at their ends to their callers
 */
public record FlameOptions(
        String title, String subtitle, String countName, int width, double minWidth, boolean icicle, boolean callers) {
    /** The width of an SVG for which none is given. */
    public static final int SVG_WIDTH = 1200;

    /** As flamegraph.pl has it. */
    public static final double MIN_WIDTH = 0.1;

    /** A graph with this title, and everything else as usual. */
    public static FlameOptions titled(String title) {
        return new FlameOptions(title, "", "samples", 0, MIN_WIDTH, false, false);
    }
}
