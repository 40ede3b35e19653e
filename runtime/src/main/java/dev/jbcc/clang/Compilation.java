// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import dev.jbcc.JbccException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** One compilation of a source: runs clang and turns whatever comes of it into an object or an error. */
final class Compilation {
    private final Path source;
    private final List<String> command;
    private final Path root;
    private final Map<String, String> environment;
    private final long limitMillis;

    /**
     * @param command clang and its arguments
     * @param root the system's root directory, for the names of its packages
     * @param environment all that clang gets
     * @param limitMillis how long it may take
     */
    Compilation(Path source, List<String> command, Path root, Map<String, String> environment, long limitMillis) {
        this.source = source;
        this.command = command;
        this.root = root;
        this.environment = environment;
        this.limitMillis = limitMillis;
    }

    /** See {@link Clang#compile}. */
    Compiled run() {
        CompilerProcess.Result result;
        try {
            result = CompilerProcess.run(command, environment, limitMillis);
        } catch (IOException e) {
            throw new JbccException.Failed("cannot run the compiler: " + e.getMessage(), e, otherClang(), null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JbccException.Failed("compiling " + source + " was interrupted", e);
        }
        String clang = command.getFirst();
        String text = text(result);
        if (result.late()) {
            throw failed(
                    clang + " did not compile " + source + " within " + limitMillis / 1000 + " s and was killed",
                    text,
                    "run it by hand: " + String.join(" ", command));
        }
        if (result.exitCode() > 128) {
            int signal = result.exitCode() - 128;
            throw failed(
                    clang + " was killed by signal " + signal + " while it compiled " + source,
                    text,
                    signal == 9 ? "the kernel does that when memory runs out: see dmesg" : null);
        }
        if (result.exitCode() != 0) {
            throw failed(
                    clang + " cannot compile " + source + " (exit code " + result.exitCode() + ")", text, hint(text));
        }
        if (result.output() == null) {
            throw failed(clang + " wrote more than 64 MiB for " + source, text, otherClang());
        }
        CompilerOutput output = CompilerOutput.parse(result.output());
        if (output == null) {
            throw failed(clang + " wrote no whole 64-bit ELF object for " + source, text, otherClang());
        }
        return new Compiled(output.object(), text, output.dependencies(), false);
    }

    private static JbccException.Failed failed(String what, String text, String hint) {
        return new JbccException.Failed(text.isEmpty() ? what : what + ":\n" + text, hint);
    }

    private static String otherClang() {
        return "set " + Clang.VARIABLE + " to another clang";
    }

    /** What clang printed, cut after a whole line when it was too much. */
    private static String text(CompilerProcess.Result result) {
        byte[] bytes = result.errors();
        int length = bytes.length;
        if (result.errorsDropped() > 0) {
            while (length > 0 && bytes[length - 1] != '\n') {
                length--;
            }
            if (length == 0) {
                length = bytes.length;
            }
        }
        String text = new String(bytes, 0, length, StandardCharsets.UTF_8).stripTrailing();
        long more = bytes.length - length + result.errorsDropped();
        return more > 0 ? text + "\n… " + more + " more bytes" : text;
    }

    private String hint(String text) {
        if (text.contains("'bpf/") && text.contains("file not found")) {
            return "the headers of libbpf are missing: " + Distribution.of(root).installLibbpfHeaders();
        }
        if (text.contains("unable to create target") || text.contains("unknown target triple")) {
            return "this clang cannot make BPF code: " + Distribution.of(root).installClang() + ", or " + otherClang();
        }
        return null;
    }
}
