// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.stack;

import dev.jbcc.symbol.Frame;
import dev.jbcc.symbol.KernelSymbols;
import dev.jbcc.symbol.Symbolizer;
import dev.jbcc.symbol.UnknownFrames;
import java.util.HashMap;
import java.util.Map;

/**
 * Gives names to the addresses of {@link StackSums}. Looks each address of a program up once. For one thread.
 *
 * <p>{@link StackMaps} shows its use.
 */
public final class StackNames {
    private final Symbolizer user;
    private final KernelSymbols kernel;
    private final boolean addresses;
    private final Map<Program, Map<Long, Integer>> users = new HashMap<>();
    private final Map<Long, Integer> kernels = new HashMap<>();
    private final NamedStacks named = new NamedStacks();
    private final UnknownFrames unknown = new UnknownFrames();
    private long frames;

    /** An image alone would not do: a forked process has that of its parent. */
    private record Program(int pid, long image) {}

    /**
     * Prepares the lookup.
     *
     * @param user remembers what the processes had mapped
     * @param kernel of the running kernel; null when there are no kernel stacks
     * @param addresses whether frames keep their addresses, which keeps apart stacks that differ only in these
     */
    public StackNames(Symbolizer user, KernelSymbols kernel, boolean addresses) {
        this.user = user;
        this.kernel = kernel;
        this.addresses = addresses;
    }

    /**
     * Names all stacks.
     *
     * @param perProcess whether stacks of different processes and cgroups are kept apart when they are the same
     */
    public NamedStacks name(StackSums sums, boolean perProcess) {
        sums.forEach((key, amount) -> named.add(
                key.comm(),
                perProcess ? key.pid() : 0,
                perProcess ? key.cgroup() : 0,
                perProcess ? key.cgroupV1() : 0,
                numbers(key, sums.stack(key.user()), amount),
                kernelNumbers(sums.stack(key.kernel()), amount),
                new NamedStacks.Missed(key.user() == StackSums.MISSED, key.kernel() == StackSums.MISSED),
                amount));
        return named;
    }

    private int[] numbers(StackSums.Key key, long[] stack, long amount) {
        Map<Long, Integer> known =
                users.computeIfAbsent(new Program(key.pid(), key.image()), program -> new HashMap<>());
        int[] numbers = new int[stack.length];
        for (int i = 0; i < stack.length; i++) {
            long at = instruction(stack, i);
            Integer number = known.get(at);
            if (number == null) {
                Frame frame =
                        i == 0 ? user.user(key.pid(), key.image(), at) : user.caller(key.pid(), key.image(), stack[i]);
                number = named.number(frame, addresses ? stack[i] : 0);
                known.put(at, number);
            }
            numbers[i] = number;
            count(number, amount);
        }
        return numbers;
    }

    private int[] kernelNumbers(long[] stack, long amount) {
        int[] numbers = new int[stack.length];
        for (int i = 0; i < stack.length; i++) {
            long at = instruction(stack, i);
            Integer number = kernels.get(at);
            if (number == null) {
                Frame frame = i == 0 ? kernel.at(at) : kernel.caller(stack[i]);
                number = named.number(frame, addresses ? stack[i] : 0);
                kernels.put(at, number);
            }
            numbers[i] = number;
            count(number, amount);
        }
        return numbers;
    }

    /**
     * The address to look up: all but the leaf are where calls return to, which can be behind the end of a function whose
     * last instruction is a call.
     */
    private static long instruction(long[] leafFirst, int i) {
        return i == 0 ? leafFirst[i] : leafFirst[i] - 1;
    }

    private void count(int number, long amount) {
        frames += amount;
        unknown.add(named.frame(number), amount);
    }

    /** How many frames were named or not, each as often as its stack was counted. */
    public long frames() {
        return frames;
    }

    /** Those of {@link #frames} that have no name. */
    public UnknownFrames unknown() {
        return unknown;
    }
}
