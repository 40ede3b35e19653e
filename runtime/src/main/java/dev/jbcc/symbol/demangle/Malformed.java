// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.demangle;

/** A symbol that is not what its prefix promises, or that exceeds a bound; never leaves the package. */
final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Malformed() {
        super(null, null, false, false);
    }
}
