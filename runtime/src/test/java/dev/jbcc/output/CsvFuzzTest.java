// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

final class CsvFuzzTest {
    @FuzzTest
    void aRowComesBack(byte @NotNull [] first, byte @NotNull [] second) {
        List<Column> columns = List.of(
                Column.text("first", "FIRST", 3, Captured.source(first)),
                Column.number("number", "NUMBER", 3, () -> -5),
                Column.text("second", "SECOND", 3, Captured.source(second)));
        Renderer renderer = Renderer.of(Format.CSV, columns, List.of(), () -> 0);
        String line = Captured.text(renderer::row);
        assertTrue(line.chars().limit(line.length() - 1).noneMatch(c -> c < 0x20), line);
        assertEquals('\n', line.charAt(line.length() - 1));
        List<String> cells = cells(line.substring(0, line.length() - 1));
        assertEquals(3, cells.size(), line);
        assertEquals("-5", cells.get(1));
        cell(first, cells.get(0));
        cell(second, cells.get(2));
    }

    private static void cell(byte[] original, String cell) {
        assertTrue(cell.isEmpty() || "=+-@＝＋－＠".indexOf(cell.charAt(0)) < 0, cell);
        assertArrayEquals(original, Captured.unescape(cell.getBytes(StandardCharsets.UTF_8)));
    }

    /** The grammar of RFC 4180, section 2, for one line. */
    private static List<String> cells(String line) {
        List<String> cells = new ArrayList<>();
        int at = 0;
        while (true) {
            StringBuilder cell = new StringBuilder();
            if (at < line.length() && line.charAt(at) == '"') {
                at++;
                while (line.charAt(at) != '"' || at + 1 < line.length() && line.charAt(at + 1) == '"') {
                    at += line.charAt(at) == '"' ? 1 : 0;
                    cell.append(line.charAt(at++));
                }
                at++;
            } else {
                while (at < line.length() && line.charAt(at) != ',') {
                    assertTrue(line.charAt(at) != '"', "quote inside a bare cell");
                    cell.append(line.charAt(at++));
                }
            }
            cells.add(cell.toString());
            if (at == line.length()) {
                return cells;
            }
            assertEquals(',', line.charAt(at++));
        }
    }
}
