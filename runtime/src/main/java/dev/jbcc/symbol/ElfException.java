// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

/** A file that is no ELF file, is damaged, beyond a limit, or cannot be read: the only way in which reading one fails. */
final class ElfException extends Exception {
    private static final long serialVersionUID = 1L;

    ElfException(String message) {
        super(message);
    }

    ElfException(String message, Throwable cause) {
        super(message, cause);
    }
}
