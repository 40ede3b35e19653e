// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

import static dev.jbcc.output.Captured.source;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class JsonRendererTest {
    private static String json(List<Column> columns, String... fields) {
        Renderer renderer = Renderer.of(Format.JSON, columns, List.of(fields), () -> 80);
        return Captured.text(out -> {
            renderer.header(out);
            renderer.row(out);
        });
    }

    @Test
    void allColumnsAllRaw() {
        List<Column> columns = List.of(
                Column.number("pid", "PID", 6, () -> -7).right(),
                Column.number("cookie", "COOKIE", 6, () -> -1).unsigned(),
                Column.number("flags", "FLAGS", 8, () -> 0100301).octal(8).table(false),
                Column.number("addr", "ADDR", 8, () -> 255).hex().wide(false),
                Column.number("ok", "OK", 2, () -> 3).bool(),
                Column.number("bad", "BAD", 2, () -> 0).bool(),
                Column.number("ts", "TIME(s)", 13, () -> 1_500_000_000L).seconds(9),
                Column.number("mode", "MODE", 4, () -> 0).octal(4).absentUnless(() -> false, "n/a"),
                Column.text("args.path", "PATH", 16, source("a\"b")),
                Column.text("empty", "EMPTY", 16, source("")),
                Column.text("none", "NONE", 16, into -> -1),
                Column.text("off", "OFF", 16, source("x")).absentUnless(() -> false, "-"));
        assertEquals(
                "{\"pid\":-7,\"cookie\":18446744073709551615,\"flags\":32961,\"addr\":255,\"ok\":true,\"bad\":false,"
                        + "\"ts\":1500000000,\"mode\":null,\"args.path\":\"a\\\"b\",\"empty\":\"\",\"none\":null,"
                        + "\"off\":null}\n",
                json(columns));
        assertEquals("{\"ok\":true,\"pid\":-7}\n", json(columns, "ok", "pid"));
    }

    @Test
    void randomBytesGiveOneLineOfJson() {
        Random random = new Random(42);
        for (int round = 0; round < 3000; round++) {
            byte[] text = new byte[random.nextInt(60)];
            random.nextBytes(text);
            String line = json(List.of(
                    Column.text("a", "A", 3, source(text)),
                    Column.number("n", "N", 3, random::nextLong),
                    Column.text("b", "B", 3, source(text))));
            assertEquals(line.length() - 1, line.indexOf('\n'));
            Map<String, String> members = StrictJson.object(line.substring(0, line.length() - 1));
            assertEquals(List.of("a", "n", "b"), List.copyOf(members.keySet()));
        }
    }

    @Test
    void everyCharacterComesBack() {
        StringBuilder all = new StringBuilder();
        for (int character = 0; character <= Character.MAX_CODE_POINT; character++) {
            if (character < Character.MIN_SURROGATE || character > Character.MAX_SURROGATE) {
                all.appendCodePoint(character);
            }
        }
        String text = all.toString();
        String line = json(List.of(Column.text("all", "ALL", 1, source(text.getBytes(StandardCharsets.UTF_8)))));
        assertEquals(text, StrictJson.object(line.stripTrailing()).get("all"));
    }
}
