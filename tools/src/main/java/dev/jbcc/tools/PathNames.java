// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import dev.jbcc.bpf.IntField;
import dev.jbcc.bpf.TextField;
import dev.jbcc.output.TextSource;
import java.nio.charset.StandardCharsets;

/**
 * An absolute path, of the names that {@code path.h} sends: innermost first, each with its NUL. For people it begins with
 * … when its outermost names are missing.
 */
final class PathNames implements TextSource {
    private static final byte[] CUT = "…".getBytes(StandardCharsets.UTF_8);
    /** {@code DIR_BYTES + NAME_MAX + 1} of the C is less. */
    private static final int LONGEST = 1 << 13;

    private final TextField names;
    private final IntField cut;
    private final boolean forPeople;
    private final byte[] sent = new byte[LONGEST];
    private final byte[] text = new byte[LONGEST + CUT.length];

    PathNames(TextField names, IntField cut, boolean forPeople) {
        this.names = names;
        this.cut = cut;
        this.forPeople = forPeople;
    }

    @Override
    public int read(byte[] into) {
        int bytes = names.read(sent);
        if (bytes < 0) {
            return -1;
        }
        int length = 0;
        if (forPeople && cut.get() != 0) {
            System.arraycopy(CUT, 0, text, 0, CUT.length);
            length = CUT.length;
        }
        length = write(sent, bytes, text, length);
        if (length == 0) {
            text[length++] = '/'; // the root has no name
        }
        int count = Math.min(length, into.length);
        System.arraycopy(text, 0, into, 0, count);
        return count;
    }

    /** Writes the names from the last to the first, each after a slash, and returns where they end. */
    static int write(byte[] names, int bytes, byte[] to, int at) {
        int length = at;
        int end = bytes - 1;
        while (end > 0) {
            int start = end;
            while (start > 0 && names[start - 1] != 0) {
                start--;
            }
            to[length++] = '/';
            System.arraycopy(names, start, to, length, end - start);
            length += end - start;
            end = start - 1;
        }
        return length;
    }
}
