// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What each tool is attached to on this kernel, as the kernel itself says; {@link Matrix} reports it. */
@KernelTest
@Tag("matrix")
@Tag("smoke")
class ToolHookTest {
    /** The entry of the report; its value is {@code opensnoop=tp_btf/sys_exit}. */
    static final String ENTRY = "hook";

    // enum bpf_prog_type in include/uapi/linux/bpf.h
    private static final String KPROBE = "2";
    private static final String TRACEPOINT = "5";
    private static final String TRACING = "26";
    // enum bpf_attach_type
    private static final String FENTRY = "24";

    static Stream<String> tools() throws IOException {
        String suffix = ".bpf.c";
        try (Stream<Path> files = Files.list(Jopensnoop.HOME.resolve("bpf-src"))) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(suffix))
                    .map(name -> name.substring(0, name.length() - suffix.length()))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tools")
    void isAttached(String name, TestReporter reporter) throws IOException {
        try (Jopensnoop tool = Jopensnoop.tool(name, "-v").start().awaitAttached()) {
            SortedSet<String> hooks = hooks(tool.pid());
            assertFalse(hooks.isEmpty());
            reporter.publishEntry(ENTRY, name + "=" + String.join(" ", hooks));
            tool.stop();
        }
    }

    /** The hooks of the links that a process has descriptors of. */
    private static SortedSet<String> hooks(long pid) throws IOException {
        Map<String, String> types = new HashMap<>(); // of programs, by their ids
        List<Map<String, String>> all = descriptors(pid);
        for (Map<String, String> descriptor : all) {
            if (descriptor.containsKey("prog_type")) {
                types.put(descriptor.get("prog_id"), descriptor.get("prog_type"));
            }
        }
        SortedSet<String> hooks = new TreeSet<>();
        for (Map<String, String> link : all) {
            if (link.containsKey("link_type")) {
                hooks.add(hook(link, types.getOrDefault(link.get("prog_id"), "?")));
            }
        }
        if (hasPerfEvent(pid) && all.stream().noneMatch(descriptor -> "perf".equals(descriptor.get("link_type")))) {
            // Before Linux 5.15 a program is attached to a perf event without a link.
            types.values().stream()
                    .filter(type -> !type.equals(TRACING))
                    .map(ToolHookTest::perfHook)
                    .forEach(hooks::add);
        }
        return hooks;
    }

    private static boolean hasPerfEvent(long pid) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
            for (Path file : files) {
                if (Files.readSymbolicLink(file).toString().equals("anon_inode:[perf_event]")) {
                    return true;
                }
            }
        }
        return false;
    }

    private static String perfHook(String programType) {
        return switch (programType) {
            case TRACEPOINT -> "tracepoint";
            case KPROBE -> "kprobe";
            default -> "perf_event";
        };
    }

    private static String hook(Map<String, String> link, String programType) {
        return switch (link.get("link_type")) {
            case "raw_tracepoint" -> (programType.equals(TRACING) ? "tp_btf/" : "raw_tp/") + link.get("tp_name");
            case "tracing" -> FENTRY.equals(link.get("attach_type")) ? "fentry" : "fexit";
            case "perf" -> perfHook(programType);
            default -> link.get("link_type");
        };
    }

    private static List<Map<String, String>> descriptors(long pid) throws IOException {
        List<Map<String, String>> all = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fdinfo"))) {
            for (Path file : files) {
                Map<String, String> fields = new TreeMap<>();
                try {
                    for (String line : Files.readAllLines(file)) {
                        String[] words = line.split(":\\s+", 2);
                        if (words.length == 2) {
                            fields.put(words[0], words[1].strip());
                        }
                    }
                } catch (NoSuchFileException closed) {
                    continue;
                }
                all.add(fields);
            }
        }
        return all;
    }
}
