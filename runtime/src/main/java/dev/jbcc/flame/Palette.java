// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.flame;

/**
 * The colours of flame graphs, chosen so that kinds differ for people who see no red or no green, by lightness as well as
 * by hue, and so that text on them can be read.
 */
final class Palette {
    /** Frames of one kind have these many shades, by their names, so that neighbours can be told apart. */
    static final int SHADES = 3;

    /** Differential colours: from much less over unchanged, in the middle, to much more. */
    static final int STEPS = 9;

    static final Palette LIGHT = new Palette(
            new int[] {
                0xe2eaf6, 0xd98a2b, 0x6bba78, 0x95d8fa, 0xb6ecb1, 0xcf86c9, 0xfdee9e, 0xfccb45, 0xbcc0c6, 0x94959c
            },
            new int[] {0x3f7fc0, 0x74a9d8, 0xa6cae6, 0xd2e3f1, 0xeeeeee, 0xfbdfcd, 0xf5b797, 0xe98d68, 0xd2604a},
            0xffffff);

    static final Palette DARK = new Palette(
            new int[] {
                0x414e7d, 0x78310a, 0x1a6b3f, 0x1e6fbe, 0x527a39, 0x5a2587, 0x51391f, 0x8c6a00, 0x66656b, 0x393a40
            },
            new int[] {0x2f74c4, 0x2a60a0, 0x274f80, 0x293f5e, 0x3a3c42, 0x5a3a34, 0x80402f, 0xa0452c, 0xbb4a2c},
            0x000000);

    private static final double BLEND = 0.09;
    private static final double[] LIMITS = {0.02, 0.15, 0.4, 0.75};

    private final int[] kinds;
    private final int[] steps;
    private final int towards;

    private Palette(int[] kinds, int[] steps, int towards) {
        this.kinds = kinds;
        this.steps = steps;
        this.towards = towards;
    }

    /** The colour of a kind, as 0xRRGGBB. */
    int kind(FrameKind kind, int shade) {
        int base = kinds[kind.ordinal()];
        double share = shade * BLEND;
        int mixed = 0;
        for (int shift = 0; shift <= 16; shift += 8) {
            int from = base >> shift & 0xff;
            mixed |= (int) Math.round(from + ((towards >> shift & 0xff) - from) * share) << shift;
        }
        return mixed;
    }

    int step(int step) {
        return steps[step];
    }

    /** Which shade a frame of this name has, in every graph. */
    static int shade(String name) {
        return Math.floorMod(name.hashCode() >> 3, SHADES);
    }

    /** The differential colour: by the change, measured by the larger count. */
    static int step(long before, long after) {
        if (before == after) {
            return STEPS / 2;
        }
        double change = Math.abs((double) after - before) / Math.max(before, after);
        int strength = 0;
        while (strength < LIMITS.length && change >= LIMITS[strength]) {
            strength++;
        }
        return STEPS / 2 + (after > before ? strength : -strength);
    }

    /** Black or white, whichever can be read better on a colour. */
    static int textOn(int colour) {
        // 0.179 is where the contrast (WCAG 2.2) with black equals that with white.
        return luminance(colour) > 0.179 ? 0x111111 : 0xffffff;
    }

    /** The relative luminance of WCAG 2.2. */
    static double luminance(int colour) {
        return 0.2126 * linear(colour >> 16 & 0xff)
                + 0.7152 * linear(colour >> 8 & 0xff)
                + 0.0722 * linear(colour & 0xff);
    }

    private static double linear(int channel) {
        double value = channel / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
    }

    /** As CSS and SVG write it. */
    static String css(int colour) {
        String digits = Integer.toHexString(colour);
        return "#" + "0".repeat(6 - digits.length()) + digits;
    }
}
