// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Paths as they were given, of any length and any bytes, and the absolute paths that they mean. */
@KernelTest
@EachBuffer
@Tag("opensnoop")
class OpenPathTest {
    private static final int PATH_MAX = 4096;
    private static final String LONGEST_NAME = "n".repeat(255);

    @Test
    @Tag("matrix")
    void pathsUpToPathMaxAreWhole() throws IOException {
        Path directory = Scratch.directory("long");
        String longest = "./".repeat(PATH_MAX / 2 - 1) + "f"; // 4095 bytes
        String tooLong = longest + "g";
        Run run = Jopensnoop.json(
                        List.of(),
                        List.of(
                                        "chdir",
                                        directory,
                                        "open",
                                        longest,
                                        "0101",
                                        "0600",
                                        "open",
                                        tooLong,
                                        "0",
                                        "0",
                                        "open",
                                        LONGEST_NAME,
                                        "0101",
                                        "0600",
                                        "open",
                                        LONGEST_NAME + "o",
                                        "0101",
                                        "0600")
                                .toArray())
                .clean();
        assertEquals(List.of(longest, longest, LONGEST_NAME, LONGEST_NAME + "o"), run.field("path"));
        assertEquals(Arrays.asList(null, "ENAMETOOLONG", null, "ENAMETOOLONG"), run.field("error"));
        assertEquals(List.of("false", "true", "false", "false"), run.field("path_cut"));
        assertEquals(
                List.of(
                        directory + "/" + longest,
                        directory + "/" + longest + "…",
                        directory + "/" + LONGEST_NAME,
                        directory + "/" + LONGEST_NAME + "o"),
                run.field("full_path"));
    }

    @Test
    void unreadablePathIsNull() throws IOException {
        Run run = Jopensnoop.json(List.of(), "fault", "open", "", "0", "0").clean();
        assertEquals(Arrays.asList("EFAULT", "ENOENT"), run.field("error"));
        assertEquals(Arrays.asList(null, ""), run.field("path"));
        assertNull(run.field("full_path").getFirst());
    }

    @Test
    @Tag("matrix")
    void pathOnAPageThatIsNotResidentIsPrinted() throws IOException {
        Path directory = Scratch.directory("cold");
        Path name = directory.resolve("name");
        Files.writeString(name, directory + "/cold file\0");
        Run run = Jopensnoop.json(List.of("--path", directory + "/cold*"), "cold", name)
                .clean();
        assertEquals(List.of(directory + "/cold file"), run.field("path"));
    }

    @Test
    void bytesOfAnyKindStayOnTheirLine() throws IOException {
        Path directory = Scratch.directory("odd");
        Object[] operations = {
            "chdir",
            directory,
            "open",
            "a\\x0ab\\x1b[31m\\xff\"quoted\",\\x5c\\xc3\\xa4\\x7f",
            "0",
            "0",
            "open",
            "=cmd",
            "0",
            "0",
        };
        Run json = Jopensnoop.json(List.of(), operations).clean();
        assertEquals(List.of("a\nb\u001b[31m\\xff\"quoted\",\\ä\u007f", "=cmd"), json.field("path"));
        Run table = Jopensnoop.setup("--fields", "path")
                .tracing(Workload.command(operations))
                .run()
                .clean();
        assertEquals(List.of("PATH", "a\\nb\\x1b[31m\\xff\"quoted\",\\\\ä\\x7f", "=cmd"), table.lines());
        Run csv = Jopensnoop.setup("-o", "csv", "--fields", "err,path")
                .tracing(Workload.command(operations))
                .run()
                .clean();
        assertEquals(
                List.of("err,path", "2,\"a\\nb\\x1b[31m\\xff\"\"quoted\"\",\\\\ä\\x7f\"", "2,\\x3dcmd"), csv.lines());
    }

