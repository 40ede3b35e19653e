// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import dev.jbcc.host.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kernel's types for sources that include them, with the real clang. */
class VmlinuxHeaderTest {
    private static final String PROGRAM = """
            #include <bpf/bpf_helpers.h>
            char LICENSE[] SEC("license") = "GPL";
            SEC("raw_tp/sys_enter") int f(void *c)
            {
                struct task_struct *task = (void *)bpf_get_current_task();
                return __builtin_preserve_field_info(task->tgid, 2);
            }
            """;

    @TempDir
    Path temp;

    private final List<String> warnings = new ArrayList<>();
    private Clang clang;
    private ObjectCache cache;

    @BeforeEach
    void open() throws IOException {
        Assumptions.assumeTrue(Kernel.hasBtf(), "this kernel has no BTF");
        try {
            clang = Clang.find();
        } catch (JbccException.Failed none) {
            Assumptions.abort(none.getMessage());
        }
        cache = open(temp.resolve("cache"));
    }

    private ObjectCache open(Path directory) throws IOException {
        return ObjectCache.open(
                Map.of("JBCC_CACHE_DIR", directory.toString()),
                ObjectCache.effectiveUid(),
                10,
                64 << 20,
                warnings::add);
    }

    private Source source(String text) throws IOException {
        Path file = temp.resolve("src/x.bpf.c");
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        return new Source(file, List.of());
    }

    private List<String> flags(String text) throws IOException {
        return cache.kernelTypes(clang, source(text), Target.host());
    }

    @Test
    void isPrecompiledOnceAndUsed() throws IOException {
        String text = "/* first */\n#include \"vmlinux.h\"\n" + PROGRAM;
        List<String> flags = flags(text);
        assertEquals(List.of("-idirafter", "-include-pch"), List.of(flags.get(0), flags.get(2)));
        assertTrue(clang.compile(source(text), Target.host(), flags).object().length > 0);
        long made = Files.getLastModifiedTime(Path.of(flags.get(3))).toMillis();
        assertEquals(flags, flags(text));
        assertEquals(made, Files.getLastModifiedTime(Path.of(flags.get(3))).toMillis());
        assertFalse(
                cache.object(clang, source(text), Target.host(), flags, false).cached());
        assertTrue(open(temp.resolve("cache"))
                .object(clang, source(text), Target.host(), flags, false)
                .cached());
        // The header may have been written again, as by a second process.
        Path header = Path.of(flags.get(1), "vmlinux.h");
        Files.write(header, Files.readAllBytes(header));
        assertTrue(clang.compile(source(text), Target.host(), flags).object().length > 0);
        assertEquals(List.of(), warnings);
    }

    @Test
    void isNotPrecompiledBehindSomethingElse() throws IOException {
        String text = "#define BPF_NO_PRESERVE_ACCESS_INDEX\n#include <vmlinux.h>\n" + PROGRAM;
        List<String> flags = flags(text);
        assertEquals(2, flags.size(), flags::toString);
        String behind = "#define OWN 1\n#include \"vmlinux.h\"\n" + PROGRAM;
        assertEquals(2, flags(behind).size());
        assertTrue(clang.compile(source(behind), Target.host(), flags).object().length > 0);
    }

    @Test
    void isFoundThroughAnotherHeader() throws IOException {
        Files.createDirectories(temp.resolve("src"));
        Files.writeString(temp.resolve("src/own.h"), "#include \"vmlinux.h\"\n#include \"own.h\"\n");
        assertEquals(2, flags("#include \"own.h\"\n" + PROGRAM).size());
    }

    @Test
    void isLeftToThoseWhoHaveTheirOwn() throws IOException {
        assertEquals(List.of(), flags(PROGRAM));
        assertEquals(List.of(), flags("// #include \"vmlinux.h\"\n" + PROGRAM));
        Files.writeString(temp.resolve("src/vmlinux.h"), "struct task_struct { int tgid; };\n");
        assertEquals(List.of(), flags("#include \"vmlinux.h\"\n" + PROGRAM));
    }

    @Test
    void isMadeWithoutACache() throws IOException {
        Path file = Files.writeString(temp.resolve("file"), "no directory");
        cache = open(file);
        assertEquals(1, warnings.size());
        String text = "#include \"vmlinux.h\"\n" + PROGRAM;
        List<String> flags = flags(text);
        assertEquals(2, flags.size());
        assertTrue(clang.compile(source(text), Target.host(), flags).object().length > 0);
    }

    @Test
    void onlyTheNewestKernelsAreKept() throws IOException {
        Path directory = temp.resolve("cache");
        flags("#include \"vmlinux.h\"\n");
        for (int i = 0; i < 4; i++) {
            Path old = Files.createDirectory(directory.resolve("vmlinux-1-old" + i));
            Files.writeString(old.resolve("vmlinux.h"), "");
            Files.setLastModifiedTime(old, java.nio.file.attribute.FileTime.fromMillis(1000L * i));
        }
        Files.delete(Path.of(flags("#include \"vmlinux.h\"\n").get(1), "vmlinux.h"));
        flags("#include \"vmlinux.h\"\n");
        try (var left = Files.list(directory)) {
            assertEquals(
                    3,
                    left.filter(path -> path.getFileName().toString().startsWith("vmlinux-"))
                            .count());
        }
        assertTrue(Files.exists(directory.resolve("vmlinux-1-old3")));
    }

    @Test
    void textsAreKeptUnderTheSamePath() throws IOException {
        Path kept = cache.keepText("a.bpf.c", PROGRAM);
        assertEquals(kept, cache.keepText("a.bpf.c", PROGRAM));
        assertEquals(PROGRAM, Files.readString(kept));
        assertFalse(kept.equals(cache.keepText("a.bpf.c", PROGRAM + "\n")));
        Path unkept = ObjectCache.open(Map.of("JBCC_CACHE_DIR", "relative"), 0, 1, 1, warning -> {})
                .keepText("a.bpf.c", PROGRAM);
        assertEquals(PROGRAM, Files.readString(unkept), "without a cache it is a temporary file");
    }
}
