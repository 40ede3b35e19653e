// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.demangle;

/**
 * The demangled text while it grows: bounded in length, in steps of work and in depth of recursion, because a short symbol
 * can refer back to itself so that its text is exponentially long.
 */
final class Output {
    static final int MAX_LENGTH = 64 * 1024;
    static final int MAX_STEPS = 16 * MAX_LENGTH;
    static final int MAX_DEPTH = 512;

    private final StringBuilder text;
    private char last;
    private int steps;
    private int depth;

    Output(int capacity) {
        text = new StringBuilder(capacity);
    }

    Output append(String string) {
        if (text.length() + string.length() > MAX_LENGTH) {
            throw new Malformed();
        }
        text.append(string);
        if (!string.isEmpty()) {
            last = string.charAt(string.length() - 1);
        }
        return this;
    }

    Output append(String string, int start, int end) {
        if (text.length() + end - start > MAX_LENGTH) {
            throw new Malformed();
        }
        text.append(string, start, end);
        if (end > start) {
            last = string.charAt(end - 1);
        }
        return this;
    }

    Output append(char c) {
        if (text.length() >= MAX_LENGTH) {
            throw new Malformed();
        }
        text.append(c);
        last = c;
        return this;
    }

    Output append(long number) {
        return append(Long.toString(number));
    }

    /** Appends a code point that came out of an encoding; a control character there is no name. */
    Output appendDecoded(int codePoint) {
        if (!Character.isValidCodePoint(codePoint)
                || Character.isISOControl(codePoint)
                || Character.getType(codePoint) == Character.SURROGATE) {
            throw new Malformed();
        }
        if (Character.isBmpCodePoint(codePoint)) {
            return append((char) codePoint);
        }
        return append(Character.highSurrogate(codePoint)).append(Character.lowSurrogate(codePoint));
    }

    int length() {
        return text.length();
    }

    /** The last character appended, even when it has been taken back: libiberty separates angle brackets by it. */
    char last() {
        return last;
    }

    /** Takes back what was appended since the text had that length. */
    void truncate(int length) {
        text.setLength(length);
    }

    void step() {
        if (++steps > MAX_STEPS) {
            throw new Malformed();
        }
    }

    /** To be followed by {@link #leave}, but not when something is thrown, which ends the whole. */
    void enter() {
        if (++depth > MAX_DEPTH) {
            throw new Malformed();
        }
        step();
    }

    void leave() {
        depth--;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
