// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import dev.jbcc.output.TextSource;
import java.nio.charset.StandardCharsets;

/**
 * The absolute path of an open: the names of the directory where the lookup started, which come innermost first, and
 * the path as given. Symbolic links and {@code ..} in the path are left as they are. Starts with … when the directory
 * lies too deep for all of its names to be sent; is the path as given when the directory is not known.
 */
final class PathText implements TextSource {
    private static final byte[] CUT = "…".getBytes(StandardCharsets.UTF_8);

    private final Opensnoop.Event event;
    private final byte[] names = new byte[1 << 14];

    PathText(Opensnoop.Event event) {
        this.event = event;
    }

    @Override
    public int read(byte[] into) {
        int length = event.dir.read(names);
        if (length < 0) {
            return event.path.read(into);
        }
        int at = 0;
        if (event.dirCut.get() != 0) {
            System.arraycopy(CUT, 0, into, 0, CUT.length);
            at = CUT.length;
        }
        int end = length - 1; // the NUL of the outermost name
        while (end > 0) {
            int start = end;
            while (start > 0 && names[start - 1] != 0) {
                start--;
            }
            int size = end - start;
            if (at + 1 + size > into.length) {
                return into.length; // there is more
            }
            into[at++] = '/';
            System.arraycopy(names, start, into, at, size);
            at += size;
            end = start - 1;
        }
        int given = event.path.read(names);
        if (given <= 0 || names[0] != '/') {
            if (at >= into.length) {
                return at;
            }
            into[at++] = '/';
        }
        int fits = Math.min(Math.max(given, 0), into.length - at);
        System.arraycopy(names, 0, into, at, fits);
        return at + fits;
    }
}
