// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code jbcc flame} as people run it, by any user and without anything of BPF. */
final class FlameTest {
    private Path directory;

    @BeforeEach
    void makeDirectory() throws IOException {
        directory = Scratch.directory("flame");
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    private static Run run(Object... arguments) {
        return Jopensnoop.tool("flame", arguments).run();
    }

    private static void refused(int exit, String message, Object... arguments) {
        Run run = run(arguments);
        assertEquals(exit, run.exit(), run::toString);
        assertEquals("", run.out());
        assertTrue(run.err().startsWith("jbcc flame: " + message), run::toString);
        run.noDefect();
    }

    @Test
    void filesAddUpAndAPageGivesThemBack() throws IOException {
        Path one = file("one", "a;b 1\na;c 2\n");
        Path two = file("two", "a;b 4\nnonsense\n");
        Run folded = run("--folded", one, two);
        assertEquals(0, folded.exit(), folded::toString);
        assertEquals("a;b 5\na;c 2\n", folded.out());
        assertEquals("jbcc flame: " + two + ": ignored 1 line without a count at the end: line 2\n", folded.err());
        Path page = directory.resolve("page.html");
        Run html = run(one, two, "-o", page, "--title", "T");
        assertEquals(0, html.exit(), html::toString);
        assertEquals("", html.out());
        assertTrue(Files.readString(page).contains("<title>T</title>"));
        assertEquals("a;b 5\na;c 2\n", run("--folded", page).out());
        Run svg = run("--svg", page, "--width", "300");
        assertTrue(svg.out().contains("<svg ") && svg.out().contains("width=\"300\""), svg::toString);
    }

    @Test
    void readsStandardInput() throws IOException {
        Path input = file("in", "a 3\n");
        String[] shell = {"sh", "-c", "exec \"$@\" <" + input, "sh"};
        assertEquals(
                "a 3\n", Jopensnoop.tool("flame", "--folded").under(shell).run().out());
        assertEquals(
                "a 6\n",
                Jopensnoop.tool("flame", "--folded", "-", input)
                        .under(shell)
                        .run()
                        .out());
        refused(2, "standard input can be read only once", "-", "-");
    }

    @Test
    void comparesTwoFiles() throws IOException {
        Path before = file("before", "a;b 10\n");
        Path after = file("after", "a;b 10\na;c 10\n");
        assertEquals(
                "a;b 10 10\na;c 0 10\n",
                run("--folded", "--diff", before, after).out());
        assertEquals(
                "a;b 20 10\na;c 0 10\n",
                run("--folded", "-n", "--diff", before, after).out());
        assertTrue(run("--diff", before, after).out().contains("<title>before → after</title>"));
        Path both = file("both", "a 1 2\n");
        refused(1, both + ": line 1 has two counts already", "--diff", both, after);
        refused(2, "--diff takes two files", "--diff", before);
    }

    @Test
    void saysWhatIsWrong() throws IOException {
        Path good = file("good", "a 1\n");
        refused(1, "cannot read /nonexistent/x: No such file or directory", "/nonexistent/x");
        refused(1, "cannot read " + directory + ": Is a directory", directory);
        refused(1, "no stacks", file("empty", ""));
        refused(1, "cannot write /nonexistent/out: there is no such directory", good, "-o", "/nonexistent/out");
        refused(1, "cannot write /dev/full: No space left on device", good, "-o", "/dev/full");
        refused(2, "--svg and --folded are two formats", "--svg", "--folded", good);
        refused(2, "--title is for pictures", "--folded", "--title", "x", good);
        refused(2, "--normalize is for --diff", "-n", good);
        refused(2, "--width: 5 is not between 200 and", "--width", "5", good);
        refused(2, "--min-width: 'x' is not a number", "--min-width", "x", good);
        refused(2, "Unknown option: '--nothing'", "--nothing", good);
    }

    @Test
    void aFailureLeavesTheOldFile() throws IOException {
        Path output = file("out.html", "old");
        refused(1, "no stacks", file("empty", "a 0\n"), "-o", output);
        assertEquals("old", Files.readString(output));
        Files.setPosixFilePermissions(output, PosixFilePermissions.fromString("rw-------"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), output);
        assertEquals(0, run(file("good", "a 1\n"), "--folded", "-o", link).exit());
        assertEquals("a 1\n", Files.readString(link));
        assertEquals(
                "old", Files.readString(output), "a link is replaced: what it leads to can be somebody else's choice");
        assertEquals(0, run(directory.resolve("good"), "--folded", "-o", output).exit());
        assertEquals("a 1\n", Files.readString(output));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(output)));
        try (var files = Files.list(directory)) {
            assertEquals(4, files.count(), "no other file is left");
        }
    }

    @Test
    void aClosedPipeEndsItQuietly() throws IOException {
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            many.append("root;frame").append(i).append(" 1\n");
        }
        Path input = file("many", many.toString());
        List<String> pipe = List.of("sh", "-c", "{ \"$@\"; echo status $? >&2; } | head -n 1", "sh");
        Run run = Jopensnoop.tool("flame", "--folded", input)
                .under(pipe.toArray(new String[0]))
                .run();
        assertEquals(1, run.lines().size());
        assertEquals("status 0\n", run.err());
    }

    @Test
    void fullStandardOutputIsReported() throws IOException {
        Run run = Jopensnoop.tool("flame", "--folded", file("good", "a 1\n"))
                .under("sh", "-c", "exec \"$@\" >/dev/full", "sh")
                .run();
        assertEquals(1, run.exit());
        assertTrue(run.err().contains("cannot write the output: No space left on device"), run::toString);
    }

    @Test
    void explainsItself() {
        Run help = run("--help");
        assertEquals(0, help.exit());
        assertTrue(help.out().startsWith("Usage: jbcc flame [OPTION]… [FILE…]\n"), help::toString);
        assertFalse(help.out().contains("COMMAND"));
        assertTrue(run("--version").out().startsWith("jbcc flame "));
    }
}
