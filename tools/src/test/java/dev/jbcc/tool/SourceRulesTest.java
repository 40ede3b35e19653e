// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rules that hold for all sources, and that no compiler knows. */
final class SourceRulesTest {
    private static final Path FFI = Path.of("dev/jbcc/bpf/ffi");

    /** The restricted methods of java.lang.foreign and java.lang, what leads to them, and what hides their use. */
    private static final Pattern RESTRICTED = Pattern.compile(
            "@SuppressWarnings\\([^)]*\"restricted\"|\\bLinker\\b"
                    + "|\\bSymbolLookup\\b|\\.reinterpret\\(|\\bupcallStub\\b|\\bdowncallHandle\\b|\\bwithTargetLayout\\b"
                    + "|\\bSystem\\.load(Library)?\\(|\\bRuntime\\b.*\\.load(Library)?\\(|\\bsun\\.misc\\b|\\benableNativeAccess\\b");

    @Test
    void onlyThePackageFfiUsesRestrictedMethods() throws IOException {
        List<String> found = new ArrayList<>();
        boolean ffiSeen = false;
        for (String module : List.of("runtime", "tools")) {
            Path root = ToolUnderTest.HOME.resolve(module).resolve("src/main/java");
            for (Path file : javaFiles(root)) {
                boolean ffi = root.relativize(file).startsWith(FFI);
                Matcher matcher = RESTRICTED.matcher(Files.readString(file));
                while (matcher.find()) {
                    ffiSeen |= ffi;
                    if (!ffi) {
                        found.add(root.relativize(file) + ": " + matcher.group());
                    }
                }
            }
        }
        assertEquals(List.of(), found);
        assertTrue(ffiSeen, "the package that may is not where this test looks");
    }

    @Test
    void everySourceNamesItsLicence() throws IOException {
        List<Path> without = new ArrayList<>();
        for (String module : List.of("runtime", "tools")) {
            for (Path file : javaFiles(ToolUnderTest.HOME.resolve(module).resolve("src"))) {
                if (!Files.readString(file).startsWith("// SPDX-License-Identifier: Apache-2.0\n")) {
                    without.add(file);
                }
            }
        }
        try (Stream<Path> files = Files.walk(ToolUnderTest.HOME.resolve("bpf-src"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (!Files.readString(file)
                        .startsWith("/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */\n")) {
                    without.add(file);
                }
            }
        }
        assertEquals(List.of(), without);
    }

    private static List<Path> javaFiles(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }
}
