// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.flame;

/** Where the code of a frame comes from, as its text tells: what flame graphs are coloured by. */
enum FrameKind {
    PROCESS("process"),
    KERNEL("kernel"),
    JAVA("Java"),
    INLINED("Java, inlined"),
    C1("Java, compiled by C1"),
    INTERPRETED("Java, interpreted"),
    CPP("C++"),
    NATIVE("native"),
    UNKNOWN("unknown"),
    SEPARATOR("separator");

    private static final int SUFFIX = "_[k]".length();
    /** Packages of Java that tell what has no suffix. flamegraph.pl has net and io too, but those are Go's as well. */
    private static final String[] PACKAGES = {"java", "javax", "jdk", "sun", "com", "org"};

    private final String label;

    FrameKind(String label) {
        this.label = label;
    }

    /** What the legend calls it. */
    String label() {
        return label;
    }

    /** The kind of a frame that is not the first of its stack. */
    static FrameKind of(String text) {
        FrameKind annotated = annotated(text);
        if (annotated != null) {
            return annotated;
        }
        if (text.equals("-") || text.equals("--")) {
            return SEPARATOR;
        }
        if (isUnknown(text)) {
            return UNKNOWN;
        }
        if (isJava(text)) {
            return JAVA;
        }
        return text.contains("::") ? CPP : NATIVE;
    }

    /** The kind of the first frame, which is the name of a process unless it says that it is something else. */
    static FrameKind ofFirst(String text) {
        FrameKind annotated = annotated(text);
        return annotated != null ? annotated : isJava(text) ? JAVA : PROCESS;
    }

    /** The text without the suffix that only says the kind. */
    static String shown(String text) {
        return annotated(text) == null ? text : text.substring(0, text.length() - SUFFIX);
    }

    /** The suffixes of BCC, perf's and async-profiler's converters. */
    private static FrameKind annotated(String text) {
        int at = text.length() - SUFFIX;
        if (at < 0 || text.charAt(at) != '_' || text.charAt(at + 1) != '[' || text.charAt(at + 3) != ']') {
            return null;
        }
        return switch (text.charAt(at + 2)) {
            case 'k' -> KERNEL;
            case 'j' -> JAVA;
            case 'i' -> INLINED;
            case '1' -> C1;
            case '0' -> INTERPRETED;
            default -> null;
        };
    }

    /** {@code [unknown]}, {@code [libc.so.6]+0x1f}, or an address alone. */
    private static boolean isUnknown(String text) {
        if (text.startsWith("0x")) {
            return isHex(text, 2);
        }
        int close = text.startsWith("[") ? text.lastIndexOf(']') : -1;
        return close > 0 && (close == text.length() - 1 || text.startsWith("+0x", close + 1) && isHex(text, close + 4));
    }

    private static boolean isHex(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            if (Character.digit(text.charAt(i), 16) < 0) {
                return false;
            }
        }
        return text.length() > from;
    }

    private static boolean isJava(String text) {
        for (String name : PACKAGES) {
            int end = name.length();
            if (text.startsWith(name) && text.length() > end && (text.charAt(end) == '/' || text.charAt(end) == '.')) {
                return true;
            }
        }
        return false;
    }
}
