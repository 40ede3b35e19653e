// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.flame;

import dev.jbcc.JbccException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;

/**
 * Stacks with their counts, merged from the root on: what a flame graph shows. It becomes differential, with a second
 * count for each stack, when it is given one. Frames are made fit for folded lines: see {@link FoldedWriter}.
 *
 * <p>A frame of the tree takes 20 to 40 bytes in a few arrays, whatever its name is. For one thread.
 *
 * {@snippet :
 * StackTree tree = new StackTree();
 * tree.add(List.of("java", "main", "read"), 30); // from the root on
 * tree.add(List.of("java", "main"), 10);
 * try (OutputStream page = Files.newOutputStream(Path.of("flame.html"))) {
 *     HtmlWriter.write(tree, FlameOptions.titled("Two stacks"), page);
 * }
 * FoldedWriter.write(tree, System.out);
 * }
 */
public final class StackTree {
    /** The most frames that a stack may have. */
    public static final int MAX_DEPTH = 1 << 14;

    static final int ROOT = 0;
    private static final int MAX_SIZE = 1 << 23;

    private final Names names;
    // By frame of the tree; a frame comes after its parent.
    private int[] parents = new int[1 << 8];
    private int[] frameNames = new int[1 << 8];
    private long[] counts = new long[1 << 8];
    private long[] befores; // null until differential
    private int size = 1;
    private int[] table = new int[1 << 9]; // of frames, by parent and name; 0 is empty, for the root is nobody's child
    private long total;
    private long totalBefore;

    public StackTree() {
        this(new Names());
    }

    private StackTree(Names names) {
        this.names = names;
    }

    /**
     * Adds a stack. In a differential tree it counts before as after.
     *
     * @param frames the root first; empty ones at the end are left out, as flamegraph.pl does
     * @param count at least 0; nothing is added for 0
     * @throws JbccException.Failed when there are more than {@link #MAX_DEPTH} frames, or counts or tree become too large
     */
    public void add(List<String> frames, long count) {
        if (count != 0) {
            addTo(frame(frames), count);
        }
    }

    /** Adds to a stack what it counted before and after, which makes the tree differential; else as above. */
    public void add(List<String> frames, long before, long after) {
        if (before != 0 || after != 0) {
            addTo(frame(frames), before, after);
        }
    }

    private int frame(List<String> frames) {
        int depth = frames.size();
        while (depth > 0 && frames.get(depth - 1).isEmpty()) {
            depth--;
        }
        if (depth > MAX_DEPTH) {
            throw new JbccException.Failed("a stack has " + depth + " frames, more than " + MAX_DEPTH);
        }
        int frame = ROOT;
        for (String text : frames.subList(0, depth)) {
            byte[] bytes = FrameText.bytes(text);
            frame = child(frame, name(bytes, 0, bytes.length));
        }
        return frame;
    }

    /** The number of a name, made clean. */
    int name(byte[] text, int start, int end) {
        if (FrameText.isClean(text, start, end)) {
            return names.number(text, start, end);
        }
        byte[] clean = FrameText.clean(text, start, end);
        return names.number(clean, 0, clean.length);
    }

    /** The child of a frame that has this name; made if it is not there. */
    int child(int parent, int name) {
        int mask = table.length - 1;
        int slot = hash(parent, name) & mask;
        while (table[slot] != 0) {
            int frame = table[slot];
            if (parents[frame] == parent && frameNames[frame] == name) {
                return frame;
            }
            slot = slot + 1 & mask;
        }
        if (size == MAX_SIZE) {
            throw new JbccException.Failed(
                    "the stacks make more than " + MAX_SIZE + " frames of a tree", "give it fewer stacks");
        }
        if (size == parents.length) {
            parents = Arrays.copyOf(parents, size * 2);
            frameNames = Arrays.copyOf(frameNames, size * 2);
            counts = Arrays.copyOf(counts, size * 2);
            befores = befores == null ? null : Arrays.copyOf(befores, size * 2);
        }
        parents[size] = parent;
        frameNames[size] = name;
        table[slot] = size;
        size++;
        if (size * 3L > table.length * 2L) {
            rehash();
        }
        return size - 1;
    }

