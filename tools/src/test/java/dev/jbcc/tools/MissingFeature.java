// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import dev.jbcc.host.Kernel;
import org.opentest4j.TestAbortedException;

/** Skips a test because the kernel lacks a feature, which the message names with its first version. */
final class MissingFeature extends TestAbortedException {
    private static final long serialVersionUID = 1L;

    private MissingFeature(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * To be thrown by a test that has found out that it cannot run. In a guest whose kernel should have the feature it is
     * an error of the test instead; other kernels may have been built without.
     *
     * @param test the subject of the message
     */
    static RuntimeException skip(Kernel.Feature feature, String test, Throwable refused) {
        if (Guest.running() && Guest.has(feature)) {
            throw new AssertionError(
                    Kernel.release() + " has " + feature.title() + " (since " + feature.since() + "), but " + test
                            + " does not work: " + refused.getMessage(),
                    refused);
        }
        String message = Kernel.missing(feature, test).getMessage();
        if (!Guest.running()) {
            message += ": " + refused.getMessage();
        } else if (feature.expectedIn(Kernel.release(), Kernel.architecture())) {
            message += ", built without CONFIG_" + feature.config().orElseThrow();
        }
        return new MissingFeature(message, refused);
    }
}