    /** Where the lookup starts: the working directory, dirfd, the root. */
    @Test
    @Tag("matrix")
    void fullPathStartsWhereTheLookupDid() throws IOException {
        Path directory = Scratch.directory("full");
        Path other = Files.createDirectories(directory.resolve("other/one"));
        Path file = Files.createFile(directory.resolve("plain file"));
        Run run = Jopensnoop.json(
                        List.of("-F"),
                        "hold",
                        other,
                        "chdir",
                        directory,
                        "open",
                        "in cwd",
                        "0",
                        "0",
                        "open",
                        "../up",
                        "0",
                        "0",
                        "openat",
                        "cwd",
                        "by cwd",
                        "0",
                        "0",
                        "openat",
                        "held",
                        "by dirfd",
                        "0",
                        "0",
                        "openat",
                        "held",
                        "/by root",
                        "0",
                        "0",
                        "openat2",
                        "held",
                        "/in root",
                        "0",
                        "0",
                        "0x10",
                        "openat",
                        "99",
                        "by bad fd",
                        "0",
                        "0",
                        "openat",
                        "9999",
                        "by worse fd",
                        "0",
                        "0",
                        "open",
                        file,
                        "0",
                        "0",
                        "chdir",
                        "/",
                        "open",
                        "below /",
                        "0",
                        "0")
                .clean();
        assertEquals(
                Arrays.asList(
                        other.toString(),
                        directory + "/in cwd",
                        directory + "/../up",
                        directory + "/by cwd",
                        other + "/by dirfd",
                        "/by root",
                        other + "/in root",
                        null,
                        null,
                        file.toString(),
                        "/below /"),
                run.field("full_path"));
    }

    @Test
    void fullPathInTheTable() throws IOException {
        Path directory = Scratch.directory("table");
        Run run = Jopensnoop.setup("-F")
                .tracing(Workload.command("chdir", directory, "open", "f", "0", "0"))
                .run()
                .clean();
        assertEquals(1, run.table().size());
        assertTrue(run.table().getFirst().endsWith("  -1   2 " + directory + "/f"), run::toString);
    }

    @Test
    void fullPathLeavesAChroot() throws IOException {
        Path root = Scratch.directory("chroot");
        Files.createDirectory(root.resolve("in"));
        Run run = Jopensnoop.json(
                        List.of("-F"),
                        "chdir",
                        root.getParent(),
                        "chroot",
                        root,
                        "open",
                        "/absolute",
                        "0",
                        "0",
                        "open",
                        "outside",
                        "0",
                        "0",
                        "chdir",
                        "/in",
                        "open",
                        "inside",
                        "0",
                        "0")
                .clean();
        assertEquals(
                List.of(root + "/absolute", root.getParent() + "/outside", root + "/in/inside"),
                run.field("full_path"));
    }

    @Test
    @Tag("matrix")
    void fullPathCrossesMounts() throws IOException {
        Path directory = Scratch.directory("mounts");
        Path from = Files.createDirectories(directory.resolve("from/sub")).getParent();
        Path to = Files.createDirectory(directory.resolve("to"));
        Files.createDirectory(from.resolve("again"));
        Run run = Jopensnoop.json(
                        List.of("-F"),
                        "mounts",
                        "bind",
                        from,
                        to,
                        "bind",
                        to,
                        to.resolve("again"),
                        "chdir",
                        to.resolve("sub"),
                        "open",
                        "bound",
                        "0",
                        "0",
                        "chdir",
                        to.resolve("again/sub"),
                        "open",
                        "bound twice",
                        "0",
                        "0",
                        "open",
                        to.resolve("sub/absolute"),
                        "0",
                        "0")
                .clean();
        assertEquals(
                List.of(to + "/sub/bound", to + "/again/sub/bound twice", to + "/sub/absolute"),
                run.field("full_path"));
    }

