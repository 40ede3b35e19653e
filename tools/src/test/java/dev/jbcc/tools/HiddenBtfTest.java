// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import dev.jbcc.bpf.Btf;
import dev.jbcc.bpf.BtfType;
import dev.jbcc.clang.KernelTypes;
import dev.jbcc.host.Kernel;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/**
 * The tools where {@code /sys/kernel/btf} is hidden, as if the kernel did not describe its types: with a file of them, and
 * with its headers.
 */
@KernelTest
@EachBuffer
@Tag("matrix")
class HiddenBtfTest {
    private static final String HIDE = "mount -t tmpfs none /sys/kernel/btf || exit 99; exec \"$@\"";
    private static final String[] HIDDEN = {"unshare", "--mount", "sh", "-c", HIDE, "sh"};

    private static final Pattern STRUCT = Pattern.compile("^struct (\\w+) \\{", Pattern.MULTILINE);

    private static Path types;

    @BeforeAll
    static void copy() throws IOException {
        List<String> probe = new ArrayList<>(List.of(HIDDEN));
        probe.add("/bin/true");
        assumeTrue(Kernel.hasBtf(), "this kernel has no BTF to compare with");
        assumeTrue(Program.exit(probe) == 0, "unshare --mount does not work here");
        types = Files.write(Scratch.fresh("btf"), Files.readAllBytes(Kernel.BTF));
    }

    /** The classes with all libraries, as the launchers have them where BTF is missing. */
    private static Jopensnoop.Setup tool(String stem, Object... arguments) {
        Jopensnoop.Setup setup = Jopensnoop.tool(stem, arguments).under(HIDDEN);
        if (System.getProperty("jbcc.test.launcher") == null) {
            List<Path> classes = new ArrayList<>();
            for (String path : System.getProperty("java.class.path").split(":")) {
                classes.add(Path.of(path));
            }
            setup.classPath(classes);
        }
        return setup;
    }

    private static Path archive() throws IOException {
        Path archive = Scratch.fresh("types.btf.tar.xz");
        try (OutputStream out = Files.newOutputStream(archive, StandardOpenOption.CREATE_NEW);
                TarArchiveOutputStream tar =
                        new TarArchiveOutputStream(new XZOutputStream(out, new LZMA2Options(0)), "UTF-8")) {
            TarArchiveEntry entry = new TarArchiveEntry("kernel.btf");
            entry.setSize(Files.size(types));
            tar.putArchiveEntry(entry);
            Files.copy(types, tar);
            tar.closeArchiveEntry();
        }
        return archive;
    }

    /** An ELF file whose section .BTF has the types, and which has no others but that of the names. */
    private static Path vmlinux() throws IOException {
        byte[] btf = Files.readAllBytes(types);
        Path source = Files.writeString(Scratch.fresh("empty.S"), "");
        Path file = Scratch.fresh("vmlinux");
        assumeTrue(
                Program.exit(List.of("gcc", "-c", "-o", file.toString(), "-x", "assembler", source.toString())) == 0
                        && Program.exit(List.of("objcopy", "--add-section", ".BTF=" + types, file.toString())) == 0,
                "no gcc and objcopy");
        assertTrue(Files.size(file) > btf.length);
        return file;
    }

    /** Reads task_struct, dentries, mounts and the tables of files; a wrong member would show another path. */
    private static void opens(Object... options) {
        List<JsonObject> opens = tool("opensnoop", "-o", "json", "--full-path")
                .with(options)
                .tracing(List.of("sh", "-c", "cd /sys/kernel && : < uevent_seqnum"))
                .run()
                .rows();
        assertTrue(
                opens.stream()
                        .anyMatch(open -> open.get("full_path").getAsString().equals("/sys/kernel/uevent_seqnum")),
                opens::toString);
    }

