// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import dev.jbcc.JbccException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression ({@link Pattern}) for text that a traced process chose, found anywhere in it. Patterns exist for
 * which some texts take longer than the universe lasts, or more stack than there is; so the steps are counted, and a text
 * that takes too many is taken to match: it is better to show too much than to let a process hide. For one thread.
 */
final class BoundedRegex {
    /** Reads of a character for one text; about 20 ms. */
    private static final int MOST_STEPS = 4_000_000;

    private final Matcher matcher;
    private final CountedText counted = new CountedText();

    private BoundedRegex(Pattern pattern) {
        matcher = pattern.matcher(counted);
    }

    static BoundedRegex parse(String text) {
        try {
            return new BoundedRegex(Pattern.compile(text));
        } catch (PatternSyntaxException wrong) {
            String where = wrong.getIndex() < 0 ? "" : " at character " + (wrong.getIndex() + 1);
            throw new JbccException.Usage(
                    "'" + text + "' is not a regular expression: " + wrong.getDescription() + where,
                    "the syntax is that of java.util.regex; a character taken for itself: \\\\[");
        }
    }

    /** Whether the expression is found, or the answer takes too long. */
    boolean matches(String text) {
        counted.text = text;
        counted.steps = 0;
        matcher.reset();
        try {
            return matcher.find();
        } catch (TooLong | StackOverflowError endless) {
            return true;
        } finally {
            counted.text = "";
        }
    }

    private static final class TooLong extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooLong() {
            super(null, null, false, false);
        }
    }

    /** A text that counts how often it is read. */
    private static final class CountedText implements CharSequence {
        private String text = "";
        private int steps;

        @Override
        public char charAt(int index) {
            if (++steps > MOST_STEPS) {
                throw new TooLong();
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
