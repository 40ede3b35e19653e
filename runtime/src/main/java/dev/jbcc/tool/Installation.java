// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.ffi.Libbpf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What there is of jbcc itself: its tools, how this process was started, and its library.
 *
 * {@snippet :
 * for (String tool : Installation.tools()) {
 *     System.out.println("j" + tool);
 * }
 * }
 */
public final class Installation {
    /** What a tool says with {@code -v} once it traces. */
    public static final String ATTACHED = "attached";

    /** What it begins with when it says which hook it took, before that, such as {@code hook of renames: fentry}. */
    public static final String HOOK = "hook of ";

    private static final Path OWN_COMMAND = Path.of("/proc/self/cmdline");

    private Installation() {}

    /** The names of the tools, without their {@code j}. */
    public static List<String> tools() {
        return ToolList.names(Main.home());
    }

    /** The words that start another tool as this process was started: java, its options, and the main class. */
    public static List<String> command() {
        List<String> command = new ArrayList<>();
        try {
            for (String word : new String(Files.readAllBytes(OWN_COMMAND), StandardCharsets.UTF_8).split("\0")) {
                command.add(word);
                if (word.equals(Main.class.getName())) {
                    return command;
                }
            }
        } catch (IOException failure) {
            throw new JbccException.Failed("cannot tell how to start a tool: " + failure.getMessage(), failure);
        }
        throw new JbccException.Failed("cannot tell how to start a tool: started by something else than the launchers");
    }

    /** The version of libbpf. */
    public static String libbpf() {
        return Libbpf.version();
    }
}
