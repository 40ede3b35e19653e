// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.output.Format;
import dev.jbcc.output.OutputBuffer;
import dev.jbcc.output.Renderer;
import dev.jbcc.stack.NamedStacks;
import dev.jbcc.symbol.Frame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class StackRowTest {
    private static final NamedStacks.Named F =
            new NamedStacks.Named(new Frame(Frame.Kind.NATIVE, "f\"\u001b", "a.out", 4, null), 0x401004);
    private static final NamedStacks.Named NAMELESS =
            new NamedStacks.Named(new Frame(Frame.Kind.UNKNOWN, null, null, 16, Frame.Why.NOT_MAPPED), 16);

    private static String json(NamedStacks.Stack stack, String... fields) throws IOException {
        Option<Boolean> addresses = new Options().flag("addresses", "-A", "--addresses");
        StackRow row = new StackRow();
        Renderer renderer = Renderer.of(
                Format.JSON, row.columns("samples", addresses, new StandardOptions()), List.of(fields), () -> 0);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        OutputBuffer out = new OutputBuffer(bytes);
        row.at(stack);
        renderer.row(out);
        out.flush();
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static NamedStacks.Stack stack(List<NamedStacks.Named> user) {
        return new NamedStacks.Stack(
                "a\u00ff", 812, 0, 0, user, List.of(), new NamedStacks.Missed(false, true), 1L << 40);
    }

    @Test
    void anArrayHasAnElementForEachFrame() throws IOException {
        assertEquals(
                "{\"samples\":1099511627776,\"pid\":812,\"comm\":\"a\\\\xff\",\"user\":[\"f\\\"\\u001b\",\"[unknown]\"],"
                        + "\"user_module\":[\"a.out\",\"\"],\"user_why\":[\"\",\"not mapped\"],\"user_address\":null,"
                        + "\"user_missed\":false,\"kernel\":[],\"kernel_why\":[],\"kernel_missed\":true}\n",
                json(
                        stack(List.of(F, NAMELESS)),
                        "samples",
                        "pid",
                        "comm",
                        "user",
                        "user_module",
                        "user_why",
                        "user_address",
                        "user_missed",
                        "kernel",
                        "kernel_why",
                        "kernel_missed"));
    }

    @Test
    void nothingOfALongStackIsCut() throws IOException {
        NamedStacks.Named named =
                new NamedStacks.Named(new Frame(Frame.Kind.NATIVE, "n".repeat(999), "a.out", 0, null), 0);
        String json = json(stack(Collections.nCopies(1024, named)), "user");
        assertEquals("{\"user\":[]}\n".length() + 1024 * (999 + 3) - 1, json.length());
        assertTrue(json.endsWith("\"]}\n"));
    }
}
