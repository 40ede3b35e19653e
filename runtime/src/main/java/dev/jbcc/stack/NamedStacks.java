// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.stack;

import dev.jbcc.symbol.Frame;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sums by stack with names: stacks that are the same once their addresses have names are one. Each frame is kept once,
 * so a stack is a few numbers. For one thread.
 *
 * <p>{@link StackMaps} shows its use.
 */
public final class NamedStacks {
    private final Map<Object, Integer> numbers = new HashMap<>();
    private final List<Named> frames = new ArrayList<>();
    private final Map<Key, long[]> sums = new HashMap<>();

    NamedStacks() {}

    /**
     * A frame as it is shown.
     *
     * @param frame what it is
     * @param address of the instruction; 0 unless addresses are shown, as they keep stacks apart
     */
    public record Named(Frame frame, long address) {}

    /** Which of a task's stacks could not be had. */
    public record Missed(boolean user, boolean kernel) {
        static final Missed NOTHING = new Missed(false, false);
    }

    /**
     * One sum.
     *
     * @param comm of the thread, a character for each byte
     * @param pid of the process
     * @param cgroup id of the cgroup (v2)
     * @param cgroupV1 id of the cgroup in the v1 tree that containers are in, or 0
     * @param user the user stack, the leaf first
     * @param kernel the kernel stack, the leaf first
     * @param missed which of the two could not be had
     * @param amount the sum
     */
    public record Stack(
            String comm,
            int pid,
            long cgroup,
            long cgroupV1,
            List<Named> user,
            List<Named> kernel,
            Missed missed,
            long amount) {}

    /** What tells stacks apart. Its arrays hold the numbers of frames. */
    private record Key(String comm, int pid, long cgroup, long cgroupV1, int[] user, int[] kernel, Missed missed) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Key key
                    && pid == key.pid
                    && cgroup == key.cgroup
                    && cgroupV1 == key.cgroupV1
                    && comm.equals(key.comm)
                    && missed.equals(key.missed)
                    && Arrays.equals(user, key.user)
                    && Arrays.equals(kernel, key.kernel);
        }

        @Override
        public int hashCode() {
            int hash = comm.hashCode() * 31 + pid;
            hash = hash * 31 + Long.hashCode(cgroup);
            return (hash * 31 + Arrays.hashCode(user)) * 31 + Arrays.hashCode(kernel);
        }
    }

    /** What two frames must share to be one frame of the output. */
    private record Shown(String label, Frame.Kind kind, String module) {}

    /**
     * The number of a frame; the same for frames that look the same.
     *
     * @param address 0 when addresses are not shown
     */
    public int number(Frame frame, long address) {
        Object identity =
                address != 0 ? new Named(frame, address) : new Shown(frame.label(), frame.kind(), frame.module());
        Integer known = numbers.get(identity);
        if (known == null) {
            known = frames.size();
            numbers.put(identity, known);
            frames.add(new Named(frame, address));
        }
        return known;
    }

    /** The frame of a number. */
    Frame frame(int number) {
        return frames.get(number).frame;
    }

    /**
     * Adds to the sum of a stack.
     *
     * @param comm and what follows: as of {@link Stack}; 0 for what is not to tell stacks apart
     * @param user numbers of frames, the leaf first
     * @param kernel likewise
     */
    public void add(
            String comm, int pid, long cgroup, long cgroupV1, int[] user, int[] kernel, Missed missed, long amount) {
        sums.computeIfAbsent(new Key(comm, pid, cgroup, cgroupV1, user, kernel, missed), key -> new long[1])[0] +=
                amount;
    }

    /** The largest sum first; equal ones by name, so that the order is always the same. */
    public List<Stack> sorted() {
        List<Map.Entry<Key, long[]>> entries = new ArrayList<>(sums.entrySet());
        entries.sort(Comparator.<Map.Entry<Key, long[]>>comparingLong(entry -> -entry.getValue()[0])
                .thenComparing(entry -> entry.getKey().comm)
                .thenComparing(entry -> entry.getKey().pid)
                .thenComparing(entry -> entry.getKey().user, this::compare)
                .thenComparing(entry -> entry.getKey().kernel, this::compare));
        List<Stack> stacks = new ArrayList<>(entries.size());
        for (Map.Entry<Key, long[]> entry : entries) {
            Key key = entry.getKey();
            stacks.add(new Stack(
                    key.comm,
                    key.pid,
                    key.cgroup,
                    key.cgroupV1,
                    new Frames(key.user),
                    new Frames(key.kernel),
                    key.missed,
                    entry.getValue()[0]));
        }
        return stacks;
    }

    private int compare(int[] one, int[] other) {
        int shared = Math.min(one.length, other.length);
        for (int i = 1; i <= shared; i++) { // from the root on
            int left = one[one.length - i];
            int right = other[other.length - i];
            if (left != right) {
                int order = frames.get(left)
                        .frame
                        .label()
                        .compareTo(frames.get(right).frame.label());
                return order != 0 ? order : Integer.compare(left, right);
            }
        }
        return Integer.compare(one.length, other.length);
    }

    /** The frames that numbers stand for. */
    private final class Frames extends java.util.AbstractList<Named> {
        private final int[] numbers;

        Frames(int[] numbers) {
            this.numbers = numbers;
        }

        @Override
        public Named get(int index) {
            return frames.get(numbers[index]);
        }

        @Override
        public int size() {
            return numbers.length;
        }
    }
}
