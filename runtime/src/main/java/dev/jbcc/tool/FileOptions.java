// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.JbccException;
import dev.jbcc.output.Format;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The command line of {@code jbcc run}: a file, options, and perhaps a command after {@code --}. */
final class FileOptions {
    static final String NAME = "jbcc run";
    private static final String SUMMARY =
            "Compiles a BPF C file, attaches its programs by their sections, and prints what they produce.";

    private final Options options = new Options();

    final Option<List<String>> defines =
            options.list("NAME=VALUE", FileOptions::assignment, "set a global variable of the C", "-D", "--define");
    final Option<List<String>> includes =
            options.list("DIR", Function.identity(), "look for headers there too", "-I", "--include");
    final Option<Long> interval =
            options.value("SECONDS", 0L, Numbers::seconds, "print the maps this often", "-i", "--interval");
    final Option<Long> duration =
            options.value("SECONDS", 0L, Numbers::seconds, "end after this time", "-d", "--duration");
    final Option<Long> maxEvents = options.value(
            "N", Long.MAX_VALUE, Numbers.between(1, Long.MAX_VALUE), "end after this many records", "--max-events");
    final Option<Format> format =
            options.value("FORMAT", Format.TABLE, FileOptions::format, "table or json", "-o", "--output");
    final Option<Long> frequency = options.value(
            "HZ",
            49L,
            Numbers.between(1, 100_000),
            "how often perf_event programs run on each CPU; 49",
            "-F",
            "--frequency");
    final Option<Boolean> watch = options.flag("load the file again when it changes", "--watch");
    final Option<String> btf = options.value(
            "FILE", null, Function.identity(), "the kernel's types: BTF, a vmlinux or a .btf.tar.xz", "--btf");
    final Option<Boolean> asRoot = options.flag("run COMMAND as root, not as the user of sudo", "--as-root");
    final Option<Boolean> recompile = options.flag("compile even when the object is in the cache", "--recompile");
    final Option<String> keep =
            options.value("FILE", null, Function.identity(), "also write the compiled object to FILE", "--keep");
    final Option<Boolean> verbose = options.flag("say what is done, and show whole logs", "-v", "--verbose");

    private final Arguments arguments = new Arguments(NAME + " FILE.bpf.c", SUMMARY, options, new Options());

    /** The source or object; null when none was named. */
    final String file;

    /** What to run and trace, or null. */
    final List<String> command;

    final Arguments.Request request;

    /** Parses what follows {@code run}. */
    FileOptions(List<String> words) {
        int dashes = words.indexOf("--");
        List<String> own = new ArrayList<>(words.subList(0, dashes < 0 ? words.size() : dashes));
        int at = fileAt(own);
        file = at < 0 ? null : own.remove(at);
        command = dashes < 0 ? null : words.subList(dashes + 1, words.size());
        request = arguments.parse(own);
        if (request == Arguments.Request.RUN && file == null) {
            throw new JbccException.Usage("there is no file to run", "try: " + NAME + " hello.bpf.c");
        }
        if (command != null && command.isEmpty()) {
            throw new JbccException.Usage("there is no command after --");
        }
    }

    /** The first word that is neither an option nor the value of one. */
    private int fileAt(List<String> words) {
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (!word.startsWith("-")) {
                return i;
            }
            for (Option<?> option : options.all()) {
                if (option.label() != null && option.names().contains(word)) {
                    i++;
                }
            }
        }
        return -1;
    }

    String help() {
        return arguments.help();
    }

    private static String assignment(String text) {
        if (text.indexOf('=') < 1) {
            throw new JbccException.Usage("'" + text + "' is not NAME=VALUE");
        }
        return text;
    }

    private static Format format(String text) {
        Format format = Format.parse(text);
        if (format != Format.TABLE && format != Format.JSON) {
            throw new JbccException.Usage("what C files produce is printed as a table or as json, not " + text);
        }
        return format;
    }
}
