// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import dev.jbcc.output.TextSource;
import java.nio.charset.StandardCharsets;

/**
 * The path of an open, as the caller gave it or absolute: then the names of the directory where the lookup started,
 * which come innermost first, stand before it. Symbolic links and {@code ..} in it are left as they are.
 *
 * <p>Where something was cut there is …: the end of a path that is too long, the outermost names of a directory that is
 * too deep. Programs get the path as given without it, and no absolute path where the directory is not known; people
 * get a ? for that directory.
 */
final class PathText implements TextSource {
    private static final byte[] CUT = "…".getBytes(StandardCharsets.UTF_8);
    /** {@code PATH_MAX + DIR_BYTES + NAME_MAX + 1} of the C is less. */
    private static final int LONGEST = 1 << 14;

    private final Opensnoop.Event event;
    private final boolean absolute;
    private final boolean forPeople;
    private final byte[] names = new byte[LONGEST];
    private final byte[] text = new byte[2 * LONGEST];
    private int length;

    PathText(Opensnoop.Event event, boolean absolute, boolean forPeople) {
        this.event = event;
        this.absolute = absolute;
        this.forPeople = forPeople;
    }

    @Override
    public int read(byte[] into) {
        length = 0;
        if (!write()) {
            return -1;
        }
        int count = Math.min(length, into.length);
        System.arraycopy(text, 0, into, 0, count);
        return count;
    }

    /** Makes the text; false when there is none. */
    private boolean write() {
        int dir = absolute ? event.dir.read(names) : -1;
        if (absolute && dir < 0 && !forPeople) {
            return false;
        }
        if (dir >= 0) {
            if (event.dirCut.get() != 0) {
                append(CUT, 0, CUT.length);
            }
            length = PathNames.write(names, dir, text, length);
        }
        int given = event.path.read(names);
        if (given < 0) {
            return false;
        }
        if (absolute && (given == 0 || names[0] != '/')) {
            if (dir < 0) {
                text[length++] = '?';
            }
            text[length++] = '/';
        }
        append(names, 0, given);
        if (event.pathCut.get() != 0 && (absolute || forPeople)) {
            append(CUT, 0, CUT.length);
        }
        return true;
    }

    private void append(byte[] bytes, int from, int count) {
        System.arraycopy(bytes, from, text, length, count);
        length += count;
    }
}
