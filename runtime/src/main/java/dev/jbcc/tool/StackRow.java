// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.output.Column;
import dev.jbcc.output.TextSource;
import dev.jbcc.stack.NamedStacks;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** A stack as a row of columns. */
final class StackRow {
    private NamedStacks.Stack stack =
            new NamedStacks.Stack("", 0, 0, 0, List.of(), List.of(), new NamedStacks.Missed(false, false), 0);

    /** Moves to a stack. */
    void at(NamedStacks.Stack stack) {
        this.stack = stack;
    }

    List<Column> columns(String unit, Option<Boolean> addresses, StandardOptions standard) {
        List<Column> columns = new ArrayList<>();
        columns.add(Column.number(unit, unit.toUpperCase(java.util.Locale.ROOT), 8, () -> stack.amount()));
        columns.add(Column.number("pid", "PID", 6, () -> stack.pid()));
        columns.add(Column.text("comm", "COMM", 16, new Bytes(() -> comm(stack))));
        columns.addAll(standard.containers().columns(() -> stack.cgroup(), () -> stack.cgroupV1(), false, standard));
        columns.addAll(
                columns("user", NamedStacks.Stack::user, () -> stack.missed().user(), addresses));
        columns.addAll(columns(
                "kernel", NamedStacks.Stack::kernel, () -> stack.missed().kernel(), addresses));
        return columns;
    }

    private List<Column> columns(
            String name,
            Function<NamedStacks.Stack, List<NamedStacks.Named>> part,
            BooleanSupplier missed,
            Option<Boolean> addresses) {
        String header = name.toUpperCase(java.util.Locale.ROOT);
        return List.of(
                words(name, header, part, named -> named.frame().label()),
                words(
                        name + "_module",
                        header + "MODULE",
                        part,
                        named -> named.frame().module()),
                words(
                        name + "_why",
                        header + "WHY",
                        part,
                        named -> named.frame().why()),
                words(name + "_address", header + "ADDRESS", part, named -> "0x" + Long.toHexString(named.address()))
                        .absentUnless(addresses::get, "-"),
                Column.number(name + "_missed", header + "MISSED", 6, () -> missed.getAsBoolean() ? 1 : 0)
                        .bool());
    }

    private Column words(
            String name,
            String header,
            Function<NamedStacks.Stack, List<NamedStacks.Named>> part,
            Function<NamedStacks.Named, Object> word) {
        return Column.words(name, header, 12, new Bytes(() -> {
            StringBuilder words = new StringBuilder();
            for (NamedStacks.Named named : part.apply(stack)) {
                Object text = word.apply(named);
                words.append(text == null ? "" : text).append('\0');
            }
            return words.toString().getBytes(StandardCharsets.UTF_8);
        }));
    }

    /** The bytes of the comm, as the process chose them. */
    static byte[] comm(NamedStacks.Stack stack) {
        return stack.comm().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** A text that is made when it is read. */
    private record Bytes(java.util.function.Supplier<byte[]> text) implements TextSource {
        @Override
        public int read(byte[] into) {
            byte[] bytes = text.get();
            int length = Math.min(bytes.length, into.length);
            System.arraycopy(bytes, 0, into, 0, length);
            return length;
        }
    }
}
