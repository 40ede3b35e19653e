// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.JbccException;

/** How stacks are printed. */
enum StackFormat {
    /** BCC's form: a frame a line, a blank line between stacks. */
    TABLE("table"),
    FOLDED("folded"),
    JSON("json"),
    CSV("csv"),
    /** A page for the browser. */
    FLAME("flame"),
    SVG("svg"),
    /** Nothing, when files are written. */
    NONE("");

    private final String word;

    StackFormat(String word) {
        this.word = word;
    }

    static StackFormat parse(String word) {
        for (StackFormat format : values()) {
            if (format != NONE && format.word.equals(word)) {
                return format;
            }
        }
        throw new JbccException.Usage(
                "stacks cannot be shown as '" + word + "'", "the formats are: table, folded, json, csv, flame, svg");
    }

    /** The word that a user types. */
    @Override
    public String toString() {
        return word;
    }
}
