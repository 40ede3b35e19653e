// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The BTF of the running kernel: what is in it is known from the kernel's sources and cannot vary on 64 bits. */
final class KernelBtfTest {
    private static final Path VMLINUX = Path.of("/sys/kernel/btf/vmlinux");
    private static Btf kernel;

    @BeforeAll
    static void parse() throws IOException {
        assumeTrue(Files.isReadable(VMLINUX), "this kernel has no BTF (CONFIG_DEBUG_INFO_BTF)");
        kernel = Btf.parse(MemorySegment.ofArray(Files.readAllBytes(VMLINUX)));
    }

    private static final class ListHead extends StructView {
        private final IntField next = integer("next");
        private final IntField prev = integer("prev");

        ListHead() {
            super("list_head");
        }
    }

    private static final class Task extends StructView {
        private final IntField pid = integer("pid");
        private final IntField flags = integer("flags");
        private final TextField comm = text("comm");
        private final IntField nice = integer("static_prio");
        private final IntField exitSignal = integer("exit_signal");
        private final ListHead tasks = view("tasks", new ListHead());

        Task() {
            super("task_struct");
        }
    }

    @Test
    void knowsWellKnownTypes() {
        assertTrue(kernel.count() > 10_000, "types: " + kernel.count());
        BtfType.Struct list = kernel.struct("list_head").orElseThrow();
        assertEquals(16, list.size());
        assertEquals("next", list.members().get(0).name());
        assertEquals("struct list_head *", kernel.spell(list.members().get(0).type()));
        assertEquals(8, kernel.struct("hlist_head").orElseThrow().size());
        assertTrue(kernel.func("vfs_read").isPresent());
        assertEquals(
                0,
                kernel.enumeration("pid_type").orElseThrow().values().getFirst().value());
        assertEquals(168, kernel.struct("pt_regs").map(BtfType.Struct::size).orElse(168L), "x86-64");
    }

    @Test
    void bindsToATask() {
        Task task = new Task();
        task.bind(kernel);
        MemorySegment memory = MemorySegment.ofArray(new byte[task.size()]);
        task.at(memory, 0, task.size());
        task.pid.set(-1);
        task.tasks.prev.set(0xffff_8880_0000_0000L);
        assertEquals(-1, task.pid.get());
        assertTrue(task.pid.isSigned());
        assertTrue(!task.flags.isSigned());
        assertEquals(0, task.nice.get() + task.exitSignal.get() + task.tasks.next.get());
        assertEquals(0xffff_8880_0000_0000L, task.tasks.prev.get());
        assertEquals("", task.comm.string());
        BtfType.Member pid = kernel.struct("task_struct").orElseThrow().members().stream()
                .filter(m -> m.name().equals("pid"))
                .findFirst()
                .orElseThrow();
        assertEquals("pid_t", kernel.spell(pid.type()));
        assertEquals(
                4,
                assertInstanceOf(BtfType.Int.class, kernel.resolve(pid.type())).size());
    }

    @Test
    void decodesEveryType() {
        long names = 0;
        for (int id = 1; id <= kernel.count(); id++) {
            if (kernel.type(id) instanceof BtfType.Struct struct) {
                names += struct.name().length() + kernel.sizeof(id);
            }
            names += kernel.spell(id).length();
        }
        assertTrue(names > 1_000_000);
    }
}
