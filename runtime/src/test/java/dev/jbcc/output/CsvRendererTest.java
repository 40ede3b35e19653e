// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

import static dev.jbcc.output.Captured.source;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CsvRendererTest {
    private static String csv(List<Column> columns, String... fields) {
        Renderer renderer = Renderer.of(Format.CSV, columns, List.of(fields), () -> 80);
        return Captured.text(out -> {
            renderer.header(out);
            renderer.row(out);
        });
    }

    @Test
    void headerAndRawValues() {
        List<Column> columns = List.of(
                Column.number("pid", "PID", 6, () -> -7).right(),
                Column.number("flags", "FLAGS", 8, () -> 0100301).octal(8).table(false),
                Column.number("ok", "OK", 2, () -> 3).bool(),
                Column.number("ts", "TIME(s)", 13, () -> 1_500_000_000L).seconds(9),
                Column.number("mode", "MODE", 4, () -> 0).octal(4).absentUnless(() -> false, "n/a"),
                Column.text("comm", "COMM", 16, source("run")),
                Column.text("none", "NONE", 16, into -> -1));
        assertEquals("""
                pid,flags,ok,ts,mode,comm,none
                -7,32961,true,1500000000,,run,
                """, csv(columns));
        assertEquals("""
                comm,pid
                run,-7
                """, csv(columns, "comm", "pid"));
    }

    @Test
    void quotesWhatNeedsIt() {
        assertCell("plain", "plain");
        assertCell(" blanks ", " blanks ");
        assertCell("ünï", "ünï");
        assertCell("", "\"\"");
        assertCell("a,b", "\"a,b\"");
        assertCell(",", "\",\"");
        assertCell("\"", "\"\"\"\"");
        assertCell("say \"hi\"", "\"say \"\"hi\"\"\"");
        assertCell("back\\slash", "back\\\\slash");
        assertCell("two\r\nlines", "two\\r\\nlines");
        assertCell("esc\u001b,x", "\"esc\\x1b,x\"");
    }

    @ParameterizedTest
    @CsvSource({
        "=1+1, \\x3d1+1",
        "+x, \\x2bx",
        "-bash, \\x2dbash",
        "@SUM, \\x40SUM",
        "＝1, \\xef\\xbc\\x9d1",
        "＋1, \\xef\\xbc\\x8b1",
        "－1, \\xef\\xbc\\x8d1",
        "＠1, \\xef\\xbc\\xa01",
        "a=1, a=1",
        "！x, ！x",
        "/bin/ls, /bin/ls",
    })
    void aTextIsNeverAFormula(String text, String cell) {
        assertCell(text, cell);
    }

    @Test
    void aFormulaWithQuotes() {
        assertCell("=HYPERLINK(\"http://x\",\"y\")", "\"\\x3dHYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
    }

    private static void assertCell(String text, String cell) {
        List<Column> columns = List.of(Column.text("t", "T", 1, source(text)), Column.number("n", "N", 1, () -> 1));
        assertEquals("t,n\n" + cell + ",1\n", csv(columns));
    }
}
