// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for a condition, with a limit that only a broken test reaches. */
final class Await {
    static final long LIMIT_SECONDS = 30L * Guest.PATIENCE;

    private Await() {}

    /** Fails with {@code what} when the condition does not come true in time. */
    static void until(BooleanSupplier condition, Supplier<String> what) {
        long end = System.nanoTime() + LIMIT_SECONDS * 1_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not within " + LIMIT_SECONDS + " s: " + what.get());
            }
            try {
                Thread.sleep(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while waiting: " + what.get(), e);
            }
        }
    }
}
