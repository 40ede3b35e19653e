// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import dev.jbcc.JbccException;
import java.nio.charset.StandardCharsets;

/** A {@link Glob} that the user gives for paths; {@code *} and {@code ?} match slashes too. */
final class PathGlob {
    private static final int PATH_MAX = 4096;

    private final byte[] pattern;

    private PathGlob(byte[] pattern) {
        this.pattern = pattern;
    }

    static PathGlob parse(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length >= PATH_MAX) {
            throw new JbccException.Usage("a path has 1 to " + (PATH_MAX - 1) + " bytes, not " + bytes.length);
        }
        Glob.check(text, bytes);
        return new PathGlob(bytes);
    }

    boolean matches(byte[] path, int length) {
        return Glob.matches(pattern, path, length);
    }
}
