// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import dev.jbcc.JbccException;
import dev.jbcc.flame.FlameOptions;
import dev.jbcc.flame.FoldedWriter;
import dev.jbcc.flame.HtmlWriter;
import dev.jbcc.flame.StackReader;
import dev.jbcc.flame.StackTree;
import dev.jbcc.flame.SvgWriter;
import dev.jbcc.tool.Command;
import dev.jbcc.tool.Numbers;
import dev.jbcc.tool.Option;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.function.Function;

/** {@code jbcc flame}: makes a flame graph of folded stacks, and gives the stacks of such a graph back. */
public final class Flame extends Command {
    private static final String STDIN = "-";
    private static final int MAX_WIDTH = 100_000;

    private final Option<List<String>> files =
            options.operands("FILE", Function.identity(), "folded stacks, or a page made by this; - is standard input");
    private final Option<Boolean> svg = options.flag("a static picture, SVG", "--svg");
    private final Option<Boolean> folded = options.flag("the stacks as folded lines", "--folded");
    private final Option<Boolean> diff =
            options.flag("compare two FILEs: what was before, and what is after", "--diff");
    private final Option<Boolean> normalize =
            options.flag("with --diff: scale what was before to the same total", "-n", "--normalize");
    private final Option<String> title =
            options.value("TEXT", null, Function.identity(), "the title; the name of the FILE unless given", "--title");
    private final Option<String> subtitle =
            options.value("TEXT", "", Function.identity(), "a line below the title", "--subtitle");
    private final Option<String> countName = options.value(
            "NAME",
            "samples",
            Function.identity(),
            "what is counted, such as ms; samples unless given",
            "--count-name");
    private final Option<Long> width = options.value(
            "PIXELS",
            0L,
            Numbers.between(200, MAX_WIDTH),
            "width of the graph; 1200 for SVG and the window's else, unless given",
            "--width");
    private final Option<Double> minWidth = options.value(
            "PIXELS",
            FlameOptions.MIN_WIDTH,
            Flame::pixels,
            "leave out frames narrower than this; 0.1 unless given",
            "--min-width");
    private final Option<Boolean> icicle = options.flag("with the root at the top", "--icicle");
    private final Option<Boolean> inverted = options.flag("from the ends of the stacks to their callers", "--inverted");
    private final Option<String> output = options.value(
            "FILE", null, Function.identity(), "write to FILE; standard output unless given", "-o", "--output");

    public Flame() {
        super("Makes a flame graph of folded stacks.");
    }

    private static double pixels(String text) {
        double pixels;
        try {
            pixels = Double.parseDouble(text);
        } catch (NumberFormatException none) {
            throw new JbccException.Usage("'" + text + "' is not a number of pixels");
        }
        if (!(pixels >= 0 && pixels <= MAX_WIDTH)) {
            throw new JbccException.Usage("'" + text + "' is not between 0 and " + MAX_WIDTH);
        }
        return pixels;
    }

    @Override
    protected int run(String name, PrintStream err) throws IOException {
        check();
        StackTree tree = new StackTree();
        try {
            List<String> inputs = files.get().isEmpty() ? List.of(STDIN) : files.get();
            for (int i = 0; i < inputs.size(); i++) {
                read(inputs.get(i), side(i), tree, name, err);
            }
            if (tree.isEmpty()) {
                throw new JbccException.Failed(
                        "no stacks", "a line is root;…;leaf COUNT, as jbcc and others fold them");
            }
            if (normalize.get()) {
                tree.normalize();
            }
            write(tree);
            return 0;
        } catch (OutOfMemoryError full) {
            throw new JbccException.Failed(
                    "the stacks do not fit into memory: "
                            + (Runtime.getRuntime().maxMemory() >> 20) + " MiB",
                    "more: JBCC_JAVA_OPTS=-Xmx2g " + name + " …");
        }
    }

    /** What contradicts itself, or would have no effect. */
    private void check() {
        if (svg.get() && folded.get()) {
            throw new JbccException.Usage("--svg and --folded are two formats");
        }
        if (diff.get() && files.get().size() != 2) {
            throw new JbccException.Usage("--diff takes two files, what was before and what is after");
        }
        if (normalize.get() && !diff.get()) {
            throw new JbccException.Usage("--normalize is for --diff");
        }
        if (files.get().stream().filter(STDIN::equals).count() > 1) {
            throw new JbccException.Usage("standard input can be read only once");
        }
        if (folded.get()) {
            for (Option<?> option : List.of(title, subtitle, countName, width, minWidth, icicle, inverted)) {
                if (option.given()) {
                    throw new JbccException.Usage(option.names().getFirst() + " is for pictures, not for --folded");
                }
            }
        }
        boolean reads = files.get().isEmpty() || files.get().contains(STDIN);
        if (reads && isTerminal(0)) {
            throw new JbccException.Usage(
                    "there is nothing to read: standard input is a terminal", "try: jbcc flame FILE -o flame.html");
        }
        if (!output.given() && !folded.get() && isTerminal(1)) {
            throw new JbccException.Usage(
                    "standard output is a terminal", "try: -o " + (svg.get() ? "flame.svg" : "flame.html"));
        }
    }