    private void rehash() {
        int mask = table.length * 2 - 1;
        table = null; // before the larger one is made
        table = new int[mask + 1];
        for (int frame = 1; frame < size; frame++) {
            int slot = hash(parents[frame], frameNames[frame]) & mask;
            while (table[slot] != 0) {
                slot = slot + 1 & mask;
            }
            table[slot] = frame;
        }
    }

    private static int hash(int parent, int name) {
        int hash = parent * 0x9e3779b9 + name * 0x85ebca6b;
        return hash ^ hash >>> 16;
    }

    void addTo(int frame, long count) {
        if (befores != null) {
            addTo(frame, count, count);
        } else {
            total = sum(total, count);
            counts[end(frame)] += count;
        }
    }

    void addTo(int last, long before, long after) {
        int frame = end(last);
        if (befores == null) {
            befores = counts.clone();
            totalBefore = total;
        }
        total = sum(total, after);
        totalBefore = sum(totalBefore, before);
        counts[frame] += after;
        befores[frame] += before;
    }

    /** Where a stack that leads to this frame ends, without empty frames. */
    private int end(int last) {
        int frame = last;
        while (frame != ROOT && names.length(frameNames[frame]) == 0) {
            frame = parents[frame];
        }
        return frame;
    }

    private static long sum(long total, long count) {
        if (count < 0) {
            throw new IllegalArgumentException("a count of " + count);
        }
        if (count > Long.MAX_VALUE - total) {
            throw new JbccException.Failed("the counts add up to more than " + Long.MAX_VALUE);
        }
        return total + count;
    }

    /**
     * Scales what was counted before to the total of what was counted after, each stack rounded down, as
     * {@code difffolded.pl -n} does.
     */
    public void normalize() {
        if (befores == null || totalBefore == 0 || totalBefore == total) {
            return;
        }
        long scaledTotal = 0;
        for (int frame = 0; frame < size; frame++) {
            befores[frame] = scaled(befores[frame], total, totalBefore);
            scaledTotal += befores[frame];
        }
        totalBefore = scaledTotal;
    }

    private static long scaled(long count, long total, long divisor) {
        long product = count * total;
        if (Math.multiplyHigh(count, total) == 0 && product >= 0) {
            return product / divisor;
        }
        return BigInteger.valueOf(count)
                .multiply(BigInteger.valueOf(total))
                .divide(BigInteger.valueOf(divisor))
                .longValueExact();
    }

    /** The same counts by stacks upside down: below each function its callers. */
    StackTree callers() {
        StackTree inverted = new StackTree(names);
        for (int leaf = 0; leaf < size; leaf++) {
            if (counts[leaf] == 0 && before(leaf) == 0) {
                continue;
            }
            int at = ROOT;
            for (int frame = leaf; frame != ROOT; frame = parents[frame]) {
                at = inverted.child(at, frameNames[frame]);
            }
            if (befores == null) {
                inverted.addTo(at, counts[leaf]);
            } else {
                inverted.addTo(at, befores[leaf], counts[leaf]);
            }
        }
        return inverted;
    }

    /** Whether there is a count before for each stack. */
    public boolean isDifferential() {
        return befores != null;
    }

    /** Whether nothing was counted. */
    public boolean isEmpty() {
        return total == 0 && totalBefore == 0;
    }

    /** The sum of the counts; of those after when differential. */
    public long total() {
        return total;
    }

    /** The sum of the counts before; the same as {@link #total} when not differential. */
    public long totalBefore() {
        return befores == null ? total : totalBefore;
    }

    Names names() {
        return names;
    }

    /** The number of frames of the tree, with the root, which has no name and is frame 0. */
    int size() {
        return size;
    }

    int parent(int frame) {
        return parents[frame];
    }

    int nameOf(int frame) {
        return frameNames[frame];
    }

    /** The count of stacks that end here. */
    long count(int frame) {
        return counts[frame];
    }

    long before(int frame) {
        return befores == null ? counts[frame] : befores[frame];
    }

    /** For each frame the count of all stacks that lead through it. */
    long[] totals(boolean before) {
        long[] totals = Arrays.copyOf(before && befores != null ? befores : counts, size);
        for (int frame = size - 1; frame > 0; frame--) {
            totals[parents[frame]] += totals[frame];
        }
        return totals;
    }
}
