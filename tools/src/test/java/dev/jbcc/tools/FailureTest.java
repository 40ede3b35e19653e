// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What goes wrong is said in a few lines: what failed, why, and what to do. */
@KernelTest
class FailureTest {
    private static final int NOBODY = 65534;

    @Test
    void withoutClangThePackageIsNamed() {
        // Clang is also looked for below /usr/lib, where only a mount namespace can hide it.
        String hide = "for d in /usr/lib/llvm*; do test ! -d \"$d\" || mount -t tmpfs none \"$d\" || exit 99; done;"
                + " PATH=/nonexistent; exec \"$@\"";
        String[] hidden = {"unshare", "--mount", "sh", "-c", hide, "sh"};
        List<String> probe = new ArrayList<>(List.of(hidden));
        probe.add("/bin/true");
        assumeTrue(Program.exit(probe) == 0, "unshare --mount does not work here");
        Run run = Jopensnoop.setup()
                .env("JBCC_CACHE_DIR", Scratch.fresh("cache"))
                .under(hidden)
                .run();
        run.failed(1, "cannot compile BPF programs: no clang on PATH (/nonexistent)");
        assertTrue(run.err().contains("\nhint: "), run::toString);
        assertTrue(run.err().contains("install") && run.err().contains("clang"), run::toString);
    }

    @Test
    void clangsMessageIsShown() throws IOException {
        Path home = home();
        Path source = home.resolve("bpf-src/opensnoop.bpf.c");
        Files.writeString(source, "int broken(void) { return nothing_of_that_name; }\n", StandardOpenOption.APPEND);
        Run run = Jopensnoop.setup().home(home).run();
        run.failed(1, "");
        int line = Files.readAllLines(source).size();
        assertTrue(run.err().contains(source + ":" + line + ":27: error: use of undeclared identifier"), run::toString);
    }

    @Test
    void verifierRejectionShowsTheSourceLine() throws IOException {
        Path home = home();
        Path source = home.resolve("bpf-src/opensnoop.bpf.c");
        Files.writeString(source, """

                struct {
                	__uint(type, BPF_MAP_TYPE_ARRAY);
                	__uint(max_entries, 1);
                	__type(key, u32);
                	__type(value, u64);
                } numbers SEC(".maps");

                SEC("tp_btf/sys_enter")
                int BPF_PROG(beyond, struct pt_regs *regs, long id)
                {
                	u32 key = 0;
                	u64 *number = bpf_map_lookup_elem(&numbers, &key);

                	if (!number)
                		return 0;
                	return number[id & 0xff]; // beyond the map's value
                }
                """, StandardOpenOption.APPEND);
        Run run = Jopensnoop.setup().home(home).run();
        run.failed(1, "the kernel's verifier rejected program beyond of opensnoop:");
        assertTrue(run.err().contains("return number[id & 0xff]; // beyond the map's value"), run::toString);
        assertTrue(run.err().contains("invalid access to map value"), run::toString);
        assertTrue(run.err().lines().count() < 30, run::toString);
        int shortLength = run.err().length();
        run = Jopensnoop.setup("-v").home(home).run();
        assertEquals(1, run.exit());
        assertTrue(run.err().length() > shortLength, run::toString);
        assertTrue(run.err().contains("processed "), run::toString);
    }

    @Test
    void everyMismatchOfTheEventIsListed() throws IOException {
        Path home = home();
        Files.writeString(home.resolve("bpf-src/opensnoop.bpf.c"), """
                #include "jbcc.h"

                struct event {
                	u64 time;
                	u64 cgroup;
                	u64 flags;
                	u64 resolve;
                	u32 process; /* pid */
                	u32 tid;
                	u32 ppid;
                	u32 uid;
                	s32 fd;
                	s32 err;
                	struct text mode; /* an integer */
                	char comm[TASK_COMM_LEN];
                	struct text path;
                	u32 dir; /* a text */
                	u8 dir_cut;
                };

                struct event *unused_event __attribute__((unused));

                SEC("tp_btf/sys_exit")
                int BPF_PROG(nothing, struct pt_regs *regs, long ret)
                {
                	return 0;
                }
                """);
        Run run = Jopensnoop.setup().home(home).run();
        run.failed(1, "the BPF object does not match Event");
        for (String member : List.of("no member 'pid'", "event.mode is struct text", "event.dir is u32")) {
            assertTrue(run.err().contains(member), () -> member + " in " + run);
        }
        assertFalse(run.err().contains("event.tid"), run::toString);
    }

    @Test
    void cacheThatCannotBeUsedIsAWarning() throws IOException {
        Path file = Scratch.directory("warned").resolve("f");
        Path occupied = Files.createFile(Scratch.fresh("occupied"));
        Run run = Jopensnoop.setup()
                .env("JBCC_CACHE_DIR", occupied.resolve("cache"))
                .tracing(Workload.command("open", file, "0", "0"))
                .run();
        assertEquals(0, run.exit(), run::toString);
        assertEquals(1, run.table().size());
        List<String> lines = run.err().lines().toList();
        assertEquals(2, lines.size(), run::toString);
        assertTrue(lines.getFirst().startsWith("jopensnoop: not using the cache"), run::toString);
    }

    @Test
    void anotherUserIsToldWhatItTakes() throws IOException {
        List<String> drop =
                List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups", "--no-new-privs");
        List<String> java = new ArrayList<>(drop);
        java.addAll(List.of(System.getProperty("java.home") + "/bin/java", "-version"));
        assumeTrue(Program.exit(java) == 0, "setpriv does not work, or another user cannot read this JDK");
        Path home = home();
        List<Path> classPath = classes(home);
        Path cache = Scratch.directory("nobody");
        Files.setAttribute(cache, "unix:uid", NOBODY);
        Run run = Jopensnoop.setup()
                .home(home)
                .classPath(classPath)
                .env("JBCC_CACHE_DIR", cache.resolve("cache"))
                .under(drop.toArray(String[]::new))
                .run();
        run.failed(3, "cannot load the programs of opensnoop: not permitted without CAP_BPF and CAP_PERFMON");
        // In a container, the hint is about starting the container.
        assertTrue(run.err().contains("\nhint: ") && run.err().contains("as root"), run::toString);
    }

    /** Copies of the tool's classes, for a user who cannot read those of the checkout. */
    static List<Path> classes(Path home) throws IOException {
        List<Path> classPath = new ArrayList<>();
        for (Path element : Jopensnoop.classPath()) {
            Path copy = home.resolve("classes" + classPath.size() + (Files.isDirectory(element) ? "" : ".jar"));
            copy(element, copy);
            classPath.add(copy);
        }
        return classPath;
    }

    /** A copy of what the tool needs of the checkout. */
    static Path home() throws IOException {
        Path home = Scratch.directory("home");
        copy(Jopensnoop.HOME.resolve("bpf-src"), home.resolve("bpf-src"));
        return home;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        assertEquals(0, Program.exit(List.of("chmod", "-R", "a+rX", to.toString())));
    }
}
