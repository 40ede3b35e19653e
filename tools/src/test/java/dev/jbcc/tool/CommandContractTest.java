// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every command that is no tool must keep to. {@code -Djbcc.bless=true} writes the tables of options in the pages
 * anew.
 */
final class CommandContractTest {
    private static final int HELP_WIDTH = 80;
    private static final String OPEN = "<!-- options -->\n";
    private static final String CLOSE = "<!-- /options -->";

    /** The sections of a page that every command has, in this order, others between them. */
    private static final List<String> SECTIONS =
            List.of("What it shows", "Example", "More examples", "Options", "Needs", "Caveats");

    static List<String> names() {
        return Command.NAMES;
    }

    private static Path page(String name) {
        return ToolUnderTest.HOME.resolve("tools/doc").resolve(name + ".md");
    }

    private static List<Option<?>> options(Command command) {
        List<Option<?>> options = new ArrayList<>(command.options().all());
        options.addAll(command.standard().all());
        return options;
    }

    @ParameterizedTest
    @MethodSource("names")
    void theHelpFitsATerminal(String name) {
        Command command = Main.command(name);
        String help = new Arguments("jbcc " + name, command).help();
        for (String line : help.lines().toList()) {
            assertTrue(line.codePointCount(0, line.length()) <= HELP_WIDTH, line);
            assertEquals(line.stripTrailing(), line);
        }
        String oneLine = String.join(" ", help.strip().split("\\s+"));
        assertTrue(oneLine.startsWith("Usage: jbcc " + name + " [OPTION]…"), help);
        assertTrue(oneLine.contains(command.summary()), help);
        for (Option<?> option : options(command)) {
            String shown =
                    String.join(", ", option.shownNames()) + (option.label() == null ? "" : "=" + option.label());
            assertTrue(oneLine.contains(shown + " " + option.description()), shown + " in " + help);
        }
        for (Option<?> operand : command.options().operands()) {
            assertTrue(oneLine.contains(operand.label() + " " + operand.description()), help);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyOptionIsDescribedAndHasItsOwnNames(String name) {
        Set<String> seen = new HashSet<>(List.of("-h", "--help", "-V", "--version"));
        for (Option<?> option : options(Main.command(name))) {
            for (String each : option.names()) {
                assertTrue(each.matches("-[A-Za-z0-9]|--[a-z][a-z0-9-]+"), each);
                assertTrue(seen.add(each), each + " is there twice");
            }
            assertTrue(option.description().length() > 5, option.names().toString());
            assertFalse(option.description().endsWith("."), option.description());
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void noToolHasItsName(String name) {
        assertThrows(JbccException.Usage.class, () -> Main.tool(name));
        assertFalse(Files.exists(ToolUnderTest.HOME.resolve("bpf-src").resolve(name + ".bpf.c")));
    }

    @Test
    void jbccListsThem() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        assertEquals(0, ToolList.run(List.of("--help"), ToolUnderTest.HOME, stream, stream));
        for (String name : Command.NAMES) {
            String row = String.format("%-16s %s", name, Main.command(name).summary());
            assertTrue(out.toString(StandardCharsets.UTF_8).lines().anyMatch(row::equals), row);
        }
        assertThrows(JbccException.Usage.class, () -> Main.command("opensnoop"));
    }

    @ParameterizedTest
    @MethodSource("names")
    void thePageIsUpToDate(String name) throws IOException {
        String text = Files.readString(page(name));
        assertTrue(text.startsWith("# jbcc " + name + "\n"), name);
        List<String> sections = text.lines()
                .filter(line -> line.startsWith("## "))
                .map(line -> line.substring(3))
                .filter(SECTIONS::contains)
                .toList();
        assertEquals(SECTIONS, sections);
        Command command = Main.command(name);
        int start = text.indexOf(OPEN) + OPEN.length();
        int end = text.indexOf(CLOSE);
        assertTrue(start > OPEN.length() && end >= start, "the page has no " + OPEN.strip() + " … " + CLOSE);
        String generated = text.substring(0, start)
                + DocPage.optionTable(command.options())
                + (command.traces() ? "\nOf every tool:\n\n" : "\nOf every command:\n\n")
                + DocPage.optionTable(command.standard())
                + text.substring(end);
        if (Boolean.getBoolean("jbcc.bless")) {
            Files.writeString(page(name), generated);
        } else {
            assertEquals(generated, text, "run: mvn test -Dtest=CommandContractTest -Djbcc.bless=true");
        }
    }
}
