// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import dev.jbcc.host.Kernel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether the tests run in a guest of {@code scripts/vmtest}, and what its kernel has. */
final class Guest {
    /** The configuration that the guest's kernel was built with; null where the tests are not in a guest. */
    private static final String CONFIG = System.getProperty("jbcc.guest.config");

    /** How much slower than a machine this one may be: limits of waiting are multiplied by it. */
    static final int PATIENCE = Integer.getInteger("jbcc.test.patience", 1);

    private Guest() {}

    static boolean running() {
        return CONFIG != null;
    }

    /** Whether the guest's kernel has the feature, by its version and by how it was built. */
    static boolean has(Kernel.Feature feature) {
        return feature.expectedIn(Kernel.release(), Kernel.architecture())
                && feature.config().map(Guest::configured).orElse(true);
    }

    private static boolean configured(String option) {
        try {
            return Files.readAllLines(Path.of(CONFIG), StandardCharsets.ISO_8859_1)
                    .contains("CONFIG_" + option + "=y");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
