// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * What is made of the logs in {@code verifier/}. They are what libbpf 1.1.2 printed on Linux 6.18 for small wrong
 * programs from clang 14, as it was, except:
 *
 * <ul>
 *   <li>{@code too_complex}: 18 lines of its start and 40 of its end; the whole had 1,200,005 lines, 90 MB.
 *   <li>{@code old_*}: written by hand in the wording of kernel/bpf/verifier.c, of 5.2 to 5.12 for all but
 *       {@code old_wrong_helper}, which is that of 6.1.
 *   <li>{@code new_missing_kfunc}: written by hand in the wording of libbpf 1.3 and later.
 *   <li>{@code attach_btf_id}: the kernel's own words, but libbpf's around them by hand; libbpf looks the name up before
 *       the kernel can.
 * </ul>
 */
final class VerifierLogFixtureTest {
    record Fixture(String name, String program, String hint, String summary) {
        @Override
        public String toString() {
            return name;
        }
    }

    static final List<Fixture> FIXTURES = List.of(
            new Fixture("argument", "bad_argument", "argument or field", """
                    argument.bpf.c:10: return ((struct task_struct *)ctx[9])->pid;
                      0: (79) r1 = *(u64 *)(r1 +72)
                    func 'sched_switch' doesn't have 7-th argument
                    invalid bpf_context access off=72 size=8
                    (2 lines omitted; -v shows all)"""),
            new Fixture("argument_type", "wrong_argument", "declaration", """
                    argument_type.bpf.c:12: return bpf_map_lookup_elem(&key, &key) != NULL;
                      5: (85) call bpf_map_lookup_elem#1
                      R1=fp-8
                    R1 type=fp expected=map_ptr
                    (11 lines omitted; -v shows all)"""),
            new Fixture("attach_btf_id", "x", "SEC()", """
                    attach_btf_id 114 is not a typedef
                    (1 line omitted; -v shows all)"""),
            new Fixture("beyond_struct", "beyond_struct", "preserve_access_index", """
                    beyond_struct.bpf.c:10: return ((u64*)prev)[100000];
                      2: (79) r0 = *(u64 *)(r1 +0)
                    access beyond struct task_struct at off 800000 size 8
                    (7 lines omitted; -v shows all)"""),
            new Fixture("constant_size", "variable_reserve", "bpf_ringbuf_output", """
                    constant_size.bpf.c:12: u64 *event = bpf_ringbuf_reserve(&ring, size, 0);
                      5: (85) call bpf_ringbuf_reserve#131
                      R2=scalar(id=1)
                    R2 is not a known constant'
                    (8 lines omitted; -v shows all)"""),
            new Fixture("context", "bad_context", "argument or field", """
                    context.bpf.c:10: return ctx[4000];
                      0: (79) r0 = *(u64 *)(r1 +32000)
                    invalid bpf_context access off=32000 size=8
                    (2 lines omitted; -v shows all)"""),
            new Fixture("context_index", "moved", "constant offsets", """
                    context_index.bpf.c:11: return ctx[i];
                      5: (79) r0 = *(u64 *)(r6 +0)
                    variable ctx access var_off=(0x0; 0x18) disallowed
                    (9 lines omitted; -v shows all)"""),
            new Fixture("core_field", "missing_field", "no struct task_struct.nosuch.", """
                    core_field.bpf.c:11: struct task_struct___new *task = (void *)bpf_get_current_task();
                      1: <invalid CO-RE relocation>
                    failed to resolve CO-RE relocation <byte_off> [5] struct task_struct___new.nosuch (0:0 @ offset 0)
                    (4 lines omitted; -v shows all)"""),
            new Fixture("gpl", "not_gpl", "LICENSE", """
                    gpl.bpf.c:12: return bpf_probe_read_kernel(comm, sizeof(comm), (void *)bpf_get_current_task());
                      0: (85) call bpf_get_current_task#35
                    cannot call GPL-restricted function from non-GPL compatible program
                    (3 lines omitted; -v shows all)"""),
            new Fixture("infinite_loop", "endless", "constant limit", """
                    infinite_loop.bpf.c:12: while (!stop)
                      2: (61) r1 = *(u32 *)(r10 -4)
                    infinite loop detected at insn 3
                    cur state: R1=0 R10=fp0 fp-8=0000????
                    old state: R1=P0 R10=fp0 fp-8=0000????
                    (13 lines omitted; -v shows all)"""),
            new Fixture("map_value", "out_of_bounds", "SIZE - 1", """
                    map_value.bpf.c:16: name[at] = 'x';
                      13: (73) *(u8 *)(r0 +0) = r1
                      R0=map_value(map=names,ks=4,vs=64,smin=smin32=0,smax=umax=smax32=umax32=127,var_off=(0x0; 0x7f))
                    invalid access to map value, value_size=64 off=127 size=1
                    R0 max value is outside of the allowed memory range
                    (20 lines omitted; -v shows all)"""),
            new Fixture("missing_map", "no_map", "map that was not created", """
                    missing_map.bpf.c:13: return bpf_map_lookup_elem(&counts, &key) != NULL;
                      4: <invalid BPF map reference>
                    BPF map 'counts' is referenced but wasn't created
                    (10 lines omitted; -v shows all)"""),
            new Fixture("negative_length", "unbounded_len", "unsigned", """
                    negative_length.bpf.c:17: bpf_probe_read_kernel(name, len, ctx);
                      14: (85) call bpf_probe_read_kernel#113
                      R2=scalar(id=1)
                    R2 min value is negative, either use unsigned or 'var &= const'
                    (22 lines omitted; -v shows all)"""),
            new Fixture("new_missing_kfunc", "calls_kfunc", "kfunc", """
                    kfunc.bpf.c:11: bpf_no_such_kfunc(ctx);
                      0: <invalid kfunc call>
                    kfunc 'bpf_no_such_kfunc' is referenced but wasn't resolved
                    (2 lines omitted; -v shows all)"""),
            new Fixture("no_return", "no_return", "return a value", """
                      0: (95) exit
                    R0 !read_ok
                    (2 lines omitted; -v shows all)"""),
            new Fixture("not_in_probe", "path_of_task", "bpf_d_path", """
                    not_in_probe.bpf.c:12: return bpf_d_path((void *)prev, name, sizeof(name));
                      4: (85) call bpf_d_path#147
                    helper call is not allowed in probe
                    (10 lines omitted; -v shows all)"""),
            new Fixture("null_check", "no_null_check", "NULL", """
                    null_check.bpf.c:15: v->count++;
                      7: (79) r1 = *(u64 *)(r0 +0)
                      R0=map_value_or_null(id=1,map=counts,ks=4,vs=16)
                    R0 invalid mem access 'map_value_or_null'
                    (12 lines omitted; -v shows all)"""),
            new Fixture("old_back_edge", "sum", "unroll", """
                    sum += values[i];
                    back-edge from insn 7 to 3
                    (2 lines omitted; -v shows all)"""),
            new Fixture("old_core_field", "setup_cmd", "bpf_core_field_exists", """
                    u8 opcode = BPF_CORE_READ(cmd, common.opcode);
                      1: (85) call unknown#195896080
                    invalid func unknown#195896080
                    (4 lines omitted; -v shows all)"""),
            new Fixture("old_null_check", "count_switch", "NULL", """
                    v->count++;
                      7: (79) r1 = *(u64 *)(r0 +0)
                      R0_w=map_value_or_null(id=1,off=0,ks=4,vs=16,imm=0)
                    R0 invalid mem access 'map_value_or_null'
                    (15 lines omitted; -v shows all)"""),
            new Fixture("old_scalar_address", "connect", "BPF_CORE_READ", """
                    void *address = (void *)regs->si;
                      1: (79) r6 = *(u64 *)(r1 +104)
                    R1 invalid mem access 'inv'
                    (4 lines omitted; -v shows all)"""),
            new Fixture("old_wrong_helper", "wrong_helper", "too old", """
                    return bpf_override_return(ctx, -1);
                      1: (85) call bpf_override_return#58
                    unknown func bpf_override_return#58
                    (3 lines omitted; -v shows all)"""),
            new Fixture("read_only", "write_kernel", "not change", """
                    read_only.bpf.c:10: prev->pid = 3;
                      2: (63) *(u32 *)(r1 +1264) = r2
                    only read is supported
                    (7 lines omitted; -v shows all)"""),
            new Fixture("reference_leak", "leaked", "discard", """
                    reference_leak.bpf.c:17: }
                      9: (95) exit
                    Unreleased reference id=2 alloc_insn=4
                    BPF_EXIT instruction in main prog would lead to reference leak
                    (14 lines omitted; -v shows all)"""),
            new Fixture("return_value", "wrong_hook", "return only", """
                    return_value.bpf.c:10: return 7;
                      1: (95) exit
                    At program exit the register R0 has smin=7 smax=7 should have been in [0, 1]
                    (4 lines omitted; -v shows all)"""),
            new Fixture("scalar_address", "scalar_deref", "BPF_CORE_READ", """
                    scalar_address.bpf.c:12: return task->tgid;
                      1: (61) r0 = *(u32 *)(r0 +1268)
                      R0=scalar()
                    R0 invalid mem access 'scalar'
                    (5 lines omitted; -v shows all)"""),
            new Fixture("sleeping_helper", "sleeps", "uprobe.s", """
                    sleeping_helper.bpf.c:11: return bpf_copy_from_user(b, 8, (void*)16);
                      4: (85) call bpf_copy_from_user#148
                    helper call might sleep in a non-sleepable prog
                    (9 lines omitted; -v shows all)"""),
            new Fixture("stack_index", "big_stack", "SIZE - 1", """
                    stack_index.bpf.c:12: buffer[at] = 1;
                      39: (73) *(u8 *)(r1 +0) = r2
                    invalid variable-offset write to stack R1 var_off=(0x0; 0x3ff) off=-256 size=1
                    (47 lines omitted; -v shows all)"""),
            new Fixture("stack_size", "combined_stack", "512 bytes", """
                    combined stack size of 2 calls is 800. Too large
                    (1 line omitted; -v shows all)"""),
            new Fixture("too_complex", "too_complex", "bpf_loop", """
                    too_complex.bpf.c:12: for (u32 i = 0; i < 10000000; i++)
                      9: (77) r1 >>= 32
                    BPF program is too large. Processed 1000001 insn
                    (50 lines omitted; -v shows all)"""),
            new Fixture("unbounded_index", "unbounded", "SIZE - 1", """
                    unbounded_index.bpf.c:17: name[at] = 'x';
                      10: (0f) r0 += r6
                    math between map_value pointer and register with unbounded min value is not allowed
                    (18 lines omitted; -v shows all)"""),
            new Fixture("unbounded_length", "unbounded_length", "SIZE - 1", """
                    unbounded_length.bpf.c:17: bpf_probe_read_kernel(name, len, ctx);
                      15: (85) call bpf_probe_read_kernel#113
                      R2=scalar(id=2,smin=0,umax=0x7fffffffffffffff,var_off=(0x0; 0x7fffffffffffffff))
                    R2 unbounded memory access, use 'var &= const' or 'if (var < const)'
                    (24 lines omitted; -v shows all)"""),
            new Fixture("unknown_helper", "new_helper", "BPF_FUNC_", """
                    unknown_helper.bpf.c:11: return bpf_new_thing(ctx);
                      0: (85) call unknown#999
                    invalid func unknown#999
                    (3 lines omitted; -v shows all)"""),
            new Fixture("unset_register", "uninitialised", "Initialise", """
                    unset_register.bpf.c:11: asm volatile("%0 = r7" : "=r"(r));
                      0: (bf) r0 = r7
                    R7 !read_ok
                    (3 lines omitted; -v shows all)"""),
            new Fixture("wrong_helper", "wrong_helper", "This kind of program", """
                    wrong_helper.bpf.c:10: return bpf_override_return(ctx, -1);
                      1: (85) call bpf_override_return#58
                    program of this type cannot use helper bpf_override_return#58
                    (4 lines omitted; -v shows all)"""));

    static String said(String name) throws IOException {
        try (InputStream in = VerifierLogFixtureTest.class.getResourceAsStream("/verifier/" + name + ".log")) {
            assertNotNull(in, name);
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @FieldSource("FIXTURES")
    void isToldInAFewLines(Fixture fixture) throws IOException {
        VerifierLog log = VerifierLog.find(said(fixture.name()));
        assertNotNull(log);
        assertAll(
                () -> assertEquals(fixture.program(), log.program()),
                () -> assertEquals(fixture.summary(), log.summary()),
                () -> assertNotNull(log.hint()),
                () -> assertTrue(log.hint().contains(fixture.hint()), log.hint()));
    }

    @Test
    void everyLogIsInTheList() throws IOException, URISyntaxException {
        Path folder = Path.of(
                VerifierLogFixtureTest.class.getResource("/verifier/empty.log").toURI());
        TreeSet<String> names =
                FIXTURES.stream().map(f -> f.name() + ".log").collect(Collectors.toCollection(TreeSet::new));
        names.add("empty.log"); // VerifierLogTest
        try (var files = Files.list(folder.getParent())) {
            assertEquals(
                    names, files.map(f -> f.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new)));
        }
    }
}
