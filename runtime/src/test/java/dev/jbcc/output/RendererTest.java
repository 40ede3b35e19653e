// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

import static dev.jbcc.output.Captured.source;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbcc.JbccException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class RendererTest {
    private static final List<Column> COLUMNS = List.of(
            Column.number("pid", "PID", 6, () -> 1),
            Column.text("comm", "COMM", 16, source("x")).table(false));

    @ParameterizedTest
    @EnumSource
    void anUnknownFieldNamesTheKnownOnes(Format format) {
        JbccException.Usage e = assertThrows(
                JbccException.Usage.class, () -> Renderer.of(format, COLUMNS, List.of("pid", "PID"), () -> 0));
        assertEquals("there is no field 'PID'", e.getMessage());
        assertEquals("the fields are: pid, comm", e.hint().orElseThrow());
    }

    @Test
    void aFieldTwiceIsRefused() {
        JbccException.Usage e = assertThrows(
                JbccException.Usage.class,
                () -> Renderer.of(Format.JSON, COLUMNS, List.of("pid", "comm", "pid"), () -> 0));
        assertEquals("the field 'pid' is there twice", e.getMessage());
    }

    @ParameterizedTest
    @EnumSource
    void formatsAreFoundByName(Format format) {
        assertEquals(format, Format.parse(format.toString()));
    }

    @Test
    void anUnknownFormatListsTheChoices() {
        JbccException.Usage e = assertThrows(JbccException.Usage.class, () -> Format.parse("xml"));
        assertEquals("there is no output format 'xml'", e.getMessage());
        assertEquals("the formats are: table, wide, json, csv", e.hint().orElseThrow());
    }

    @Test
    void aTextBeyondTheLimitIsAnErrorAndNotCut() {
        Column endless = Column.text("endless", "ENDLESS", 1, into -> into.length);
        Renderer renderer = Renderer.of(Format.TABLE, List.of(endless), List.of(), () -> 0);
        JbccException.Failed e = assertThrows(JbccException.Failed.class, () -> Captured.text(renderer::row));
        assertEquals("field endless: a text of more than 16 MiB", e.getMessage());
    }

    @Test
    void mistakesInATool() {
        Column pid = COLUMNS.get(0);
        Column comm = COLUMNS.get(1);
        refused(() -> Renderer.of(Format.CSV, List.of(pid, pid), List.of(), () -> 0));
        refused(() -> Renderer.of(Format.TABLE, List.of(comm), List.of(), () -> 0));
        refused(() -> Column.number("a b", "A", 1, () -> 0));
        refused(() -> Column.number("", "A", 1, () -> 0));
        refused(() -> Column.number("a", "A", -1, () -> 0));
        refused(comm::hex);
        refused(() -> pid.octal(0));
        refused(() -> pid.seconds(10));
        refused(() -> comm.grow(15));
    }

    private static void refused(org.junit.jupiter.api.function.Executable mistake) {
        assertThrows(IllegalArgumentException.class, mistake);
    }
}
