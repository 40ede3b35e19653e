// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;

/** {@code jbcc} without a tool: what there is. The tools are the C sources; there is no other registry. */
final class ToolList {
    private static final String SUFFIX = ".bpf.c";

    private ToolList() {}

    static int run(List<String> arguments, Path home, PrintStream out, PrintStream err) {
        String request = arguments.isEmpty() ? "--help" : arguments.getFirst();
        switch (request) {
            case "-h", "--help" ->
                out.print(
                        """
                    Usage: jbcc TOOL [OPTION]…, the same as jTOOL [OPTION]…
                           jbcc COMMAND [OPTION]…
                           jbcc --list
                           jbcc --version

                    """ + list(home) + "\nCommands:\n" + commands() + "\nEach explains itself: jbcc TOOL --help\n");
            case "--list" -> out.print(list(home));
            case "-V", "--version" -> out.println("jbcc " + Main.version());
            default -> {
                err.println("jbcc: there is no option " + request + "\nhint: try: jbcc --help");
                return 2;
            }
        }
        return 0;
    }

    /** The tools, in alphabetical order. */
    static List<String> names(Path home) {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> sources = Files.newDirectoryStream(home.resolve("bpf-src"), "*" + SUFFIX)) {
            for (Path source : sources) {
                String file = source.getFileName().toString();
                names.add(file.substring(0, file.length() - SUFFIX.length()));
            }
        } catch (IOException failure) {
            throw new IllegalStateException("cannot list " + home.resolve("bpf-src"), failure);
        }
        Collections.sort(names);
        return names;
    }

    /** A line for each tool: its name, and what the second line of its source says. */
    private static String list(Path home) {
        TreeMap<String, String> tools = new TreeMap<>();
        try (DirectoryStream<Path> sources = Files.newDirectoryStream(home.resolve("bpf-src"), "*" + SUFFIX)) {
            for (Path source : sources) {
                String file = source.getFileName().toString();
                tools.put(file.substring(0, file.length() - SUFFIX.length()), purpose(source));
            }
        } catch (IOException failure) {
            throw new IllegalStateException("cannot list " + home.resolve("bpf-src"), failure);
        }
        StringBuilder text = new StringBuilder();
        tools.forEach((tool, purpose) -> text.append(String.format("%-16s %s%n", "j" + tool, purpose)));
        return text.toString();
    }

    /** A line for each command. */
    private static String commands() {
        StringBuilder text = new StringBuilder();
        for (String name : Command.NAMES) {
            text.append(String.format("%-16s %s%n", name, Main.command(name).summary()));
        }
        return text.toString();
    }

    private static String purpose(Path source) throws IOException {
        try (var lines = Files.lines(source)) {
            Iterator<String> each = lines.iterator();
            each.next();
            return each.next().replace("/*", "").replace("*/", "").strip();
        }
    }
}
