// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbcc.bpf.ffi.OpenAt;
import dev.jbcc.bpf.ffi.Statx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Names addresses of programs that the test compiles and runs. */
@Timeout(60)
class SymbolizerTest {
    private final Symbolizer symbolizer = new Symbolizer(name -> name, null);

    @TempDir
    Path dir;

    @AfterEach
    void close() {
        symbolizer.close();
    }

    private static void named(String name, long offset, Frame frame) {
        assertEquals(name, frame.name(), frame::toString);
        assertEquals(offset, frame.offset(), frame::toString);
        assertNull(frame.why());
        assertEquals(Frame.Kind.NATIVE, frame.kind());
    }

    private static void nameless(Frame.Why why, String module, Frame frame) {
        assertNull(frame.name(), frame::toString);
        assertEquals(why, frame.why(), frame::toString);
        assertEquals(module, frame.module(), frame::toString);
    }

    private void namesBoth(Path program, String name) throws Exception {
        try (Compiled process = Compiled.start(program)) {
            long global = process.ask("global");
            assertTrue(symbolizer.remember(process.pid(), 1));
            Frame frame = symbolizer.user(process.pid(), 1, global + 3);
            named(name + "_global", 3, frame);
            assertEquals(program.getFileName().toString(), frame.module());
            named(name + "_local", 0, symbolizer.user(process.pid(), 1, process.ask("local")));
        }
    }

    @Test
    void positionIndependentOrNot() throws Exception {
        namesBoth(Compiled.program(dir.resolve("pie"), "pie", "-fPIE", "-pie"), "pie");
        namesBoth(Compiled.program(dir.resolve("fixed"), "fixed", "-no-pie"), "fixed");
        namesBoth(Compiled.program(dir.resolve("static"), "static", "-static", "-DSTATIC"), "static");
        namesBoth(Compiled.program(dir.resolve("one"), "one", "-Wl,-z,noseparate-code"), "one");
        namesBoth(Compiled.program(dir.resolve("separate"), "separate", "-Wl,-z,separate-code"), "separate");
    }

    @Test
    void codeElsewhereThanInTheFile() throws Exception {
        namesBoth(Compiled.program(dir.resolve("far"), "far", "-no-pie", "-Wl,-Ttext-segment=0x70000000"), "far");
        namesBoth(Compiled.program(dir.resolve("text"), "text", "-no-pie", "-Wl,-Ttext=0x5a0000"), "text");
    }

    @Test
    void programsOf32Bits() throws Exception {
        Path program;
        try {
            program = Compiled.program(dir.resolve("small"), "small", "-m32");
        } catch (AssertionError e) {
            assumeTrue(false, "gcc -m32 does not work here");
            return;
        }
        namesBoth(program, "small");
        try (Compiled process = Compiled.start(program)) {
            long function = process.ask("vdso __vdso_clock_gettime");
            Frame frame = symbolizer.user(process.pid(), 1, function + 1);
            named("__vdso_clock_gettime", 1, frame);
            assertEquals("[vdso]", frame.module());
        }
    }

    @Test
    void theKernelsOwnObject() throws Exception {
        try (Compiled process = Compiled.start(Compiled.program(dir.resolve("x"), "x"))) {
            long function = process.ask("vdso __vdso_clock_gettime");
            symbolizer.remember(process.pid(), 1);
            Frame frame = symbolizer.user(process.pid(), 1, function + 1);
            named("__vdso_clock_gettime", 1, frame);
            assertEquals("[vdso]", frame.module());
            Frame start = symbolizer.user(process.pid(), 1, function & -4096);
            nameless(Frame.Why.EXPORTED_ONLY, "[vdso]", start);
            assertEquals("[vdso]+0x0", start.label());
        }
    }

