// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FileCommandTest {
    private static FileOptions parse(String... words) {
        FileCommand command = new FileCommand();
        assertEquals(Arguments.Request.RUN, new Arguments(FileCommand.NAME, command).parse(List.of(words)));
        command.words().check(null);
        return command.words();
    }

    @Test
    void theFileMayStandAnywhere() {
        for (FileOptions options : List.of(
                parse("x.bpf.c", "-D", "a=1,b=2", "-o", "json", "-v", "-d", "1"),
                parse("-D", "a=1", "x.bpf.c", "-D", "b=2", "-vo", "json", "-d1"),
                parse("-v", "--output=json", "-Da=1", "-Db=2", "--duration=1", "x.bpf.c"))) {
            assertEquals("x.bpf.c", options.file.get());
            assertEquals(List.of("a=1", "b=2"), options.defines.get());
            assertEquals(StackFormat.JSON, options.format.get());
            assertTrue(options.standard.verbose.get());
            assertEquals(1_000_000_000L, options.standard.duration.get());
        }
    }

    @Test
    void helpNeedsNoFileAndSaysMoreOfOne() {
        FileCommand none = new FileCommand();
        Arguments arguments = new Arguments(FileCommand.NAME, none);
        assertEquals(Arguments.Request.HELP, arguments.parse(List.of("--help")));
        assertFalse(none.words().file.given());
        assertEquals("", none.explainOperands());
        assertTrue(arguments.help().startsWith("Usage: jbcc run [OPTION]… [FILE.bpf.c] [-- COMMAND [ARGUMENT]…]"));
        FileCommand one = new FileCommand();
        assertEquals(
                Arguments.Request.HELP,
                new Arguments(FileCommand.NAME, one).parse(List.of("-h", "x.bpf.c", "y.bpf.c")));
        assertEquals("x.bpf.c", one.words().file.get());
    }

    @Test
    void refusesWhatMakesNoSense() {
        for (String[] words : new String[][] {
            {},
            {"-v"},
            {"x.bpf.c", "y.bpf.c"},
            {"x.bpf.c", "-o", "csv"},
            {"x.bpf.c", "-D", "a"},
            {"x.bpf.c", "-D", "=1"},
            {"x.bpf.c", "-F", "0"},
            {"x.bpf.c", "-D"},
            {"x.bpf.c", "--no-such"},
            {"x.bpf.c", "--dump-c"},
            {"x.bpf.c", "--as-root"},
            {"x.bpf.c", "-o", "folded", "-i", "1"},
            {"x.bpf.c", "-o", "folded", "--fields", "a"},
            {"x.bpf.c", "-o", "folded", "--time", "iso"},
            {"x.bpf.c", "-o", "json", "-T"}
        }) {
            assertThrows(JbccException.Usage.class, () -> parse(words), () -> String.join(" ", words));
        }
    }

    @Test
    void whatIsForTheCompilerIsRefusedForAnObject() {
        assertTrue(parse("x.o", "-v", "--btf", "types").isObject());
        for (String[] words : new String[][] {{"--keep", "y.o"}, {"--recompile"}, {"-I", "include"}}) {
            assertFalse(parse(with("x.bpf.c", words)).isObject());
            String said = assertThrows(JbccException.Usage.class, () -> parse(with("x.o", words)))
                    .getMessage();
            String name = words[0].equals("-I") ? "--include" : words[0];
            assertEquals(name + " is for C sources, and x.o is an object", said);
        }
    }

    private static String[] with(String file, String[] words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.add(file);
        return all.toArray(String[]::new);
    }

    /** Those that the tools have, where they do something else here. */
    @Test
    void standardOptionsAreDescribedAsTheyAreHere() {
        String help = new Arguments(FileCommand.NAME, new FileCommand()).help().replaceAll("\\s+", " ");
        for (String option : List.of(
                "--container=WHICH only this container that is there: a name, or the start of an id",
                "--max-events=N end after this many records and lines of bpf_printk",
                "--buffer-size=SIZE size of each buffer, such as 512KiB; that of the C unless given",
                "--buffer=KIND ring (kernel 5.8), perf or auto, for jbcc_submit; auto unless given")) {
            assertTrue(help.contains(option), help);
        }
    }
}
