// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.output.Escape;
import dev.jbcc.output.OutputBuffer;
import dev.jbcc.stack.NamedStacks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Stacks in the form of BCC's profile: a frame a line, the leaf first, kernel before user; then the comm and pid, the sum,
 * and a blank line. The smallest sum comes first, so that the largest is next to the prompt.
 */
final class StackTable {
    private static final int WRITE_BYTES = 1 << 16;

    private final OutputBuffer out;
    private final boolean delimited;
    private final boolean addresses;
    private final boolean details;

    /**
     * Says how to print.
     *
     * @param delimited a line between kernel and user stack
     * @param addresses in front of each frame
     * @param details module, offset and the reason of a missing name behind each frame
     */
    StackTable(OutputBuffer out, boolean delimited, boolean addresses, boolean details) {
        this.out = out;
        this.delimited = delimited;
        this.addresses = addresses;
        this.details = details;
    }

    void print(List<NamedStacks.Stack> largestFirst) throws IOException {
        for (NamedStacks.Stack stack : largestFirst.reversed()) {
            if (stack.missed().kernel()) {
                out.append("    " + StackFrames.MISSED_KERNEL + "\n");
            }
            frames(stack.kernel());
            boolean both = (stack.missed().kernel() || !stack.kernel().isEmpty())
                    && (stack.missed().user() || !stack.user().isEmpty());
            if (delimited && both) {
                out.append("    --\n");
            }
            if (stack.missed().user()) {
                out.append("    " + StackFrames.MISSED_USER + "\n");
            }
            frames(stack.user());
            out.append("    -                ");
            byte[] comm = StackRow.comm(stack);
            Escape.terminal(comm, comm.length, out);
            out.append(" (");
            out.decimal(stack.pid());
            out.append(")\n        ");
            out.decimal(stack.amount());
            out.append("\n\n");
            if (out.length() >= WRITE_BYTES) {
                out.flush();
            }
        }
        out.flush();
    }

    private void frames(List<NamedStacks.Named> leafFirst) {
        for (NamedStacks.Named named : leafFirst) {
            out.append("    ");
            if (addresses) {
                String address = Long.toHexString(named.address());
                out.append(address);
                out.blanks(17 - address.length());
            }
            text(named.frame().label());
            if (details) {
                if (named.frame().name() != null) {
                    out.append("+0x");
                    out.hex(named.frame().offset());
                    if (named.frame().module() != null) {
                        out.append(" [");
                        text(named.frame().module());
                        out.append(']');
                    }
                } else {
                    out.append(" (" + named.frame().why() + ")");
                }
            }
            out.append('\n');
        }
    }

    private void text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Escape.terminal(bytes, bytes.length, out);
    }
}