    @Test
    void strippedWithItsSymbolsElsewhereByLink() throws Exception {
        Path program = Compiled.program(dir.resolve("linked"), "linked", "-Wl,--build-id=none");
        Path debug = separate(program, dir.resolve("linked.debug"));
        namesBoth(program, "linked");
        Path hidden = Files.createDirectory(dir.resolve(".debug")).resolve("linked.debug");
        Files.move(debug, hidden);
        namesBoth(Files.copy(program, dir.resolve("again")), "linked");
        byte[] content = Files.readAllBytes(hidden);
        content[content.length - 1]++;
        Files.write(hidden, content);
        Path wrong = Files.copy(program, dir.resolve("wrong"));
        try (Compiled process = Compiled.start(wrong)) {
            Frame frame = symbolizer.user(process.pid(), 1, process.ask("global"));
            nameless(Frame.Why.STRIPPED, "wrong", frame);
            assertTrue(frame.label().startsWith("[wrong]+0x1"), frame.label());
        }
    }

    /** Takes the symbols of a program away into a separate file, as distributions do. */
    private static Path separate(Path program, Path debug) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/objcopy")), "no objcopy here");
        Compiled.run("objcopy", "--only-keep-debug", program.toString(), debug.toString());
        Compiled.run("objcopy", "--strip-all", "--add-gnu-debuglink=" + debug, program.toString());
        return debug;
    }

    @Test
    void strippedWithItsSymbolsElsewhereByBuildIdInItsRoot() throws Exception {
        assumeTrue(Statx.of("/proc/self").mode() != 0 && Files.isWritable(Path.of("/")), "needs root for chroot");
        Path root = Files.createDirectory(dir.resolve("root"));
        Path program = Compiled.program(
                root.resolve("prog"), "inside", "-static", "-DSTATIC", "-Wl,--build-id=0xabcdef0123456789");
        Path debug = Files.createDirectories(root.resolve("usr/lib/debug/.build-id/ab"));
        // An absolute link is meant from that root.
        Path real = Files.createDirectory(root.resolve("elsewhere")).resolve("x.debug");
        separate(program, real);
        Files.createSymbolicLink(debug.resolve("cdef0123456789.debug"), Path.of("/elsewhere/x.debug"));
        try (Compiled process = Compiled.start("chroot", root.toString(), "/prog")) {
            long global = process.ask("global");
            named("inside_global", 0, symbolizer.user(process.pid(), 1, global));
        }
        // Seen in time, it has its names after the process has ended.
        try (Symbolizer second = new Symbolizer(name -> name, null);
                Compiled process = Compiled.start("chroot", root.toString(), "/prog")) {
            long global = process.ask("global");
            second.remember(process.pid(), 1);
            process.end();
            Files.delete(program);
            Files.delete(real);
            named("inside_global", 0, second.user(process.pid(), 1, global));
        }
    }

    @Test
    void aBuildIdMustFit() throws Exception {
        Path program = Compiled.program(dir.resolve("a"), "a", "-Wl,--build-id=0xaaaaaaaa");
        separate(program, dir.resolve("a.debug"));
        Compiled.program(dir.resolve("a.debug"), "b", "-Wl,--build-id=0xbbbbbbbb");
        try (Compiled process = Compiled.start(program)) {
            nameless(Frame.Why.STRIPPED, "a", symbolizer.user(process.pid(), 1, process.ask("global")));
        }
    }

    @Test
    void miniDebugInfo() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/xz")), "no xz here");
        Path program = Compiled.program(dir.resolve("mini"), "mini");
        Path symbols = Files.copy(program, dir.resolve("symbols"));
        Compiled.run("objcopy", "--only-keep-debug", symbols.toString());
        Compiled.run("xz", symbols.toString());
        Compiled.run(
                "objcopy", "--strip-all", "--add-section", ".gnu_debugdata=" + symbols + ".xz", program.toString());
        namesBoth(program, "mini");
    }

    @Test
    void deletedAndReplacedFiles() throws Exception {
        Path program = Compiled.program(dir.resolve("prog"), "first");
        Path other = Compiled.program(dir.resolve("other"), "second");
        try (Compiled process = Compiled.start(program)) {
            long global = process.ask("global");
            Files.delete(program);
            Frame frame = symbolizer.user(process.pid(), 1, global);
            named("first_global", 0, frame);
            assertEquals("prog", frame.module());
            Files.move(other, program, StandardCopyOption.REPLACE_EXISTING);
            named("first_global", 0, symbolizer.user(process.pid(), 2, global));
            try (Compiled next = Compiled.start(program)) {
                named("second_global", 0, symbolizer.user(next.pid(), 3, next.ask("global")));
            }
        }
    }

    @Test
    void processesThatHaveEnded() throws Exception {
        Path program = Compiled.program(dir.resolve("prog"), "brief");
        Compiled process = Compiled.start(program);
        try (process) {
            process.ask("global");
        }
        assertFalse(symbolizer.remember(process.pid(), 1));
        Frame late = symbolizer.user(process.pid(), 1, 0x401000);
        nameless(Frame.Why.EXITED, null, late);
        assertEquals("[unknown]", late.label());
        Compiled second = Compiled.start(program);
        long global;
        try (second) {
            global = second.ask("global");
            symbolizer.remember(second.pid(), 1);
        }
        Files.delete(program);
        named("brief_global", 0, symbolizer.user(second.pid(), 1, global));
        assertFalse(symbolizer.remember(second.pid(), 1));
        named("brief_global", 0, symbolizer.user(second.pid(), 1, global));
        nameless(Frame.Why.NOT_MAPPED, null, symbolizer.user(second.pid(), 1, 16));
    }

    @Test
    void processesWhoseFirstThreadHasEnded() throws Exception {
        try (Compiled process = Compiled.start(Compiled.program(dir.resolve("prog"), "threads"))) {
            process.send("leave");
            long global = process.ask("global");
            while (dev.jbcc.host.Processes.state(process.pid()) != 'Z') {
                Thread.onSpinWait();
            }
            named("threads_global", 0, symbolizer.user(process.pid(), 1, global));
        }
    }

    @Test
    void librariesThatComeLater() throws Exception {
        Path library = Compiled.compile(
                dir.resolve("libplug in.so"), "int plugged(int x) { return x * 7; }", "-shared", "-fPIC");
        Path link = Files.createSymbolicLink(dir.resolve("plug.so"), library);
        try (Compiled process = Compiled.start(Compiled.program(dir.resolve("prog"), "host", "-ldl"))) {
            process.ask("global");
            symbolizer.remember(process.pid(), 1);
            long plugged = process.ask("load " + link + " plugged");
            Frame frame = symbolizer.user(process.pid(), 1, plugged);
            named("plugged", 0, frame);
            assertEquals("libplug in.so", frame.module());
        }
    }

    @Test
    void programsThatOneProcessRunsInTurn() throws Exception {
        Path first = Compiled.program(dir.resolve("first"), "first");
        Path second = Compiled.program(dir.resolve("second"), "second", "-no-pie");
        try (Compiled process = Compiled.start(first)) {
            long before = process.ask("global");
            symbolizer.remember(process.pid(), 1);
            process.send("exec " + second);
            // The first would read the next command, too.
            while (!dev.jbcc.host.Processes.comm(process.pid()).orElseThrow().equals("second")) {
                Thread.onSpinWait();
            }
            long after = process.ask("global");
            // What is there now is not looked at for the image that was before.
            nameless(Frame.Why.NOT_MAPPED, null, symbolizer.user(process.pid(), 1, after));
            symbolizer.remember(process.pid(), 2);
            named("first_global", 0, symbolizer.user(process.pid(), 1, before));
            named("second_global", 0, symbolizer.user(process.pid(), 2, after));
            // Who does not tell them apart gets both.
            symbolizer.remember(process.pid(), 1);
            named("first_global", 0, symbolizer.user(process.pid(), 1, before));
            named("second_global", 0, symbolizer.user(process.pid(), 1, after));
        }
    }

    @Test
    void otherMountNamespaces() throws Exception {
        Path real = Files.createDirectory(dir.resolve("real"));
        Path place = Files.createDirectory(dir.resolve("place"));
        Compiled.program(real.resolve("prog"), "real");
        Compiled.program(place.resolve("prog"), "decoy");
        String script = "mount --bind '" + real + "' '" + place + "' && exec '" + place + "/prog'";
        try (Compiled process = Compiled.start("unshare", "-m", "sh", "-c", script)) {
            long global;
            try {
                global = process.ask("global");
            } catch (java.io.IOException e) {
                assumeTrue(false, "no mount namespaces here");
                return;
            }
            symbolizer.remember(process.pid(), 1);
            named("real_global", 0, symbolizer.user(process.pid(), 1, global));
            // Without the kernel's links, below the root of the process.
            try (SymbolFiles files = new SymbolFiles(name -> name, 1 << 20)) {
                List<Mapping> mappings = Mappings.read(process.pid());
                Mapping mapping = mappings.stream()
                        .filter(m -> m.contains(global))
                        .findFirst()
                        .orElseThrow();
                SymbolFile file = files.byPath(process.pid(), mapping, mappings);
                files.load(file);
                assertEquals(
                        "real_global",
                        file.at(global - mapping.start() + mapping.offset()).name());
            }
        }
    }

    @Test
    void withoutTheKernelsLinksAFileIsFoundByInodeOrBuildId() throws Exception {
        Path program = Compiled.program(dir.resolve("prog"), "copy", "-Wl,--build-id=0x12345678");
        try (Compiled process = Compiled.start(program);
                SymbolFiles files = new SymbolFiles(name -> name, 1 << 20)) {
            long global = process.ask("global");
            List<Mapping> mappings = Mappings.read(process.pid());
            Mapping mapping = mappings.stream()
                    .filter(m -> m.contains(global))
                    .findFirst()
                    .orElseThrow();
            assertNotNull(files.byPath(process.pid(), mapping, mappings));
            Mapping moved = new Mapping(
                    mapping.start(),
                    mapping.end(),
                    mapping.offset(),
                    mapping.major(),
                    mapping.minor(),
                    mapping.inode() + 1_000_000_007,
                    mapping.path(),
                    false);
            assertNotNull(files.byPath(process.pid(), moved, List.of(moved)), "the build id is the same");
            Files.delete(program);
            Compiled.program(program, "other", "-Wl,--build-id=0x12345679");
            assertNull(files.byPath(process.pid(), moved, List.of(moved)));
        }
    }

    @Test
    void aForkedProcessThatEndedTooSoonHasWhatItsParentHas() throws Exception {
        Path program = Compiled.program(dir.resolve("prog"), "parent");
        int none = 4_194_304; // beyond the largest pid
        try (Compiled process = Compiled.start(program)) {
            long global = process.ask("global");
            symbolizer.remember(process.pid(), 5);
            named("parent_global", 0, symbolizer.user(none, 5, global));
            assertEquals(Frame.Why.EXITED, symbolizer.user(none, 6, global).why());
            symbolizer.remember(process.pid(), 0);
            assertEquals(Frame.Why.EXITED, symbolizer.user(none, 0, global).why());
        }
    }

    @Test
    void codeThatProgramsMakeThemselves() throws Exception {
        Path program = Compiled.program(dir.resolve("prog"), "maker");
        List<Long> asked = new ArrayList<>();
        JitSymbols jit = (pid, image, address) -> {
            asked.add(address);
            return (address & 4095) < 0x100 ? new Frame(Frame.Kind.JAVA, "Busy.f", null, address & 4095, null) : null;
        };
        try (Compiled process = Compiled.start(program);
                Symbolizer withJit = new Symbolizer(name -> name, jit)) {
            long code = process.ask("jit");
            assertEquals(
                    new Frame(Frame.Kind.JAVA, "Busy.f", null, 0x10, null),
                    withJit.user(process.pid(), 1, code + 0x10));
            nameless(Frame.Why.NO_PERF_MAP, null, withJit.user(process.pid(), 1, code + 0x200));
            Frame caller = withJit.stack(process.pid(), 1, new long[] {code, code + 0x20}, 2)
                    .get(1);
            assertEquals(0x20, caller.offset());
            assertEquals(List.of(code + 0x10, code + 0x200, code, code + 0x1f), asked);
            nameless(Frame.Why.NO_PERF_MAP, null, symbolizer.user(process.pid(), 1, code));
            named("maker_global", 0, withJit.user(process.pid(), 1, process.ask("global")));
            assertEquals(4, asked.size());
        }
    }

    @Test
    void filesThatAreNoProgram() throws Exception {
        Path text = Files.writeString(dir.resolve("text"), "x".repeat(5000));
        Path damaged = dir.resolve("damaged");
        byte[] bytes = new ElfBuilder().code(0, 0, 0x1000).function("f", 0, 100).build();
        bytes[54] = 1; // the size of a program header
        Files.write(damaged, bytes);
        Path fifo = dir.resolve("fifo");
        Compiled.run("mkfifo", fifo.toString());
        try (Compiled process = Compiled.start(Compiled.program(dir.resolve("prog"), "odd"))) {
            long at = process.ask("map " + text + " 5000");
            Frame frame = symbolizer.user(process.pid(), 1, at + 0x12);
            nameless(Frame.Why.STRIPPED, "text", frame);
            assertEquals("[text]+0x12", frame.label());
            at = process.ask("map " + damaged + " 4096");
            symbolizer.remember(process.pid(), 1);
            nameless(Frame.Why.UNREADABLE, "damaged", symbolizer.user(process.pid(), 1, at + 0x12));
            at = process.ask("map /dev/zero 4096");
            symbolizer.remember(process.pid(), 1);
            nameless(Frame.Why.NO_PERF_MAP, "zero", symbolizer.user(process.pid(), 1, at));
            // A file is looked at before it is opened: this would wait for a writer.
            List<Mapping> mappings = Mappings.read(process.pid());
            Mapping any = mappings.getFirst();
            Mapping blocking = new Mapping(1, 2, 0, any.major(), any.minor(), 7, fifo.toString(), false);
            try (SymbolFiles files = new SymbolFiles(name -> name, 1 << 20)) {
                assertNull(files.byPath(process.pid(), blocking, List.of(blocking)));
            }
        }
    }

    @Test
    void callersAreLookedUpBeforeTheirReturnAddress() throws Exception {
        Path program = Compiled.compile(dir.resolve("libcalls.so"), """
                __asm__(".text\\n.globl before\\n.type before,@function\\nbefore: call after\\n.size before,.-before\\n"
                        ".globl after\\n.type after,@function\\nafter: ret\\n.size after,.-after\\n");
                """, "-shared", "-fPIC", "-Wl,-Bsymbolic");
        try (Compiled process = Compiled.start(Compiled.program(dir.resolve("prog"), "p"))) {
            long after = process.ask("load " + program + " after");
            List<Frame> frames = symbolizer.stack(process.pid(), 1, new long[] {after, after}, 2);
            named("after", 0, frames.get(0));
            named("before", 5, frames.get(1));
        }
    }

    @Test
    void stubsOfOtherLibrariesFunctions() throws Exception {
        for (String option :
                new String[] {"-Wl,-z,lazy", "-Wl,-z,now", "-fcf-protection=full", "-fcf-protection=none"}) {
            Path program = Compiled.program(dir.resolve("stubs"), "stubs", option);
            assumeTrue(Files.isExecutable(Path.of("/usr/bin/objdump")), "no objdump here");
            String code = Compiled.run("objdump", "-d", "--no-show-raw-insn", program.toString());
            OpenFiles open = new OpenFiles(1);
            SymbolFile file = new SymbolFile(
                    new ElfBytes(OpenFile.of(open, OpenAt.path(program.toString()), null)), program.toString(), -1);
            file.load(open, 1 << 20, name -> name);
            int stubs = 0;
            for (String line : code.split("\n")) {
                if (line.endsWith("@plt>:") && !line.contains("*ABS*")) {
                    String name = line.substring(line.indexOf('<') + 1, line.length() - 2);
                    long address = Long.parseUnsignedLong(line.substring(0, 16), 16);
                    // In a position-independent program offset and address are the same, as GNU ld places code.
                    ElfSymbols.Function function = file.at(address + 2);
                    assertNotNull(function, line);
                    assertEquals(name, function.name());
                    assertEquals(address, function.start());
                    stubs++;
                }
            }
            assertTrue(stubs > 5, option + "\n" + code);
            open.close();
        }
    }

    @Test
    void manyProcessesOfOneProgramShareItsTable() throws Exception {
        Path program = Compiled.program(dir.resolve("many"), "many");
        List<Compiled> processes = new ArrayList<>();
        try {
            long descriptors = descriptors();
            for (int i = 0; i < 20; i++) {
                Compiled process = Compiled.start(program);
                processes.add(process);
                long global = process.ask("global");
                symbolizer.remember(process.pid(), 1);
                named("many_global", 0, symbolizer.user(process.pid(), 1, global));
            }
            assertTrue(symbolizer.describe().contains("20 processes, 0 of them had ended"), symbolizer.describe());
            assertTrue(symbolizer.describe().endsWith("KiB of symbols of 1"), symbolizer.describe());
            long more = descriptors() - descriptors - 3 * 20; // the pipes to the processes
            assertTrue(more <= 5, more + " descriptors for the program, libc and ld.so");
        } finally {
            processes.forEach(Compiled::close);
        }
    }

    private static long descriptors() throws Exception {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.count();
        }
    }

    @Test
    void forgetsTheOldestWhenThereAreTooMany() throws Exception {
        try (Compiled process = Compiled.start(Compiled.program(dir.resolve("prog"), "again"));
                Symbolizer small = new Symbolizer(name -> name, null, 1 << 20)) {
            long global = process.ask("global");
            for (int image = 0; image < 1000; image++) {
                small.remember(process.pid(), image);
            }
            String described = small.describe();
            assertFalse(described.startsWith("1000 "), described);
            assertFalse(described.contains(" 0 forgotten"), described);
            named("again_global", 0, small.user(process.pid(), 0, global));
        }
    }

    @Test
    void tablesThatHadToMakeRoomAreReadAgain() throws Exception {
        byte[] elf = new ElfBuilder().code(0, 0, 0x1000).function("f", 0, 16).build();
        long size = ElfSymbols.BYTES_EACH + elf.length;
        try (SymbolFiles files = new SymbolFiles(name -> name, 2 * size + 2)) {
            List<SymbolFile> three = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                three.add(new SymbolFile(new ElfBytes(elf), "/x", -1));
                files.load(three.get(i));
                assertEquals("f", three.get(i).at(3).name());
            }
            assertFalse(three.get(0).isLoaded());
            assertTrue(three.get(1).isLoaded());
            files.load(three.get(0));
            assertEquals("f", three.get(0).at(3).name());
            assertFalse(three.get(1).isLoaded());
            assertTrue(three.get(2).isLoaded());
        }
    }

    @Test
    void filesThatHadToBeClosedAreOpenedAgain() throws Exception {
        Path a = Files.writeString(dir.resolve("a"), "a".repeat(10));
        Path b = Files.writeString(dir.resolve("b"), "b".repeat(10));
        try (OpenFiles two = new OpenFiles(2)) {
            OpenFile first = OpenFile.of(two, OpenAt.path(a.toString()), a.toString());
            OpenFile second = OpenFile.of(two, OpenAt.path(b.toString()), null);
            byte[] read = new byte[1];
            first.read(0, read, 1);
            OpenFile.of(two, OpenAt.path(b.toString()), null);
            assertEquals(2, two.count());
            second.read(0, read, 1); // the one that could not be opened again was kept, though it was older
            assertEquals('b', read[0]);
            first.read(0, read, 1);
            assertEquals('a', read[0]);
            assertEquals(2, two.count());
            two.close(first);
            Files.delete(a);
            Files.writeString(a, "x".repeat(10));
            ElfException replaced =
                    org.junit.jupiter.api.Assertions.assertThrows(ElfException.class, () -> first.read(0, read, 1));
            assertEquals("it was replaced", replaced.getMessage());
        }
    }

    @Test
    void aFileThatShrinksIsAnErrorNotACrash() throws Exception {
        Path file = Files.write(dir.resolve("shrinks"), new byte[1 << 16]);
        try (OpenFiles open = new OpenFiles(2)) {
            ElfBytes bytes = new ElfBytes(OpenFile.of(open, OpenAt.path(file.toString()), null));
            Files.write(file, new byte[10]);
            org.junit.jupiter.api.Assertions.assertThrows(
                    ElfException.class, () -> bytes.read(4096, new byte[4096], 4096));
        }
    }
}
