// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.flame;

import java.util.Locale;

/** Text and numbers as HTML, SVG and JSON inside of HTML have them. */
final class Markup {
    private Markup() {}

    /** Text for an element or a quoted attribute. It must have no control characters: see {@link FrameText#line}. */
    static String escape(String text) {
        StringBuilder to = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> to.append("&amp;");
                case '<' -> to.append("&lt;");
                case '>' -> to.append("&gt;");
                case '"' -> to.append("&quot;");
                case '\'' -> to.append("&#39;");

                default -> to.append(c);
            }
        }
        return to.toString();
    }

    /** A string of JSON of which nothing means anything to HTML or JavaScript. */
    static String json(String text) {
        StringBuilder to = new StringBuilder(text.length() + 16).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x20 && c < 0x7f && "\"\\<>&'".indexOf(c) < 0) {
                to.append(c);
            } else {
                String digits = Integer.toHexString(c);
                to.append("\\u").append("0".repeat(4 - digits.length())).append(digits);
            }
        }
        return to.append('"').toString();
    }

    /** A number as people read it: {@code 1,234,567}. */
    static String grouped(long number) {
        String digits = Long.toString(number);
        StringBuilder to = new StringBuilder(digits);
        int first = number < 0 ? 1 : 0;
        for (int at = digits.length() - 3; at > first; at -= 3) {
            to.insert(at, ',');
        }
        return to.toString();
    }

    /** A share in percent: {@code 12.34 %}. */
    static String percent(double part, double whole) {
        return fixed(whole == 0 ? 0 : part * 100 / whole) + " %";
    }

    /** Two decimals. */
    static String fixed(double number) {
        return String.format(Locale.ROOT, "%.2f", number);
    }
}
