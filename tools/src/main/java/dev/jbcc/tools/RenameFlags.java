// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import dev.jbcc.output.TextSource;
import java.util.function.LongSupplier;

/** The {@code RENAME_…} flags of renameat2(2) by name, of {@code include/uapi/linux/fs.h}; none when there are none. */
final class RenameFlags implements TextSource {
    private static final String[] NAMES = {"RENAME_NOREPLACE", "RENAME_EXCHANGE", "RENAME_WHITEOUT"};

    private final LongSupplier flags;

    RenameFlags(LongSupplier flags) {
        this.flags = flags;
    }

    @Override
    public int read(byte[] into) {
        long left = flags.getAsLong();
        if (left == 0) {
            return -1;
        }
        StringBuilder text = new StringBuilder();
        for (int bit = 0; bit < NAMES.length; bit++) {
            if ((left & 1L << bit) != 0) {
                text.append(text.isEmpty() ? "" : "|").append(NAMES[bit]);
                left &= ~(1L << bit);
            }
        }
        if (left != 0) {
            text.append(text.isEmpty() ? "" : "|").append("0x").append(Long.toHexString(left));
        }
        for (int i = 0; i < text.length(); i++) {
            into[i] = (byte) text.charAt(i);
        }
        return text.length();
    }
}
