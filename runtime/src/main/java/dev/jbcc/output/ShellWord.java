// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

/**
 * Writes bytes as one word of a POSIX shell: sh, dash and bash read the same bytes from it, and yet it stays on its line
 * and draws nothing but itself. A word of plain characters is as it is, others are in single quotes.
 *
 * <p>Not every sh knows {@code $'\n'}, so a newline is <code>"${IFS#??}"</code>, what is left of blank, tab and newline without the
 * first two; and other bytes that a terminal must not get are <code>"$(printf '\033')"</code>, which would lose a newline at
 * its end.
 */
final class ShellWord {
    private static final String PLAIN = "%+,-./:=@_";
    private static final byte[] NEWLINE = ascii("\"${IFS#??}\"");
    private static final byte[] PRINTF = ascii("\"$(printf '");
    private static final byte[] PRINTF_END = ascii("')\"");
    private static final byte[] QUOTE = ascii("\\'");

    private ShellWord() {}

    /**
     * Appends the bytes from {@code from} to {@code end}.
     *
     * @param first whether it is the first word of a command, which must be taken for no keyword, alias or assignment
     * @return how many terminal cells it takes
     */
    static int append(byte[] text, int from, int end, boolean first, OutputBuffer out) {
        if (isPlain(text, from, end, first)) {
            return Escape.terminal(text, from, end, out);
        }
        int start = out.length();
        int saved = 0;
        boolean open = false;
        int i = from;
        if (from == end) {
            out.append("''");
        }
        while (i < end) {
            int size = Escape.visibleSize(text, i, end);
            boolean inQuotes = size > 0 && text[i] != '\'';
            if (inQuotes != open) {
                out.append('\'');
                open = inQuotes;
            }
            if (inQuotes) {
                saved += size - Escape.cells(text, i, end);
                for (int next = i + size; i < next; i++) {
                    out.append((char) (text[i] & 0xff));
                }
            } else if (text[i] == '\'') {
                out.append(QUOTE, QUOTE.length);
                i++;
            } else if (text[i] == '\n') {
                out.append(NEWLINE, NEWLINE.length);
                i++;
            } else {
                out.append(PRINTF, PRINTF.length);
                while (i < end && text[i] != '\n' && Escape.visibleSize(text, i, end) == 0) {
                    out.append('\\');
                    out.octal(text[i++] & 0xff, 3);
                }
                out.append(PRINTF_END, PRINTF_END.length);
            }
        }
        if (open) {
            out.append('\'');
        }
        return out.length() - start - saved;
    }

    private static boolean isPlain(byte[] text, int from, int end, boolean first) {
        boolean slash = false;
        for (int i = from; i < end; i++) {
            byte b = text[i];
            boolean letterOrDigit = b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9';
            if (!letterOrDigit && PLAIN.indexOf(b) < 0 || b == '=' && (first || i == from)) {
                return false;
            }
            slash |= b == '/';
        }
        return from < end && (!first || slash && (text[from] == '/' || text[from] == '.'));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }
}
