// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import java.util.ArrayList;
import java.util.List;

/**
 * The format strings of an object's {@code bpf_printk} calls, by which its lines are told from those of other programs:
 * the kernel prints all into one trace, without saying whose they are.
 */
final class PrintFormats {
    private final List<List<String>> formats = new ArrayList<>();

    /** Adds a format. */
    void add(String format) {
        formats.add(literals(format));
    }

    /** Whether one of the formats can have made the text, or none is known. */
    boolean match(String text) {
        if (formats.isEmpty()) {
            return true;
        }
        for (List<String> literals : formats) {
            if (matches(text, literals)) {
                return true;
            }
        }
        return false;
    }

    /** What stands between the conversions, so one more than these. */
    private static List<String> literals(String format) {
        // bpf_trace_printk() drops a newline at the end, since 5.9.
        String text = format.endsWith("\n") ? format.substring(0, format.length() - 1) : format;
        List<String> literals = new ArrayList<>();
        StringBuilder literal = new StringBuilder();
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i++);
            if (c != '%' || i == text.length()) {
                literal.append(c);
            } else if (text.charAt(i) == '%') {
                literal.append('%');
                i++;
            } else {
                literals.add(literal.toString());
                literal.setLength(0);
                i = conversionEnd(text, i);
            }
        }
        literals.add(literal.toString());
        return literals;
    }

    /** Flags, width, length and conversion; after p and its kernel forms, letters and digits belong to it. */
    private static int conversionEnd(String format, int start) {
        int i = start;
        while (i < format.length() && "-+ #0123456789.lhz".indexOf(format.charAt(i)) >= 0) {
            i++;
        }
        if (i < format.length() && format.charAt(i++) == 'p') {
            for (String form : new String[] {"i4", "I4", "i6", "I6", "ks", "us", "K", "x", "s", "S", "B"}) {
                if (format.startsWith(form, i)) {
                    return i + form.length();
                }
            }
        }
        return i;
    }

    private static boolean matches(String text, List<String> literals) {
        String first = literals.getFirst();
        String last = literals.getLast();
        if (literals.size() == 1) {
            return text.equals(first);
        }
        if (!text.startsWith(first) || !text.endsWith(last) || text.length() < first.length() + last.length()) {
            return false;
        }
        int at = first.length();
        int end = text.length() - last.length();
        for (int i = 1; i < literals.size() - 1; i++) {
            int found = text.indexOf(literals.get(i), at);
            if (found < 0 || found + literals.get(i).length() > end) {
                return false;
            }
            at = found + literals.get(i).length();
        }
        return true;
    }
}
