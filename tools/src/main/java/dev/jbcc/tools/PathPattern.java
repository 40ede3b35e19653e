// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.OpenObject;
import dev.jbcc.bpf.TextField;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a path must look like: in the kernel where it is exact, a prefix ({@code /etc/*}) or a suffix ({@code *.so}),
 * here otherwise. The {@code *} also matches slashes.
 */
final class PathPattern {
    static final PathPattern ANY = new PathPattern(new byte[0], Kind.ANY);

    /** {@code PATTERN_BYTES} in the C; longer ones are matched here. */
    private static final int KERNEL_BYTES = 256;

    private static final int PATH_MAX = 4096;

    /** How the C matches; the order is that of its {@code PATTERN_…}. */
    private enum Kind {
        ANY,
        EXACT,
        PREFIX,
        SUFFIX,
        GLOB
    }

    private final byte[] pattern;
    private final Kind kind;
    private final byte[] path = new byte[PATH_MAX];

    private PathPattern(byte[] pattern, Kind kind) {
        this.pattern = pattern;
        this.kind = kind;
    }

    static PathPattern parse(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int length = bytes.length;
        if (length == 0 || length >= PATH_MAX) {
            throw new JbccException.Usage("a path has 1 to " + (PATH_MAX - 1) + " bytes, not " + length);
        }
        boolean first = bytes[0] == '*';
        boolean last = bytes[length - 1] == '*';
        int literal = length - (first ? 1 : 0) - (last ? 1 : 0);
        if (isLiteral(bytes, first ? 1 : 0, last ? length - 1 : length)
                && literal > 0
                && literal <= KERNEL_BYTES
                && !(first && last)) {
            return first
                    ? new PathPattern(Arrays.copyOfRange(bytes, 1, length), Kind.SUFFIX)
                    : new PathPattern(
                            Arrays.copyOf(bytes, last ? length - 1 : length), last ? Kind.PREFIX : Kind.EXACT);
        }
        Glob.check(text, bytes);
        return new PathPattern(bytes, Kind.GLOB);
    }

    private static boolean isLiteral(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == '*' || bytes[i] == '?' || bytes[i] == '[' || bytes[i] == '\\') {
                return false;
            }
        }
        return true;
    }

    void configure(OpenObject object) {
        if (kind != Kind.ANY && kind != Kind.GLOB) {
            object.global("pattern_kind", kind.ordinal());
            object.global("pattern_len", pattern.length);
            object.global("pattern", pattern);
        }
    }

    /** Whether a path that has come through the kernel's filter passes. */
    boolean passes(TextField text) {
        if (kind != Kind.GLOB) {
            return true;
        }
        int length = text.read(path);
        return length >= 0 && Glob.matches(pattern, path, length);
    }
}
