// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

import dev.jbcc.JbccException;

/** How rows of columns are printed. */
public enum Format {
    TABLE("table"),
    WIDE("wide"),
    JSON("json"),
    CSV("csv");

    private final String word;

    Format(String word) {
        this.word = word;
    }

    /**
     * The format that a user typed.
     *
     * @throws JbccException.Usage if there is none of that name
     */
    public static Format parse(String word) {
        for (Format format : values()) {
            if (format.word.equals(word)) {
                return format;
            }
        }
        throw new JbccException.Usage(
                "there is no output format '" + word + "'", "the formats are: table, wide, json, csv");
    }

    /** Whether people read it, for whom things are shortened and marked; else programs. */
    public boolean isForPeople() {
        return this == TABLE || this == WIDE;
    }

    /** The name that a user types. */
    @Override
    public String toString() {
        return word;
    }
}
