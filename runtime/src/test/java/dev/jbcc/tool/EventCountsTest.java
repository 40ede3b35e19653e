// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.output.OutputBuffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class EventCountsTest {
    private static final EventCounts NOTHING_SPECIAL = new EventCounts(23, 20, 3, 0, 0, 0, 0, 0, 0, 0);
    private static final EventCounts EVERYTHING = new EventCounts(41, 20, 1, 2, 8, 7, 3, 4, 5, 6);

    private static String json(EventCounts counts) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        OutputBuffer out = new OutputBuffer(bytes);
        counts.json(out);
        out.flush();
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void theSentenceSaysWhatBecameOfTheEvents() {
        assertEquals("seen 23, printed 20, filtered 3, lost 0", NOTHING_SPECIAL.sentence());
        assertEquals(
                "seen 41, printed 20, filtered 1, lost 17 (buffer full 2; a larger --buffer-size helps)"
                        + " (on CPUs that came online later 8) (not tracked to the end 7), left unread 3, with a string cut 4, processes not followed 5, missed by the kernel 6",
                EVERYTHING.sentence());
    }

    @Test
    void whatIsMissingInTheAccountIsSaid() throws IOException {
        EventCounts counts = new EventCounts(Long.MAX_VALUE, 20, 0, 0, 0, 0, 0, 0, 0, 0);
        assertEquals(
                "seen 9223372036854775807, printed 20, filtered 0, lost 0, unaccounted 9223372036854775787",
                counts.sentence());
        assertTrue(json(counts).contains("\"unaccounted\":9223372036854775787,"));
        assertEquals(0, NOTHING_SPECIAL.unaccounted());
        assertEquals(-1, new EventCounts(1, 2, 0, 0, 0, 0, 0, 0, 0, 0).unaccounted());
    }

    @Test
    void jsonHasAllOfThemAlways() throws IOException {
        assertEquals(
                "{\"summary\":{\"seen\":23,\"printed\":20,\"filtered\":3,\"lost_full\":0,\"lost_no_ring\":0,\"lost_untracked\":0,\"left\":0,\"unaccounted\":0,\"truncated\":0,"
                        + "\"not_followed\":0,\"missed\":0}}\n",
                json(NOTHING_SPECIAL));
        assertEquals(
                "{\"summary\":{\"seen\":41,\"printed\":20,\"filtered\":1,\"lost_full\":2,\"lost_no_ring\":8,\"lost_untracked\":7,\"left\":3,\"unaccounted\":0,"
                        + "\"truncated\":4,\"not_followed\":5,\"missed\":6}}\n",
                json(EVERYTHING));
    }
}
