// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.demangle;

/** Where the parser is in a mangled name. Past the end there are only NUL characters. */
final class Cursor {
    static final int MAX_DEPTH = 256;

    final String text;
    private final int end;
    private int at;
    private int depth;

    Cursor(String text, int start, int end) {
        this.text = text;
        this.at = start;
        this.end = end;
    }

    int at() {
        return at;
    }

    boolean atEnd() {
        return at >= end;
    }

    int remaining() {
        return end - at;
    }

    char peek() {
        return at < end ? text.charAt(at) : '\0';
    }

    char peek(int ahead) {
        return ahead < end - at ? text.charAt(at + ahead) : '\0';
    }

    char next() {
        if (at >= end) {
            throw new Malformed();
        }
        return text.charAt(at++);
    }

    void skip(int count) {
        if (count > end - at) {
            throw new Malformed();
        }
        at += count;
    }

    boolean accept(char c) {
        if (at < end && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    boolean accept(char first, char second) {
        if (peek() == first && peek(1) == second) {
            at += 2;
            return true;
        }
        return false;
    }

    boolean accept(String word) {
        if (word.length() <= end - at && text.startsWith(word, at)) {
            at += word.length();
            return true;
        }
        return false;
    }

    void expect(char c) {
        if (!accept(c)) {
            throw new Malformed();
        }
    }

    /** A decimal number without sign that fits an int. */
    int number() {
        if (!isDigit(peek())) {
            throw new Malformed();
        }
        long value = 0;
        while (isDigit(peek())) {
            value = value * 10 + (next() - '0');
            if (value > Integer.MAX_VALUE) {
                throw new Malformed();
            }
        }
        return (int) value;
    }

    /** What one level of nesting begins with, so that a hostile name cannot overflow the thread's stack. */
    void enter() {
        if (++depth > MAX_DEPTH) {
            throw new Malformed();
        }
    }

    void leave() {
        depth--;
    }

    static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    static boolean isLower(char c) {
        return c >= 'a' && c <= 'z';
    }

    static boolean isUpper(char c) {
        return c >= 'A' && c <= 'Z';
    }
}
