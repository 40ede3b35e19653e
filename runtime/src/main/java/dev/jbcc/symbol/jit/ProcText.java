// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.jit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files of /proc/PID, decoded as ISO 8859-1 so that no byte is lost. */
final class ProcText {
    private ProcText() {}

    /** The first {@code limit} bytes of a file; empty when it cannot be read, for whatever reason. */
    static String read(int pid, String file, int limit) {
        return read(pid + "/" + file, limit);
    }

    /** The same of a file of /proc itself. */
    static String read(String file, int limit) {
        try (InputStream in = Files.newInputStream(Path.of("/proc/" + file))) {
            return new String(in.readNBytes(limit), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    /** The value of a field of /proc/PID/status; empty when there is none. */
    static String field(String status, String name) {
        String start = "\n" + name + ":";
        int at = ("\n" + status).indexOf(start); // one further than in status
        if (at < 0) {
            return "";
        }
        int from = at + start.length() - 1;
        int end = status.indexOf('\n', from);
        return status.substring(from, end < 0 ? status.length() : end).strip();
    }

    /** The word of a text with this place, from 0, where blanks are between words; empty when there are fewer. */
    static String word(String text, int place) {
        int start = 0;
        int words = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || text.charAt(i) == ' ' || text.charAt(i) == '\t') {
                if (i > start && words++ == place) {
                    return text.substring(start, i);
                }
                start = i + 1;
            }
        }
        return "";
    }

    /** A decimal number, or -1 when the text is anything else. */
    static long number(String text) {
        try {
            return text.isEmpty() || text.charAt(0) == '+' ? -1 : Math.max(-1, Long.parseLong(text));
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
