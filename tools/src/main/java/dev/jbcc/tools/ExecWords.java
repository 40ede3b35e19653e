// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import dev.jbcc.output.TextSource;
import dev.jbcc.output.Words;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The command line of the current event as BCC shows it: the file as the caller named it, then the arguments from the
 * second on. For a script those of the caller, without what the kernel has put in front for the interpreter.
 *
 * <p>Call {@link #load} for each event, or {@link #load(byte[], boolean)} with what is known of its program.
 */
final class ExecWords {
    /** More than {@code ARGS_BYTES} of the C, and than a path. */
    private static final int LONGEST = (128 << 10) + 1;

    private static final int PATH_MAX = 4096;
    private static final byte[] CUT = "…".getBytes(StandardCharsets.UTF_8);

    private final TextSource filename;
    private final TextSource interp;
    private final TextSource arguments;
    private final byte[] argv = new byte[LONGEST];
    private final byte[] words = new byte[LONGEST + PATH_MAX + CUT.length];
    private int length;
    private boolean truncated;

    /**
     * Words of what these say of the current event.
     *
     * @param filename as the caller named it, shorter than PATH_MAX
     * @param interp of a script
     * @param arguments each with its NUL
     */
    ExecWords(TextSource filename, TextSource interp, TextSource arguments) {
        this.filename = filename;
        this.interp = interp;
        this.arguments = arguments;
    }

    /** Takes over the current event, which is no end of a program; {@code cut}: the end of its arguments is missing. */
    void load(boolean cut) {
        truncated = cut;
        int given = Math.max(0, arguments.read(argv));
        int path = filename.read(words);
        int from;
        if (path < 0) {
            length = 0;
            from = 0;
        } else {
            from = afterName(path, given);
            words[path] = 0;
            length = path + 1;
        }
        int rest = Math.max(0, given - from);
        System.arraycopy(argv, from, words, length, rest);
        length += rest;
    }

    /** Takes words that were kept; none when there is nothing. */
    void load(byte[] kept, boolean cut) {
        length = kept.length;
        truncated = cut;
        System.arraycopy(kept, 0, words, 0, length);
    }

    /** Where the arguments begin that follow the program's name: the path of a script, or else argv[0]. */
    private int afterName(int path, int given) {
        int from = Math.min(given, Words.end(argv, 0, given) + 1);
        if (interp.read(EMPTY) < 0) {
            return from;
        }
        for (int start = from; start < given; ) {
            int end = Words.end(argv, start, given);
            if (Arrays.equals(argv, start, end, words, 0, path)) {
                return Math.min(given, end + 1);
            }
            start = end + 1;
        }
        return from;
    }

    private static final byte[] EMPTY = {};

    /** The first bytes, at most so many, for later. */
    byte[] keep(int most) {
        return Arrays.copyOf(words, Math.min(most, length));
    }

    boolean longerThan(int bytes) {
        return length > bytes;
    }

    boolean isTruncated() {
        return truncated;
    }

    /** All with blanks between them, malformed UTF-8 replaced. */
    String joined() {
        int end = length > 0 && words[length - 1] == 0 ? length - 1 : length;
        return new String(words, 0, end, StandardCharsets.UTF_8).replace('\0', ' ');
    }

    /** For a column. */
    TextSource source(int most, boolean forPeople) {
        return into -> read(into, most, forPeople);
    }

    /** The words, at most so many; for people, … is the last one when it is not the last of the command line. */
    private int read(byte[] into, int most, boolean forPeople) {
        if (length == 0) {
            return -1;
        }
        int end = 0;
        for (int word = 0; word < most && end < length; word++) {
            end = Words.end(words, end, length) + 1;
        }
        boolean cut = forPeople && (truncated || end < length);
        end = Math.min(end, length);
        if (end + 1 + CUT.length > into.length) {
            return into.length; // to be asked again
        }
        System.arraycopy(words, 0, into, 0, end);
        if (cut) {
            if (into[end - 1] != 0) {
                into[end++] = 0;
            }
            System.arraycopy(CUT, 0, into, end, CUT.length);
            end += CUT.length;
        }
        return end;
    }
}
