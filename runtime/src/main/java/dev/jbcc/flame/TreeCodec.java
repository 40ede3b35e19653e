// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.flame;

import dev.jbcc.JbccException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A tree as the bytes in a page, before they are compressed. Numbers are LEB128, unsigned, of at most 63 bits:
 *
 * <pre>
 * 1 if differential, else 0
 * number of names, number of bytes that follow; the names in order, UTF-8, each with a newline at its end
 * for each name a byte: the {@link FrameKind}'s number, of a first frame in the high four bits, of others in the low ones
 * number of frames, with the root, which has no name. Then, for the frames in the order of {@link Preorder}:
 *   number of children, for each frame
 *   name, for each but the root: of a first child its number, of others how far it is from that of the one before, minus 1
 *   count, for each frame
 *   count before, for each frame, if differential
 * </pre>
 */
final class TreeCodec {
    private static final int MAX_NAMES_BYTES = 1 << 27;

    private TreeCodec() {}

    static void write(StackTree tree, OutputStream out) throws IOException {
        Preorder order = new Preorder(tree);
        int size = tree.size();
        number(tree.isDifferential() ? 1 : 0, out);
        writeNames(tree.names(), order.ranks, out);
        number(size, out);
        for (int count : order.children) {
            number(count, out);
        }
        int[] lastName = new int[size]; // by parent: the place of the last written child's name
        for (int place = 1; place < size; place++) {
            int frame = order.frames[place];
            int rank = order.ranks[tree.nameOf(frame)];
            int parent = tree.parent(frame);
            number(rank - lastName[parent], out);
            lastName[parent] = rank + 1;
        }
        for (int frame : order.frames) {
            number(tree.count(frame), out);
        }
        if (tree.isDifferential()) {
            for (int frame : order.frames) {
                number(tree.before(frame), out);
            }
        }
    }

    private static void writeNames(Names names, int[] ranks, OutputStream out) throws IOException {
        int[] byRank = new int[ranks.length];
        long length = 0;
        for (int name = 0; name < ranks.length; name++) {
            byRank[ranks[name]] = name;
            length += names.length(name) + 1;
        }
        number(ranks.length, out);
        number(length, out);
        byte[] text = new byte[1 << 8];
        for (int name : byRank) {
            if (text.length <= names.length(name)) {
                text = new byte[names.length(name) * 2];
            }
            int end = names.copy(name, text, 0);
            text[end] = '\n';
            out.write(text, 0, end + 1);
        }
        for (int name : byRank) {
            String shown = names.text(name);
            out.write(FrameKind.ofFirst(shown).ordinal() << 4
                    | FrameKind.of(shown).ordinal());
        }
    }

    private static void number(long value, OutputStream out) throws IOException {
        long left = value;
        while (left > 0x7f) {
            out.write((int) left & 0x7f | 0x80);
            left >>>= 7;
        }
        out.write((int) left);
    }

    /** Adds what {@link #write} wrote to a tree. */
    static void read(InputStream in, StackTree tree, StackReader.Side side) throws IOException {
        boolean differential = number(in, 1) == 1;
        if (differential && side != StackReader.Side.BOTH) {
            throw new JbccException.Failed(
                    "the page is a comparison already", "a comparison takes two inputs with one count for each stack");
        }
        int[] names = readNames(in, tree);
        int size = (int) number(in, 1 << 24);
        int[] children = new int[size];
        for (int i = 0; i < size; i++) {
            children[i] = (int) number(in, size - 1);
        }
        int[] frames = readFrames(in, tree, names, children);
        long[] counts = new long[size];
        for (int i = 0; i < size; i++) {
            counts[i] = number(in, Long.MAX_VALUE);
        }
        for (int i = 0; i < size; i++) {
            if (differential) {
                long before = number(in, Long.MAX_VALUE);
                if (before != 0 || counts[i] != 0) {
                    tree.addTo(frames[i], before, counts[i]);
                }
            } else if (counts[i] != 0) {
                FoldedLines.add(tree, frames[i], counts[i], side);
            }
        }
    }

    private static int[] readNames(InputStream in, StackTree tree) throws IOException {
        int count = (int) number(in, MAX_NAMES_BYTES);
        int length = (int) number(in, MAX_NAMES_BYTES);
        byte[] text = in.readNBytes(length);
        if (text.length < length || count > length) {
            throw damaged();
        }
        int[] names = new int[count];
        int start = 0;
        for (int i = 0; i < count; i++) {
            int end = start;
            while (end < length && text[end] != '\n') {
                end++;
            }
            if (end == length) {
                throw damaged();
            }
            names[i] = tree.name(text, start, end);
            start = end + 1;
        }
        if (start != length) {
            throw damaged();
        }
        in.skipNBytes(count); // the kinds, which follow from the names
        return names;
    }

    private static int[] readFrames(InputStream in, StackTree tree, int[] names, int[] children) throws IOException {
        int[] frames = new int[children.length];
        int[] left = new int[StackTree.MAX_DEPTH + 1]; // children that are still to come, by depth
        int[] next = new int[StackTree.MAX_DEPTH + 1]; // the least name that they can have
        int[] parents = new int[StackTree.MAX_DEPTH + 1];
        int depth = 0;
        for (int i = 0; i < children.length; i++) {
            if (i > 0) {
                while (depth >= 0 && left[depth] == 0) {
                    depth--;
                }
                if (depth < 0) {
                    throw damaged();
                }
                left[depth]--;
                int name = (int) number(in, names.length - 1L - next[depth]) + next[depth];
                next[depth] = name + 1;
                frames[i] = tree.child(parents[depth], names[name]);
                depth++;
            }
            if (depth > StackTree.MAX_DEPTH) {
                throw damaged();
            }
            left[depth] = children[i];
            next[depth] = 0;
            parents[depth] = frames[i];
        }
        for (; depth >= 0; depth--) {
            if (left[depth] != 0) {
                throw damaged();
            }
        }
        return frames;
    }

    private static long number(InputStream in, long max) throws IOException {
        long value = 0;
        for (int shift = 0; shift < 63; shift += 7) {
            int b = in.read();
            if (b < 0) {
                break;
            }
            value |= (b & 0x7fL) << shift;
            if (b < 0x80) {
                if (value > max) {
                    break;
                }
                return value;
            }
        }
        throw damaged();
    }

    static JbccException damaged() {
        return new JbccException.Failed("the data of the page is damaged", "make the page again from its stacks");
    }
}
