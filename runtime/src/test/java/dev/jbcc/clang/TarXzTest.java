// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives as they are made, and as somebody makes them who means harm. */
class TarXzTest {
    private static final TarXz.Limits LIMITS = new TarXz.Limits(20, 4 << 20, 2 << 20);

    @TempDir
    Path temp;

    static Map<String, String> read(byte[] archive) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (TarXz tar = new TarXz(new ByteArrayInputStream(archive), LIMITS)) {
            for (Path name = tar.next(); name != null; name = tar.next()) {
                ByteArrayOutputStream content = new ByteArrayOutputStream();
                tar.copyTo(content);
                files.put(name.toString(), content.toString(StandardCharsets.UTF_8));
            }
        }
        return files;
    }

    private static void refused(String why, byte[] archive) {
        IOException refusal = assertThrows(IOException.class, () -> read(archive));
        assertTrue(refusal.getMessage().contains(why), refusal::toString);
    }

    @Test
    void filesAreReadWithTheirNames() throws IOException {
        String deep = "a/".repeat(20) + "x".repeat(120);
        byte[] archive = new Archives()
                .special("./", TarConstants.LF_DIR, "")
                .file("./include/a.h", "one")
                .special("include/", TarConstants.LF_DIR, "")
                .file("include/./b.h", "")
                .file(deep, "three")
                .packed();
        assertEquals(Map.of("include/a.h", "one", "include/b.h", "", deep, "three"), read(archive));
    }

    @Test
    void aFileNeedNotBeRead() throws IOException {
        byte[] archive =
                new Archives().file("a", "x".repeat(5000)).file("b", "y").packed();
        try (TarXz tar = new TarXz(new ByteArrayInputStream(archive), LIMITS)) {
            assertEquals(Path.of("a"), tar.next());
            assertEquals(Path.of("b"), tar.next());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/passwd", "//etc/passwd"})
    void anAbsoluteNameIsRefused(String name) throws IOException {
        refused("absolute", new Archives().file(name, "x").packed());
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "a/../../x", "a/..", "a/b/../c", "./.."})
    void aNameThatLeadsUpIsRefused(String name) throws IOException {
        refused("..", new Archives().file(name, "x").packed());
        refused(
                "..",
                new Archives().special(name + "/", TarConstants.LF_DIR, "").packed());
    }

    @Test
    void linksAndDevicesAreRefused() throws IOException {
        refused(
                "a link",
                new Archives().special("l", TarConstants.LF_SYMLINK, "/etc").packed());
        refused(
                "a link",
                new Archives().special("l", TarConstants.LF_SYMLINK, "inside").packed());
        refused(
                "a link",
                new Archives().special("l", TarConstants.LF_LINK, "/etc/shadow").packed());
        for (byte kind : new byte[] {TarConstants.LF_CHR, TarConstants.LF_BLK, TarConstants.LF_FIFO}) {
            refused("no file", new Archives().special("d", kind, "").packed());
        }
    }

    /** Each says to have 2 GiB, of which next to nothing is there. */
    private static Map<String, Archives> sparse() {
        String size = ".size=" + Integer.MAX_VALUE;
        int last = Integer.MAX_VALUE - 1;
        String map = "1\n" + last + "\n1\n";
        return Map.of(
                "0.0", sparse("x", size, ".numblocks=1", ".offset=" + last, ".numbytes=1"),
                "0.1", sparse("x", size, ".numblocks=1", ".map=" + last + ",1"),
                "1.0",
                        sparse(
                                map + "\0".repeat(512 - map.length()) + "x",
                                ".major=1",
                                ".minor=0",
                                ".name=x",
                                ".real" + size.substring(1)),
                "of star",
                        new Archives()
                                .attributed(
                                        "x", "x", "SCHILY.filetype=sparse", "SCHILY.realsize=" + Integer.MAX_VALUE));
    }

    private static Archives sparse(String content, String... attributes) {
        for (int i = 0; i < attributes.length; i++) {
            attributes[i] = "GNU.sparse" + attributes[i];
        }
        return new Archives().attributed("x", content, attributes);
    }

    @Test
    void sparseFilesAreRefused() throws IOException {
        for (Map.Entry<String, Archives> archive : sparse().entrySet()) {
            byte[] packed = archive.getValue().packed();
            IOException refusal = assertThrows(IOException.class, () -> read(packed), archive::getKey);
            assertEquals("it has something that is no file", refusal.getMessage(), archive::getKey);
        }
    }

    @Test
    void tooMuchIsRefused() throws IOException {
        Archives many = new Archives();
        for (int i = 0; i <= LIMITS.entries(); i++) {
            many.file("f" + i, "");
        }
        refused("more than 20 files", many.packed());
        byte[] noise = new byte[(int) LIMITS.fileBytes()];
        new Random(1).nextBytes(noise);
        refused(
                "too large",
                new Archives().file("a", Arrays.copyOf(noise, noise.length + 1)).packed());
        refused(
                "too large",
                new Archives().file("a", noise).file("b", noise).file("c", "x").packed());
        refused(
                "more than 32 names",
                new Archives()
                        .file("a/".repeat(40), "")
                        .file("a/".repeat(40) + "b", "")
                        .packed());
    }

    @Test
    void bombsAreRefused() throws IOException {
        TarXz.Limits large = new TarXz.Limits(10, 1L << 30, 1 << 30);
        byte[] bomb = new Archives().file("zeros", new byte[32 << 20]).packed();
        IOException refusal = assertThrows(IOException.class, () -> {
            try (TarXz tar = new TarXz(new ByteArrayInputStream(bomb), large)) {
                tar.next();
                tar.copyTo(OutputStream.nullOutputStream());
            }
        });
        assertTrue(refusal.getMessage().startsWith("it is a bomb"), refusal::toString);
        byte[] noise = new byte[1 << 20];
        new Random(1).nextBytes(noise);
        refused("without end", new Archives().longName(noise).file("a", "x").packed());
    }

    @Test
    void damageIsRefused() throws IOException {
        byte[] good = new Archives().file("a", "x".repeat(3000)).packed();
        for (int length = 0; length < good.length; length += 7) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThrows(IOException.class, () -> read(cut), () -> "of " + cut.length);
        }
        assertThrows(IOException.class, () -> read("no archive at all".getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void nothingIsWrittenOutside() throws IOException {
        for (Archives each : new Archives[] {
            new Archives().file("ok", "x").file("../out", "x"),
            new Archives()
                    .file("ok", "x")
                    .special("l", TarConstants.LF_SYMLINK, temp.toString())
                    .file("l/out", "x"),
            new Archives().file("ok", "x").file(temp + "/out", "x"),
            new Archives().file("ok", "x").file("ok", "twice"),
            new Archives().file("ok", "x").file("ok/out", "below a file")
        }) {
            Path into = Files.createTempDirectory(temp, "into");
            Path archive = Files.write(temp.resolve("hostile.tar.xz"), each.packed());
            assertThrows(IOException.class, () -> KernelHeaders.unpack(archive, into));
            try (Stream<Path> all = Files.walk(temp)) {
                assertTrue(all.noneMatch(path -> path.endsWith("out")));
            }
            assertEquals("x", Files.readString(into.resolve("ok")));
        }
    }
}
