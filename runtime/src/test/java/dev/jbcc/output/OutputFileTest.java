// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFileTest {
    @TempDir
    Path dir;

    private static void write(Path file, String text) {
        OutputFile.write(file.toString(), out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aFileIsReplacedAndStaysAsPrivateAsItWas() throws IOException {
        Path file = Files.writeString(dir.resolve("out"), "before");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        write(file, "after");
        assertEquals("after", Files.readString(file));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals(List.of("out"), names());
    }

    @Test
    void halfAFileIsNone() throws IOException {
        Path file = Files.writeString(dir.resolve("out"), "before");
        JbccException.Failed failure = assertThrows(
                JbccException.Failed.class,
                () -> OutputFile.write(file.toString(), out -> {
                    out.write('x');
                    throw new IOException("no space");
                }));
        assertEquals("cannot write " + file + ": no space", failure.getMessage());
        assertEquals("before", Files.readString(file));
        assertEquals(List.of("out"), names());
    }

    @Test
    void aLinkIsReplacedAndWhatItLedToStays() throws IOException {
        Path other = Files.writeString(dir.resolve("other"), "not ours");
        Path link = Files.createSymbolicLink(dir.resolve("out"), other);
        write(link, "ours");
        assertFalse(Files.isSymbolicLink(link));
        assertEquals("ours", Files.readString(link));
        assertEquals("not ours", Files.readString(other));
    }

    @Test
    void aDeviceIsWrittenTo() {
        Path device = Path.of("/dev/null");
        OutputFile.check(device.toString());
        write(device, "text");
        assertFalse(Files.isRegularFile(device));
    }

    @Test
    void whatIsSureToFailIsFoundBefore() throws IOException {
        for (Path wrong : List.of(
                dir,
                dir.resolve("no/such"),
                Files.writeString(dir.resolve("f"), "").resolve("x"))) {
            String early = assertThrows(JbccException.Failed.class, () -> OutputFile.check(wrong.toString()))
                    .getMessage();
            assertTrue(early.startsWith("cannot write " + wrong + ": "), early);
            assertThrows(JbccException.Failed.class, () -> write(wrong, "text"));
        }
        assertThrows(JbccException.Failed.class, () -> OutputFile.check(""));
        assertDoesNotThrow(() -> OutputFile.check(dir.resolve("new").toString()));
        assertEquals(List.of("f"), names());
    }
}