    /** In a container, the path is that of its own mount namespace. */
    @Test
    @Tag("matrix")
    void fullPathAfterPivotRoot() throws IOException {
        Path root = Scratch.directory("pivot");
        Files.createDirectories(root.resolve("old"));
        Files.createDirectories(root.resolve("home/me"));
        Run run = Jopensnoop.json(
                        List.of("-F"),
                        "mounts",
                        "bind",
                        root,
                        root,
                        "chdir",
                        root,
                        "pivot",
                        ".",
                        "old",
                        "chroot",
                        ".",
                        "chdir",
                        "/home/me",
                        "open",
                        "relative",
                        "0",
                        "0",
                        "open",
                        "/absolute",
                        "0",
                        "0")
                .clean();
        assertEquals(List.of("/home/me/relative", "/absolute"), run.field("full_path"));
    }

    @Test
    @Tag("matrix")
    void deepDirectoriesLoseTheirFront() throws IOException {
        Path directory = Scratch.directory("deep");
        int depth = 300;
        int longNames = 20;
        List<Object> operations = new ArrayList<>(List.of("chdir", directory));
        operations.addAll(List.of("deep", depth, "d", "open", "f", "0", "0", "undeep", depth, "d"));
        operations.addAll(
                List.of("deep", longNames, LONGEST_NAME, "open", "f", "0", "0", "undeep", longNames, LONGEST_NAME));
        operations.addAll(List.of("deep", 12, LONGEST_NAME, "open", "f", "0", "0", "undeep", 12, LONGEST_NAME));
        operations.addAll(List.of("deep", 200, "e", "open", "f", "0", "0", "undeep", 200, "e"));
        // The most that is ever sent, with a path of the greatest length: more than 8 KiB of text.
        String name = LONGEST_NAME.substring(1);
        String longest = "./".repeat(PATH_MAX / 2 - 1) + "f";
        operations.addAll(List.of("deep", 1, LONGEST_NAME, "deep", 16, name, "open", longest, "0", "0"));
        operations.addAll(List.of("undeep", 16, name, "undeep", 1, LONGEST_NAME));
        Run run = Jopensnoop.json(List.of("-F"), operations.toArray()).clean();
        List<String> paths = run.field("full_path");
        // 256 names are sent (DIR_DEPTH), or 4096 bytes (DIR_BYTES): 16 of the longest names with their NUL.
        assertEquals("…" + "/d".repeat(256) + "/f", paths.get(0));
        assertEquals("…" + ("/" + LONGEST_NAME).repeat(16) + "/f", paths.get(1));
        assertEquals(directory + ("/" + LONGEST_NAME).repeat(12) + "/f", paths.get(2));
        assertEquals(directory + "/e".repeat(200) + "/f", paths.get(3));
        assertEquals("…/" + LONGEST_NAME + ("/" + name).repeat(16) + "/" + longest, paths.get(4));
        assertEquals(Collections.nCopies(4, "f"), run.field("path").subList(0, 4));
    }

    @Test
    void deletedWorkingDirectory() throws IOException {
        Path directory = Scratch.directory("deleted");
        Run run = Jopensnoop.json(
                        List.of("-F"), "chdir", directory, "deep", 1, "gone", "rmdir", "../gone", "open", "f", "0", "0")
                .clean();
        assertEquals(List.of("ENOENT"), run.field("error"));
        assertEquals(List.of(directory + "/gone/f"), run.field("full_path"));
    }

    @Test
    void patternsMatchPathsOfAnyLength() throws IOException {
        Path directory = Scratch.directory("pattern");
        String longest = "./".repeat(PATH_MAX / 2 - 1) + "f";
        String exact = "x".repeat(300); // longer than what the kernel compares
        Object[] operations = {
            "chdir", directory, "open", longest, "0101", "0600", "open", exact, "0", "0", "open", "f", "0", "0",
        };
        assertEquals(
                List.of(longest),
                Jopensnoop.json(List.of("--path", "*/./f"), operations).clean().field("path"));
        assertEquals(
                List.of(exact),
                Jopensnoop.json(List.of("--path", exact), operations).clean().field("path"));
        assertEquals(
                List.of("f"),
                Jopensnoop.json(List.of("--path", "f"), operations).clean().field("path"));
    }
}