    private static void execs(Object... options) {
        List<JsonObject> execs = tool("execsnoop", "-o", "json")
                .with(options)
                .tracing(List.of("sh", "-c", "/bin/true one two; true"))
                .run()
                .rows();
        assertTrue(
                execs.stream().anyMatch(exec -> exec.toString().contains("\"argv\":[\"/bin/true\",\"one\",\"two\"]")),
                execs::toString);
    }

    /** By the hook that it takes, and where that is not the function, of the system calls. */
    private static void renames(Object... options) throws IOException {
        List<Object> operations = Renames.operations();
        List<JsonObject> renames = tool("renamesnoop", "-o", "json")
                .with(options)
                .tracing(Workload.command(operations.toArray()))
                .run()
                .rows();
        assertEquals(Renames.expected(), renames.stream().map(Renames::line).toList());
    }

    @Test
    void withAFile() throws IOException {
        opens("--btf", types);
        execs("--btf", types);
        renames("--btf", types);
        if (Guest.running()) { // which has tracefs
            renames("--btf", types, "--hooks", "tracepoint");
        }
    }

    @Test
    void withAVmlinux() throws IOException {
        opens("--btf", vmlinux());
    }

    @Test
    void withAnArchive() throws IOException {
        opens("--btf", archive());
    }

    private static void assumeHeaders() {
        Path headers = Path.of("/lib/modules", Kernel.release(), "build/include/generated/autoconf.h");
        assumeTrue(Files.exists(headers), "the headers of this kernel are not installed: no " + headers);
    }

    /** Since 6.12, Debian's packages of headers have a vmlinux with nothing but BTF, which libbpf finds itself. */
    @Test
    void withTheKernelsHeaders() throws IOException {
        assumeHeaders();
        opens();
        execs();
        renames();
        if (Files.notExists(Path.of("/lib/modules", Kernel.release(), "build/vmlinux"))) {
            String said = tool("opensnoop", "-v", "--", "true").run().err();
            assertTrue(said.contains("took the kernel's types from the headers"), said);
        }
    }

    /** What clang makes of the headers is what the kernel says itself, to the bit. */
    @Test
    void headersDescribeWhatTheKernelDoes() throws IOException {
        assumeHeaders();
        Btf made = section(Files.readAllBytes(KernelTypes.find(note -> {}).file()));
        Btf own = Btf.parse(MemorySegment.ofArray(Files.readAllBytes(types)));
        Matcher struct = STRUCT.matcher(Files.readString(Jopensnoop.HOME.resolve("bpf-src/include/kernel.h")));
        int compared = 0;
        while (struct.find()) {
            String name = struct.group(1);
            if (own.struct(name).isEmpty()) {
                continue; // of another version
            }
            Map<String, Long> places = places(own.struct(name).orElseThrow());
            for (Map.Entry<String, Long> member :
                    places(made.struct(name).orElseThrow()).entrySet()) {
                assertEquals(places.get(member.getKey()), member.getValue(), name + "." + member.getKey());
                compared++;
            }
        }
        assertTrue(compared > 200, () -> "few members");
    }

    private static Map<String, Long> places(BtfType.Struct struct) {
        Map<String, Long> places = new HashMap<>();
        for (BtfType.Member member : struct.members()) {
            places.put(member.name(), member.bitOffset());
        }
        return places;
    }

    /** The section .BTF of an object, found by what it begins with. */
    private static Btf section(byte[] elf) {
        String text = new String(elf, StandardCharsets.ISO_8859_1);
        int at = text.indexOf("\u009f\u00eb\1\0\30\0\0\0");
        return Btf.parse(MemorySegment.ofArray(Arrays.copyOfRange(elf, at, elf.length)));
    }

    @Test
    void samplingNeedsNoDescriptionOfTheKernelsOwn() {
        Jopensnoop.Setup setup = tool("profile", "-F", "999", "-f", "--btf", types);
        assertEquals(0, setup.tracing(List.of("/bin/true")).run().exit());
    }
}
