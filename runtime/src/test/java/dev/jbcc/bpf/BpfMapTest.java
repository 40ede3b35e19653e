// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.ffi.Libbpf;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class BpfMapTest {
    private static final int ENTRIES = 100_000;
    /** The loopback interface, which every network namespace has. */
    private static final int LOOPBACK = 1;

    private static BpfObject object;

    record Place(long dev, short kind, long ino) {}

    record Usage(long delta, String name, int count) {}

    @BeforeAll
    static void load() {
        object = TestBpf.load("maps");
    }

    @AfterAll
    static void close() {
        if (object != null) {
            object.close();
        }
    }

    /** All elements; fails when one comes twice. */
    private static <K, V> Map<K, V> all(BpfMap<K, V> map) {
        Map<K, V> all = new HashMap<>();
        map.forEach((key, value) -> assertNull(all.put(key, value), "twice: " + key));
        return all;
    }

    @Test
    void drainVisitsEachElementOnceAndRemovesIt() {
        BpfMap<Place, Usage> map = object.map("records", Place.class, Usage.class);
        Map<Place, Usage> put = new HashMap<>();
        for (int i = 0; i < 64; i++) {
            put.put(new Place(i, (short) 1, i), new Usage(i, "sda", i & 0xff));
        }
        put.forEach(map::update);
        Map<Place, Usage> drained = new HashMap<>();
        map.drain((key, value) -> assertNull(drained.put(key, value), "twice: " + key));
        assertEquals(put, drained);
        assertTrue(all(map).isEmpty());
        map.drain((key, value) -> fail("there is " + key));
    }

    @Test
    void hashHoldsWhatIsPutIn() {
        BpfMap<Place, Usage> map = object.map("records", Place.class, Usage.class);
        Place first = new Place(0xffff_ffffL, (short) 255, -1);
        Place second = new Place(1, (short) 0, Long.MIN_VALUE);
        assertEquals(Optional.empty(), map.lookup(first));
        assertTrue(all(map).isEmpty());
        map.update(first, new Usage(-5, "sda", 65535));
        map.update(second, new Usage(Long.MAX_VALUE, "12345678", 0));
        map.update(first, new Usage(-6, "", 1));
        assertEquals(new Usage(-6, "", 1), map.lookup(first).orElseThrow());
        assertEquals(Map.of(first, new Usage(-6, "", 1), second, new Usage(Long.MAX_VALUE, "12345678", 0)), all(map));
        assertTrue(map.delete(first));
        assertFalse(map.delete(first));
        assertEquals(Set.of(second), all(map).keySet());
        assertEquals(
                List.of(new Usage(Long.MAX_VALUE, "12345678", 0)),
                map.lookupAll(second).orElseThrow());
        map.updateAll(second, List.of(new Usage(0, "x", 0)));
        assertEquals(new Usage(0, "x", 0), map.lookup(second).orElseThrow());
        assertThrows(JbccException.Failed.class, () -> map.update(first, new Usage(0, "123456789", 0)));
        assertThrows(JbccException.Failed.class, () -> map.lookup(new Place(-1, (short) 0, 0)));
    }

    @Test
    void arrayHasAllItsElements() {
        BpfMap<Long, Integer> map = object.map("array", Long.class, Integer.class);
        map.update(0L, -1);
        map.update(4999L, Integer.MIN_VALUE);
        Map<Long, Integer> all = all(map);
        assertEquals(5000, all.size());
        assertEquals(-1, all.get(0L));
        assertEquals(0, all.get(4097L));
        assertEquals(Integer.MIN_VALUE, all.get(4999L));
        assertEquals(Optional.empty(), map.lookup(5000L));
        JbccException e = assertThrows(JbccException.Failed.class, () -> map.update(5000L, 1));
        assertTrue(e.getMessage().startsWith("cannot update map array: E2BIG"), e.getMessage());
        e = assertThrows(JbccException.Failed.class, () -> map.delete(0L));
        assertTrue(e.getMessage().startsWith("cannot delete from map array: EINVAL"), e.getMessage());
    }

    @Test
    void hundredThousandElementsAreAllVisited() {
        BpfMap<Long, Long> map = object.map("hash", Long.class, Long.class);
        for (long i = 0; i < ENTRIES; i++) {
            map.update(i, ~i);
        }
        boolean[] visited = new boolean[ENTRIES];
        int[] visits = new int[1];
        map.forEach((key, value) -> {
            assertEquals(~key, value);
            visited[key.intValue()] = true;
            visits[0]++;
        });
        assertEquals(ENTRIES, visits[0]);
        for (boolean one : visited) {
            assertTrue(one);
        }
        assertThrows(JbccException.Failed.class, () -> map.update((long) ENTRIES, 0L));
    }

    @Test
    void perCpuMapsHaveAValueForEachCpu() {
        int cpus = Libbpf.possibleCpus();
        BpfMap<Long, Long> map = object.map("percpu_hash", Long.class, Long.class);
        List<Long> values = new ArrayList<>();
        for (long cpu = 0; cpu < cpus; cpu++) {
            values.add(cpu + 100);
        }
        for (long key = 0; key < 64; key++) {
            map.updateAll(key, values);
        }
        assertEquals(values, map.lookupAll(63L).orElseThrow());
        Map<Long, List<Long>> all = new HashMap<>();
        map.forEachAll((key, each) -> assertNull(all.put(key, each)));
        assertEquals(64, all.size());
        all.values().forEach(each -> assertEquals(values, each));
        assertTrue(map.delete(63L));
        assertEquals(Optional.empty(), map.lookupAll(63L));

        assertThrows(IllegalStateException.class, () -> map.lookup(0L));
        assertThrows(IllegalStateException.class, () -> map.update(0L, 1L));
        assertThrows(IllegalStateException.class, () -> map.forEach((key, value) -> {}));
        values.add(0L);
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> map.updateAll(0L, values));
        assertEquals(cpus + 1 + " values for " + cpus + " possible CPUs", e.getMessage());
    }

    @Test
    void perCpuArrayOfRecords() {
        BpfMap<Long, Usage> map = object.map("percpu_array", Long.class, Usage.class);
        List<Usage> values = new ArrayList<>();
        for (int cpu = 0; cpu < Libbpf.possibleCpus(); cpu++) {
            values.add(new Usage(-cpu, "cpu" + cpu, cpu));
        }
        map.updateAll(2L, values);
        Map<Long, List<Usage>> all = new HashMap<>();
        map.forEachAll((key, each) -> assertNull(all.put(key, each)));
        assertEquals(Set.of(0L, 1L, 2L), all.keySet());
        assertEquals(values, all.get(2L));
        assertEquals(new Usage(0, "", 0), all.get(0L).getLast());
    }

    @Test
    void lruForgetsTheOldest() {
        BpfMap<Long, Long> map = object.map("lru", Long.class, Long.class);
        for (long i = 0; i < 1000; i++) {
            map.update(i, 2 * i);
        }
        Map<Long, Long> all = all(map);
        assertTrue(!all.isEmpty() && all.size() <= 64, "has " + all.size());
        assertTrue(all.containsKey(999L));
        assertFalse(all.containsKey(0L));
        all.forEach((key, value) -> assertEquals(2 * key, value));
    }

    @Test
    void walksAMapWithoutBatches() {
        BpfMap<byte[], byte[]> map = object.map("unbatched", byte[].class, byte[].class);
        map.forEach((key, value) -> fail("is empty"));
        Set<Integer> expected = new HashSet<>();
        for (int i = 0; i < 2000; i++) {
            map.update(bytes(i * 7919), bytes(LOOPBACK));
            expected.add(i * 7919);
        }
        Set<Integer> visited = new HashSet<>();
        map.forEach((key, value) -> {
            assertTrue(visited.add(number(key)));
            assertEquals(LOOPBACK, number(value));
        });
        assertEquals(expected, visited);

        // Removing what is visited must neither fail nor go on for ever.
        Set<Integer> removed = new HashSet<>();
        map.forEach((key, value) -> {
            removed.add(number(key));
            map.delete(key);
        });
        assertEquals(expected, removed);
        map.forEach((key, value) -> fail("is empty again"));
    }

    private static byte[] bytes(int number) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.nativeOrder())
                .putInt(number)
                .array();
    }

    private static int number(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getInt();
    }

    @Test
    void readsABucketThatIsLargerThanTheBatch() {
        BpfMap<Long, Long> map = object.map("zero_seed", Long.class, Long.class);
        Set<Long> expected = new HashSet<>();
        for (int key = 0; expected.size() < 5000; key++) {
            if ((hash(key) & 8191) == 17) {
                map.update(Integer.toUnsignedLong(key), (long) expected.size());
                expected.add(Integer.toUnsignedLong(key));
            }
        }
        for (long key = 0; key < 100; key++) { // in other buckets
            map.update(key, key);
            expected.add(key);
        }
        assertEquals(expected, all(map).keySet());
    }

    /** {@code jhash2} of {@code include/linux/jhash.h} for one word and seed 0: how a hash map places a key of 4 bytes. */
    private static int hash(int key) {
        int initial = 0xdeadbeef + (1 << 2);
        int a = initial + key;
        int b = initial;
        int c = initial;
        c = (c ^ b) - Integer.rotateLeft(b, 14);
        a = (a ^ c) - Integer.rotateLeft(c, 11);
        b = (b ^ a) - Integer.rotateLeft(a, 25);
        c = (c ^ b) - Integer.rotateLeft(b, 16);
        a = (a ^ c) - Integer.rotateLeft(c, 4);
        b = (b ^ a) - Integer.rotateLeft(a, 14);
        return (c ^ b) - Integer.rotateLeft(b, 24);
    }

    @Test
    void anUntypedMapHasBytes() {
        BpfMap<byte[], byte[]> map = object.map("untyped", byte[].class, byte[].class);
        byte[] value = {1, 2, 3, 4, 5, -6};
        map.update(new byte[] {1, 0, 0, 0}, value);
        assertArrayEquals(value, map.lookup(new byte[] {1, 0, 0, 0}).orElseThrow());
        map.forEach((key, found) -> assertArrayEquals(value, found));
        assertThrows(JbccException.Failed.class, () -> map.update(new byte[3], value));
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> object.map("untyped", Long.class, byte[].class));
        assertTrue(e.getMessage().contains("byte[]"), e.getMessage());
    }

    @Test
    void typesMustMatchTheDeclaration() {
        JbccException e = assertThrows(JbccException.Failed.class, () -> object.map("hash", Integer.class, Long.class));
        assertTrue(e.getMessage().contains("u32"), e.getMessage());
        e = assertThrows(JbccException.Failed.class, () -> object.map("records", Place.class, Place.class));
        assertTrue(e.getMessage().startsWith("struct usage of the BPF object does not match Place: "), e.getMessage());
    }

    @Test
    void anExceptionOfTheVisitorEndsTheVisit() {
        BpfMap<Long, Integer> map = object.map("array", Long.class, Integer.class);
        int[] visits = new int[1];
        IllegalStateException thrown = assertThrows(
                IllegalStateException.class,
                () -> map.forEach((key, value) -> {
                    visits[0]++;
                    throw new IllegalStateException("enough");
                }));
        assertEquals("enough", thrown.getMessage());
        assertEquals(1, visits[0]);
    }
}
