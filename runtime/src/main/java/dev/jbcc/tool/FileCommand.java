// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/** {@code jbcc run FILE.bpf.c}: any BPF C file is a tool. */
final class FileCommand extends Command {
    static final String NAME = "jbcc run";

    private final FileOptions words;
    private List<String> command;
    private volatile boolean stopping;

    FileCommand() {
        this(new StandardOptions());
    }

    private FileCommand(StandardOptions standard) {
        super(
                "Compiles a BPF C file, attaches its programs by their sections, and prints what they produce.",
                standard);
        words = new FileOptions(options, standard);
        standard.options().yieldTo(options);
    }

    @Override
    boolean traces() {
        return true;
    }

    @Override
    void trace(List<String> argv) {
        command = argv;
    }

    @Override
    void stop() {
        stopping = true;
    }

    /** What the file has. */
    @Override
    String explainOperands() {
        return words.file.given() ? new FileRun(words, null, System.err, () -> true).describe() : "";
    }

    @Override
    protected int run(String name, PrintStream err) throws IOException {
        words.check(command);
        return new FileRun(words, command, err, () -> stopping).run();
    }

    /** For tests. */
    FileOptions words() {
        return words;
    }
}
