// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import java.nio.file.Path;
import java.util.List;

/**
 * What a successful compilation gives.
 *
 * <p>{@link ObjectCache} shows its use.
 *
 * @param object the ELF object, not shared with anyone
 * @param warnings clang's warnings as it printed them, bounded; empty when there are none or when {@code cached}
 * @param dependencies the source and every header that clang read; empty when clang did not say, or when {@code cached}
 * @param cached whether the object comes from the cache, so that clang did not run
 */
public record Compiled(byte[] object, String warnings, List<Path> dependencies, boolean cached) {}
