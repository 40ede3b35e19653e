// SPDX-License-Identifier: Apache-2.0
package dev.jbcc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The documentation of the API is made without a complaint: links lead somewhere, and tags are right. */
class JavadocTest {
    @TempDir
    Path temp;

    @Test
    void hasNoWarnings() throws IOException {
        Path sources = Path.of(System.getProperty("jbcc.home"), "runtime/src/main/java");
        List<String> arguments = new ArrayList<>(List.of("-quiet", "-Werror", "-Xdoclint:all,-missing"));
        arguments.addAll(List.of("-classpath", System.getProperty("java.class.path"), "-d", temp.toString()));
        try (var files = Files.walk(sources)) {
            files.map(Path::toString)
                    .filter(name -> name.endsWith(".java") && !name.endsWith("module-info.java"))
                    .forEach(arguments::add);
        }
        StringWriter said = new StringWriter();
        PrintWriter to = new PrintWriter(said);
        int exit = ToolProvider.findFirst("javadoc").orElseThrow().run(to, to, arguments.toArray(new String[0]));
        assertEquals("", said.toString());
        assertEquals(0, exit);
    }
}
