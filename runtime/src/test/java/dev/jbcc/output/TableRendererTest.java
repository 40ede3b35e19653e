// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

import static dev.jbcc.output.Captured.source;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TableRendererTest {
    private long ts;
    private long uid;
    private long pid = 17358;
    private String comm = "run";
    private long fd = 3;
    private long err;
    private long flags;
    private boolean hasMode;
    private String path = "/etc/ld.so.cache";
    private int terminal;

    /** The columns of BCC's opensnoop with -T, -U and -e. */
    private final List<Column> columns = List.of(
            Column.number("ts", "TIME(s)", 13, () -> ts).seconds(9).table(false),
            Column.number("uid", "UID", 5, () -> uid).table(false),
            Column.number("pid", "PID", 6, () -> pid),
            Column.text("comm", "COMM", 16, into -> source(comm).read(into)).grow(20),
            Column.number("fd", "FD", 4, () -> fd).right(),
            Column.number("err", "ERR", 3, () -> err).right(),
            Column.number("flags", "FLAGS", 8, () -> flags).octal(8).table(false),
            Column.number("mode", "MODE", 4, () -> 0664)
                    .octal(4)
                    .absentUnless(() -> hasMode, "n/a")
                    .table(false),
            Column.text("path", "PATH", 10, into -> source(path).read(into)));

    private String table(Format format, String... fields) {
        Renderer renderer = Renderer.of(format, columns, List.of(fields), () -> terminal);
        return Captured.text(out -> {
            renderer.header(out);
            renderer.row(out);
        });
    }

    @Test
    void looksLikeBcc() {
        assertEquals("""
                PID    COMM               FD ERR PATH
                17358  run                 3   0 /etc/ld.so.cache
                """, table(Format.TABLE));
    }

    @Test
    void wordsHaveBlanksBetweenThemAndCanBeIndentedOrQuoted() {
        Column words = Column.words("args", "ARGS", 4, source("a b\0\0c\nd\0\\"));
        assertEquals("a b  c\\nd \\\\\n", row(Format.TABLE, words));
        assertEquals("  a b  c\\nd \\\\\n", row(Format.TABLE, words.indent(() -> 2)));
        String quoted = "'a b' '' 'c'\"${IFS#??}\"'d' '\\'\n";
        assertEquals(quoted, row(Format.TABLE, words.quoted(true)));
        assertEquals("{\"args\":[\"a b\",\"\",\"c\\nd\",\"\\\\\"]}\n", row(Format.JSON, words.quoted(true)));
        assertEquals("a b  c\\nd \\\\\n", row(Format.CSV, words));
        assertEquals("\"" + quoted.strip().replace("\"", "\"\"") + "\"\n", row(Format.CSV, words.quoted(true)));
        assertEquals("\\x3da b\n", row(Format.CSV, Column.words("args", "ARGS", 4, source("=a\0b"))));
    }

    private static String row(Format format, Column column) {
        return Captured.text(Renderer.of(format, List.of(column), List.of(), () -> 0)::row);
    }

    @Test
    void wideLooksLikeBccWithAllItsOptions() {
        ts = 1_234_567_891L;
        uid = 1000;
        flags = 0100301;
        hasMode = true;
        assertEquals("""
                TIME(s)       UID   PID    COMM               FD ERR FLAGS    MODE PATH
                1.234567891   1000  17358  run                 3   0 00100301 0664 /etc/ld.so.cache
                """, table(Format.WIDE));
        hasMode = false;
        assertEquals("""
                TIME(s)       UID   PID    COMM               FD ERR FLAGS    MODE PATH
                1.234567891   1000  17358  run                 3   0 00100301 n/a  /etc/ld.so.cache
                """, table(Format.WIDE));
    }

    @Test
    void nothingIsCut() {
        pid = 4_194_303_000L;
        comm = "a name longer than sixteen";
        fd = -123456;
        assertEquals("""
                PID    COMM               FD ERR PATH
                4194303000 a name longer than sixteen -123456   0 /etc/ld.so.cache
                """, table(Format.TABLE));
    }

    @Test
    void fieldsChooseAndOrder() {
        assertEquals("""
                PATH       MODE PID
                /etc/ld.so.cache n/a  17358
                """, table(Format.TABLE, "path", "mode", "pid"));
    }

    @Test
    void aLastColumnToTheRightIsStillPadded() {
        assertEquals("""
                PID      FD
                17358     3
                """, table(Format.TABLE, "pid", "fd"));
    }

    @Test
    void paddingNeverEndsALineButBlanksOfTheValueDo() {
        path = "";
        assertEquals(
                "FD   PATH       COMM\n   3            run\n",
                table(Format.TABLE, "fd", "path", "comm").replaceFirst("^  FD", "FD  "));
        comm = "";
        assertEquals("PID    COMM             PATH\n17358\n", table(Format.TABLE, "pid", "comm", "path"));
        path = "a  ";
        assertEquals("PID    PATH\n17358  a  \n", table(Format.TABLE, "pid", "path"));
    }

    @Test
    void textOfOthersStaysInItsCell() {
        comm = "\u001b[2J\n\u202egpj";
        path = "日本語\\\u0301";
        assertEquals("""
                PID    COMM               FD ERR PATH
                17358  \\x1b[2J\\n\\xe2\\x80\\xaegpj    3   0 日本語\\\\\u0301
                """, table(Format.TABLE));
    }

    @Test
    void alignsWideAndCombiningCharacters() {
        Column left = Column.text("left", "LEFT", 8, into -> source(comm).read(into));
        Column right = left("right").right();
        Column end = Column.text("end", "END", 0, into -> source("|").read(into));
        Renderer renderer = Renderer.of(Format.TABLE, List.of(left, right, end), List.of(), () -> 0);
        String[] names = {"abc", "日本", "🦀x", "e\u0301e", "각\u1100\u1161", "ｶﾅ", "Ａb", "한글", "ё"};
        String printed = Captured.text(out -> {
            for (String name : names) {
                comm = name;
                renderer.row(out);
            }
        });
        assertEquals("""
                abc           abc |
                日本         日本 |
                🦀x           🦀x |
                e\u0301e             e\u0301e |
                각\u1100\u1161         각\u1100\u1161 |
                ｶﾅ             ｶﾅ |
                Ａb           Ａb |
                한글         한글 |
                ё               ё |
                """, printed);
    }

    private Column left(String name) {
        return Column.text(name, "", 8, into -> source(comm).read(into));
    }

    @Test
    void spareTerminalColumnsGoToThoseThatGrow() {
        Renderer renderer = Renderer.of(Format.TABLE, columns, List.of(), () -> terminal);
        assertFalse(renderer.resize());
        terminal = 43; // 6 + 16 + 4 + 3 + 10 and four blanks: all taken
        assertFalse(renderer.resize());
        terminal = 45;
        assertTrue(renderer.resize());
        assertFalse(renderer.resize());
        assertEquals("17358  run                   3   0 /etc/ld.so.cache\n", row(renderer));
        terminal = 200;
        assertTrue(renderer.resize());
        assertEquals("17358  run                     3   0 /etc/ld.so.cache\n", row(renderer));
        terminal = 20;
        assertTrue(renderer.resize());
        assertEquals("17358  run                 3   0 /etc/ld.so.cache\n", row(renderer));
    }

    private static String row(Renderer renderer) {
        return Captured.text(renderer::row);
    }

    @Test
    void printsEachKindOfNumber() {
        List<Column> kinds = List.of(
                Column.number("signed", "S", 0, () -> -1),
                Column.number("unsigned", "U", 0, () -> -1).unsigned(),
                Column.number("hex", "H", 0, () -> -1).hex(),
                Column.number("octal", "O", 0, () -> 8).octal(3),
                Column.number("yes", "Y", 0, () -> 7).bool(),
                Column.number("no", "N", 0, () -> 0).bool(),
                Column.number("time", "T", 0, () -> -1_500_000_000L).seconds(2),
                Column.text("none", "X", 0, into -> -1));
        Renderer renderer = Renderer.of(Format.TABLE, kinds, List.of(), () -> 0);
        assertEquals("-1 18446744073709551615 0xffffffffffffffff 010 1 0 -1.50 -\n", row(renderer));
    }

    @Test
    void readsTextOfAnyLengthWhole() {
        path = "/x".repeat(50_000);
        String printed = table(Format.TABLE, "path", "pid");
        assertEquals("PATH       PID\n" + path + " 17358\n", printed);
    }

    @Test
    void aRowAllocatesNothing() throws ReflectiveOperationException {
        Allocations allocations = new Allocations();
        byte[] name = "/usr/lib/ü".getBytes(StandardCharsets.UTF_8);
        List<Column> fixed = List.of(
                Column.number("pid", "PID", 6, () -> 5_000_000_000L),
                Column.number("ts", "TIME", 6, () -> 5_000_000_001L).seconds(6).right(),
                Column.text("path", "PATH", 16, source(name)),
                Column.number("mode", "MODE", 4, () -> 0664).octal(4).absentUnless(() -> false, "n/a"),
                Column.text("text", "TEXT", 16, source("\"quoted\", and\n")));
        for (Format format : Format.values()) {
            Renderer renderer = Renderer.of(format, fixed, List.of(), () -> 0);
            OutputBuffer out = new OutputBuffer(OutputStream.nullOutputStream());
            rows(renderer, out, 2000);
            allocations.bytes();
            long before = allocations.bytes();
            rows(renderer, out, 2000);
            long used = allocations.bytes() - before;
            assertTrue(used < 2000, format + ": " + used + " bytes for 2000 rows");
        }
    }

    private static void rows(Renderer renderer, OutputBuffer out, int count) {
        out.truncate(0);
        for (int i = 0; i < count; i++) {
            renderer.row(out);
        }
    }

    /** By reflection, because the runtime's module, which the tests are compiled into, does not need java.management. */
    private static final class Allocations {
        private final Object threads;
        private final Method method;

        Allocations() throws ReflectiveOperationException {
            threads = Class.forName("java.lang.management.ManagementFactory")
                    .getMethod("getThreadMXBean")
                    .invoke(null);
            method = Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
        }

        long bytes() throws ReflectiveOperationException {
            return (long) method.invoke(threads);
        }
    }
}
