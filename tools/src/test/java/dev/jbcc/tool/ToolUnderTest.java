// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.OpenObject;
import dev.jbcc.clang.Clang;
import dev.jbcc.clang.Compiled;
import dev.jbcc.clang.Source;
import dev.jbcc.clang.Target;
import dev.jbcc.output.Column;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Assumptions;

/** A tool as the tests find it: by its C source, which is all that registers it. */
record ToolUnderTest(String stem) {
    /** The checkout. */
    static final Path HOME = Main.home();

    /** Warnings beyond those that a user's compilation asks for; the two that are left out are of how BPF is written. */
    private static final List<String> STRICT =
            List.of("-Wextra", "-Wshadow", "-Wno-unused-parameter", "-Wno-gnu-variable-sized-type-not-at-end");

    private static final String SUFFIX = ".bpf.c";
    /** By tool and target: most tests want the same object. */
    private static final Map<String, Compiled> COMPILED = new ConcurrentHashMap<>();

    /** Every tool, in order of their names. */
    static List<ToolUnderTest> all() throws IOException {
        List<String> stems = new ArrayList<>();
        try (DirectoryStream<Path> sources = Files.newDirectoryStream(HOME.resolve("bpf-src"), "*" + SUFFIX)) {
            for (Path source : sources) {
                String file = source.getFileName().toString();
                stems.add(file.substring(0, file.length() - SUFFIX.length()));
            }
        }
        stems.sort(null);
        return stems.stream().map(ToolUnderTest::new).toList();
    }

    /** As people type it. */
    String name() {
        return "j" + stem;
    }

    Path source() {
        return HOME.resolve("bpf-src").resolve(stem + SUFFIX);
    }

    Path page() {
        return HOME.resolve("tools/doc").resolve(stem + ".md");
    }

    /** The tool with the options that such a command line gives. */
    Configured configured(List<String> arguments) {
        Tool tool = Main.tool(stem);
        StandardOptions standard = new StandardOptions();
        Arguments parser = new Arguments(name(), tool.summary(), tool.options, standard.options());
        assertEquals(Arguments.Request.RUN, parser.parse(arguments));
        return new Configured(tool, standard);
    }

    Configured configured(String... arguments) {
        return configured(List.of(arguments));
    }

    /** A tool with its options parsed. */
    record Configured(Tool tool, StandardOptions standard) {
        List<Column> columns() {
            return tool.columns(standard);
        }

        /** Sets the globals of the C as a run would. */
        void configure(OpenObject object) {
            tool.prepare(object, standard);
            tool.configure(object, standard);
        }
    }

    /** The standard options as this tool leaves them. */
    Options standardOptions(Options own) {
        Options standard = new StandardOptions().options();
        standard.yieldTo(own);
        return standard;
    }

    String help() {
        Tool tool = Main.tool(stem);
        return new Arguments(name(), tool.summary(), tool.options, new StandardOptions().options()).help();
    }

    /** Compiles with more warnings than usual, or skips the test where there is no clang. */
    Compiled compile(Target target) {
        return COMPILED.computeIfAbsent(stem + " " + target, key -> compile(source(), target));
    }

    static Compiled compile(Path source, Target target) {
        return clang().compile(new Source(source, List.of(HOME.resolve("bpf-src/include"))), target, STRICT);
    }

    /** The object for this machine, not loaded. */
    OpenObject open() {
        return OpenObject.open(compile(Target.host()).object(), stem);
    }

    private static Clang clang() {
        try {
            return Clang.find();
        } catch (JbccException.Failed absent) {
            return Assumptions.abort(absent.getMessage());
        }
    }

    @Override
    public String toString() {
        return name();
    }
}
