// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.jit;

import dev.jbcc.symbol.Frame;

/**
 * How the names in a perf map are shortened, so that the same function has the same name in every run. No name gets
 * longer. What is not recognised stays as it is.
 */
enum Naming {
    /**
     * {@code pkg.Class.method}, without return type, arguments and the numbers of hidden classes, from what HotSpot
     * writes ({@code long Busy.f(int)}) and from perf-map-agent's {@code Lpkg/Class;::method}. HotSpot's stubs and the
     * interpreter keep their names.
     */
    JAVA(Frame.Kind.JAVA) {
        @Override
        int shorten(byte[] text, int start, int end, byte[] to) {
            int from = start;
            int until = end;
            if (text[end - 1] == ')') {
                // Types have no spaces or parentheses, but names of Kotlin methods may.
                int arguments = last(text, start, end, '(');
                int type = first(text, start, Math.max(start, arguments), ' ') + 1;
                int method = Math.max(start, type);
                if (first(text, method, arguments, '.') >= 0 || pair(text, method, arguments, ':', ':') >= 0) {
                    from = method;
                    until = arguments;
                }
            }
            return javaName(text, from, until, to);
        }
    },

    /**
     * Of .NET's {@code instance void [Assembly] Ns.Class::Method(args)[Tier1]} just {@code Ns.Class::Method}; of others,
     * such as Node.js, all.
     */
    OTHER(Frame.Kind.JIT) {
        @Override
        int shorten(byte[] text, int start, int end, byte[] to) {
            int from = start;
            int until = end;
            int colons = pair(text, start, end, ':', ':');
            if (colons >= 0) {
                int tier = tier(text, colons, end);
                int arguments = first(text, colons, tier, '(');
                int assembly = lastPair(text, start, colons, ']', ' ');
                if (arguments >= 0 && text[tier - 1] == ')' && (assembly >= 0 || tier < end)) {
                    from = assembly >= 0 ? assembly + 2 : Math.max(start, last(text, start, colons, ' ') + 1);
                    until = arguments;
                }
            }
            System.arraycopy(text, from, to, 0, until - from);
            return until - from;
        }
    };

    private static final byte[] LAMBDA = {'$', '$', 'L', 'a', 'm', 'b', 'd', 'a', '$'};
    private static final int SHORTEST_ADDRESS = 4;

    final Frame.Kind kind;

    Naming(Frame.Kind kind) {
        this.kind = kind;
    }

    /**
     * Shortens the name between two places of {@code text}, of at least one byte.
     *
     * @param to as long as the name at least
     * @return how many bytes of {@code to} the short one has
     */
    abstract int shorten(byte[] text, int start, int end, byte[] to);

    private static int javaName(byte[] text, int from, int end, byte[] to) {
        boolean descriptor = isDescriptor(text, from, end);
        int i = descriptor ? from + 1 : from;
        int length = 0;
        while (i < end) {
            byte c = text[i];
            if (c >= 'a' && c <= 'z' || c == '.') { // most of a name
                to[length++] = c;
                i++;
                continue;
            }
            byte next = i + 1 < end ? text[i + 1] : 0;
            int skip = c == '/' || c == '+' ? hiddenClass(text, i + 1, end) : lambdaNumber(text, i, end);
            if (skip > 0) {
                if (c == '$') {
                    System.arraycopy(LAMBDA, 0, to, length, LAMBDA.length - 1);
                    length += LAMBDA.length - 1;
                }
                i = skip;
            } else if (c == ':' && next == ':') {
                to[length++] = '.';
                i += 2;
            } else if (c == '-' && next == '>') { // what follows was inlined
                to[length++] = c;
                to[length++] = next;
                descriptor = isDescriptor(text, i + 2, end);
                i += descriptor ? 3 : 2;
            } else if (descriptor && c == ';' && next == ':') {
                i++;
            } else {
                to[length++] = descriptor && c == '/' ? (byte) '.' : c;
                i++;
            }
        }
        return length;
    }

    /** Whether {@code Lpkg/Class;::} starts here. */
    private static boolean isDescriptor(byte[] text, int from, int end) {
        if (from >= end || text[from] != 'L') {
            return false;
        }
        int semicolon = first(text, from, end, ';');
        return semicolon >= 0 && semicolon + 1 < end && text[semicolon + 1] == ':';
    }

    /** Where the number of a hidden class ends that starts here, as {@code 0x} and digits or in decimal; 0: none. */
    private static int hiddenClass(byte[] text, int from, int end) {
        boolean hexadecimal = from + 1 < end && text[from] == '0' && text[from + 1] == 'x';
        int i = hexadecimal ? from + 2 : from;
        int digits = i;
        while (i < end && (text[i] >= '0' && text[i] <= '9' || hexadecimal && text[i] >= 'a' && text[i] <= 'f')) {
            i++;
        }
        return i - digits >= SHORTEST_ADDRESS && endsClass(text, i, end) ? i : 0;
    }

    /** Where the number of a lambda's class ends whose {@code $$Lambda$} starts here; 0: none does. */
    private static int lambdaNumber(byte[] text, int from, int end) {
        if (text[from] != '$' || end - from <= LAMBDA.length) {
            return 0;
        }
        for (int i = 0; i < LAMBDA.length; i++) {
            if (text[from + i] != LAMBDA[i]) {
                return 0;
            }
        }
        int i = from + LAMBDA.length;
        int digits = i;
        while (i < end && text[i] >= '0' && text[i] <= '9') {
            i++;
        }
        return i > digits && (endsClass(text, i, end) || text[i] == '/' || text[i] == '+') ? i : 0;
    }

    private static boolean endsClass(byte[] text, int i, int end) {
        return i == end || text[i] == '.' || text[i] == ';' || text[i] == ':';
    }

    /** Where {@code [OptimizedTier1]} or such starts after arguments; the end when there is none. */
    private static int tier(byte[] text, int from, int end) {
        int i = end - 1;
        if (text[i] != ']') {
            return end;
        }
        do {
            i--;
        } while (i > from && (text[i] >= '0' && text[i] <= '9' || (text[i] | 0x20) >= 'a' && (text[i] | 0x20) <= 'z'));
        return i > from && text[i] == '[' && text[i - 1] == ')' ? i : end;
    }

    private static int first(byte[] text, int from, int end, char wanted) {
        for (int i = from; i < end; i++) {
            if (text[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    private static int last(byte[] text, int from, int end, char wanted) {
        for (int i = end - 1; i >= from; i--) {
            if (text[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    private static int pair(byte[] text, int from, int end, char a, char b) {
        for (int i = from; i + 1 < end; i++) {
            if (text[i] == a && text[i + 1] == b) {
                return i;
            }
        }
        return -1;
    }

    private static int lastPair(byte[] text, int from, int end, char a, char b) {
        for (int i = end - 2; i >= from; i--) {
            if (text[i] == a && text[i + 1] == b) {
                return i;
            }
        }
        return -1;
    }
}
