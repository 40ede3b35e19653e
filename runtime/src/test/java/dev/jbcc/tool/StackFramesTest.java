// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbcc.flame.FoldedWriter;
import dev.jbcc.output.OutputBuffer;
import dev.jbcc.stack.NamedStacks;
import dev.jbcc.symbol.Frame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Stacks as folded lines, and in BCC's form. */
class StackFramesTest {
    private static final NamedStacks.Named F = named(new Frame(Frame.Kind.NATIVE, "f", "a.out", 4, null), 0x401004);
    private static final NamedStacks.Named MAIN =
            named(new Frame(Frame.Kind.NATIVE, "main", "a.out", 0x20, null), 0x401120);
    private static final NamedStacks.Named NAMELESS =
            named(new Frame(Frame.Kind.NATIVE, null, "lib\u001b.so", 0x1f3, Frame.Why.STRIPPED), 0x7f00000001f3L);
    private static final NamedStacks.Named READ =
            named(new Frame(Frame.Kind.KERNEL, "vfs_read", null, 9, null), 0xffffffff81000009L);

    private static NamedStacks.Named named(Frame frame, long address) {
        return new NamedStacks.Named(frame, address);
    }

    private static NamedStacks.Named java(String name) {
        return named(new Frame(Frame.Kind.JAVA, name, null, 0, null), 0);
    }

    private static NamedStacks.Stack stack(
            String comm, List<NamedStacks.Named> user, List<NamedStacks.Named> kernel, boolean missed, long amount) {
        return new NamedStacks.Stack(comm, 812, 0, 0, user, kernel, new NamedStacks.Missed(missed, missed), amount);
    }

    private static String folded(NamedStacks.Stack stack, boolean markKernel, boolean delimited) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        FoldedWriter.write(StackFrames.tree(List.of(stack), markKernel, delimited), out);
        return out.toString(StandardCharsets.UTF_8);
    }

    private static String table(boolean delimited, boolean addresses, boolean details, NamedStacks.Stack... stacks)
            throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new StackTable(new OutputBuffer(bytes), delimited, addresses, details).print(List.of(stacks));
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void foldedFromTheRootOnAndTheKernelLast() throws IOException {
        NamedStacks.Stack stack = stack("a", List.of(F, MAIN), List.of(READ), false, 3);
        assertEquals("a;main;f;vfs_read 3\n", folded(stack, false, false));
        assertEquals("a;main;f;-;vfs_read_[k] 3\n", folded(stack, true, true));
        assertEquals("a;main 1\n", folded(stack("a", List.of(MAIN), List.of(), false, 1), true, true));
        assertEquals("a;vfs_read 1\n", folded(stack("a", List.of(), List.of(READ), false, 1), false, true));
    }

    @Test
    void whatCouldNotBeHadIsAFrame() throws IOException {
        assertEquals(
                "a;[Missed User Stack];-;[Missed Kernel Stack] 2\n",
                folded(stack("a", List.of(), List.of(), true, 2), false, true));
    }

    @Test
    void kindsOfJavaFramesAreMarked() throws IOException {
        List<NamedStacks.Named> user = List.of(java("p.C.m"), java("Interpreter"), java("call_stub"), java("a b.c"));
        assertEquals(
                "a;a b.c;call_stub;Interpreter_[0];p.C.m_[j] 1\n",
                folded(stack("a", user, List.of(), false, 1), true, false));
    }

    @Test
    void everyByteOfACommCanBeTold() throws IOException {
        String comm = "\u00e9".repeat(2)
                + "\u00c3\u00a9;\u001b\n\u00ff"; // Latin-1: two bytes that are no UTF-8, then an e acute
        assertEquals(
                "\\xe9\\xe9\u00e9:\\x1b\\x0a\\xff;main 1\n",
                folded(stack(comm, List.of(MAIN), List.of(), false, 1), false, false));
        assertEquals(
                "    main\n    -                \\xe9\\xe9\u00e9;\\x1b\\n\\xff (812)\n        1\n\n",
                table(false, false, false, stack(comm, List.of(MAIN), List.of(), false, 1)));
    }

    @Test
    void theTableHasTheKernelFirstAndTheLargestLast() throws IOException {
        NamedStacks.Stack large = stack("a", List.of(F, MAIN), List.of(READ), false, 5);
        NamedStacks.Stack small = stack("b", List.of(), List.of(), true, 1);
        assertEquals("""
                    [Missed Kernel Stack]
                    --
                    [Missed User Stack]
                    -                b (812)
                        1

                    vfs_read
                    --
                    f
                    main
                    -                a (812)
                        5

                """, table(true, false, false, large, small));
    }

    @Test
    void theTableCanShowAddressesAndWhatAFrameIs() throws IOException {
        assertEquals("""
                    ffffffff81000009 vfs_read+0x9
                    7f00000001f3     [lib\\x1b.so]+0x1f3 (no symbols)
                    401004           f+0x4 [a.out]
                    -                a (812)
                        1

                """, table(false, true, true, stack("a", List.of(NAMELESS, F), List.of(READ), false, 1)));
    }
}
