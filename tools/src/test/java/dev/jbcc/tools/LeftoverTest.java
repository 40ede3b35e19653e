// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.bpf.BpfObject;
import dev.jbcc.bpf.EventBuffer;
import dev.jbcc.bpf.OpenObject;
import dev.jbcc.clang.Clang;
import dev.jbcc.clang.Source;
import dev.jbcc.clang.Target;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nothing stays in the kernel after any end of the tool, no descriptor leaks, and tools do not get in each other's way. */
@KernelTest
@EachBuffer(smoke = false)
@Tag("opensnoop")
class LeftoverTest {
    private static final int ROUNDS = 20;

    @ParameterizedTest
    @ValueSource(strings = {"KILL", "TERM"})
    @Tag("matrix")
    @Tag("smoke")
    void nothingStaysAttached(String signal) throws IOException {
        nothingStays("opensnoop", signal);
    }

    /** Kprobes too, where there are some, which have names in tracefs on some kernels. */
    @Test
    @Tag("matrix")
    void noProbeStays() throws IOException {
        Set<String> before = FaultTest.probes();
        nothingStays("renamesnoop", "KILL");
        if (Guest.running()) {
            nothingStays("renamesnoop", "KILL", "--hooks", "kprobe");
        }
        assertEquals(before, FaultTest.probes());
    }

    private static void nothingStays(String name, String signal, Object... options) throws IOException {
        try (Workload idle = Workload.start();
                Jopensnoop tool = Jopensnoop.tool(name, "-p", idle.pid())
                        .with(options)
                        .start()
                        .awaitAttached()) {
            Set<String> ids = tool.bpfIds();
            for (String kind : List.of("prog_id", "map_id", "link_id")) {
                assertTrue(ids.stream().anyMatch(id -> id.startsWith(kind)), ids::toString);
            }
            assertTrue(Workload.lines("bpf").containsAll(ids), ids::toString);
            tool.signal(signal);
            tool.await();
            // The kernel frees them after a grace period.
            Await.until(
                    () -> Workload.lines("bpf").stream().noneMatch(ids::contains),
                    () -> ids + " still there: " + Workload.lines("bpf"));
        }
    }

    @Test
    void theLibraryLeaksNoDescriptor() throws IOException {
        Path sources = Jopensnoop.HOME.resolve("bpf-src");
        byte[] elf = Clang.find()
                .compile(
                        new Source(sources.resolve("opensnoop.bpf.c"), List.of(sources.resolve("include"))),
                        Target.host(),
                        List.of())
                .object();
        round(elf); // loads classes and libraries
        List<String> before = descriptors();
        for (int i = 0; i < ROUNDS; i++) {
            round(elf);
        }
        assertEquals(before, descriptors());
    }

    private static void round(byte[] elf) {
        try (OpenObject open = OpenObject.open(elf, "leak")) {
            open.autoload("open_exit", true);
            round(open);
        }
    }

    private static void round(OpenObject open) {
        try (BpfObject object = open.load()) {
            EventBuffer ring = object.ringBuffer("jbcc_ring");
            EventBuffer perf = object.perfBuffer("jbcc_perf", 4096);
            object.attach();
            for (EventBuffer buffer : List.of(ring, perf)) {
                buffer.await(0);
                buffer.consume((memory, offset, length) -> {}, 1);
            }
        }
    }

    /** What this process has open, but for the files that classes come from. */
    private static List<String> descriptors() throws IOException {
        try (DirectoryStream<Path> links = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            List<String> targets = new java.util.ArrayList<>();
            for (Path link : links) {
                try {
                    String target = Files.readSymbolicLink(link).toString();
                    if (!target.endsWith(".jar") && !target.endsWith(".class")) {
                        targets.add(target);
                    }
                } catch (NoSuchFileException closed) {
                    // The descriptor of this very stream, or another thread's.
                }
            }
            targets.sort(null);
            return targets;
        }
    }

    @Test
    void twoToolsAtOnceOnAColdCache() throws IOException {
        Path cache = Scratch.fresh("cold-cache");
        Path directory = Scratch.directory("two");
        try (Jopensnoop one = on(cache, directory.resolve("one"));
                Jopensnoop two = on(cache, directory.resolve("two"))) {
            assertEquals(List.of(directory + "/one"), one.await().clean().field("path"));
            assertEquals(List.of(directory + "/two"), two.await().clean().field("path"));
        }
    }

    private static Jopensnoop on(Path cache, Path file) {
        return Jopensnoop.setup("-o", "json")
                .env("JBCC_CACHE_DIR", cache)
                .tracing(Workload.command("open", file, "0", "0"))
                .start();
    }
}
