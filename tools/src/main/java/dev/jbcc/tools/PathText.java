// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import dev.jbcc.bpf.IntField;
import dev.jbcc.bpf.TextField;
import dev.jbcc.output.TextSource;
import java.nio.charset.StandardCharsets;

/**
 * A path that a system call was given, as the caller gave it or absolute: then the names of the directory where the lookup started,
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

    private final TextField path;
    private final TextField dir;
    private final IntField pathCut;
    private final IntField dirCut;
    private final boolean absolute;
    private final boolean forPeople;
    private final byte[] names = new byte[LONGEST];
    private final byte[] text = new byte[2 * LONGEST];
    private int length;

    /**
     * Of the current event's fields.
     *
     * @param path as the caller gave it
     * @param dir names of the directory that it starts from
     * @param pathCut whether the end of {@code path} is missing
     * @param dirCut whether the outermost names of {@code dir} are missing
     */
    PathText(TextField path, TextField dir, IntField pathCut, IntField dirCut, boolean absolute, boolean forPeople) {
        this.path = path;
        this.dir = dir;
        this.pathCut = pathCut;
        this.dirCut = dirCut;
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
        int dirBytes = absolute ? dir.read(names) : -1;
        if (absolute && dirBytes < 0 && !forPeople) {
            return false;
        }
        if (dirBytes >= 0) {
            if (dirCut.get() != 0) {
                append(CUT, 0, CUT.length);
            }
            length = PathNames.write(names, dirBytes, text, length);
        }
        int given = path.read(names);
        if (given < 0) {
            return false;
        }
        if (absolute && (given == 0 || names[0] != '/')) {
            if (dirBytes < 0) {
                text[length++] = '?';
            }
            text[length++] = '/';
        }
        append(names, 0, given);
        if (pathCut.get() != 0 && (absolute || forPeople)) {
            append(CUT, 0, CUT.length);
        }
        return true;
    }

    private void append(byte[] bytes, int from, int count) {
        System.arraycopy(bytes, from, text, length, count);
        length += count;
    }
}
