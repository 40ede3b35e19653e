// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.ffi.BtfDump;
import dev.jbcc.host.Kernel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where types are found, with headers of a small kernel that never was. */
class KernelTypesTest {
    private static final String RELEASE = "6.1.0-test";
    private static final Pattern STRUCT = Pattern.compile("^struct (\\w+) \\{", Pattern.MULTILINE);
    private static final Pattern TYPE = Pattern.compile("^TYPE\\((\\w+)\\);", Pattern.MULTILINE);
    private static final Pattern INCLUDE = Pattern.compile("^#include <(.+)>", Pattern.MULTILINE);

    @TempDir
    Path temp;

    private final List<String> notes = new ArrayList<>();
    private final List<String> looked = new ArrayList<>();
    private Path root;
    private CacheDirectory cache;

    @BeforeEach
    void make() throws IOException {
        try {
            Clang.find();
        } catch (JbccException.Failed none) {
            Assumptions.abort(none.getMessage());
        }
        root = Files.createDirectory(temp.resolve("root"));
        Files.createDirectory(
                temp.resolve("cache"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        cache = new CacheDirectory(temp.resolve("cache/btf"), ObjectCache.effectiveUid(), 10, 64 << 20);
    }

    private static String types() throws IOException {
        return new String(KernelHeaders.types(), StandardCharsets.UTF_8);
    }

    /** The headers that types.c includes, all of them empty but one. */
    private static List<String[]> headers(String configuration) throws IOException {
        List<String[]> files = new ArrayList<>();
        files.add(new String[] {"include/linux/kconfig.h", "#include <generated/autoconf.h>\n"});
        files.add(new String[] {"include/generated/autoconf.h", configuration});
        files.add(new String[] {"include/linux/compiler_types.h", ""});
        files.add(new String[] {
            "include/linux/version.h",
            "#define LINUX_VERSION_CODE 0x60100\n#define KERNEL_VERSION(a, b, c) ((a << 16) + (b << 8) + c)\n"
        });
        StringBuilder all = new StringBuilder("struct hlist_node { void *next, **pprev; };\n"
                + "struct list_head { struct list_head *next, *prev; };\n"
                + "typedef struct { int counter; } atomic_t;\nstruct ns_common { long stashed; unsigned int inum; };\n"
                + "struct vfsmount { struct dentry *mnt_root; };\n"
                + "enum bpf_func_id { BPF_FUNC_x };\nenum cgroup_subsys_id { cpu_cgrp_id = 7 };\n");
        String source = types();
        Matcher type = TYPE.matcher(source);
        while (type.find()) {
            String name = type.group(1);
            if (!all.toString().contains("struct " + name + " {") && !source.contains("struct " + name + " {")) {
                all.append("struct ")
                        .append(name)
                        .append(" { int first_of_")
                        .append(name)
                        .append("; };\n");
            }
        }
        Matcher include = INCLUDE.matcher(source);
        while (include.find()) {
            String name = include.group(1);
            String file = name.startsWith("asm/")
                    ? "arch/" + Target.host().kernelName() + "/include/" + name
                    : "include/" + name;
            if (!name.equals("linux/version.h")) {
                files.add(new String[] {file, name.equals("linux/sched.h") ? all.toString() : ""});
            }
        }
        return files;
    }

    private void install(String configuration) throws IOException {
        Path build = root.resolve("lib/modules").resolve(RELEASE).resolve("build");
        for (String[] file : headers(configuration)) {
            Path path = build.resolve(file[0]);
            Files.createDirectories(path.getParent());
            Files.writeString(path, file[1]);
        }
    }

    private KernelTypes find() {
        return KernelTypes.find(root, RELEASE, cache, looked, notes::add);
    }

    private static String text(Path btf) {
        return new String(BtfDump.types(btf.toString()), StandardCharsets.UTF_8);
    }

    @Test
    void headersAreMadeIntoTypesOnce() throws IOException {
        install("");
        KernelTypes made = find();
        assertEquals(
                "the headers in " + root.resolve("lib/modules").resolve(RELEASE).resolve("build"), made.from());
        assertEquals(2, notes.size(), notes::toString);
        String text = text(made.file());
        assertTrue(text.contains("first_of_task_struct"), text);
        assertTrue(text.contains("struct mount *mnt_parent;"), text);
        assertTrue(text.contains("cpu_cgrp_id = 7"), text);
        assertEquals(made, find());
        assertEquals(3, notes.size(), notes::toString);
        Files.writeString(
                root.resolve("lib/modules").resolve(RELEASE).resolve("build/include/generated/autoconf.h"), "\n\n");
        assertFalse(made.equals(find()));
    }

    @Test
    void whatIsMadeIsBoundToAllThatItIsMadeOf() throws IOException {
        install("");
        Path build = root.resolve("lib/modules").resolve(RELEASE).resolve("build");
        KernelHeaders headers =
                KernelHeaders.ofModules(root.resolve("lib/modules").resolve(RELEASE));
        Path clang = Clang.find().executable();
        byte[] types = KernelHeaders.types();
        String name = KernelTypes.nameFor(RELEASE, headers, clang, types);
        assertEquals(cache.path().resolve(name), find().file());
        byte[] other = types.clone();
        other[other.length - 1] ^= 1;
        assertNotEquals(name, KernelTypes.nameFor(RELEASE, headers, clang, other));
        assertNotEquals(name, KernelTypes.nameFor(RELEASE, headers, temp, types));
        Files.writeString(build.resolve("include/generated/autoconf.h"), "\n");
        assertNotEquals(name, KernelTypes.nameFor(RELEASE, headers, clang, types));
    }

    @Test
    void theKernelsOwnArchiveIsUnpackedOnce() throws IOException {
        Archives archive = new Archives();
        for (String[] file : headers("")) {
            archive.file("./" + file[0], file[1]);
        }
        Path file = root.resolve("sys/kernel/kheaders.tar.xz");
        Files.createDirectories(file.getParent());
        Files.write(file, archive.packed());
        KernelTypes made = find();
        assertEquals("the headers in " + file, made.from());
        assertTrue(text(made.file()).contains("first_of_task_struct"));
        assertEquals(made, find());
        try (var kept = Files.list(cache.path())) {
            assertEquals(
                    1,
                    kept.filter(path -> path.getFileName().toString().startsWith(KernelHeaders.UNPACKED))
                            .count());
        }
    }

    @Test
    void aHostileArchiveLeavesNothing() throws IOException {
        Path file = root.resolve("sys/kernel/kheaders.tar.xz");
        Files.createDirectories(file.getParent());
        Files.write(
                file, new Archives().file("include/a.h", "").file("../out", "x").packed());
        JbccException none = assertThrows(JbccException.NotSupported.class, this::find);
        assertTrue(none.getMessage().contains("kheaders.tar.xz: it has a name with .."), none::getMessage);
        try (var kept = Files.walk(temp.resolve("cache"))) {
            assertTrue(kept.noneMatch(Files::isRegularFile));
        }
    }

    @Test
    void randomLayoutIsRefused() throws IOException {
        install("#define CONFIG_RANDSTRUCT 1\n");
        JbccException none = assertThrows(JbccException.NotSupported.class, this::find);
        assertTrue(none.getMessage().contains("CONFIG_RANDSTRUCT"), none::getMessage);
    }

    @Test
    void withoutAnyThePlacesAreToldInDetail() {
        JbccException none = assertThrows(JbccException.NotSupported.class, this::find);
        assertEquals(1, none.getMessage().lines().count(), none::getMessage);
        assertTrue(
                none.hint().orElse("").contains("--btf FILE"), () -> none.hint().toString());
        assertTrue(
                none.detail().orElse("").contains("/boot/vmlinux-" + RELEASE),
                () -> none.detail().toString());
    }

    @Test
    void aNamedFileOfTheCacheComesFirst() throws IOException {
        Assumptions.assumeTrue(Kernel.hasBtf(), "this kernel has no BTF");
        install("");
        byte[] types = Files.readAllBytes(Kernel.BTF);
        cache.write(
                RELEASE + ".btf.tar.xz",
                new Archives().file(RELEASE + ".btf", types).packed());
        KernelTypes found = find();
        assertEquals(cache.path().resolve(RELEASE + ".btf.tar.xz").toString(), found.from());
        assertArrayEquals(types, Files.readAllBytes(found.file()));
        cache.write(RELEASE + ".btf", types);
        assertEquals(cache.path().resolve(RELEASE + ".btf"), find().file());
    }

    @Test
    void aVmlinuxIsTakenOnlyWithTypes() throws IOException {
        install("");
        Path described = find().file(); // an ELF file with BTF, as a vmlinux is
        Path vmlinux = root.resolve("boot/vmlinux-" + RELEASE);
        Files.createDirectories(vmlinux.getParent());
        Files.write(vmlinux, Files.readAllBytes(Path.of("/proc/self/exe")));
        assertTrue(find().from().startsWith("the headers"));
        assertTrue(looked.toString().contains("pahole -J"), looked::toString);
        Files.copy(described, vmlinux, StandardCopyOption.REPLACE_EXISTING);
        assertEquals(vmlinux, find().file());
    }

    @Test
    void whatIsNoTypesIsAMistakeOfTheUser() throws IOException {
        Path text = Files.writeString(temp.resolve("text"), "neither");
        Path two = Files.write(
                temp.resolve("two.btf.tar.xz"),
                new Archives().file("a", "").file("b", "").packed());
        Path none = Files.write(temp.resolve("none.btf.tar.xz"), new Archives().packed());
        for (Path file : List.of(text, two, none, temp.resolve("absent"), temp)) {
            JbccException wrong =
                    assertThrows(JbccException.Usage.class, () -> KernelTypes.given(file.toString()), file::toString);
            assertTrue(
                    wrong.getMessage().startsWith("cannot take the kernel's types from " + file + ": "),
                    wrong::toString);
            assertFalse(wrong.getMessage().contains("Exception"), wrong::toString);
        }
    }

    /** Whoever reads another type in kernel.h adds it to types.c, with the header that defines it. */
    @Test
    void everyTypeOfTheToolsIsDescribed() throws IOException {
        Path home = Path.of(System.getProperty("jbcc.home"));
        TreeSet<String> wanted = new TreeSet<>(Comparator.naturalOrder());
        Matcher struct = STRUCT.matcher(Files.readString(home.resolve("bpf-src/include/kernel.h")));
        while (struct.find()) {
            wanted.add(struct.group(1));
        }
        Matcher type = TYPE.matcher(types());
        while (type.find()) {
            wanted.remove(type.group(1));
        }
        assertEquals("[]", wanted.toString());
    }
}
