// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A shell script in the place of clang, in a directory of its own. */
final class FakeClang {
    private final Path directory;
    private final Path script;

    /** The script ends with these lines; {@code $SOURCE} is the file to compile, {@code $OBJECT} a good object. */
    FakeClang(Path directory, String... lines) throws IOException {
        this.directory = Files.createDirectories(directory);
        this.script = directory.resolve("clang");
        Files.write(directory.resolve("object"), elf(1, 0));
        StringBuilder text = new StringBuilder("#!/bin/sh\nDIRECTORY=" + directory + "\nOBJECT=" + directory
                + "/object\nfor SOURCE; do :; done\necho \"$*\" >>$DIRECTORY/runs\n");
        for (String line : lines) {
            text.append(line).append('\n');
        }
        Files.writeString(script, text);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    }

    /** One that writes an object and says that it read the source and these files. */
    static FakeClang reading(Path directory, Path... files) throws IOException {
        StringBuilder rule = new StringBuilder("printf jbcc:; printf ' \\\\\\n  %s' $SOURCE");
        for (Path file : files) {
            rule.append(' ').append(file);
        }
        return new FakeClang(directory, "cat $OBJECT", rule.toString(), "echo");
    }

    Clang find() {
        return find(60_000);
    }

    Clang find(long limitMillis) {
        Map<String, String> environment = new HashMap<>();
        environment.put(Clang.VARIABLE, script.toString());
        environment.put("PATH", "/usr/bin:/bin");
        return Clang.find(environment, Path.of("/"), limitMillis);
    }

    Path script() {
        return script;
    }

    void object(byte[] object) throws IOException {
        Files.write(directory.resolve("object"), object);
    }

    /** The arguments of each run so far. */
    List<String> runs() throws IOException {
        Path runs = directory.resolve("runs");
        return Files.exists(runs) ? Files.readAllLines(runs) : List.of();
    }

    /** The smallest thing that has the outline of an object: a header and a table of so many sections. */
    static byte[] elf(int sections, int content) {
        ByteBuffer elf = ByteBuffer.allocate(64 + 64 * sections).order(ByteOrder.LITTLE_ENDIAN);
        elf.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1});
        elf.putLong(0x28, 64);
        elf.putShort(0x3a, (short) 64);
        elf.putShort(0x3c, (short) sections);
        elf.putInt(64, content);
        return elf.array();
    }
}
