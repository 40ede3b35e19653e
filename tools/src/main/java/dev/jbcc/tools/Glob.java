// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import dev.jbcc.JbccException;

/**
 * Shell patterns over bytes, glob(7): {@code *}, {@code ?}, {@code [a-z]}, {@code [!a-z]} and {@code \}, where
 * {@code *} and {@code ?} match a slash too. The time is bounded by pattern length times text length.
 */
final class Glob {
    private Glob() {}

    /** Refuses a pattern with an open bracket or a {@code \} at its end. */
    static void check(String text, byte[] pattern) {
        for (int p = 0; p < pattern.length; p++) {
            if (pattern[p] == '\\') {
                p++;
                if (p == pattern.length) {
                    throw new JbccException.Usage("'" + text + "' ends with a \\ that quotes nothing");
                }
            } else if (pattern[p] == '[') {
                int end = bracketEnd(pattern, p);
                if (end < 0) {
                    throw new JbccException.Usage("'" + text + "' has a [ without its ]", "quote it: \\[");
                }
                p = end;
            }
        }
    }

    /** Whether the pattern, which {@link #check} has passed, matches the whole text. */
    static boolean matches(byte[] pattern, byte[] text, int length) {
        int p = 0;
        int t = 0;
        int star = -1; // the last * and where in the text it was tried: only it is ever widened
        int tried = 0;
        while (t < length) {
            int next = p < pattern.length && pattern[p] != '*' ? step(pattern, p, text[t]) : -1;
            if (next >= 0) {
                p = next;
                t++;
            } else if (p < pattern.length && pattern[p] == '*') {
                star = p++;
                tried = t;
            } else if (star >= 0) {
                p = star + 1;
                t = ++tried;
            } else {
                return false;
            }
        }
        while (p < pattern.length && pattern[p] == '*') {
            p++;
        }
        return p == pattern.length;
    }

    /** Matches one byte against the element at {@code p}; returns where the next element is, or -1. */
    private static int step(byte[] pattern, int p, byte b) {
        switch (pattern[p]) {
            case '?':
                return p + 1;
            case '\\':
                return pattern[p + 1] == b ? p + 2 : -1;
            case '[':
                int end = bracketEnd(pattern, p);
                return inBracket(pattern, p + 1, end, b & 0xff) ? end + 1 : -1;
            default:
                return pattern[p] == b ? p + 1 : -1;
        }
    }

    /** Where the bracket that starts at {@code p} ends; a ] right after [ or [! stands for itself. */
    private static int bracketEnd(byte[] pattern, int p) {
        int end = p + 1;
        if (end < pattern.length && (pattern[end] == '!' || pattern[end] == '^')) {
            end++;
        }
        for (end++; end < pattern.length; end++) {
            if (pattern[end] == ']') {
                return end;
            }
        }
        return -1;
    }

    private static boolean inBracket(byte[] pattern, int from, int end, int b) {
        boolean negated = pattern[from] == '!' || pattern[from] == '^';
        boolean found = false;
        for (int i = negated ? from + 1 : from; i < end; i++) {
            int low = pattern[i] & 0xff;
            int high = low;
            if (i + 2 < end && pattern[i + 1] == '-') {
                high = pattern[i + 2] & 0xff;
                i += 2;
            }
            found |= low <= b && b <= high;
        }
        return found != negated;
    }
}
