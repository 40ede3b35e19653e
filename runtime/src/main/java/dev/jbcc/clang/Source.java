// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import dev.jbcc.JbccException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A C file to compile, and the directories in which its own includes are searched, first one first. The paths are made
 * absolute, because clang runs in another directory and because its messages and the line information of the object
 * must show paths that a person can open.
 *
 * <p>{@link ObjectCache} shows its use.
 */
public record Source(Path file, List<Path> includes) {
    /** @throws JbccException.Usage when the file has no name, as {@code /} has none */
    public Source {
        if (file.getFileName() == null) {
            throw new JbccException.Usage("not a C source: " + file);
        }
        file = file.toAbsolutePath();
        List<Path> absolute = new ArrayList<>(includes.size());
        for (Path directory : includes) {
            absolute.add(directory.toAbsolutePath());
        }
        includes = List.copyOf(absolute);
    }
}
