// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.bpf.BtfType;
import dev.jbcc.bpf.Field;
import dev.jbcc.bpf.OpenObject;
import dev.jbcc.bpf.StructView;
import dev.jbcc.clang.Target;
import dev.jbcc.output.Column;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every tool must keep to, checked for each C source in {@code bpf-src} without loading anything into the kernel.
 * {@code -Djbcc.bless=true} writes the generated tables of the pages anew.
 */
final class ToolContractTest {
    private static final int HELP_WIDTH = 80;

    static List<ToolUnderTest> tools() throws IOException {
        return ToolUnderTest.all();
    }

    @Test
    void thereAreTools() throws IOException {
        assertFalse(tools().isEmpty());
    }

    // ---- the C

    @ParameterizedTest
    @MethodSource("tools")
    void compilesWithoutWarnings(ToolUnderTest tool) {
        for (Target target : List.of(Target.X86_64, Target.AARCH64)) {
            assertEquals("", tool.compile(target).warnings(), target.toString());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Target.class,
            names = {"X86_64", "AARCH64"})
    void bindsOn(Target target) throws IOException {
        for (ToolUnderTest tool : tools()) {
            try (OpenObject object = OpenObject.open(tool.compile(target).object(), tool.stem())) {
                ToolUnderTest.Configured configured = tool.configured();
                configured.tool().prepare(object, configured.standard());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("tools")
    void theSourceSaysWhatItDoes(ToolUnderTest tool) throws IOException {
        List<String> lines = Files.readAllLines(tool.source());
        assertEquals("/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */", lines.getFirst());
        assertTrue(lines.get(1).matches("/\\* [A-Z].{1,62}\\. \\*/"), "fits jbcc --list: " + lines.get(1));
    }

    @ParameterizedTest
    @MethodSource("tools")
    void everyOptionFindsItsGlobals(ToolUnderTest tool) throws IOException {
        List<List<String>> commandLines = new ArrayList<>(DocPage.variants(tool));
        commandLines.addAll(examples(tool));
        commandLines.add(List.of());
        for (List<String> arguments : commandLines) {
            try (OpenObject object = tool.open()) {
                tool.configured(arguments).configure(object);
            } catch (RuntimeException failure) {
                throw new AssertionError(tool + " " + String.join(" ", arguments), failure);
            }
        }
    }

    /** Those of the page, without a cgroup, which this host need not have. */
    private static List<List<String>> examples(ToolUnderTest tool) throws IOException {
        List<List<String>> examples = new ArrayList<>();
        for (List<String> example : new DocPage(tool).examples()) {
            List<String> arguments = new ArrayList<>(example);
            for (String name : List.of("--cgroup", "-c")) {
                int cgroup = arguments.indexOf(name);
                if (cgroup >= 0) {
                    arguments.subList(cgroup, cgroup + 2).clear();
                }
            }
            examples.add(arguments);
        }
        return examples;
    }

    // ---- options and help

    @ParameterizedTest
    @MethodSource("tools")
    void theHelpFitsATerminal(ToolUnderTest tool) {
        String help = tool.help();
        for (String line : help.lines().toList()) {
            assertTrue(line.codePointCount(0, line.length()) <= HELP_WIDTH, line);
            assertEquals(line.stripTrailing(), line);
        }
        String oneLine = String.join(" ", help.strip().split("\\s+"));
        for (Option<?> option : options(tool)) {
            String shown =
                    String.join(", ", option.shownNames()) + (option.label() == null ? "" : "=" + option.label());
            assertTrue(
                    oneLine.contains(shown + " " + option.description()),
                    shown + ": a word is broken, or it is missing");
        }
        assertTrue(oneLine.contains(Main.tool(tool.stem()).summary()));
    }

    @ParameterizedTest
    @MethodSource("tools")
    void everyOptionIsDescribed(ToolUnderTest tool) {
        for (Option<?> option : options(tool)) {
            String description = option.description();
            String name = option.names().getFirst();
            assertTrue(description.length() > 5, name);
            assertTrue(Character.isLowerCase(description.charAt(0)), name + ": " + description);
            assertFalse(description.endsWith("."), name + ": " + description);
        }
    }

    @ParameterizedTest
    @MethodSource("tools")
    void namesOfOptionsAreWellFormedAndUnique(ToolUnderTest tool) {
        // --exec is what BCC has for --
        Set<String> seen = new HashSet<>(List.of("-h", "--help", "-V", "--version", "--exec"));
        for (Option<?> option : options(tool)) {
            for (String name : option.names()) {
                assertTrue(name.matches("-[A-Za-z0-9]|--[a-z][a-z0-9_-]+"), name);
                assertTrue(seen.add(name), tool + " has " + name + " twice, or redefines that of every tool");
            }
        }
    }

    /**
     * A tool may give a name of a standard option another meaning only if it says that BCC's tool has that name: what it
     * says so of is a name of one of its own options and of a standard one, and its page tells of the difference.
     */
    @ParameterizedTest
    @MethodSource("tools")
    void namesThatMeanSomethingElseAreThoseOfBcc(ToolUnderTest tool) throws IOException {
        Options own = Main.tool(tool.stem()).options;
        Set<String> names = new HashSet<>();
        own.all().forEach(option -> names.addAll(option.names()));
        Set<String> standard = new HashSet<>();
        new StandardOptions().options().all().forEach(option -> standard.addAll(option.names()));
        String section = new DocPage(tool).section("Options");
        for (String taken : own.taken()) {
            assertTrue(names.contains(taken), taken + " is no option of " + tool);
            assertTrue(standard.contains(taken), taken + " is no standard option");
            assertTrue(section.contains("`" + taken + "` is"), "the page does not say what " + taken + " is here");
        }
    }

    @ParameterizedTest
    @MethodSource("tools")
    void anAliasWorksButTheHelpDoesNotShowIt(ToolUnderTest tool) {
        assertTrue(tool.configured("--ebpf").standard().dumpC.get());
        assertTrue(tool.configured("--dump-c").standard().dumpC.get());
        assertFalse(tool.help().contains("--ebpf"));
    }

    private static List<Option<?>> options(ToolUnderTest tool) {
        List<Option<?>> options = new ArrayList<>(Main.tool(tool.stem()).options.all());
        options.addAll(tool.standardOptions(Main.tool(tool.stem()).options).all());
        return options;
    }

    // ---- columns

    @ParameterizedTest
    @MethodSource("tools")
    void namesOfColumnsAreSnakeCaseAndUnique(ToolUnderTest tool) {
        Set<String> seen = new HashSet<>();
        for (Column column : tool.configured().columns()) {
            assertTrue(column.name().matches("[a-z][a-z0-9]*(_[a-z0-9]+)*"), column.name());
            assertTrue(seen.add(column.name()), column.name() + " is there twice");
            assertNotEquals("summary", column.name(), "the key of the last line of JSON");
        }
    }

    @ParameterizedTest
    @MethodSource("tools")
    void noOptionChangesTheFieldsOfJson(ToolUnderTest tool) {
        for (String format : List.of("json", "csv")) {
            List<String> fields = fields(tool.configured("-o", format));
            for (List<String> variant : DocPage.variants(tool)) {
                List<String> arguments = new ArrayList<>(variant);
                arguments.addAll(List.of("-o", format));
                assertEquals(fields, fields(tool.configured(arguments)), arguments.toString());
            }
        }
    }

    private static List<String> fields(ToolUnderTest.Configured configured) {
        return configured.columns().stream().map(Column::name).toList();
    }

    /**
     * Nothing is sent for nothing: each member of the C struct is read by the view, and is a column, or the page's
     * section on columns says what becomes of it.
     */
    @ParameterizedTest
    @MethodSource("tools")
    void everyMemberOfTheEventIsAColumn(ToolUnderTest tool) throws IOException {
        ToolUnderTest.Configured configured = tool.configured();
        Assumptions.assumeTrue(configured.tool() instanceof EventTool, "it adds up, and sends no events");
        StructView event = ((EventTool) configured.tool()).event();
        List<String> fields = fields(configured);
        Set<String> read = new HashSet<>();
        for (Field field : event.fields()) {
            read.add(field.name());
        }
        String section = new DocPage(tool).section("Columns");
        List<String> missing = new ArrayList<>();
        try (OpenObject object = tool.open()) {
            BtfType.Struct struct = object.btf().struct(event.cName()).orElseThrow();
            for (BtfType.Member member : struct.members()) {
                boolean strings = member.name().equals("data"); // the bytes of the struct's texts
                if (!strings && !read.contains(member.name())) {
                    missing.add(member.name() + " is not read");
                } else if (!strings
                        && !fields.contains(member.name())
                        && !section.contains("`" + member.name() + "`")) {
                    missing.add(member.name() + " is no column");
                }
            }
        }
        assertEquals(List.of(), missing);
    }

    // ---- the page, and what else is about a tool

    @ParameterizedTest
    @MethodSource("tools")
    void thePageHasItsSections(ToolUnderTest tool) throws IOException {
        DocPage page = new DocPage(tool);
        assertTrue(
                page.text().startsWith("# " + tool.name() + "\n"),
                page.text().lines().findFirst().orElse(""));
        assertEquals(DocPage.SECTIONS, page.sections());
        for (String section : DocPage.SECTIONS) {
            assertTrue(page.section(section).strip().lines().count() > 1, section + " is empty");
        }
        assertTrue(page.examples().size() >= 3, "examples");
    }

    @ParameterizedTest
    @MethodSource("tools")
    void thePagesTablesAreUpToDate(ToolUnderTest tool) throws IOException {
        DocPage page = new DocPage(tool);
        String generated = page.generated();
        if (Boolean.getBoolean("jbcc.bless")) {
            Files.writeString(tool.page(), generated);
        } else {
            assertEquals(generated, page.text(), "run: mvn test -Dtest=ToolContractTest -Djbcc.bless=true");
        }
        new DocPage(tool)
                .meanings()
                .forEach((column, meaning) ->
                        assertNotEquals(DocPage.MEANING_MISSING, meaning, "say in the page what " + column + " means"));
    }

    @ParameterizedTest
    @MethodSource("tools")
    void theReadmeListsTheTool(ToolUnderTest tool) throws IOException {
        String row = "| [" + tool.name() + "](tools/doc/" + tool.stem() + ".md) | "
                + Main.tool(tool.stem()).summary() + " |";
        assertTrue(Files.readAllLines(ToolUnderTest.HOME.resolve("README.md")).contains(row), row);
    }

    /** scripts/setup makes the links when it builds; they must lead to the one launcher, and only those of tools. */
    @Test
    void launchersAreLinksToOneScript() throws IOException {
        List<String> known = tools().stream().map(ToolUnderTest::name).toList();
        List<Path> links = new ArrayList<>();
        try (var scripts = Files.newDirectoryStream(ToolUnderTest.HOME.resolve("scripts"), "j*")) {
            scripts.forEach(links::add);
        }
        links.removeIf(link -> link.endsWith("jbcc"));
        assertAll(links.stream().map(link -> () -> {
            assertTrue(known.contains(link.getFileName().toString()), link + " is of no tool");
            assertEquals(Path.of("jbcc"), Files.readSymbolicLink(link));
        }));
    }
}
