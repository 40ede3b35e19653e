// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbcc.output.OutputBuffer;
import dev.jbcc.stack.StackMaps;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class StackCountsTest {
    private static final StackMaps.Losses WHOLE = new StackMaps.Losses(0, 0, 0, 0);
    private static final StackCounts NOTHING_SPECIAL = new StackCounts(events(990, 980, 10, 0), WHOLE, 0, 0);
    private static final StackCounts EVERYTHING =
            new StackCounts(events(1010, 900, 10, 60), new StackMaps.Losses(50, 20, 70, 3), 40, 25);

    private static EventCounts events(long seen, long counted, long filtered, long lost) {
        return new EventCounts(seen, counted, filtered, lost, 0, 0, 0, 0, 0, 0);
    }

    private static String json(StackCounts counts) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        OutputBuffer out = new OutputBuffer(bytes);
        counts.json(out);
        out.flush();
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void theSentenceAddsUp() {
        assertEquals("seen 990, counted 980, filtered 10, lost 0", NOTHING_SPECIAL.sentence());
        assertEquals("seen 1010, counted 900, filtered 10, lost 100", EVERYTHING.sentence());
        assertEquals(
                "seen 5, counted 1, filtered 1, lost 1, unaccounted 2",
                new StackCounts(events(5, 1, 1, 0), WHOLE, 1, 0).sentence());
        assertEquals(
                "seen 1, counted 1, filtered 0, lost 0, processes not followed 2, missed by the kernel 3",
                new StackCounts(new EventCounts(1, 1, 0, 0, 0, 0, 0, 0, 2, 3), WHOLE, 0, 0).sentence());
    }

    @Test
    void whatIsNotWholeIsAShareOfWhatPassedTheFilters() {
        assertEquals(List.of(), NOTHING_SPECIAL.advice("samples"));
        assertEquals(
                List.of(
                        "60 samples (6.0 %) lost for want of room; a larger --hash-storage-size helps",
                        "40 samples (4.0 %) lost: there are too many different sums; a filter or a shorter run helps",
                        "50 samples (5.0 %) without their user stack; a larger --stack-storage-size helps",
                        "20 samples (2.0 %) without their kernel stack; a larger --stack-storage-size helps",
                        "25 samples (2.5 %) without a stack: there are too many different ones;"
                                + " a filter or a shorter run helps",
                        "3 stacks cut; a larger --perf-max-stack-depth helps,"
                                + " up to what sysctl kernel.perf_event_max_stack says"),
                EVERYTHING.advice("samples"));
        StackCounts unreadable = new StackCounts(events(4, 4, 0, 0), new StackMaps.Losses(1, 0, 0, 0), 0, 0);
        assertEquals(List.of("1 samples (25.0 %) without their user stack"), unreadable.advice("samples"));
    }

    @Test
    void jsonHasAllOfThemAlways() throws IOException {
        assertEquals(
                "{\"summary\":{\"seen\":990,\"counted\":980,\"filtered\":10,\"lost\":0,\"unaccounted\":0,\"missed_user\":0,"
                        + "\"missed_kernel\":0,\"full\":0,\"cut\":0,\"not_followed\":0,\"missed\":0}}\n",
                json(NOTHING_SPECIAL));
        assertEquals(
                "{\"summary\":{\"seen\":1010,\"counted\":900,\"filtered\":10,\"lost\":100,\"unaccounted\":0,"
                        + "\"missed_user\":50,\"missed_kernel\":20,\"full\":95,\"cut\":3,\"not_followed\":0,"
                        + "\"missed\":0}}\n",
                json(EVERYTHING));
    }
}
