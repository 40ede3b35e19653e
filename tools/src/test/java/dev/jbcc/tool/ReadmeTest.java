// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.bpf.OpenObject;
import dev.jbcc.clang.Target;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tool in the README works: its Java and C compile without warnings, and fit together. */
final class ReadmeTest {
    /** A block of code below the name of its file. */
    private static final Pattern BLOCK =
            Pattern.compile("^`([\\w./-]+)`:\n\n```\\w+\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

    @TempDir
    Path directory;

    @Test
    void theExampleOfAToolIsATool() throws Exception {
        try (URLClassLoader classes = compileJava("tools/src/main/java/dev/jbcc/tools/Forks.java")) {
            Tool tool = (Tool) Class.forName("dev.jbcc.tools.Forks", true, classes)
                    .getConstructor()
                    .newInstance();
            StandardOptions standard = new StandardOptions();
            Arguments arguments = new Arguments("jforks", tool.summary(), tool.options, standard.options());
            assertEquals(Arguments.Request.RUN, arguments.parse(List.of("--threads")));
            try (OpenObject object = openObject("bpf-src/forks.bpf.c")) {
                tool.prepare(object, standard);
                tool.configure(object, standard);
            }
            List<String> columns =
                    tool.columns(standard).stream().map(column -> column.name()).toList();
            assertTrue(columns.containsAll(List.of("time", "pid", "child", "comm")), columns.toString());
        }
    }

    private static Map<String, String> blocks() throws IOException {
        Map<String, String> blocks = new TreeMap<>();
        Matcher matcher = BLOCK.matcher(Files.readString(ToolUnderTest.HOME.resolve("README.md")));
        while (matcher.find()) {
            blocks.put(matcher.group(1), matcher.group(2));
        }
        return blocks;
    }

    private static String block(String file) throws IOException {
        String text = blocks().get(file);
        assertTrue(text != null, "the README shows no " + file + ", only " + blocks().keySet());
        return text;
    }

    private OpenObject openObject(String file) throws IOException {
        Path source = directory.resolve(Path.of(file).getFileName());
        Files.writeString(source, block(file));
        var compiled = ToolUnderTest.compile(source, Target.host());
        assertEquals("", compiled.warnings());
        return OpenObject.open(compiled.object(), "readme");
    }

    private URLClassLoader compileJava(String file) throws IOException {
        String text = block(file);
        JavaFileObject source =
                new SimpleJavaFileObject(
                        URI.create("string:///" + Path.of(file).getFileName()), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return text;
                    }
                };
        List<String> options = List.of(
                "-Xlint:all,-path",
                "-Werror",
                "-proc:none",
                "-d",
                directory.toString(),
                "-cp",
                System.getProperty("java.class.path"));
        StringWriter said = new StringWriter();
        boolean good = ToolProvider.getSystemJavaCompiler()
                .getTask(said, null, null, options, null, List.of(source))
                .call();
        assertTrue(good, said.toString());
        return new URLClassLoader(new URL[] {directory.toUri().toURL()});
    }
}
