// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

/**
 * Names of code that a process has generated itself, such as Java methods.
 *
 * <p>{@link dev.jbcc.symbol.jit.JitNames JitNames} shows its use.
 */
public interface JitSymbols {
    /**
     * The function at an address of a process; null when none is known there.
     *
     * @param pid as our pid namespace numbers it
     * @param image which of the programs, that had this pid one after the other, is meant
     */
    Frame at(int pid, long image, long address);
}
