// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What clang writes to its standard output for {@code -o - -MD -MF - -MT jbcc}: the ELF object, and a make rule with the
 * files that it read, which saves a second run of clang and any temporary file.
 *
 * <p>Neither order is promised (clang 14 to 22 write the object first), so both are read. Whoever writes the rule is not
 * trusted: a rule that makes no sense gives no dependencies, and then the object is not cached.
 */
record CompilerOutput(byte[] object, List<Path> dependencies) {
    /** The target that the make rule is asked to have. */
    static final String RULE = "jbcc";

    private static final byte[] RULE_START = (RULE + ":").getBytes(StandardCharsets.US_ASCII);
    private static final int ELF64_HEADER = 64;
    private static final int MAX_DEPENDENCIES = 4096;

    /** Null when there is no 64-bit ELF object in it. */
    static CompilerOutput parse(byte[] output) {
        int elf = isElf(output, 0) ? 0 : elfAfterRule(output);
        if (elf < 0) {
            return null;
        }
        int end = elfEnd(output, elf);
        if (end < 0) {
            return null;
        }
        byte[] object = Arrays.copyOfRange(output, elf, end);
        byte[] rule = elf > 0 ? Arrays.copyOf(output, elf) : Arrays.copyOfRange(output, end, output.length);
        return new CompilerOutput(object, dependencies(rule));
    }

    private static boolean isElf(byte[] bytes, int at) {
        return at + 4 <= bytes.length
                && bytes[at] == 0x7f
                && bytes[at + 1] == 'E'
                && bytes[at + 2] == 'L'
                && bytes[at + 3] == 'F';
    }

    private static boolean isRule(byte[] bytes) {
        return bytes.length >= RULE_START.length
                && Arrays.equals(bytes, 0, RULE_START.length, RULE_START, 0, RULE_START.length);
    }

    private static int elfAfterRule(byte[] output) {
        if (!isRule(output)) {
            return -1;
        }
        for (int i = 1; i < output.length; i++) {
            if (output[i - 1] == '\n' && isElf(output, i)) {
                return i;
            }
        }
        return -1;
    }

    /** Where the object ends: LLVM writes the section header table last. -1 when the object is not whole. */
    private static int elfEnd(byte[] output, int elf) {
        if (output.length - elf < ELF64_HEADER || output[elf + 4] != 2) {
            return -1;
        }
        ByteBuffer header = ByteBuffer.wrap(output, elf, ELF64_HEADER)
                .slice()
                .order(output[elf + 5] == 2 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        long sections = header.getLong(0x28);
        int entrySize = Short.toUnsignedInt(header.getShort(0x3a));
        int entries = Short.toUnsignedInt(header.getShort(0x3c));
        long rest = output.length - (long) elf;
        long table = (long) entrySize * entries;
        if (sections < ELF64_HEADER || sections > rest || table == 0 || table > rest - sections) {
            return -1;
        }
        return (int) (elf + sections + table);
    }

    /**
     * The prerequisites of a make rule as clang writes it: names apart by blanks and by backslash-newline, with a
     * backslash before a blank or {@code #} that is part of a name, and {@code $$} for {@code $}. Empty when any name is
     * not an absolute path.
     */
    private static List<Path> dependencies(byte[] rule) {
        if (!isRule(rule)) {
            return List.of();
        }
        String text =
                new String(rule, RULE_START.length, rule.length - RULE_START.length, StandardCharsets.UTF_8) + "\n";
        List<Path> paths = new ArrayList<>();
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            char next = i + 1 < text.length() ? text.charAt(i + 1) : '\n';
            if (c == '\\' && (next == ' ' || next == '#')) {
                name.append(next);
                i++;
            } else if (c == '$' && next == '$') {
                name.append('$');
                i++;
            } else if (c == ' ' || c == '\n' || (c == '\\' && next == '\n')) {
                if (!name.isEmpty()) {
                    Path path = absolute(name.toString());
                    if (path == null || paths.size() == MAX_DEPENDENCIES) {
                        return List.of();
                    }
                    paths.add(path);
                    name.setLength(0);
                }
            } else {
                name.append(c);
            }
        }
        return List.copyOf(paths);
    }

    private static Path absolute(String name) {
        try {
            Path path = Path.of(name);
            return path.isAbsolute() ? path : null;
        } catch (InvalidPathException e) {
            return null;
        }
    }
}
