// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbcc.symbol.Frame;
import dev.jbcc.symbol.KernelSymbols;
import dev.jbcc.symbol.Symbolizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StackNamesTest {
    private static final long IMAGE = 7;

    private static long codeOfOurs() throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            if (line.contains(" r-xp ") && line.endsWith(".so")) {
                return Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16) + 0x10;
            }
        }
        throw new IllegalStateException("no library is mapped");
    }

    /** Forked processes have the same image, but map what they like. */
    @Test
    void theSameAddressInTwoProcessesOfOneImageIsLookedUpInEach() throws Exception {
        int self = (int) ProcessHandle.current().pid();
        Process other = new ProcessBuilder("sleep", "60").start();
        try (Symbolizer symbols = new Symbolizer(name -> name, null)) {
            int pid = (int) other.pid();
            StackSums sums = new StackSums();
            sums.addStack(2, new long[] {codeOfOurs()});
            sums.add(new StackSums.Key(self, IMAGE, 0, 0, "a", 2, StackSums.NONE), 1);
            sums.add(new StackSums.Key(pid, IMAGE, 0, 0, "a", 2, StackSums.NONE), 1);
            Set<String> kinds = new HashSet<>();
            new StackNames(symbols, KernelSymbols.read(), false)
                    .name(sums, true)
                    .sorted()
                    .forEach(stack -> kinds.add(
                            stack.pid() + " " + stack.user().getFirst().frame().kind()));
            assertEquals(Set.of(self + " " + Frame.Kind.NATIVE, pid + " " + Frame.Kind.UNKNOWN), kinds);
        } finally {
            other.destroyForcibly();
        }
    }
}
