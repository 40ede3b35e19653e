// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import dev.jbcc.clang.Clang;
import dev.jbcc.clang.Source;
import dev.jbcc.clang.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The programs of {@code src/test/c}, compiled by the machine's compiler. For guests, where a compiler takes long,
 * {@code scripts/vmtest} has them kept in a folder beforehand.
 */
final class Compiled {
    private static final String KEPT = System.getProperty("jbcc.test.programs");

    private Compiled() {}

    /** A file of its own, whose name begins with the source's, or null if the compiler does not make it. */
    static Path program(String source, List<String> options) {
        String stem = source.replaceAll("[0-9]*\\.c$", "");
        Path program = Scratch.fresh(stem);
        Path kept = KEPT == null ? null : Path.of(KEPT, source + ".program");
        try {
            if (kept != null && Files.exists(kept)) {
                return Files.copy(kept, program, StandardCopyOption.COPY_ATTRIBUTES);
            }
            List<String> command = new ArrayList<>();
            command.add(Files.isExecutable(Path.of("/usr/bin/gcc")) ? "gcc" : "clang");
            command.addAll(options);
            command.add("-o");
            command.add(program.toString());
            command.add(
                    Jopensnoop.HOME.resolve("tools/src/test/c").resolve(source).toString());
            String said = Program.output(command);
            if (!Files.isExecutable(program)) {
                System.err.println(command.getFirst() + " does not compile " + source + ": " + said);
                return null;
            }
            if (kept != null) {
                Files.copy(program, kept);
            }
            return program;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The ELF bytes of a source for BPF. */
    static byte[] bpf(String source) {
        Path kept = KEPT == null ? null : Path.of(KEPT, source + ".object");
        try {
            if (kept != null && Files.exists(kept)) {
                return Files.readAllBytes(kept);
            }
            Path path = Jopensnoop.HOME.resolve("tools/src/test/c").resolve(source);
            byte[] elf = Clang.find()
                    .compile(new Source(path, List.of()), Target.host(), List.of())
                    .object();
            if (kept != null) {
                Files.write(kept, elf);
            }
            return elf;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
