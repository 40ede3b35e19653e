// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.flame;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class StackTreeTest {
    private final StackTree tree = new StackTree();

    @Test
    void stacksAreMergedFromTheRoot() {
        tree.add(List.of("a", "b"), 2);
        tree.add(List.of("a", "b"), 3);
        tree.add(List.of("a"), 1);
        tree.add(List.of("b", "a"), 4);
        assertEquals(5, tree.size(), "the root, a, a;b, b, b;a");
        assertEquals(10, tree.total());
        assertArrayEquals(new long[] {10, 6, 5, 4, 4}, tree.totals(false));
    }

    @Test
    void emptyFramesAtTheEndAreNone() {
        tree.add(List.of("a", "", ""), 1);
        tree.add(List.of("", "a"), 1);
        tree.add(List.of(), 1);
        assertEquals(" 1\n;a 1\na 1\n", Stacks.folded(tree));
    }

    @Test
    void badFramesAreMadeFit() {
        tree.add(List.of("a;b\nc", "\ud800", "x\ud83d\ude00"), 1);
        assertEquals("a:b\\x0ac;\\xed\\xa0\\x80;x\ud83d\ude00 1\n", Stacks.folded(tree));
    }

    @Test
    void refusesWhatItCannotCount() {
        List<String> deepest = Collections.nCopies(StackTree.MAX_DEPTH, "f");
        tree.add(deepest, 1);
        List<String> deeper = Collections.nCopies(StackTree.MAX_DEPTH + 1, "f");
        assertThrows(JbccException.Failed.class, () -> tree.add(deeper, 1));
        assertThrows(JbccException.Failed.class, () -> tree.add(List.of("a"), Long.MAX_VALUE));
        assertThrows(IllegalArgumentException.class, () -> tree.add(List.of("a"), -1));
        assertEquals(1, tree.total());
    }

    @Test
    void aComparisonKeepsWhatWasAddedBefore() {
        tree.add(List.of("a"), 5);
        assertFalse(tree.isDifferential());
        tree.add(List.of("b"), 1, 3);
        tree.add(List.of("a"), 2);
        assertTrue(tree.isDifferential());
        assertEquals("a 7 7\nb 1 3\n", Stacks.folded(tree));
        assertEquals(8, tree.totalBefore());
    }

    @Test
    void normalizingIsExactForLargeCounts() {
        tree.add(List.of("a"), Long.MAX_VALUE / 2, 3);
        tree.add(List.of("b"), Long.MAX_VALUE / 4, 5);
        tree.normalize();
        // 8 * 2/3 and 8 * 1/3, rounded down.
        assertEquals("b 2 5\na 5 3\n", Stacks.folded(tree));
    }

    @Test
    void upsideDownTheEndsComeFirst() {
        tree.add(List.of("app", "x", "y"), 3);
        tree.add(List.of("app", "z", "y"), 4);
        tree.add(List.of("app"), 1);
        StackTree callers = tree.callers();
        assertEquals("y;z;app 4\ny;x;app 3\napp 1\n", Stacks.folded(callers));
        assertEquals(tree.total(), callers.total());
        assertEquals(Stacks.folded(tree), Stacks.folded(callers.callers()));
    }

    @Test
    void childrenAreInOrderOfTheirNames() {
        for (String name : List.of("b", "a", "\ud83d\ude00", "\uff5e", "ab", "B", "a b")) {
            tree.add(List.of("root", name), 1);
        }
        Preorder order = new Preorder(tree);
        StringBuilder names = new StringBuilder();
        for (int place = 1; place < order.frames.length; place++) {
            names.append(tree.names().text(tree.nameOf(order.frames[place]))).append(' ');
        }
        assertEquals("root B a a b ab b \uff5e \ud83d\ude00 ", names.toString());
        assertArrayEquals(new int[] {1, 7, 0, 0, 0, 0, 0, 0, 0}, order.children);
    }

    @Test
    void manyStacksComeBack() {
        Random random = new Random(23);
        long total = 0;
        for (int i = 0; i < 20_000; i++) {
            String[] frames = new String[1 + random.nextInt(20)];
            for (int depth = 0; depth < frames.length; depth++) {
                frames[depth] = "frame" + random.nextInt(1 + depth * 40);
            }
            int count = random.nextInt(100);
            tree.add(List.of(frames), count);
            total += count;
        }
        assertEquals(total, tree.total());
        String folded = Stacks.folded(tree);
        assertEquals(folded, Stacks.folded(Stacks.read(folded)));
        assertEquals(folded, Stacks.folded(Stacks.read(Stacks.html(tree))));
    }
}
