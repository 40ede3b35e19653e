// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IdCacheTest {
    @Test
    void forgetsTheLeastRecentlyUsed() {
        IdCache<String> cache = new IdCache<>(2, 10, 100, 5);
        cache.put(1, "a", 1, 0);
        cache.put(2, "b", 1, 1);
        assertEquals("a", cache.get(1, 2));
        cache.put(3, "c", 1, 100);
        assertNull(cache.get(2, 100));
        assertEquals("a", cache.get(1, 100));
        assertEquals("c", cache.get(3, 100));
    }

    @Test
    void holdsWhatWasUsedLatelyUpToTheLimit() {
        IdCache<String> cache = new IdCache<>(2, 4, 100, 5);
        for (int id = 1; id <= 4; id++) {
            cache.put(id, "x", 1, id);
        }
        assertEquals(4, cache.size());
        cache.put(5, "x", 1, 5);
        assertEquals(4, cache.size(), "the limit");
        assertNull(cache.get(1, 5));
        cache.put(6, "x", 1, 100);
        assertEquals(2, cache.size(), "all others are old");
    }

    @Test
    void neverExceedsTheWeight() {
        IdCache<String> cache = new IdCache<>(10, 10, 100, 5);
        cache.put(1, "x", 60, 0);
        cache.put(2, "x", 60, 0);
        assertNull(cache.get(1, 0));
        assertEquals(60, cache.weight());
        cache.put(2, "y", 10, 0);
        assertEquals(10, cache.weight());
        cache.put(3, "y", 1000, 0);
        assertEquals(1, cache.size(), "the newest stays");
    }

    @Test
    void doesWhatAMapDoes() {
        IdCache<Integer> cache = new IdCache<>(1000, 1000, Long.MAX_VALUE, 0);
        Map<Long, Integer> model = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Long, Integer> eldest) {
                return size() > 1000;
            }
        };
        Random random = new Random(1);
        int hits = 0;
        for (int i = 0; i < 200_000; i++) {
            long id = random.nextInt(1500) * 19L + ((long) random.nextInt(2) << 40);
            if (random.nextBoolean()) {
                cache.put(id, i, 1, i);
                model.put(id, i);
            } else {
                Integer expected = model.get(id);
                assertEquals(expected, cache.get(id, i));
                hits += expected == null ? 0 : 1;
            }
            assertEquals(model.size(), cache.size());
        }
        assertTrue(hits > 1000);
        assertEquals(1000, cache.weight());
    }
}
