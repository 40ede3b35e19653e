// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.JbccException;
import java.util.List;
import java.util.function.Function;

/** The options of {@code jbcc run}: its own, and those of every tool. */
final class FileOptions {
    final StandardOptions standard;
    final Option<String> file;
    final Option<List<String>> defines;
    final Option<List<String>> includes;
    final Option<Long> interval;
    final Option<StackFormat> format;
    final Option<Long> frequency;
    final Option<Boolean> watch;

    /** Adds the options to those of the command. */
    FileOptions(Options options, StandardOptions standard) {
        this.standard = standard;
        options.leaveOut("--output", "--pod", "--dump-c", "--hooks");
        options.describe("--container", "only this container that is there: a name, or the start of an id");
        options.describe("--max-events", "end after this many records and lines of bpf_printk");
        options.describe("--buffer-size", "size of each buffer, such as 512KiB; that of the C unless given");
        options.describe("--buffer", "ring (kernel 5.8), perf or auto, for jbcc_submit; auto unless given");
        file = options.operand("FILE.bpf.c", null, Function.identity(), "the C source, or an object made from one");
        defines =
                options.list("NAME=VALUE", FileOptions::assignment, "set a global variable of the C", "-D", "--define");
        includes = options.list("DIR", Function.identity(), "look for headers there too", "-I", "--include");
        interval = options.value("SECONDS", 0L, Numbers::seconds, "print the maps this often", "-i", "--interval");
        format = options.value(
                "FORMAT",
                StackFormat.TABLE,
                FileOptions::format,
                "table, json, or folded for stacks; table unless given",
                "-o",
                "--output");
        frequency = options.value(
                "HZ",
                49L,
                Numbers.between(1, 100_000),
                "how often perf_event programs run on each CPU; 49 unless given",
                "-F",
                "--frequency");
        watch = options.flag("load the file again when it changes", "--watch");
    }

    private static String assignment(String text) {
        if (text.indexOf('=') < 1) {
            throw new JbccException.Usage("'" + text + "' is not NAME=VALUE");
        }
        return text;
    }

    private static StackFormat format(String text) {
        return switch (text) {
            case "table" -> StackFormat.TABLE;
            case "json" -> StackFormat.JSON;
            case "folded" -> StackFormat.FOLDED;
            default ->
                throw new JbccException.Usage(
                        "what C files produce is printed as a table, as json or folded, not as '" + text + "'");
        };
    }

    /** Whether the file is compiled already. */
    boolean isObject() {
        return file.get().endsWith(".o");
    }

    /** What contradicts itself, or would have no effect. */
    void check(List<String> command) {
        if (!file.given()) {
            throw new JbccException.Usage("there is no file to run", "try: " + FileCommand.NAME + " hello.bpf.c");
        }
        for (Option<?> option : List.of(includes, standard.recompile, standard.keep)) {
            if (option.given() && isObject()) {
                throw new JbccException.Usage(
                        option.names().getLast() + " is for C sources, and " + file.get() + " is an object");
            }
        }
        if (standard.timeStyle() != null && format.get() != StackFormat.TABLE) {
            throw new JbccException.Usage(
                    "-T and --time are for tables",
                    format.get() == StackFormat.JSON
                            ? "-o json has the times as the C gives them, in nanoseconds"
                            : "-o folded has no times");
        }
        if (interval.given() && format.get() == StackFormat.FOLDED) {
            throw new JbccException.Usage(
                    "-i prints maps again and again, and folded lines are added up by their readers");
        }
        if (!standard.fields.get().isEmpty() && format.get() == StackFormat.FOLDED) {
            throw new JbccException.Usage("--fields is for records, which -o folded does not print");
        }
        if (standard.asRoot.get() && command == null) {
            throw new JbccException.Usage("--as-root is for -- COMMAND");
        }
    }
}
