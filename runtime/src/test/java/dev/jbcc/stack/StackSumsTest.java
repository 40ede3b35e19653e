// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StackSumsTest {
    private static StackSums.Key key(int pid, long user, long kernel) {
        return new StackSums.Key(pid, 7, 1, 0, "sh", user, kernel);
    }

    private static Map<StackSums.Key, Long> all(StackSums sums) {
        Map<StackSums.Key, Long> all = new HashMap<>();
        sums.forEach(all::put);
        return all;
    }

    @Test
    void whatHasTheSameKeyIsAddedUp() {
        StackSums sums = new StackSums();
        sums.addStack(10, new long[] {1, 2});
        sums.addStack(11, new long[] {3});
        sums.add(key(1, 10, 11), 2);
        sums.add(key(1, 10, 11), 3);
        sums.add(key(2, 10, 11), 4);
        assertEquals(Map.of(key(1, 10, 11), 5L, key(2, 10, 11), 4L), all(sums));
        assertEquals(9, sums.total());
        assertArrayEquals(new long[] {1, 2}, sums.stack(10));
    }

    @Test
    void thereNeedNotBeAStack() {
        StackSums sums = new StackSums();
        sums.add(key(1, StackSums.NONE, StackSums.MISSED), 2);
        assertEquals(Map.of(key(1, StackSums.NONE, StackSums.MISSED), 2L), all(sums));
        assertEquals(0, sums.missed());
        assertArrayEquals(new long[0], sums.stack(StackSums.MISSED));
    }

    @Test
    void aStackBeyondTheLimitIsMissedAndCounted() {
        StackSums sums = new StackSums(3, 10);
        sums.addStack(10, new long[] {1, 2});
        sums.addStack(11, new long[] {3, 4});
        sums.addStack(12, new long[] {5});
        sums.add(key(1, 10, 11), 2);
        sums.add(key(1, 12, StackSums.NONE), 3);
        assertEquals(Map.of(key(1, 10, StackSums.MISSED), 2L, key(1, 12, StackSums.NONE), 3L), all(sums));
        assertEquals(2, sums.missed());
        assertEquals(5, sums.total());
    }

    @Test
    void aSumBeyondTheLimitIsLostAndCounted() {
        StackSums sums = new StackSums(10, 1);
        sums.add(key(1, 0, 0), 2);
        sums.add(key(2, 0, 0), 3);
        sums.add(key(1, 0, 0), 4);
        assertEquals(6, sums.total());
        assertEquals(3, sums.lost());
    }

    @Test
    void aStackIsReadWithoutZerosAtItsRoot() {
        ByteBuffer bytes = ByteBuffer.allocate(6 * Long.BYTES).order(ByteOrder.nativeOrder());
        bytes.putLong(4).putLong(-1).putLong(5).putLong(0).putLong(0).putLong(99);
        assertArrayEquals(new long[] {-1, 5}, StackMaps.addresses(bytes.array()));
        bytes.putLong(0, 1000); // more than there is room for
        assertArrayEquals(new long[] {-1, 5, 0, 0, 99}, StackMaps.addresses(bytes.array()));
        bytes.putLong(0, -1);
        assertArrayEquals(new long[0], StackMaps.addresses(bytes.array()));
    }
}
