// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.demangle;

/** Decodes the identifiers of Rust that are not ASCII: RFC 3492 with "_" for its "-". */
final class Punycode {
    private static final int BASE = 36;
    private static final int T_MIN = 1;
    private static final int T_MAX = 26;
    private static final int SKEW = 38;
    private static final int DAMP = 700;
    private static final int INITIAL_BIAS = 72;
    private static final int INITIAL_CODE_POINT = 0x80;

    /** Inserting is quadratic; no identifier is as long as that. */
    private static final int MAX_LENGTH = 1024;

    private Punycode() {}

    static void decode(String text, int start, int end, Output out) {
        if (end - start > MAX_LENGTH) {
            throw new Malformed();
        }
        int separator = text.lastIndexOf('_', end - 1);
        int[] decoded = new int[end - start];
        int length = 0;
        if (separator >= start) {
            for (int i = start; i < separator; i++) {
                decoded[length++] = text.charAt(i);
            }
        }
        Cursor in = new Cursor(text, Math.max(start, separator + 1), end);
        if (in.atEnd()) {
            throw new Malformed();
        }
        int codePoint = INITIAL_CODE_POINT;
        int at = 0;
        int bias = INITIAL_BIAS;
        boolean first = true;
        while (!in.atEnd()) {
            int delta = delta(in, bias);
            length++;
            long position = (long) at + delta;
            bias = adapt(delta, length, first);
            first = false;
            if (position / length > Character.MAX_CODE_POINT - codePoint) {
                throw new Malformed();
            }
            codePoint += (int) (position / length);
            at = (int) (position % length);
            System.arraycopy(decoded, at, decoded, at + 1, length - 1 - at);
            decoded[at++] = codePoint;
        }
        for (int i = 0; i < length; i++) {
            out.appendDecoded(decoded[i]);
        }
    }

    private static int delta(Cursor in, int bias) {
        long delta = 0;
        long weight = 1;
        for (int k = BASE; ; k += BASE) {
            int digit = digit(in.next());
            delta += digit * weight;
            if (delta > Integer.MAX_VALUE) {
                throw new Malformed();
            }
            int threshold = Math.clamp(k - bias, T_MIN, T_MAX);
            if (digit < threshold) {
                return (int) delta;
            }
            weight *= BASE - threshold;
            if (weight > Integer.MAX_VALUE) {
                throw new Malformed();
            }
        }
    }

    private static int digit(char c) {
        if (Cursor.isLower(c)) {
            return c - 'a';
        }
        if (Cursor.isDigit(c)) {
            return c - '0' + 26;
        }
        throw new Malformed();
    }

    private static int adapt(int delta, int length, boolean first) {
        int rest = delta / (first ? DAMP : 2);
        rest += rest / length;
        int k = 0;
        while (rest > (BASE - T_MIN) * T_MAX / 2) {
            rest /= BASE - T_MIN;
            k += BASE;
        }
        return k + (BASE - T_MIN + 1) * rest / (rest + SKEW);
    }
}
