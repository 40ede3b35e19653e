// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.jit;

/** Why the names of a process are not there: the end of a sentence, with nothing in it that the process chose. */
final class NoNames extends Exception {
    private static final long serialVersionUID = 1L;

    NoNames(String reason) {
        super(reason, null, false, false);
    }
}
