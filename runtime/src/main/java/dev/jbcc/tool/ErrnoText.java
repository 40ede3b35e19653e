// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.host.Errno;
import dev.jbcc.output.TextSource;
import java.util.function.LongSupplier;

/**
 * The name of an error number, such as {@code ENOENT}; none for 0.
 *
 * {@snippet :
 * long[] errno = {2};
 * Column error = Column.text("error", "ERROR", 12, new ErrnoText(() -> errno[0])); // ENOENT
 * }
 */
public final class ErrnoText implements TextSource {
    private final LongSupplier errno;

    /** The name of what {@code errno}, positive, gives. */
    public ErrnoText(LongSupplier errno) {
        this.errno = errno;
    }

    @Override
    public int read(byte[] into) {
        int number = (int) errno.getAsLong();
        if (number == 0) {
            return -1;
        }
        String name = Errno.name(number);
        for (int i = 0; i < name.length(); i++) { // getBytes would allocate, for every event
            into[i] = (byte) name.charAt(i);
        }
        return name.length();
    }
}
