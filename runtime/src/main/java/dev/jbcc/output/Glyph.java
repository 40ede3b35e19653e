// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

/**
 * What a terminal does with a Unicode character beyond ASCII: whether it draws it, and over how many cells. The JDK knows
 * the general category (Unicode 16 in JDK 25) but not the East Asian width, whose wide ranges are listed here from
 * EastAsianWidth.txt of the same version.
 */
final class Glyph {
    /** First and last character of each wide range that is not emoji, ascending; gaps inside are unassigned. */
    private static final int[] WIDE = {
        0x1100, 0x115f, // Hangul leading consonants
        0x2329, 0x232a, // angle brackets
        0x2630, 0x2637, // trigrams
        0x268a, 0x268f, // monograms and digrams
        0x2e80, 0x303e, // CJK radicals, punctuation
        0x3041, 0x3247, // kana, bopomofo, Hangul letters, enclosed CJK
        0x3250, 0xa4cf, // enclosed CJK, ideographs, hexagrams, Yi
        0xa960, 0xa97c, // Hangul leading consonants
        0xac00, 0xd7a3, // Hangul syllables
        0xf900, 0xfaff, // compatibility ideographs
        0xfe10, 0xfe19, // vertical forms
        0xfe30, 0xfe6b, // compatibility and small forms
        0xff01, 0xff60, // full width forms
        0xffe0, 0xffe6, // full width signs
        0x16fe0, 0x1b2ff, // Tangut, Khitan, kana, Nushu
        0x1d300, 0x1d356, // Tai Xuan Jing symbols
        0x1d360, 0x1d376, // counting rods
        0x1f200, 0x1f265, // enclosed ideographs
        0x20000, 0x3fffd, // ideographs
    };

    private Glyph() {}

    /**
     * Whether the character is drawn as itself. The others (control, format, bidirectional control, zero width, line and
     * paragraph separator, unassigned) are invisible, move the cursor or reorder the text around them.
     */
    static boolean visible(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }

    /** The number of terminal cells of a visible character: 0 for combining ones, 2 for wide ones, else 1. */
    static int width(int character) {
        if (character < 0x300) {
            return 1;
        }
        int type = Character.getType(character);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK || isJamoTail(character)) {
            return 0;
        }
        return isWide(character) || isWideEmoji(character) ? 2 : 1;
    }

    /** Hangul vowels and trailing consonants join the syllable in front of them. */
    private static boolean isJamoTail(int character) {
        return character >= 0x1160 && character <= 0x11ff || character >= 0xd7b0 && character <= 0xd7fb;
    }

    private static boolean isWide(int character) {
        for (int i = 0; i < WIDE.length && character >= WIDE[i]; i += 2) {
            if (character <= WIDE[i + 1]) {
                return true;
            }
        }
        return false;
    }

    /** Two regional indicators, one cell each, make one flag. */
    private static boolean isWideEmoji(int character) {
        return Character.isEmojiPresentation(character) && (character < 0x1f1e6 || character > 0x1f1ff);
    }
}
