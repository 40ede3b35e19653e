// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.bpf.OpenObject;
import dev.jbcc.output.Column;
import dev.jbcc.output.ColumnFacts;
import dev.jbcc.output.Format;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * A tool's page in {@code tools/doc}. Its tables stand between marker comments and are made from the tool itself; only
 * the meaning of a column is written by hand, in the table, and kept when the table is made anew.
 */
final class DocPage {
    static final List<String> SECTIONS = List.of(
            "What it shows",
            "Example",
            "More examples",
            "Options",
            "Columns",
            "Needs",
            "Overhead",
            "Caveats",
            "Differences from BCC");

    /** What stands for a meaning that nobody has written yet. */
    static final String MEANING_MISSING = "?";

    /** Standard options that change which columns a table has. */
    private static final List<List<String>> COLUMN_OPTIONS = List.of(
            List.of("-T"),
            List.of("--time", "iso"),
            List.of("--time", "clock"),
            List.of("--time", "mono"),
            List.of("-t", "1"));

    private final ToolUnderTest tool;
    private final String text;

    DocPage(ToolUnderTest tool) throws IOException {
        this.tool = tool;
        this.text = Files.readString(tool.page());
    }

    String text() {
        return text;
    }

    /** The headings of the second level, in order. */
    List<String> sections() {
        return text.lines()
                .filter(line -> line.startsWith("## "))
                .map(line -> line.substring(3))
                .toList();
    }

    /** The text of a section. */
    String section(String name) {
        int start = text.indexOf("\n## " + name + "\n");
        int end = text.indexOf("\n## ", start + 1);
        return text.substring(start, end < 0 ? text.length() : end);
    }

    /** The arguments, up to {@code --}, of each command {@code $ … jTOOL …} that the page shows. */
    List<List<String>> examples() {
        List<List<String>> examples = new ArrayList<>();
        for (String line : text.lines().toList()) {
            if (line.startsWith("$ ")) {
                List<String> words = words(line.substring(2));
                int at = words.indexOf(tool.name());
                if (at >= 0) {
                    int end = words.indexOf("--");
                    examples.add(words.subList(at + 1, end < 0 ? words.size() : end));
                }
            }
        }
        return examples;
    }

