// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** What the contract tests ask of a column that no tool needs to know. */
public final class ColumnFacts {
    private ColumnFacts() {}

    /** Whether the format shows the column when the user does not choose the fields. */
    public static boolean isShown(Column column, Format format) {
        return column.isShown(format);
    }

    /** The type of its value in JSON, which for a number is read from the present event. */
    public static String jsonType(Column column) throws IOException {
        if (column.isWords()) {
            return "array";
        }
        if (column.isText()) {
            return "string";
        }
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        OutputBuffer out = new OutputBuffer(written);
        column.raw(out);
        out.flush();
        return switch (written.toString(StandardCharsets.US_ASCII)) {
            case "true", "false" -> "boolean";
            default -> "number";
        };
    }
}
