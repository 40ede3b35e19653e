// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.jbcc.symbol.Frame;
import java.util.List;
import org.junit.jupiter.api.Test;

class NamedStacksTest {
    private final NamedStacks stacks = new NamedStacks();

    private static Frame function(String name, long offset) {
        return new Frame(Frame.Kind.NATIVE, name, "a.out", offset, null);
    }

    private int[] stack(String... leafFirst) {
        int[] numbers = new int[leafFirst.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = stacks.number(function(leafFirst[i], i), 0);
        }
        return numbers;
    }

    private void add(String comm, int[] user, long amount) {
        stacks.add(comm, 1, 0, 0, user, new int[0], NamedStacks.Missed.NOTHING, amount);
    }

    private static String text(NamedStacks.Stack stack) {
        StringBuilder text = new StringBuilder(stack.comm());
        stack.user()
                .reversed()
                .forEach(named -> text.append(';').append(named.frame().label()));
        return text.append(' ').append(stack.amount()).toString();
    }

    @Test
    void placesInOneFunctionAreOneFrameUnlessAddressesAreShown() {
        assertEquals(stacks.number(function("f", 1), 0), stacks.number(function("f", 2), 0));
        assertNotEquals(stacks.number(function("f", 1), 0x1001), stacks.number(function("f", 2), 0x1002));
        assertEquals(stacks.number(function("f", 1), 0x1001), stacks.number(function("f", 1), 0x1001));
    }

    @Test
    void aNameInTwoFilesIsTwoFrames() {
        Frame other = new Frame(Frame.Kind.NATIVE, "f", "libf.so", 0, null);
        assertNotEquals(stacks.number(function("f", 0), 0), stacks.number(other, 0));
    }

    @Test
    void equalStacksAreOneAndTheLargestComesFirst() {
        add("b", stack("f", "main"), 2);
        add("b", stack("f", "main"), 3);
        add("b", stack("g", "main"), 9);
        add("a", stack("f", "main"), 5);
        add("b", stack("f", "f", "main"), 5);
        assertEquals(
                List.of("b;main;g 9", "a;main;f 5", "b;main;f 5", "b;main;f;f 5"),
                stacks.sorted().stream().map(NamedStacksTest::text).toList());
    }

    @Test
    void processesAreKeptApartWhenAskedFor() {
        int[] stack = stack("f");
        stacks.add("a", 1, 0, 0, stack, new int[0], NamedStacks.Missed.NOTHING, 1);
        stacks.add("a", 2, 0, 0, stack, new int[0], NamedStacks.Missed.NOTHING, 1);
        stacks.add("a", 2, 0, 0, stack, new int[0], new NamedStacks.Missed(false, true), 1);
        assertEquals(3, stacks.sorted().size());
    }
}
