// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbcc.JbccException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClangTest {
    private static final String HELLO = """
            #define __u64 unsigned long long
            #define __u32 unsigned int
            #include "hello.h"
            __attribute__((section("tracepoint/syscalls/sys_enter_openat"), used))
            int hello(void *context) { return ANSWER; }
            """;

    @TempDir
    Path temporary;

    @Test
    void theVariableNamesAPath() throws IOException {
        Path clang = program("elsewhere/my-compiler");
        assertEquals(clang, find(Map.of(Clang.VARIABLE, clang.toString())).executable());
    }

    @Test
    void theVariableNamesAProgramOnPath() throws IOException {
        Path clang = program("bin/clang-99");
        Map<String, String> environment = Map.of(
                Clang.VARIABLE, "clang-99", "PATH", temporary.resolve("bin").toString());
        assertEquals(clang, find(environment).executable());
    }

    @Test
    void theVariableIsTakenAtItsWord() throws IOException {
        Path bin = program("bin/clang").getParent();
        Path plain = Files.writeString(temporary.resolve("plain"), "");
        for (var bad : Map.of(
                        temporary + "/none",
                        "does not exist",
                        plain.toString(),
                        "not executable",
                        bin.toString(),
                        "is a directory",
                        "clang-77",
                        "no such program on PATH")
                .entrySet()) {
            var failure = assertThrows(
                    JbccException.Failed.class,
                    () -> find(Map.of(Clang.VARIABLE, bad.getKey(), "PATH", bin.toString())));
            assertTrue(failure.getMessage().contains(bad.getKey()), failure.getMessage());
            assertTrue(failure.getMessage().contains(bad.getValue()), failure.getMessage());
            assertTrue(failure.hint().orElseThrow().contains(Clang.VARIABLE));
        }
    }

    @Test
    void anEmptyVariableIsNone() throws IOException {
        Path clang = program("bin/clang");
        Map<String, String> environment =
                Map.of(Clang.VARIABLE, "", "PATH", clang.getParent().toString());
        assertEquals(clang, find(environment).executable());
    }

    @Test
    void plainClangWinsOverVersions() throws IOException {
        program("a/clang-21");
        Path clang = program("b/clang");
        assertEquals(clang, find(path("a", "b")).executable());
    }

    @Test
    void versionsAreNumbers() throws IOException {
        program("a/clang-9");
        program("a/clang-cpp-30");
        program("a/clang-15.old");
        program("a/clang-99999999999");
        Path clang = program("b/clang-19");
        program("b/clang-14");
        assertEquals(clang, find(path("a", "b")).executable());
    }

    @Test
    void versionsBelowLibAreTheLastResort() throws IOException {
        program("usr/lib/llvm-9/bin/clang");
        Path alpine = program("usr/lib/llvm17/bin/clang");
        assertEquals(alpine, find(path("none")).executable());
        Path debian = program("usr/lib/llvm-19/bin/clang");
        assertEquals(debian, find(path("none")).executable());
        Path gentoo = program("usr/lib/llvm/20/bin/clang");
        assertEquals(gentoo, find(path("none")).executable());
        Files.createDirectories(temporary.resolve("usr/lib/llvm-21/bin/clang"));
        assertEquals(gentoo, find(path("none")).executable(), "a directory is no program");
        Path onPath = program("a/clang-9");
        assertEquals(onPath, find(path("a")).executable());
    }

    @Test
    void relativeEntriesOfPathAreLeftOut() throws IOException {
        // The test runs in the module's directory: a relative path from there to the program does exist.
        Path clang = program("bin/clang");
        Path relative = Path.of("").toAbsolutePath().relativize(clang.getParent());
        assertTrue(Files.isExecutable(relative.resolve("clang")));
        assertThrows(JbccException.Failed.class, () -> find(Map.of("PATH", relative + "::.")));
        assertThrows(JbccException.Failed.class, () -> find(Map.of("PATH", relative + "::.", Clang.VARIABLE, "clang")));
        assertEquals(
                clang, find(Map.of("PATH", relative + "::" + clang.getParent())).executable());
    }

    @Test
    void theHintNamesThePackageOfTheDistribution() throws IOException {
        for (var distribution : Map.of(
                        "ID=debian\n", "apt install clang",
                        "NAME=Mint\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "apt install clang",
                        "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"", "dnf install clang",
                        "ID=arch", "pacman -S clang",
                        "ID='opensuse-tumbleweed'\nID_LIKE='opensuse suse'\n", "zypper install clang",
                        "ID=alpine", "apk add clang",
                        "ID=plan9", "install clang with the package manager",
                        "ID=\"", "install clang with the package manager")
                .entrySet()) {
            Files.createDirectories(temporary.resolve("etc"));
            Files.writeString(temporary.resolve("etc/os-release"), distribution.getKey());
            var failure = assertThrows(JbccException.Failed.class, () -> find(path("none")));
            String hint = failure.hint().orElseThrow();
            assertTrue(hint.contains(distribution.getValue()), hint);
            assertTrue(hint.contains(Clang.VARIABLE + "="), hint);
        }
        Files.delete(temporary.resolve("etc/os-release"));
        assertThrows(JbccException.Failed.class, () -> find(path("none")));
    }

    @Test
    void errorsAreShownAsTheyAre() throws IOException {
        FakeClang fake = new FakeClang(
                temporary.resolve("fake"),
                "echo \"$SOURCE:3:1: error: 'x' is wrong\" >&2",
                "echo '   ^~~' >&2",
                "exit 1");
        var failure = assertThrows(JbccException.Failed.class, () -> compile(fake.find()));
        Path source = temporary.resolve("hello.bpf.c");
        assertEquals(
                fake.script() + " cannot compile " + source + " (exit code 1):\n" + source
                        + ":3:1: error: 'x' is wrong\n   ^~~",
                failure.getMessage());
        assertTrue(failure.hint().isEmpty());
    }

    @Test
    void longErrorsAreCutAfterALine() throws IOException {
        FakeClang fake = new FakeClang(
                temporary.resolve("fake"),
                "i=0; while [ $i -lt 3000 ]; do echo \"line $i: 0123456789 0123456789 0123456789\"; i=$((i+1)); done >&2",
                "exit 1");
        var failure = assertThrows(JbccException.Failed.class, () -> compile(fake.find()));
        String message = failure.getMessage();
        int cut = message.lastIndexOf("\n… ");
        String before = message.substring(message.indexOf('\n') + 1, cut + 1);
        long more = Long.parseLong(message.substring(cut + 3, message.lastIndexOf(" more bytes")));
        assertTrue(before.endsWith("0123456789\n"), "ends with a whole line");
        assertTrue(before.length() <= 65536 && before.length() > 65000, "length " + before.length());
        long printed = 0;
        for (int i = 0; i < 3000; i++) {
            printed += ("line " + i + ": 0123456789 0123456789 0123456789\n").length();
        }
        assertEquals(printed, before.length() + more);
    }

    @Test
    void oneLongLineIsCutToo() throws IOException {
        FakeClang fake =
                new FakeClang(temporary.resolve("fake"), "head -c 100000 /dev/zero | tr '\\0' x >&2", "exit 1");
        var failure = assertThrows(JbccException.Failed.class, () -> compile(fake.find()));
        assertTrue(failure.getMessage().endsWith("x\n… 34464 more bytes"));
    }

    @Test
    void missingLibbpfHeadersAreAPackage() throws IOException {
        FakeClang fake = new FakeClang(
                temporary.resolve("fake"),
                "echo \"x.c:1:10: fatal error: 'bpf/bpf_helpers.h' file not found\" >&2",
                "exit 1");
        Files.createDirectories(temporary.resolve("etc"));
        Files.writeString(temporary.resolve("etc/os-release"), "ID=fedora");
        Clang clang = find(Map.of(Clang.VARIABLE, fake.script().toString(), "PATH", "/usr/bin:/bin"));
        var failure = assertThrows(JbccException.Failed.class, () -> compile(clang));
        assertEquals(
                "the headers of libbpf are missing: dnf install libbpf-devel",
                failure.hint().orElseThrow());
    }

    @Test
    void aClangWithoutBpfSaysSo() throws IOException {
        FakeClang fake = new FakeClang(
                temporary.resolve("fake"),
                "echo \"error: unable to create target: 'No available targets are compatible with triple \\\"bpfel\\\"'\" >&2",
                "exit 1");
        var failure = assertThrows(JbccException.Failed.class, () -> compile(fake.find()));
        assertTrue(failure.hint().orElseThrow().startsWith("this clang cannot make BPF code: "));
    }

    @Test
    void aHangingClangIsKilledWithItsChildren() throws Exception {
        FakeClang fake = new FakeClang(
                temporary.resolve("fake"),
                "echo stuck >&2",
                "sleep 600 & echo $! >$DIRECTORY/child",
                "echo $$ >$DIRECTORY/self",
                "wait");
        long start = System.nanoTime();
        var failure = assertThrows(JbccException.Failed.class, () -> compile(fake.find(1000)));
        assertTrue(System.nanoTime() - start < 10_000_000_000L);
        assertTrue(failure.getMessage().contains("within 1 s and was killed:\nstuck"), failure.getMessage());
        assertTrue(failure.hint().orElseThrow().contains(fake.script() + " -target bpfel "));
        for (String name : List.of("self", "child")) {
            long pid = Long.parseLong(
                    Files.readString(temporary.resolve("fake/" + name)).strip());
            assertTrue(gone(pid), name + " " + pid + " still runs");
        }
    }

    @Test
    void theVersionIsTheFirstLine() throws IOException {
        FakeClang fake = new FakeClang(temporary.resolve("fake"), "echo fake clang 1.0; echo Target: none");
        assertEquals(Optional.of("fake clang 1.0"), fake.find().version());
        assertEquals(List.of("--version"), fake.runs());
        assertEquals(
                Optional.empty(),
                new FakeClang(temporary.resolve("fails"), "echo fake; exit 1")
                        .find()
                        .version());
    }

    @Test
    void aClangThatDoesNotSayItsVersionIsKilled() throws Exception {
        FakeClang fake = new FakeClang(temporary.resolve("fake"), "echo $$ >$DIRECTORY/self", "exec sleep 600");
        assertEquals(Optional.empty(), fake.find(1000).version());
        long pid =
                Long.parseLong(Files.readString(temporary.resolve("fake/self")).strip());
        assertTrue(gone(pid), pid + " still runs");
    }

    @Test
    void aDaemonThatKeepsThePipesOpenDoesNotHoldUpTheResult() throws Exception {
        FakeClang fake =
                new FakeClang(temporary.resolve("fake"), "sleep 30 & echo $! >$DIRECTORY/child", "cat $OBJECT");
        assertArrayEquals(FakeClang.elf(1, 0), compile(fake.find(10_000)).object());
        Path child = temporary.resolve("fake/child");
        ProcessHandle daemon = ProcessHandle.of(
                        Long.parseLong(Files.readString(child).strip()))
                .orElseThrow();
        assertTrue(daemon.destroyForcibly(), "it still ran");
    }

    @Test
    void anInterruptedCompilationIsKilled() throws Exception {
        FakeClang fake = new FakeClang(temporary.resolve("fake"), "echo $$ >$DIRECTORY/self", "exec sleep 600");
        Clang clang = fake.find();
        Path self = temporary.resolve("fake/self");
        Thread caller = Thread.currentThread();
        Thread interrupter = new Thread(() -> {
            try {
                while (!Files.exists(self) || Files.size(self) == 0) {
                    Thread.sleep(10);
                }
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
            caller.interrupt();
        });
        interrupter.start();
        var failure = assertThrows(JbccException.Failed.class, () -> compile(clang));
        assertTrue(Thread.interrupted(), "the interrupt is kept");
        interrupter.join();
        assertTrue(failure.getMessage().contains("interrupted"));
        assertTrue(gone(Long.parseLong(Files.readString(self).strip())));
    }

    @Test
    void aKilledClangIsNamed() throws IOException {
        FakeClang fake = new FakeClang(temporary.resolve("fake"), "kill -9 $$");
        var failure = assertThrows(JbccException.Failed.class, () -> compile(fake.find()));
        assertTrue(failure.getMessage().contains("was killed by signal 9"), failure.getMessage());
        assertTrue(failure.hint().orElseThrow().contains("memory"));
    }

    @Test
    void whatCannotBeRunIsNamed() throws IOException {
        Path clang = program("bin/clang");
        Files.writeString(clang, "#!/no/such/interpreter\n");
        var failure =
                assertThrows(JbccException.Failed.class, () -> compile(find(Map.of(Clang.VARIABLE, clang.toString()))));
        assertTrue(failure.getMessage().startsWith("cannot run the compiler: "), failure.getMessage());
        assertTrue(failure.getMessage().contains(clang.toString()), failure.getMessage());
    }

    @Test
    void outputThatIsNoObjectIsRefused() throws IOException {
        for (String command : List.of("true", "echo hello", "head -c 100 $OBJECT", "head -c 3 $OBJECT")) {
            FakeClang fake = new FakeClang(temporary.resolve("fake"), command);
            var failure = assertThrows(JbccException.Failed.class, () -> compile(fake.find()));
            assertTrue(failure.getMessage().contains("no whole 64-bit ELF object"), failure.getMessage());
        }
    }

    @Test
    void tooMuchOutputIsRefused() throws IOException {
        FakeClang fake = new FakeClang(temporary.resolve("fake"), "cat $OBJECT", "head -c 67108864 /dev/zero");
        var failure = assertThrows(JbccException.Failed.class, () -> compile(fake.find()));
        assertTrue(failure.getMessage().contains("more than 64 MiB"), failure.getMessage());
    }

    @Test
    void clangGetsOnlyWhatItNeedsOfTheEnvironment() throws IOException {
        FakeClang fake = FakeClang.reading(temporary.resolve("fake"));
        Files.writeString(
                fake.script(), Files.readString(fake.script()) + "env >$DIRECTORY/env; pwd >>$DIRECTORY/env\n");
        Map<String, String> environment = new HashMap<>();
        environment.put(Clang.VARIABLE, fake.script().toString());
        environment.put("PATH", "/usr/bin:/bin");
        environment.put("CPATH", "/evil");
        environment.put("C_INCLUDE_PATH", "/evil");
        environment.put("CCC_OVERRIDE_OPTIONS", "+-O0");
        environment.put("LC_ALL", "de_DE.UTF-8");
        environment.put("TMPDIR", "/var/tmp");
        compile(find(environment));
        List<String> got = Files.readAllLines(temporary.resolve("fake/env"));
        assertTrue(got.contains("LC_ALL=C"));
        assertTrue(got.contains("PATH=/usr/bin:/bin"));
        assertTrue(got.contains("TMPDIR=/var/tmp"));
        assertEquals("/", got.getLast());
        assertFalse(got.toString().contains("evil") || got.toString().contains("CCC_"), got.toString());
    }

    @Test
    void ownFlagsComeAfterOurs() throws IOException {
        FakeClang fake = FakeClang.reading(temporary.resolve("fake"));
        fake.find().compile(source(), Target.S390X, List.of("-mcpu=v3", "-DX=1"));
        String run = fake.runs().getFirst();
        assertTrue(run.indexOf("-mcpu=v3 -DX=1") > run.indexOf("-mcpu=v2"), run);
        assertTrue(run.contains("-target bpfeb") && run.contains("-D__TARGET_ARCH_s390 "), run);
        assertTrue(run.contains("-I " + temporary + "/include "), run);
    }

    @Test
    void targetsHaveTheNamesOfLibbpf() {
        assertEquals("x86", Target.of("x86_64").bpfTracingName());
        assertEquals(Target.of("amd64"), Target.of("x86_64"));
        assertEquals("arm64", Target.of("aarch64").bpfTracingName());
        assertEquals("bpfel", Target.of("ppc64le").triple());
        assertEquals("bpfeb", Target.of("s390x").triple());
        assertThrows(JbccException.NotSupported.class, () -> Target.of("pdp11"));
    }

    @Test
    void warningsOfASuccessAreKept() throws IOException {
        FakeClang fake = new FakeClang(temporary.resolve("fake"), "echo 'a.c:1: warning: hm' >&2", "cat $OBJECT");
        Compiled compiled = compile(fake.find());
        assertEquals("a.c:1: warning: hm", compiled.warnings());
        assertArrayEquals(FakeClang.elf(1, 0), compiled.object());
        assertEquals(List.of(), compiled.dependencies());
        assertFalse(compiled.cached());
    }

    @Test
    void theRealClangMakesTheSameObjectEveryTime() throws IOException {
        Clang clang = realClang();
        Source source = source();
        Compiled first = clang.compile(source, Target.X86_64, List.of());
        assertEquals("", first.warnings());
        assertEquals(List.of(source.file(), temporary.resolve("include/hello.h")), first.dependencies());
        byte[] object = first.object();
        assertEquals((byte) 247, object[0x12], "EM_BPF");
        assertEquals(1, object[5], "little-endian");
        assertArrayEquals(
                object, clang.compile(source, Target.X86_64, List.of()).object());
        // .BTF.ext names the source by this string in .BTF: a path that a person can open.
        assertTrue(new String(object, StandardCharsets.ISO_8859_1)
                .contains('\0' + source.file().toString() + '\0'));
        byte[] big = clang.compile(source, Target.S390X, List.of()).object();
        assertEquals(2, big[5], "big-endian");
        assertEquals((byte) 247, big[0x13]);
    }

    @Test
    void theRealClangAcceptsTheNewerInstructionSet() throws IOException {
        Clang clang = realClang();
        assertTrue(clang.compile(source(), Target.AARCH64, List.of("-mcpu=v3")).object().length > 0);
    }

    @Test
    void theRealClangsErrorsAreShown() throws IOException {
        Clang clang = realClang();
        Path file = Files.writeString(temporary.resolve("bad.bpf.c"), "int f(void) { return undeclared(); }\n");
        var failure = assertThrows(
                JbccException.Failed.class, () -> clang.compile(new Source(file, List.of()), Target.X86_64, List.of()));
        assertTrue(failure.getMessage().contains(file + ":1:22: error: "), failure.getMessage());
        var missing = assertThrows(
                JbccException.Failed.class,
                () -> clang.compile(new Source(temporary.resolve("none.bpf.c"), List.of()), Target.X86_64, List.of()));
        assertTrue(missing.getMessage().contains("no such file or directory"), missing.getMessage());
        Path header = Files.writeString(temporary.resolve("header.bpf.c"), "#include <bpf/no_such.h>\n");
        var hinted = assertThrows(
                JbccException.Failed.class,
                () -> clang.compile(new Source(header, List.of()), Target.X86_64, List.of()));
        assertTrue(hinted.hint().orElseThrow().contains("libbpf"));
    }

    @Test
    void namesWithBlanksAndSignsArriveWhole() throws IOException {
        Clang clang = realClang();
        Path include = Files.createDirectories(temporary.resolve("in clude #1 $x"));
        Path header = Files.writeString(include.resolve("a b.h"), "#define ANSWER 0\n");
        Path file = Files.writeString(temporary.resolve("my source.c"), "#include \"a b.h\"\nint x = ANSWER;\n");
        Source source = new Source(file, List.of(include));
        assertEquals(
                List.of(file, header),
                clang.compile(source, Target.X86_64, List.of()).dependencies());
    }

    @Test
    void aSourceNeedsAName() {
        assertThrows(JbccException.Usage.class, () -> new Source(Path.of("/"), List.of()));
    }

    private static Clang realClang() {
        try {
            return Clang.find();
        } catch (JbccException.Failed e) {
            assumeTrue(false, e.getMessage());
            throw e;
        }
    }

    private Clang find(Map<String, String> environment) {
        return Clang.find(environment, temporary, 60_000);
    }

    private Map<String, String> path(String... directories) {
        StringBuilder path = new StringBuilder();
        for (String directory : directories) {
            path.append(path.isEmpty() ? "" : ":").append(temporary.resolve(directory));
        }
        return Map.of("PATH", path.toString());
    }

    private Path program(String name) throws IOException {
        Path program = temporary.resolve(name);
        Files.createDirectories(program.getParent());
        Files.writeString(program, "#!/bin/sh\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return program;
    }

    private Source source() throws IOException {
        Path include = Files.createDirectories(temporary.resolve("include"));
        Files.writeString(include.resolve("hello.h"), "#define ANSWER 0\n");
        Path file = Files.writeString(temporary.resolve("hello.bpf.c"), HELLO);
        return new Source(file, List.of(include));
    }

    private Compiled compile(Clang clang) throws IOException {
        return clang.compile(source(), Target.X86_64, List.of());
    }

    private static boolean gone(long pid) throws InterruptedException {
        for (int i = 0; i < 200; i++) {
            if (!ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false)) {
                return true;
            }
            Thread.sleep(10);
        }
        return false;
    }
}
