// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host;

import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A mounted file system, from a line of /proc/self/mountinfo (proc_pid_mountinfo(5)).
 *
 * <p>{@link dev.jbcc.host.container.HostContainers HostContainers} shows its use.
 *
 * @param root the directory of the file system that is seen at the mount point, {@code /} when it is the whole of it
 * @param options of the file system, separated by commas; a cgroup v1 has its controllers among them
 */
public record Mount(int major, int minor, String root, Path point, String type, String options) {
    private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");
    private static final int MAX_BYTES = 16 << 20;

    /** In the order of mounting; none without /proc. */
    public static List<Mount> all() {
        return parse(KernelText.read(MOUNTINFO, MAX_BYTES).orElse(""));
    }

    /** Lines that are not as documented are left out. */
    static List<Mount> parse(String latin1) {
        List<Mount> mounts = new ArrayList<>();
        int start = 0;
        while (start < latin1.length()) {
            int end = latin1.indexOf('\n', start);
            end = end < 0 ? latin1.length() : end;
            Mount mount = parseLine(latin1.substring(start, end));
            if (mount != null) {
                mounts.add(mount);
            }
            start = end + 1;
        }
        return mounts;
    }

    /** {@code ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [OPTIONAL]... - TYPE SOURCE OPTIONS} */
    private static Mount parseLine(String line) {
        int separator = line.indexOf(" - ");
        if (separator < 0) {
            return null;
        }
        String[] field = line.substring(0, separator).split(" ", 6);
        int colon = field.length < 6 ? -1 : field[2].indexOf(':');
        if (colon < 0) {
            return null;
        }
        long major = KernelText.number(field[2].substring(0, colon), Integer.MAX_VALUE);
        long minor = KernelText.number(field[2].substring(colon + 1), Integer.MAX_VALUE);
        int typeEnd = line.indexOf(' ', separator + 3);
        if (major < 0 || minor < 0 || typeEnd < 0) {
            return null;
        }
        try {
            Path point = Path.of(unescape(field[4]));
            String type = line.substring(separator + 3, typeEnd);
            int sourceEnd = line.indexOf(' ', typeEnd + 1);
            String options = sourceEnd < 0 ? "" : line.substring(sourceEnd + 1);
            return new Mount((int) major, (int) minor, unescape(field[3]), point, type, options);
        } catch (InvalidPathException e) {
            return null; // a name that this locale cannot express
        }
    }

    /** The kernel writes space, tab, newline and backslash as a backslash and three octal digits. */
    private static String unescape(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 3 < text.length()) {
                int code = octal(text, i + 1);
                if (code >= 0) {
                    c = (char) code;
                    i += 3;
                }
            }
            plain.append(c);
        }
        return new String(plain.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    private static int octal(String text, int at) {
        int value = 0;
        for (int i = at; i < at + 3; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 7) {
                return -1;
            }
            value = value * 8 + digit;
        }
        return value <= 0xFF ? value : -1;
    }
}
