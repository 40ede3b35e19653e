// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host.container;

import java.util.Arrays;

/**
 * What is known of ids, the least recently used forgotten first. A look-up allocates nothing.
 *
 * <p>It holds {@code capacity} entries, and beyond that those that were used in the last {@code holdNanos}, up to
 * {@code limit}; and never entries of more weight in all than {@code maxWeight}.
 */
final class IdCache<V> {
    private static final int NONE = -1;
    private static final int INITIAL = 256;

    private final int capacity;
    private final int limit;
    private final long maxWeight;
    private final long holdNanos;

    // Entries are numbers from 0; each is in the chain of its bucket and in the list from the newest to the oldest use.
    private int[] buckets = new int[2 * INITIAL];
    private int[] chain = new int[INITIAL];
    private int[] newer = new int[INITIAL];
    private int[] older = new int[INITIAL];
    private int[] weights = new int[INITIAL];
    private long[] ids = new long[INITIAL];
    private long[] used = new long[INITIAL];
    private Object[] values = new Object[INITIAL];
    private int size;
    private int newest = NONE;
    private int oldest = NONE;
    private int free = NONE;
    private int everUsed;
    private long weight;

    IdCache(int capacity, int limit, long maxWeight, long holdNanos) {
        this.capacity = capacity;
        this.limit = limit;
        this.maxWeight = maxWeight;
        this.holdNanos = holdNanos;
        Arrays.fill(buckets, NONE);
    }

    int size() {
        return size;
    }

    long weight() {
        return weight;
    }

    /** The value of an id, which counts as used at {@code now}; null when there is none. */
    @SuppressWarnings("unchecked") // only put stores, and only V
    V get(long id, long now) {
        int entry = find(id);
        if (entry == NONE) {
            return null;
        }
        use(entry, now);
        return (V) values[entry];
    }

    /** The value of an id, without counting as a use. */
    @SuppressWarnings("unchecked") // only put stores, and only V
    V peek(long id) {
        int entry = find(id);
        return entry == NONE ? null : (V) values[entry];
    }

    /** Sets the value of an id, used at {@code now}, and forgets what is too much. */
    void put(long id, V value, int valueWeight, long now) {
        int entry = find(id);
        if (entry == NONE) {
            entry = add(id);
        }
        weight += valueWeight - weights[entry];
        weights[entry] = valueWeight;
        values[entry] = value;
        use(entry, now);
        while (size > 1 && tooMuch(now)) {
            remove(oldest);
        }
    }

    private boolean tooMuch(long now) {
        return weight > maxWeight || size > limit || size > capacity && now - used[oldest] >= holdNanos;
    }

    private int find(long id) {
        int entry = buckets[bucket(id)];
        while (entry != NONE && ids[entry] != id) {
            entry = chain[entry];
        }
        return entry;
    }

    private int bucket(long id) {
        long mixed = id * 0x9E3779B97F4A7C15L; // Fibonacci hashing: ids come in even steps
        return (int) (mixed >>> 40) & (buckets.length - 1);
    }

    private void use(int entry, long now) {
        used[entry] = now;
        if (entry != newest) {
            unlink(entry);
            link(entry);
        }
    }

    private void link(int entry) {
        newer[entry] = NONE;
        older[entry] = newest;
        if (newest == NONE) {
            oldest = entry;
        } else {
            newer[newest] = entry;
        }
        newest = entry;
    }

    private void unlink(int entry) {
        if (newer[entry] == NONE) {
            newest = older[entry];
        } else {
            older[newer[entry]] = older[entry];
        }
        if (older[entry] == NONE) {
            oldest = newer[entry];
        } else {
            newer[older[entry]] = newer[entry];
        }
    }

    private int add(long id) {
        int entry = free;
        if (entry != NONE) {
            free = chain[entry];
        } else {
            if (everUsed == ids.length) {
                grow();
            }
            entry = everUsed++;
        }
        ids[entry] = id;
        int bucket = bucket(id);
        chain[entry] = buckets[bucket];
        buckets[bucket] = entry;
        link(entry);
        size++;
        return entry;
    }

    private void remove(int entry) {
        int bucket = bucket(ids[entry]);
        if (buckets[bucket] == entry) {
            buckets[bucket] = chain[entry];
        } else {
            int before = buckets[bucket];
            while (chain[before] != entry) {
                before = chain[before];
            }
            chain[before] = chain[entry];
        }
        unlink(entry);
        weight -= weights[entry];
        weights[entry] = 0;
        values[entry] = null;
        chain[entry] = free;
        free = entry;
        size--;
    }

    private void grow() {
        int length = 2 * ids.length;
        chain = Arrays.copyOf(chain, length);
        newer = Arrays.copyOf(newer, length);
        older = Arrays.copyOf(older, length);
        weights = Arrays.copyOf(weights, length);
        ids = Arrays.copyOf(ids, length);
        used = Arrays.copyOf(used, length);
        values = Arrays.copyOf(values, length);
        buckets = new int[2 * length];
        Arrays.fill(buckets, NONE);
        for (int entry = 0; entry < everUsed; entry++) { // none is free, or it would have been taken
            int bucket = bucket(ids[entry]);
            chain[entry] = buckets[bucket];
            buckets[bucket] = entry;
        }
    }
}
