// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.flame.StackTree;
import dev.jbcc.output.Escape;
import dev.jbcc.stack.NamedStacks;
import dev.jbcc.symbol.Frame;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Stacks as lists of frames from the root on, as folded lines and flame graphs have them: the comm, the user stack, the
 * kernel stack. What compiled Java methods and HotSpot's interpreter are is marked as async-profiler does, and kernel
 * functions, if asked for, as perf's scripts do.
 */
final class StackFrames {
    static final String MISSED_USER = "[Missed User Stack]";
    static final String MISSED_KERNEL = "[Missed Kernel Stack]";

    private StackFrames() {}

    /**
     * Merges the stacks.
     *
     * @param markKernel with {@code _[k]}
     * @param delimited with a frame {@code -} between user and kernel stack
     */
    static StackTree tree(List<NamedStacks.Stack> stacks, boolean markKernel, boolean delimited) {
        StackTree tree = new StackTree();
        for (NamedStacks.Stack stack : stacks) {
            tree.add(frames(stack, markKernel, delimited), stack.amount());
        }
        return tree;
    }

    private static List<String> frames(NamedStacks.Stack stack, boolean markKernel, boolean delimited) {
        List<String> frames =
                new ArrayList<>(stack.user().size() + stack.kernel().size() + 4);
        frames.add(text(StackRow.comm(stack)));
        boolean user = stack.missed().user() || !stack.user().isEmpty();
        boolean kernel = stack.missed().kernel() || !stack.kernel().isEmpty();
        if (stack.missed().user()) {
            frames.add(MISSED_USER);
        }
        add(stack.user(), markKernel, frames);
        if (delimited && user && kernel) {
            frames.add("-");
        }
        if (stack.missed().kernel()) {
            frames.add(MISSED_KERNEL);
        }
        add(stack.kernel(), markKernel, frames);
        return frames;
    }

    /** Bytes that are no UTF-8 as {@code \\xNN}, as a string could not hold them until the tree escapes the others. */
    static String text(byte[] bytes) {
        StringBuilder text = new StringBuilder(bytes.length);
        for (int i = 0; i < bytes.length; ) {
            int size = Math.max(1, Escape.visibleSize(bytes, i, bytes.length));
            if (size == 1 && bytes[i] < 0) {
                text.append("\\x").append(HexFormat.of().toHexDigits(bytes[i]));
            } else {
                text.append(new String(bytes, i, size, StandardCharsets.UTF_8));
            }
            i += size;
        }
        return text.toString();
    }

    private static void add(List<NamedStacks.Named> leafFirst, boolean markKernel, List<String> frames) {
        for (int i = leafFirst.size() - 1; i >= 0; i--) {
            Frame frame = leafFirst.get(i).frame();
            frames.add(frame.label() + mark(frame, markKernel));
        }
    }

    /** As above for frames alone, with the marks that async-profiler has, and kernel functions marked. */
    static void addFrames(List<Frame> leafFirst, List<String> frames) {
        for (int i = leafFirst.size() - 1; i >= 0; i--) {
            frames.add(leafFirst.get(i).label() + mark(leafFirst.get(i), true));
        }
    }

    private static String mark(Frame frame, boolean markKernel) {
        return switch (frame.kind()) {
            case KERNEL -> markKernel ? "_[k]" : "";
            case JAVA -> frame.name().equals("Interpreter") ? "_[0]" : isMethod(frame.name()) ? "_[j]" : "";
            case NATIVE, JIT, UNKNOWN -> "";
        };
    }

    /** Names of HotSpot's stubs have no dot, or have spaces. */
    private static boolean isMethod(String name) {
        return name.indexOf('.') > 0 && name.indexOf(' ') < 0;
    }
}
