// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The executable mappings of a process, from /proc/PID/maps; the others hold no code and are not kept.
 *
 * <p>A process makes at most 65,530 of them by default (vm.max_map_count) and can choose names of 4 kB, so there are
 * limits: {@value #MAX_MAPPINGS} mappings, {@value #MAX_BYTES} bytes of text, {@value #MAX_PATHS} bytes of the paths that
 * are kept, and what is beyond is not seen. A line that is not as proc(5) says is skipped.
 */
final class Mappings {
    static final int MAX_MAPPINGS = 1 << 14;
    private static final int MAX_BYTES = 64 << 20;
    private static final int MAX_PATHS = 2 << 20;
    /** Longer than any line: PATH_MAX, of which each byte may be written as an octal number of four characters. */
    private static final int BUFFER = 1 << 15;

    private static final byte[] DELETED = " (deleted)".getBytes(StandardCharsets.US_ASCII);

    private final List<Mapping> found = new ArrayList<>();
    private final byte[] buffer = new byte[BUFFER];
    private int at; // while a line is taken apart
    private int end;
    private boolean empty = true;
    private int pathBytes;

    private Mappings() {}

    /**
     * The executable mappings, by address.
     *
     * @param task a process, or one of its threads: a first thread that has ended has no memory, others may still
     * @return null when there is no such task, it may not be looked at, or it has no memory: it has ended, or is the
     *     kernel's
     */
    static List<Mapping> read(int task) {
        Mappings mappings = new Mappings();
        try (InputStream in = new FileInputStream("/proc/" + task + "/maps")) {
            mappings.parse(in);
        } catch (IOException e) {
            return null;
        }
        return mappings.empty ? null : mappings.found;
    }

    static List<Mapping> parse(byte[] text) {
        Mappings mappings = new Mappings();
        try {
            mappings.parse(new ByteArrayInputStream(text));
        } catch (IOException e) {
            throw new AssertionError(e); // of an array
        }
        return mappings.found;
    }

    private void parse(InputStream in) throws IOException {
        int filled = 0;
        int total = 0;
        boolean skipping = false; // the rest of a line that was too long
        while (total < MAX_BYTES && !full()) {
            int count = in.read(buffer, filled, BUFFER - filled);
            if (count < 0) {
                break;
            }
            empty = false;
            total += count;
            filled += count;
            int line = 0;
            for (int i = filled - count; i < filled; i++) {
                if (buffer[i] == '\n') {
                    if (!skipping && !full()) {
                        line(line, i);
                    }
                    skipping = false;
                    line = i + 1;
                }
            }
            if (line == 0 && filled == BUFFER) {
                skipping = true;
                line = filled;
            }
            System.arraycopy(buffer, line, buffer, 0, filled - line);
            filled -= line;
        }
    }

    private boolean full() {
        return found.size() >= MAX_MAPPINGS || pathBytes >= MAX_PATHS;
    }

    /** {@code 7fc24bf97000-7fc24bfbd000 r-xp 00001000 fe:00 338944    /usr/lib/ld.so}. */
    private void line(int from, int to) {
        at = from;
        end = to;
        long start = number(16, '-');
        long limit = number(16, ' ');
        if (at < 0 || at + 5 > end || buffer[at + 2] != 'x' || buffer[at + 4] != ' ') {
            return;
        }
        at += 5;
        long offset = number(16, ' ');
        long major = number(16, ':');
        long minor = number(16, ' ');
        long inode = number(10, ' ');
        if (at < 0 || Long.compareUnsigned(start, limit) >= 0) {
            return;
        }
        while (at < end && buffer[at] == ' ') {
            at++;
        }
        // In a path the kernel writes a newline as \012, and nothing else so.
        boolean deleted = end - at > DELETED.length
                && buffer[at] == '/'
                && Arrays.equals(buffer, end - DELETED.length, end, DELETED, 0, DELETED.length);
        String path = path(at, deleted ? end - DELETED.length : end);
        if (!found.isEmpty() && found.getLast().path().equals(path)) {
            path = found.getLast().path(); // one string for the mappings of a file
        } else {
            pathBytes += path.length();
        }
        found.add(new Mapping(start, limit, offset, (int) major, (int) minor, inode, path, deleted));
    }

    /** An unsigned number up to a separator, which is skipped; if there is none, {@code at} becomes hopeless. */
    private long number(int base, char separator) {
        long value = 0;
        int digits = 0;
        while (at >= 0 && at < end) {
            int digit = Character.digit(buffer[at], base);
            if (digit < 0) {
                break;
            }
            value = value * base + digit;
            digits++;
            at++;
        }
        if (at < 0 || digits == 0 || digits > 20 || at < end && buffer[at] != separator) {
            at = Integer.MIN_VALUE;
            return -1;
        }
        at++;
        return value;
    }

    private String path(int from, int to) {
        if (from >= to) {
            return "";
        }
        String path = new String(buffer, from, to - from, StandardCharsets.ISO_8859_1);
        return path.contains("\\012") ? path.replace("\\012", "\n") : path;
    }
}
