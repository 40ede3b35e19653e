// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.ffi.Failures;
import dev.jbcc.host.Errno;
import dev.jbcc.host.Kernel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class LoadFailureTest {
    @Test
    void aRejectionShowsTheSourceLine() {
        try (OpenObject open = TestBpf.open("rejected")) {
            JbccException e = assertThrows(JbccException.Failed.class, open::load);
            assertTrue(
                    e.getMessage().startsWith("the kernel's verifier rejected program unchecked of rejected:\n"),
                    e.getMessage());
            assertTrue(e.getMessage().contains("*value += 1;"), e.getMessage());
            assertTrue(e.getMessage().contains("map_value_or_null"), e.getMessage());
            assertTrue(e.hint().isPresent());
            assertTrue(e.detail().orElseThrow().contains("BEGIN PROG LOAD LOG"));
            assertThrows(IllegalStateException.class, open::load);
        }
    }

    @Test
    void aListenerHearsTheLogToo() {
        try (OpenObject open = TestBpf.open("rejected")) {
            StringBuilder heard = new StringBuilder();
            open.logTo(heard::append);
            JbccException e = assertThrows(JbccException.Failed.class, open::load);
            assertEquals(e.detail().orElseThrow(), heard.toString());
        }
    }

    @Test
    void aListenerHearsNothingOfASuccess() {
        List<String> heard = new ArrayList<>();
        try (OpenObject open = TestBpf.open("lifecycle")) {
            open.logTo(heard::add);
            TestBpf.load(open).close();
        }
        heard.forEach(text -> assertTrue(text.startsWith("libbpf: "), text));
    }

    @Test
    void aFailedLoadIsRepeatedAsConfigured() {
        try (OpenObject open = TestBpf.open("lifecycle")) {
            // A value that only fails at load, after which everything is done again.
            open.maxEntries("sized", 0);
            open.maxEntries("spare", 9);
            open.global("in_u8", 1);
            JbccException e = assertThrows(JbccException.Failed.class, open::load);
            assertTrue(e.getMessage().startsWith("cannot load lifecycle: bpf_object__load: EINVAL"), e.getMessage());
            assertTrue(e.getMessage().contains("sized") || e.detail().orElse("").contains("sized"), e.getMessage());
        }
    }

    @Test
    void aRefusalSaysWhatIsMissing() {
        for (int errno : new int[] {Errno.EPERM, Errno.EACCES}) {
            JbccException e = LoadFailure.explain("opensnoop", Failures.of("bpf_object__load", errno), "libbpf: no\n");
            assertInstanceOf(JbccException.NotPermitted.class, e);
            assertTrue(e.getMessage().startsWith("cannot load the programs of opensnoop"), e.getMessage());
            assertTrue(e.hint().isPresent());
            assertEquals(3, e.exitCode());
        }
    }

    @Test
    void theVerifiersWordGoesBeforeTheErrno() {
        String said = """
                libbpf: prog 'on_exit': BPF program load failed: Permission denied
                libbpf: prog 'on_exit': -- BEGIN PROG LOAD LOG --
                0: R1=ctx(off=0,imm=0) R10=fp0
                ; return *(int *)p; @ x.bpf.c:12
                0: (61) r0 = *(u32 *)(r2 +0)
                R2 !read_ok
                processed 1 insns (limit 1000000)
                -- END PROG LOAD LOG --
                libbpf: failed to load object 'opensnoop'
                """;
        JbccException e = LoadFailure.explain("opensnoop", Failures.of("bpf_object__load", Errno.EACCES), said);
        assertInstanceOf(JbccException.Failed.class, e);
        assertTrue(
                e.getMessage().startsWith("the kernel's verifier rejected program on_exit of opensnoop:\n"),
                e.getMessage());
        assertTrue(e.getMessage().contains("R2 !read_ok"));
        assertEquals(said, e.detail().orElseThrow());
    }

    @Test
    void otherFailuresShowLibbpfsLastLine() {
        Assumptions.assumeTrue(Kernel.hasBtf(), "this kernel has no BTF");
        JbccException e = LoadFailure.explain(
                "opensnoop",
                Failures.of("bpf_object__load", Errno.EINVAL),
                "libbpf: map 'x': failed to create: Invalid argument(-22)\nlibbpf: failed to load object 'opensnoop'\n");
        assertInstanceOf(JbccException.Failed.class, e);
        assertEquals(
                "cannot load opensnoop: bpf_object__load: EINVAL (Invalid argument)"
                        + "\nlibbpf: failed to load object 'opensnoop'",
                e.getMessage());
        e = LoadFailure.explain("opensnoop", Failures.of("bpf_object__load", Errno.ENOMEM), " \n");
        assertEquals("cannot load opensnoop: bpf_object__load: ENOMEM (Cannot allocate memory)", e.getMessage());
    }

    private static final String NO_TRAMPOLINES = """
            libbpf: prog 'on_entry': BPF program load failed: Operation not permitted
            libbpf: prog 'on_entry': failed to load: -1
            libbpf: failed to load object 'x'
            """;

    private static final String NO_FUNCTION = """
            libbpf: prog 'on_entry': failed to find kernel BTF type ID of 'vfs_renamed': -3
            libbpf: prog 'on_entry': failed to prepare load attributes: -3
            libbpf: prog 'on_entry': failed to load: -3
            libbpf: failed to load object 'x'
            """;

    private static final String REFUSED_TARGET = """
            libbpf: prog 'on_entry': BPF program load failed: Invalid argument
            libbpf: prog 'on_entry': -- BEGIN PROG LOAD LOG --
            Attaching to a function that is not traceable
            processed 0 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
            -- END PROG LOAD LOG --
            libbpf: prog 'on_entry': failed to load: -22
            libbpf: failed to load object 'x'
            """;

    private static final String BAD_CODE = """
            libbpf: prog 'on_entry': BPF program load failed: Permission denied
            libbpf: prog 'on_entry': -- BEGIN PROG LOAD LOG --
            0: R1=ctx(off=0,imm=0) R10=fp0
            0: (61) r0 = *(u32 *)(r2 +0)
            R2 !read_ok
            processed 1 insns (limit 1000000)
            -- END PROG LOAD LOG --
            libbpf: prog 'on_entry': failed to load: -13
            libbpf: failed to load object 'x'
            """;

    private static String refusedHook(int errno, String said, boolean btf) {
        Map<String, String> loaded = new LinkedHashMap<>();
        loaded.put("plain", "raw_tp/sys_exit");
        loaded.put("typed", "?tp_btf/sys_exit");
        return LoadFailure.refusedHook(Failures.of("bpf_object__load", errno), said, loaded, btf);
    }

    @Test
    void aHookThatIsRefusedIsToldFromCodeThatIsWrong() {
        assertEquals("on_entry", refusedHook(Errno.EPERM, NO_TRAMPOLINES, true));
        assertEquals("on_entry", refusedHook(Errno.ESRCH, NO_FUNCTION, true));
        assertEquals("on_entry", refusedHook(Errno.EINVAL, REFUSED_TARGET, true));
        assertNull(refusedHook(Errno.EACCES, BAD_CODE, true));
        assertNull(refusedHook(Errno.ENOMEM, NO_TRAMPOLINES, true), "want of memory");
        assertNull(refusedHook(Errno.EINVAL, "libbpf: map 'x': failed to create: Invalid argument(-22)\n", true));
        assertNull(refusedHook(Errno.EINVAL, "libbpf: prog '", true));
        assertNull(refusedHook(Errno.EINVAL, "': failed to load: ", true));
        assertNull(refusedHook(Errno.EINVAL, "", true));
    }

    @Test
    void withoutKernelBtfTheHookThatNeedsItIsRefused() {
        String said = "libbpf: Error loading vmlinux BTF: -3\nlibbpf: failed to load object 'x'\n";
        assertEquals("typed", refusedHook(Errno.ESRCH, said, false));
        assertNull(refusedHook(Errno.ESRCH, said, true));
        assertNull(LoadFailure.refusedHook(
                Failures.of("bpf_object__load", Errno.ESRCH), said, Map.of("plain", "raw_tp/sys_exit"), false));
    }

    @Test
    void aMapOfAnUnknownKindIsNamed() {
        String said = "libbpf: map 'jbcc_ring': failed to create: Invalid argument(-22)\n"
                + "libbpf: failed to load object 'x'\n";
        assertEquals("jbcc_ring", LoadFailure.unknownMap(Failures.of("bpf_object__load", Errno.EINVAL), said));
        assertNull(LoadFailure.unknownMap(Failures.of("bpf_object__load", Errno.EPERM), said));
        assertNull(LoadFailure.unknownMap(Failures.of("bpf_object__load", Errno.EINVAL), NO_FUNCTION));
    }

    private static final class Wrong extends StructView {
        Wrong() {
            super("seen");
            integer("u9");
            text("u8");
        }
    }

    @Test
    void aViewThatDoesNotMatchIsToldBeforeLoad() {
        try (OpenObject open = TestBpf.open("lifecycle")) {
            JbccException e = assertThrows(JbccException.Failed.class, () -> new Wrong().bind(open.btf()));
            assertEquals("""
                    the BPF object does not match Wrong: struct seen has no member 'u9'; did you mean 'u8'?
                      seen.u8 is u64, not a text, char[N], struct text or struct long_text""", e.getMessage());
        }
    }
}
