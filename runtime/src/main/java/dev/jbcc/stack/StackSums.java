// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.stack;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * What has been added up by stack so far, with addresses and not yet with names. Bounded: beyond {@link #MAX_ADDRESSES}
 * a new stack counts as missed, and beyond {@link #MAX_SUMS} what would be a new sum is lost; both are counted.
 *
 * <p>{@link StackMaps} shows its use.
 */
public final class StackSums {
    /** 64 MiB of addresses: more than 100,000 stacks of 60 frames. */
    static final int MAX_ADDRESSES = 8 << 20;

    static final int MAX_SUMS = 1 << 18;

    /** The hash of no stack: there was nothing to walk. {@code JBCC_NO_STACK} in {@code stacks.h}. */
    public static final long NONE = 0;

    /** The hash of a stack that could not be read or kept. {@code JBCC_MISSED_STACK} in {@code stacks.h}. */
    public static final long MISSED = 1;

    private static final long[] EMPTY = {};

    /**
     * What is added up under.
     *
     * @param pid in the tool's own pid namespace; 0: the idle task
     * @param image tells apart the programs that a process runs one after another, and processes that had the same pid
     * @param cgroup id of the cgroup (v2)
     * @param cgroupV1 id of the cgroup in the v1 tree that containers are in; 0 where there is none, or nobody asks
     * @param comm of the thread, a character for each byte (ISO 8859-1), as the process chose it
     * @param user hash of the user stack, {@link #NONE} or {@link #MISSED}
     * @param kernel hash of the kernel stack, likewise
     */
    public record Key(int pid, long image, long cgroup, long cgroupV1, String comm, long user, long kernel) {}

    private final Map<Key, long[]> sums = new HashMap<>();
    private final Map<Long, long[]> stacks = new HashMap<>();
    private final int maxAddresses;
    private final int maxSums;
    private long addresses;
    private long missed;
    private long lost;

    /** An empty one. */
    public StackSums() {
        this(MAX_ADDRESSES, MAX_SUMS);
    }

    StackSums(int maxAddresses, int maxSums) {
        this.maxAddresses = maxAddresses;
        this.maxSums = maxSums;
    }

    /** Keeps the addresses of a stack, the leaf first; nothing happens when its hash is known. */
    void addStack(long hash, long[] leafFirst) {
        if (addresses + leafFirst.length <= maxAddresses && stacks.putIfAbsent(hash, leafFirst) == null) {
            addresses += leafFirst.length;
        }
    }

    /** Adds to a sum. The stacks of the key must have been added before. */
    void add(Key key, long amount) {
        long user = known(key.user);
        long kernel = known(key.kernel);
        boolean whole = user == key.user && kernel == key.kernel;
        Key kept = whole ? key : new Key(key.pid, key.image, key.cgroup, key.cgroupV1, key.comm, user, kernel);
        long[] sum = sums.get(kept);
        if (sum == null) {
            if (sums.size() >= maxSums) {
                lost += amount;
                return;
            }
            sum = new long[1];
            sums.put(kept, sum);
        }
        sum[0] += amount;
        if (!whole) {
            missed += amount;
        }
    }

    private long known(long hash) {
        return hash == NONE || hash == MISSED || stacks.containsKey(hash) ? hash : MISSED;
    }

    /** The addresses of a stack, the leaf first; none for {@link #NONE} and {@link #MISSED}. */
    public long[] stack(long hash) {
        return stacks.getOrDefault(hash, EMPTY);
    }

    /** How many different stacks there are. */
    public int stackCount() {
        return stacks.size();
    }

    /** Visits every sum. */
    public void forEach(BiConsumer<Key, Long> visitor) {
        sums.forEach((key, sum) -> visitor.accept(key, sum[0]));
    }

    /** All that has been added, but {@link #lost}. */
    public long total() {
        long total = 0;
        for (long[] sum : sums.values()) {
            total += sum[0];
        }
        return total;
    }

    /** Of the total, what has lost a stack here because there were too many. */
    public long missed() {
        return missed;
    }

    /** What was not added because there were too many sums. */
    public long lost() {
        return lost;
    }
}
