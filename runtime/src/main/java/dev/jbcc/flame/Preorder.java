// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.flame;

import java.util.Arrays;

/** The frames of a tree in the order in which they are written: each before its children, children by name. */
final class Preorder {
    /** The frame at each place. */
    final int[] frames;
    /** How many children the frame at each place has. */
    final int[] children;
    /** For each name its place among all names, in order of their texts. */
    final int[] ranks;

    Preorder(StackTree tree) {
        int size = tree.size();
        int[] sortedNames = tree.names().sorted();
        ranks = new int[sortedNames.length];
        for (int rank = 0; rank < ranks.length; rank++) {
            ranks[sortedNames[rank]] = rank;
        }
        // Two stable counting sorts: by name, then by parent.
        int[] starts = new int[ranks.length + 1];
        for (int frame = 1; frame < size; frame++) {
            starts[ranks[tree.nameOf(frame)] + 1]++;
        }
        sum(starts);
        int[] byName = new int[size - 1];
        for (int frame = 1; frame < size; frame++) {
            byName[starts[ranks[tree.nameOf(frame)]]++] = frame;
        }
        int[] ends = new int[size];
        for (int frame = 1; frame < size; frame++) {
            ends[tree.parent(frame)]++;
        }
        int[] next = new int[size];
        for (int frame = 1; frame < size; frame++) {
            next[frame] = next[frame - 1] + ends[frame - 1];
        }
        for (int frame = 0; frame < size; frame++) {
            ends[frame] += next[frame];
        }
        int[] siblings = new int[size - 1];
        for (int frame : byName) {
            siblings[next[tree.parent(frame)]++] = frame;
        }
        byName = null;
        // Now next[f] is where the children of f end, and they start where those of f - 1 end.
        frames = new int[size];
        children = new int[size];
        for (int frame = size - 1; frame > 0; frame--) {
            next[frame] = next[frame - 1];
        }
        next[0] = 0;
        int place = 0;
        children[0] = ends[0];
        int frame = StackTree.ROOT;
        while (true) {
            if (next[frame] < ends[frame]) {
                frame = siblings[next[frame]++];
                frames[++place] = frame;
                children[place] = ends[frame] - next[frame];
            } else if (frame == StackTree.ROOT) {
                return;
            } else {
                frame = tree.parent(frame);
            }
        }
    }

    private static void sum(int[] starts) {
        Arrays.parallelPrefix(starts, Integer::sum);
    }
}
