// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.Btf;
import dev.jbcc.bpf.BtfType;
import dev.jbcc.bpf.OpenObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The globals of a C file that a user can set: those that are const volatile, and those with a value at the start. */
final class FileGlobals {
    private static final List<String> SECTIONS = List.of(".rodata", ".data", ".bss");

    private FileGlobals() {}

    /** All of them but what the C made for its own use: statics of functions, and names of record types. */
    static List<Btf.Variable> of(Btf btf) {
        List<Btf.Variable> globals = new ArrayList<>();
        for (String section : SECTIONS) {
            globals.addAll(of(btf, section));
        }
        return globals;
    }

    static List<Btf.Variable> of(Btf btf, String section) {
        List<Btf.Variable> globals = new ArrayList<>();
        for (Btf.Variable variable : btf.variables(section)) {
            String name = variable.name();
            if (name.indexOf('.') < 0
                    && !name.endsWith(FileRecords.SUFFIX)
                    && !name.contains(FileStacks.LINK)
                    && !name.startsWith("unused")
                    && !name.startsWith("jbcc_")
                    && !name.startsWith("__")) {
                globals.add(variable);
            }
        }
        return globals;
    }

    /** Sets a global as {@code NAME=VALUE} says, by its type. */
    static void set(OpenObject open, String assignment) {
        int equals = assignment.indexOf('=');
        String name = assignment.substring(0, equals);
        String value = assignment.substring(equals + 1);
        List<String> names = new ArrayList<>();
        for (Btf.Variable variable : of(open.btf())) {
            if (variable.name().equals(name)) {
                set(open, variable, value);
                return;
            }
            names.add(variable.name());
        }
        throw new JbccException.Usage(
                "-D: the C has no global " + name,
                names.isEmpty() ? "it has none" : "it has: " + String.join(", ", names));
    }

    private static void set(OpenObject open, Btf.Variable variable, String value) {
        Btf btf = open.btf();
        BtfType type = btf.resolve(variable.type());
        try {
            if (type instanceof BtfType.Array array && btf.sizeof(array.element()) == 1) {
                byte[] text = value.getBytes(StandardCharsets.UTF_8);
                if (text.length >= variable.size()) {
                    throw new IllegalArgumentException(
                            variable.name() + " holds " + (variable.size() - 1) + " bytes, not " + text.length);
                }
                open.global(variable.name(), Arrays.copyOf(text, (int) variable.size()));
            } else {
                open.global(variable.name(), number(type, variable.name(), value));
            }
        } catch (IllegalArgumentException wrong) {
            throw new JbccException.Usage("-D: " + wrong.getMessage());
        }
    }

    private static long number(BtfType type, String name, String value) {
        if (type instanceof BtfType.Enum enumeration) {
            for (BtfType.Value constant : enumeration.values()) {
                if (constant.name().equals(value)) {
                    return constant.value();
                }
            }
        }
        if (type instanceof BtfType.Int integer && integer.isBool()) {
            switch (value) {
                case "true" -> {
                    return 1;
                }
                case "false" -> {
                    return 0;
                }
                default -> {
                    // 0 and 1 will do, too.
                }
            }
        }
        try {
            boolean unsigned = type instanceof BtfType.Int integer && !integer.isSigned() && integer.size() == 8;
            String digits = value.startsWith("0x") ? value.substring(2) : value;
            int radix = value.startsWith("0x") ? 16 : 10;
            return unsigned && !value.startsWith("-")
                    ? Long.parseUnsignedLong(digits, radix)
                    : Long.parseLong(digits, radix);
        } catch (NumberFormatException wrong) {
            throw new IllegalArgumentException("'" + value + "' is no value for " + name, wrong);
        }
    }
}
