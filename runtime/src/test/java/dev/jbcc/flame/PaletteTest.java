// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.flame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The colours can be told apart, and what is written on them can be read. */
final class PaletteTest {
    /** WCAG 2.2, success criterion 1.4.3. */
    private static final double CONTRAST = 4.5;

    /** What is left of linear RGB without red- or green-sensitive cones: Machado, Oliveira, Fernandes (2009), severity 1. */
    private static final double[][][] VISION = {
        {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
        {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
        {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}
    };

    private static Palette palette(boolean dark) {
        return dark ? Palette.DARK : Palette.LIGHT;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void textCanBeRead(boolean dark) {
        for (FrameKind kind : FrameKind.values()) {
            for (int shade = 0; shade < Palette.SHADES; shade++) {
                readable(palette(dark).kind(kind, shade));
            }
        }
        for (int step = 0; step < Palette.STEPS; step++) {
            readable(palette(dark).step(step));
        }
    }

    private static void readable(int colour) {
        double one = Palette.luminance(colour) + 0.05;
        double other = Palette.luminance(Palette.textOn(colour)) + 0.05;
        double contrast = Math.max(one, other) / Math.min(one, other);
        assertTrue(contrast >= CONTRAST, Palette.css(colour) + ": " + contrast);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void kindsDifferForEveryone(boolean dark) {
        for (double[][] vision : VISION) {
            for (FrameKind a : FrameKind.values()) {
                for (FrameKind b : FrameKind.values()) {
                    if (a.ordinal() < b.ordinal()) {
                        double distance =
                                distance(palette(dark).kind(a, 0), palette(dark).kind(b, 0), vision);
                        assertTrue(distance > 10, a + " and " + b + ": " + distance);
                    }
                }
            }
            double opposite = distance(palette(dark).step(0), palette(dark).step(Palette.STEPS - 1), vision);
            assertTrue(opposite > 40, "less and more: " + opposite);
        }
    }

    /** The distance of CIE 1976; just noticeable is 2.3. */
    private static double distance(int a, int b, double[][] vision) {
        double[] one = lab(a, vision);
        double[] other = lab(b, vision);
        return Math.sqrt(
                Math.pow(one[0] - other[0], 2) + Math.pow(one[1] - other[1], 2) + Math.pow(one[2] - other[2], 2));
    }

    private static double[] lab(int colour, double[][] vision) {
        double[] linear = new double[3];
        for (int i = 0; i < 3; i++) {
            double value = (colour >> 16 - 8 * i & 0xff) / 255.0;
            linear[i] = value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
        }
        double[] seen = new double[3];
        for (int i = 0; i < 3; i++) {
            double[] row = vision[i];
            seen[i] = Math.clamp(row[0] * linear[0] + row[1] * linear[1] + row[2] * linear[2], 0, 1);
        }
        double x = root((0.4124 * seen[0] + 0.3576 * seen[1] + 0.1805 * seen[2]) / 0.9505);
        double y = root(0.2126 * seen[0] + 0.7152 * seen[1] + 0.0722 * seen[2]);
        double z = root((0.0193 * seen[0] + 0.1192 * seen[1] + 0.9505 * seen[2]) / 1.089);
        return new double[] {116 * y - 16, 500 * (x - y), 200 * (y - z)};
    }

    private static double root(double value) {
        return value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116.0;
    }

    @Test
    void theColourOfAChangeGoesByTheLargerCount() {
        assertEquals(4, Palette.step(0, 0));
        assertEquals(4, Palette.step(1000, 1001));
        assertEquals(8, Palette.step(0, 1));
        assertEquals(0, Palette.step(1, 0));
        assertEquals(6, Palette.step(80, 100));
        assertEquals(2, Palette.step(100, 80));
    }
}
