// SPDX-License-Identifier: Apache-2.0
package dev.jbcc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each public type of the library shows its use: the comment of the class has a snippet, which compiles, or says which type
 * {@code shows its use}, whose snippet does. Enums and exceptions need none, as those have it that take or throw them.
 */
class SnippetTest {
    private static final Path SOURCES = Path.of(System.getProperty("jbcc.home"), "runtime/src/main/java");
    private static final Pattern EXPORT = Pattern.compile("exports ([a-z.]+);");
    private static final Pattern TYPE = Pattern.compile(
            "^public (?:abstract |final |sealed |non-sealed )*(class|interface|record|enum) (\\w+)(.*)",
            Pattern.MULTILINE);
    private static final Pattern POINTER =
            Pattern.compile("\\{@link (?:[a-z.]+\\.)?(\\w+)(?: \\w+)?} shows its use\\.");

    /** What snippets may name without saying where it comes from; locals of the same names hide these. */
    private static final String CONTEXT = """
            static BpfObject object;
            static BpfProgram program;
            static OpenObject open;
            static byte[] elf;
            static String c;
            static int pid;
            static boolean running;
            static StandardOptions standard;
            """;

    private static final Map<String, List<String>> SNIPPETS = new TreeMap<>();
    /** With those in the comments of methods. */
    private static final Map<String, List<String>> ALL = new TreeMap<>();

    private static final Map<String, String> POINTERS = new HashMap<>();
    private static final List<String> EXPORTS = new ArrayList<>();

    @TempDir
    Path temp;

    @BeforeAll
    static void read() throws IOException {
        Matcher export = EXPORT.matcher(Files.readString(SOURCES.resolve("module-info.java")));
        while (export.find()) {
            EXPORTS.add(export.group(1));
            Path folder = SOURCES.resolve(export.group(1).replace('.', '/'));
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.java")) {
                for (Path file : files) {
                    read(Files.readString(file));
                }
            }
        }
    }

    private static void read(String source) {
        Matcher type = TYPE.matcher(source);
        if (!type.find() || type.group(1).equals("enum") || type.group(3).contains("extends RuntimeException")) {
            return;
        }
        int end = source.lastIndexOf("*/", type.start());
        String comment = source.substring(source.lastIndexOf("/**", end), end).replaceAll("(?m)^ \\* ?", "");
        SNIPPETS.put(type.group(2), snippets(comment));
        List<String> all = new ArrayList<>(SNIPPETS.get(type.group(2)));
        all.addAll(snippets(source.substring(end).replaceAll("(?m)^ +\\* ?", "")));
        ALL.put(type.group(2), all);
        Matcher pointer = POINTER.matcher(comment);
        if (pointer.find()) {
            POINTERS.put(type.group(2), pointer.group(1));
        }
    }

    private static List<String> snippets(String text) {
        List<String> snippets = new ArrayList<>();
        for (String opening : List.of("{@snippet :", "{@code\n")) {
            for (int at = text.indexOf(opening); at >= 0; at = text.indexOf(opening, at + 1)) {
                snippets.add(text.substring(at + opening.length(), close(text, at)));
            }
        }
        return snippets;
    }

    /** The brace that closes the one at a place. */
    private static int close(String text, int open) {
        int depth = 0;
        for (int i = open; i < text.length(); i++) {
            depth += text.charAt(i) == '{' ? 1 : text.charAt(i) == '}' ? -1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        throw new AssertionError("a snippet does not end: " + text.substring(open));
    }

    @Test
    void eachTypeHasOneOrSaysWhichHas() {
        assertTrue(SNIPPETS.size() > 50, "the types are found");
        List<String> without = new ArrayList<>();
        SNIPPETS.forEach((type, snippets) -> {
            String other = POINTERS.getOrDefault(type, type);
            if (SNIPPETS.getOrDefault(other, List.of()).isEmpty()) {
                without.add(type + (other.equals(type) ? "" : ", whose use " + other + " does not show"));
            }
        });
        assertEquals(List.of(), without);
    }

    @Test
    void allCompile() throws IOException {
        StringBuilder imports = new StringBuilder();
        EXPORTS.forEach(name -> imports.append("import ").append(name).append(".*;\n"));
        for (String name : List.of(
                "java.io",
                "java.lang.foreign",
                "java.nio.charset",
                "java.nio.file",
                "java.util",
                "java.util.function")) {
            imports.append("import ").append(name).append(".*;\n");
        }
        List<String> arguments = new ArrayList<>(List.of("-proc:none", "-nowarn", "-d", temp.toString()));
        arguments.addAll(List.of("-classpath", System.getProperty("java.class.path")));
        for (Map.Entry<String, List<String>> type : ALL.entrySet()) {
            for (int i = 0; i < type.getValue().size(); i++) {
                String name = type.getKey() + "Snippet" + i;
                Path file = temp.resolve(name + ".java");
                Files.writeString(
                        file,
                        imports + "class " + name + " {\n" + CONTEXT + "void use() throws Exception {\n"
                                + type.getValue().get(i) + "}\n}\n");
                arguments.add(file.toString());
            }
        }
        StringWriter said = new StringWriter();
        PrintWriter to = new PrintWriter(said);
        int exit = ToolProvider.findFirst("javac").orElseThrow().run(to, to, arguments.toArray(new String[0]));
        assertEquals("", said.toString());
        assertEquals(0, exit);
    }
}