    /** The words of a shell's first command, up to a pipe or redirection. */
    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        char quote = 0;
        for (char c : (line + " ").toCharArray()) {
            if (quote != 0) {
                if (c == quote) {
                    quote = 0;
                } else {
                    word.append(c);
                }
            } else if (c == '\'' || c == '"') {
                quote = c;
            } else if ("|>;&".indexOf(c) >= 0) {
                break;
            } else if (c != ' ') {
                word.append(c);
            } else if (!word.isEmpty()) {
                words.add(word.toString());
                word.setLength(0);
            }
        }
        return words;
    }

    /** The page as it should be. */
    String generated() throws IOException {
        return replace(replace(text, "options", optionTables()), "columns", columnTable());
    }

    private String replace(String page, String name, String table) {
        String open = "<!-- " + name + " -->\n";
        String close = "<!-- /" + name + " -->";
        int start = page.indexOf(open);
        int end = page.indexOf(close);
        if (start < 0 || end < start) {
            throw new AssertionError(tool.page() + " has no " + open.strip() + " … " + close);
        }
        return page.substring(0, start + open.length()) + table + page.substring(end);
    }

    private String optionTables() {
        Options own = Main.tool(tool.stem()).options;
        return optionTable(own) + "\nOf every tool:\n\n" + optionTable(tool.standardOptions(own));
    }

    static String optionTable(Options options) {
        StringBuilder table = new StringBuilder("| Option | Meaning |\n|---|---|\n");
        for (Option<?> option : options.all()) {
            List<String> shown = option.shownNames();
            table.append("| `").append(String.join("`, `", shown)).append('`');
            if (option.label() != null) {
                table.append(' ').append(option.label());
            }
            table.append(" | ").append(cell(option.description()));
            if (option.repeatable()) {
                table.append("; can be a list with commas, and can be repeated");
            }
            for (String alias :
                    option.names().subList(shown.size(), option.names().size())) {
                table.append("; also `").append(alias).append('`');
            }
            table.append(" |\n");
        }
        return table.toString();
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replace("*", "\\*");
    }

    private String columnTable() throws IOException {
        Map<String, String> meanings = meanings();
        StringBuilder table =
                new StringBuilder("| Field | JSON type | Tables that show it | Meaning |\n|---|---|---|---|\n");
        ToolUnderTest.Configured plain = tool.configured();
        if (plain.tool() instanceof EventTool events) {
            try (OpenObject object = tool.open()) {
                events.event().bind(object.btf());
            }
            int size = events.event().size();
            events.event().at(MemorySegment.ofArray(new byte[size]), 0, size);
        }
        for (Column column : plain.columns()) {
            String name = column.name();
            table.append("| `").append(name).append("` | ").append(ColumnFacts.jsonType(column));
            table.append(" | ").append(plain.tool() instanceof EventTool ? shownIn(name) : "none");
            table.append(" | ")
                    .append(meanings.getOrDefault(name, MEANING_MISSING))
                    .append(" |\n");
        }
        return table.toString();
    }

    /** The meanings that the page's table of columns has now. */
    Map<String, String> meanings() {
        Map<String, String> meanings = new HashMap<>();
        for (String line : section("Columns").lines().toList()) {
            String[] cells = line.split(" \\| ", 4);
            if (line.startsWith("| `") && cells.length == 4) {
                String name = cells[0].substring(3, cells[0].length() - 1);
                meanings.put(name, cells[3].substring(0, cells[3].length() - " |".length()));
            }
        }
        return meanings;
    }

    /** The command lines, besides that without options, that are looked at for what they do to columns. */
    static List<List<String>> variants(ToolUnderTest tool) {
        List<List<String>> variants = new ArrayList<>();
        for (Option<?> option : Main.tool(tool.stem()).options.all()) {
            if (option.label() == null) {
                variants.add(List.of(option.names().getFirst()));
            }
        }
        Options standard = tool.standardOptions(Main.tool(tool.stem()).options);
        for (List<String> variant : COLUMN_OPTIONS) {
            if (standard.all().stream().anyMatch(option -> option.names().contains(variant.getFirst()))) {
                variants.add(variant);
            }
        }
        return variants;
    }

    private String shownIn(String name) {
        Map<String, List<String>> formatsOfText = new LinkedHashMap<>();
        for (Format format : List.of(Format.TABLE, Format.WIDE)) {
            boolean plain = shows(List.of(), format, name);
            List<String> changing = new ArrayList<>();
            for (List<String> variant : variants(tool)) {
                if (shows(variant, format, name) != plain) {
                    boolean valueMatters = variant.getFirst().startsWith("--");
                    changing.add("`" + (valueMatters ? String.join(" ", variant) : variant.getFirst()) + "`");
                }
            }
            if (plain || !changing.isEmpty()) {
                String options = String.join(" or ", changing);
                String text = changing.isEmpty() ? "" : (plain ? ", but not" : "") + " with " + options;
                formatsOfText.computeIfAbsent(text, key -> new ArrayList<>()).add(format.toString());
            }
        }
        List<String> parts = new ArrayList<>();
        formatsOfText.forEach((text, formats) -> parts.add(String.join(" and ", formats) + text));
        return parts.isEmpty() ? "only with `--fields`" : String.join("; ", parts);
    }

    private boolean shows(List<String> arguments, Format format, String name) {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of("-o", format.toString()));
        return tool.configured(all).columns().stream()
                .filter(column -> column.name().equals(name))
                .anyMatch(column -> ColumnFacts.isShown(column, format));
    }

    /** The names of the columns that these arguments give, in any order. */
    static TreeSet<String> names(ToolUnderTest.Configured configured) {
        TreeSet<String> names = new TreeSet<>();
        configured.columns().forEach(column -> names.add(column.name()));
        return names;
    }
}