    private StackReader.Side side(int input) {
        return !diff.get() ? StackReader.Side.BOTH : input == 0 ? StackReader.Side.BEFORE : StackReader.Side.AFTER;
    }

    private static void read(String file, StackReader.Side side, StackTree tree, String name, PrintStream err) {
        String shown = file.equals(STDIN) ? "standard input" : file;
        StackReader reader = new StackReader(tree);
        try (InputStream in = file.equals(STDIN) ? new FileInputStream(FileDescriptor.in) : new FileInputStream(file)) {
            reader.read(in, side);
        } catch (IOException failure) {
            throw new JbccException.Failed("cannot read " + shown + ": " + reason(failure, file), failure);
        } catch (JbccException.Failed failure) {
            throw new JbccException.Failed(
                    shown + ": " + failure.getMessage(), failure, failure.hint().orElse(null), null);
        } finally {
            for (String sentence : reader.ignored()) {
                err.println(name + ": " + shown + ": " + sentence);
            }
        }
    }

    /** Java puts the file's name in front, and the system's words in brackets. */
    private static String reason(IOException failure, String file) {
        if (failure instanceof NoSuchFileException) {
            return "No such file or directory";
        }
        String message = String.valueOf(failure.getMessage());
        String start = file + " (";
        return message.startsWith(start) && message.endsWith(")")
                ? message.substring(start.length(), message.length() - 1)
                : message;
    }

    private void write(StackTree tree) throws IOException {
        if (!output.given()) {
            // Main tells a closed pipe from other failures.
            write(tree, new FileOutputStream(FileDescriptor.out));
            return;
        }
        Path target = Path.of(output.get());
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            try (OutputStream out = Files.newOutputStream(target)) {
                write(tree, out); // a device or a pipe, which cannot be replaced
            } catch (IOException failure) {
                throw failed(failure);
            }
            return;
        }
        // Through a link to the file itself, so that the link stays.
        Path file;
        Path part = null;
        try {
            file = Files.exists(target) ? target.toRealPath() : target.toAbsolutePath();
            part = file.resolveSibling(
                    "." + file.getFileName() + "." + ProcessHandle.current().pid() + ".part");
            create(part, file);
            part.toFile().deleteOnExit(); // should a signal end us
            try (OutputStream out = Files.newOutputStream(part)) {
                write(tree, out);
            }
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            part = null;
        } catch (IOException failure) {
            throw failed(failure);
        } finally {
            if (part != null) {
                Files.deleteIfExists(part);
            }
        }
    }

    /** A new file, which not more people may read than the one that it is to replace. */
    private static void create(Path part, Path replaced) throws IOException {
        if (Files.exists(replaced)) {
            Files.createFile(part, PosixFilePermissions.asFileAttribute(Files.getPosixFilePermissions(replaced)));
        } else {
            Files.createFile(part);
        }
    }

    private JbccException failed(IOException failure) {
        String reason = failure instanceof NoSuchFileException
                ? "no such directory"
                : failure instanceof AccessDeniedException ? "permission denied" : failure.getMessage();
        return new JbccException.Failed("cannot write " + output.get() + ": " + reason, failure);
    }

    private void write(StackTree tree, OutputStream out) throws IOException {
        if (folded.get()) {
            FoldedWriter.write(tree, out);
            return;
        }
        FlameOptions look = new FlameOptions(
                title.given() ? title.get() : usualTitle(),
                subtitle.get(),
                countName.get(),
                width.get().intValue(),
                minWidth.get(),
                icicle.get(),
                inverted.get());
        if (svg.get()) {
            SvgWriter.write(tree, look, out);
        } else {
            HtmlWriter.write(tree, look, out);
        }
    }

    private String usualTitle() {
        List<String> names = files.get().stream()
                .filter(file -> !file.equals(STDIN))
                .map(file -> String.valueOf(Path.of(file).getFileName()))
                .toList();
        return names.isEmpty() ? "Flame graph" : String.join(diff.get() ? " → " : ", ", names);
    }
}
