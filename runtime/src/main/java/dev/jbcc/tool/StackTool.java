// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.BpfObject;
import dev.jbcc.bpf.OpenObject;
import dev.jbcc.output.Column;
import dev.jbcc.output.Format;
import dev.jbcc.output.OutputFile;
import dev.jbcc.output.Renderer;
import dev.jbcc.stack.StackMaps;
import java.math.BigDecimal;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A tool that adds something up by stack, through {@code stacks.h}, and prints the sums at the end: the options of all
 * such tools. What is added up, and when, is the tool's own: see {@link #attach}.
 *
 * {@snippet :
 * final class Faults extends StackTool {
 *     Faults() {
 *         super("Counts page faults by stack.");
 *     }
 *
 *     @Override
 *     protected void attach(BpfObject object, Consumer<String> say) {
 *         object.attach("on_fault");
 *     }
 *
 *     @Override
 *     protected String activity() {
 *         return "Counting page faults";
 *     }
 *
 *     @Override
 *     protected String unit() {
 *         return "faults";
 *     }
 * }
 * }
 */
public abstract non-sealed class StackTool extends Tool {
    /** BCC's, and enough for the rates that people sample at. */
    private static final int STACKS = 16384;

    private static final int SUMS = 40960;
    private static final int DEPTH = 127; // the kernel's own limit unless kernel.perf_event_max_stack says more
    private static final int MAX_ROOM = 1 << 20;

    private final Option<Long> seconds =
            options.operand("SECONDS", 0L, Numbers::seconds, "end after this time; the same as --duration");
    final Option<Boolean> userOnly = options.flag("user stacks only", "-U", "--user-stacks-only");
    final Option<Boolean> kernelOnly = options.flag("kernel stacks only", "-K", "--kernel-stacks-only");
    final Option<Boolean> folded = options.flag(
            "folded stacks, a line each, as flamegraph.pl reads them; the same as -o folded", "-f", "--folded");
    final Option<Boolean> delimited =
            options.flag("put a frame - (folded) or a line -- between user and kernel stack", "-d", "--delimited");
    final Option<Boolean> annotated =
            options.flag("mark kernel frames of folded stacks with _[k]", "-a", "--annotations");
    final Option<Boolean> addresses = options.flag("show addresses, in the table, JSON and CSV", "-A", "--addresses");
    final Option<StackFormat> format = options.value(
            "FORMAT",
            StackFormat.TABLE,
            StackFormat::parse,
            "table, folded, json, csv, flame or svg; table unless given",
            "-o",
            "--output");
    final Option<String> flame = options.value(
            "FILE", null, Function.identity(), "write a flame graph to FILE, a page for the browser", "--flame");
    final Option<String> svg =
            options.value("FILE", null, Function.identity(), "write a flame graph to FILE, a static picture", "--svg");
    final Option<String> title =
            options.value("TEXT", null, Function.identity(), "title of the flame graph", "--title");
    final Option<Boolean> noDemangle = options.flag("show C++ and Rust names as they are in the file", "--no-demangle");
    private final Option<Boolean> java =
            options.flag("ask JVMs for the names of compiled code, as is done unless --no-java", "--java");
    final Option<Boolean> noJava = options.flag("do not ask JVMs for the names of compiled code", "--no-java");
    final Option<Long> stackStorage = options.value(
            "N",
            (long) STACKS,
            Numbers.between(1, MAX_ROOM),
            "room for different stacks between two readings; " + STACKS + " unless given",
            "--stack-storage-size");
    final Option<Long> sumStorage = options.value(
            "N",
            (long) SUMS,
            Numbers.between(1, MAX_ROOM),
            "room for different sums between two readings; " + SUMS + " unless given",
            "--hash-storage-size");
    final Option<Long> depth = options.value(
            "N",
            (long) DEPTH,
            Numbers.between(1, StackMaps.MAX_DEPTH),
            "frames of a stack to keep; " + DEPTH + " unless given",
            "--perf-max-stack-depth");

    private final StackRow row = new StackRow();

    /**
     * Describes a tool.
     *
     * @param summary one sentence for the help
     */
    protected StackTool(String summary) {
        super(summary);
        options.takeAsInBcc("-d");
        options.leaveOut(
                "--output",
                "--max-events",
                "--timestamp",
                "--time",
                "--buffer-size",
                "--buffer-pages",
                "--buffer",
                "--hooks");
    }

    /**
     * Attaches the programs to what makes them add up.
     *
     * @param say hears what the user is to know
     */
    protected abstract void attach(BpfObject object, Consumer<String> say);

    /**
     * Called every few seconds, to attach to what has come since.
     *
     * @param detail hears what is done, for {@code -v}
     */
    protected void tick(BpfObject object, Consumer<String> detail) {}

    /** What the tool does, as its first line says it: {@code Sampling at 49 Hertz}. */
    protected abstract String activity();

    /** What is added up, in the plural: {@code samples}. */
    protected abstract String unit();

    /** Whose stacks: {@code all threads}, or what the filters say. */
    private String scope(StandardOptions standard) {
        StringBuilder scope = new StringBuilder();
        if (standard.pids.given()) {
            scope.append("PID ").append(standard.pids.get());
        } else if (standard.tid.given()) {
            scope.append("TID [").append(standard.tid.get()).append(']');
        } else {
            scope.append("all threads");
        }
        return scope.append(" by ")
                .append(userOnly.get() ? "user" : kernelOnly.get() ? "kernel" : "user + kernel")
                .append(" stack")
                .toString();
    }

    @Override
    final Option<Long> duration(StandardOptions standard) {
        return seconds.given() ? seconds : standard.duration;
    }

    /** BCC's first line. */
    final String greeting(StandardOptions standard) {
        Option<Long> duration = duration(standard);
        String until = duration.given()
                ? " for "
                        + new BigDecimal(duration.get())
                                .movePointLeft(9)
                                .stripTrailingZeros()
                                .toPlainString() + " secs."
                : "... Hit Ctrl-C to end.";
        return activity() + " of " + scope(standard) + until;
    }

    final StackMaps.Room room() {
        return new StackMaps.Room(
                sumStorage.get().intValue(),
                stackStorage.get().intValue(),
                depth.get().intValue());
    }

    /** What goes to standard output. */
    final StackFormat output() {
        if (format.given()) {
            return format.get();
        }
        if (folded.get()) {
            return StackFormat.FOLDED;
        }
        return flame.given() || svg.given() ? StackFormat.NONE : StackFormat.TABLE;
    }

    /** A row for each stack; for JSON and CSV. */
    @Override
    final List<Column> columns(StandardOptions standard) {
        return row.columns(unit(), addresses, standard);
    }

    /** Prints {@link #row}; for JSON and CSV. */
    final Renderer renderer(StandardOptions standard) {
        Format rows = output() == StackFormat.JSON ? Format.JSON : Format.CSV;
        return Renderer.of(rows, columns(standard), standard.fields.get(), () -> 0);
    }

    private boolean draws() {
        return flame.given() || svg.given() || output() == StackFormat.FLAME || output() == StackFormat.SVG;
    }

    /** The row that the columns read. */
    final StackRow row() {
        return row;
    }

    @Override
    protected final boolean looksAtContainers() {
        return output() == StackFormat.JSON || output() == StackFormat.CSV;
    }

    @Override
    final void prepare(OpenObject object, StandardOptions standard) {
        if (seconds.given() && standard.duration.given()) {
            throw new JbccException.Usage("SECONDS and --duration are the same");
        }
        if (userOnly.get() && kernelOnly.get()) {
            throw new JbccException.Usage("-U and -K leave nothing to show");
        }
        if (folded.get() && format.given() && format.get() != StackFormat.FOLDED) {
            throw new JbccException.Usage("-f and -o " + format.get() + " contradict each other");
        }
        if (!standard.fields.get().isEmpty() && output() != StackFormat.JSON && output() != StackFormat.CSV) {
            throw new JbccException.Usage("--fields goes with -o json and -o csv");
        }
        if (java.get() && noJava.get()) {
            throw new JbccException.Usage("--java and --no-java exclude each other");
        }
        if (title.given() && !draws()) {
            throw new JbccException.Usage("--title goes with --flame, --svg, -o flame and -o svg");
        }
        // What would fail at the end, after a long run perhaps, fails now.
        if (output() == StackFormat.JSON || output() == StackFormat.CSV) {
            renderer(standard);
        }
        for (Option<String> file : List.of(flame, svg)) {
            if (file.given()) {
                OutputFile.check(file.get());
            }
        }
        StackMaps.configure(object, room());
        object.global("jbcc_user_stacks", kernelOnly.get() ? 0 : 1);
        object.global("jbcc_kernel_stacks", userOnly.get() ? 0 : 1);
        object.maxEntries("jbcc_ring", StackPrinter.NOTES_BYTES);
        object.leaveOut("jbcc_perf");
    }

    @Override
    final Printer printer(BpfObject object, StandardOptions standard, Messages messages) {
        return new StackPrinter(this, object, standard, messages);
    }
}
