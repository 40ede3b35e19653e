// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class OptionsTest {
    private final Options own = new Options();
    private final Option<Boolean> failed = own.flag("only opens that failed; 100% of them", "-x", "--failed");
    private final Option<Long> number = own.value("N", 5L, Numbers.between(1, 10), "a number", "-k", "--number");
    private final Option<String> text = own.value("TEXT", null, Function.identity(), "a text", "--text");
    private final Option<List<Long>> list = own.list("N", Numbers.between(1, 99), "numbers", "-l", "--list");
    private final StandardOptions standard = new StandardOptions();
    private final Arguments arguments = new Arguments("jthing", "Shows things.", own, standard.options());

    private Arguments.Request parse(String... line) {
        return arguments.parse(List.of(line));
    }

    private String refused(String... line) {
        return assertThrows(JbccException.Usage.class, () -> parse(line)).getMessage();
    }

    @Test
    void nothingGivenLeavesTheDefaults() {
        assertEquals(Arguments.Request.RUN, parse());
        assertFalse(failed.get());
        assertFalse(failed.given());
        assertEquals(5, number.get());
        assertFalse(number.given());
        assertNull(text.get());
        assertEquals(List.of(), list.get());
        assertEquals(4 << 20, standard.bufferSize.get());
    }

    @Test
    void aToolTakesLettersFromStandardOptionsAndGivesThemOthers() {
        Options tool = new Options();
        Option<Boolean> timestamp = tool.flag("show the time of day", "-T", "--timestamp");
        Option<String> line = tool.value("RE", null, Function.identity(), "a pattern", "-n");
        tool.takeAsInBcc("-T", "--timestamp", "-n");
        tool.letter("-c", "--duration");
        tool.describe("--name", "only what is called so");
        StandardOptions others = new StandardOptions();
        Arguments of = new Arguments("jthing", "Shows things.", tool, others.options());
        of.parse(List.of("-T", "-n", "x", "--name", "y", "-c", "3"));
        assertTrue(timestamp.get());
        assertFalse(others.timestamp.given());
        assertEquals("x", line.get());
        assertEquals("y", others.name.get());
        assertEquals(3_000_000_000L, others.duration.get());
        assertEquals(List.of("-c", "-d", "--duration"), others.duration.names());
        assertEquals("only what is called so", others.name.description());
        assertFalse(others.options().all().contains(others.timestamp));
    }

    @Test
    void takesShortAndLongNames() {
        parse("-x", "-k", "7", "--text", "a b", "-l", "3");
        assertTrue(failed.get());
        assertTrue(failed.given());
        assertEquals(7, number.get());
        assertTrue(number.given());
        assertEquals("a b", text.get());
        assertEquals(List.of(3L), list.get());
    }

    @Test
    void takesValuesAfterAnEqualsSignAndWithoutABlank() {
        parse("--failed", "--number=7", "--text=a=b,c", "-l3");
        assertTrue(failed.get());
        assertEquals(7, number.get());
        assertEquals("a=b,c", text.get());
        assertEquals(List.of(3L), list.get());
    }

    @Test
    void valuesAreTakenAsTheyAre() {
        parse("--text=-x");
        assertEquals("-x", text.get());
        assertFalse(failed.get());
        parse("--text", "-nothing");
        assertEquals("-nothing", text.get());
        parse("--text", "--failed");
        assertEquals("--failed", text.get());
        assertFalse(failed.get());
    }

    @Test
    void valuesAreNotExpanded() {
        parse("--text", "@/etc/passwd");
        assertEquals("@/etc/passwd", text.get());
    }

    @Test
    void variablesAreNotExpanded() {
        parse("--text", "${sys:user.name}");
        assertEquals("${sys:user.name}", text.get());
    }

    @Test
    void quotesBelongToTheValue() {
        parse("--text", "\"a\"");
        assertEquals("\"a\"", text.get());
    }

    @Test
    void listsAddUp() {
        parse("-l", "1,2", "--list=3", "-l4,5");
        assertEquals(List.of(1L, 2L, 3L, 4L, 5L), list.get());
        assertThrows(UnsupportedOperationException.class, () -> list.get().add(1L));
    }

    @Test
    void listsHaveNoEmptyElements() {
        assertEquals("--list: '' is not a whole number", refused("-l", "1,,2"));
        assertEquals("--list: '' is not a whole number", refused("-l", "1,"));
        assertEquals("--list: '' is not a whole number", refused("-l", ""));
        assertEquals("--list: 100 is not between 1 and 99", refused("-l", "1,100"));
    }

    @Test
    void otherOptionsMayBeGivenOnceOnly() {
        assertEquals("--number is given more than once", refused("-k", "1", "--number", "2"));
        assertEquals("--text is given more than once", refused("--text", "a", "--text", "a"));
        assertEquals("--failed is given more than once", refused("-x", "--failed"));
    }

    @Test
    void anErrorNamesTheOption() {
        assertEquals("--number: 11 is not between 1 and 10", refused("-k", "11"));
        assertEquals("--number: 'x' is not a whole number", refused("--number=x"));
        assertFalse(number.given());
        JbccException e = assertThrows(JbccException.Usage.class, () -> parse("--buffer-size", "x"));
        assertEquals("--buffer-size: 'x' is not a size", e.getMessage());
        assertEquals("write it like 512KiB or 8MiB", e.hint().orElseThrow());
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        assertTrue(refused("--nothing").contains("--nothing"));
        assertTrue(refused("file").contains("file"));
        assertTrue(refused("-k").contains("--number"), "a value is missing");
        assertTrue(refused("--failed=yes").contains("--failed"), "a flag takes no value");
        assertEquals(
                2,
                assertThrows(JbccException.Usage.class, () -> parse("--nothing"))
                        .exitCode());
    }

    @Test
    void helpAndVersionGoBeforeMistakesInValues() {
        assertEquals(Arguments.Request.HELP, parse("-h"));
        assertEquals(Arguments.Request.HELP, parse("--help", "-k", "99"));
        assertEquals(Arguments.Request.VERSION, parse("-V"));
    }

    @Test
    void helpFitsEightyColumns() {
        String help = arguments.help();
        for (String line : help.split("\n")) {
            assertTrue(line.length() <= 80, line);
        }
        assertTrue(help.contains("jthing [OPTION]"));
        assertTrue(help.contains("100% of them"));
        for (Option<?> option : own.all()) {
            option.shownNames().forEach(name -> assertTrue(help.contains(name), name));
        }
        for (Option<?> option : standard.options().all()) {
            option.shownNames().forEach(name -> assertTrue(help.contains(name), name));
        }
    }

    @Test
    void standardOptionsHaveTheirRanges() {
        parse("-p", "1,4194304", "-n", "fifteen_bytes_x", "-d", "0.5", "--buffer", "perf", "-o", "json", "-T");
        assertEquals(List.of(1L, 4194304L), standard.pids.get());
        assertEquals("fifteen_bytes_x", standard.name.get());
        assertEquals(500_000_000L, standard.duration.get());
        assertEquals(StandardOptions.BufferKind.PERF, standard.buffer.get());
        assertEquals(EventClock.Style.RELATIVE, standard.timeStyle());
        refused("-p", "0");
        refused("-p", "4194305");
        assertEquals("--name: a comm has 1 to 15 bytes, not 16", refused("-n", "sixteen_bytes_xx"));
        assertEquals("--name: a comm has 1 to 15 bytes, not 0", refused("-n", ""));
        assertEquals("--buffer: 'pipe' is none of auto, ring and perf", refused("--buffer", "pipe"));
        refused("-o", "xml");
        refused("--max-events", "0");
    }

    @Test
    void operandsTakeInTheirOrderWhatHasNoName() {
        Options tool = new Options();
        Option<Boolean> flag = tool.flag("a flag for all", "-x", "--flag");
        Option<Long> seconds = tool.operand("SECONDS", 9L, Numbers.between(1, 10), "how long it takes");
        Option<List<String>> files = tool.operands("FILE", Function.identity(), "what to read");
        Arguments of = new Arguments("jthing", "Shows things.", tool, new StandardOptions().options());
        of.parse(List.of());
        assertEquals(9, seconds.get());
        assertFalse(seconds.given());
        assertEquals(List.of(), files.get());
        of.parse(List.of("3", "-x", "-", "a b"));
        assertTrue(flag.get());
        assertEquals(3, seconds.get());
        assertEquals(List.of("-", "a b"), files.get());
        assertEquals(
                "SECONDS: 'x' is not a whole number",
                assertThrows(JbccException.Usage.class, () -> of.parse(List.of("x")))
                        .getMessage());
        assertTrue(
                of.help().startsWith("Usage: jthing [OPTION]… [SECONDS] [FILE…] [-- COMMAND [ARGUMENT]…]\n"),
                of.help());
        assertTrue(of.help().contains("how long it takes"), of.help());
    }

    @Test
    void thereAreNoMoreOperandsThanSaid() {
        Options tool = new Options();
        tool.operand("SECONDS", 9L, Numbers.between(1, 10), "how long it takes");
        Arguments of = new Arguments("jthing", "Shows things.", tool, new StandardOptions().options());
        assertEquals(
                "what is '4'?",
                assertThrows(JbccException.Usage.class, () -> of.parse(List.of("3", "4")))
                        .getMessage());
        assertThrows(JbccException.Usage.class, () -> parse("3"));
    }
}
