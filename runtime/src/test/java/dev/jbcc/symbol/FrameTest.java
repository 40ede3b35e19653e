// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class FrameTest {
    private static Frame nameless(String module, long offset, Frame.Why why) {
        return new Frame(Frame.Kind.NATIVE, null, module, offset, why);
    }

    @Test
    void isLabelledByWhatIsKnown() {
        assertEquals("main", new Frame(Frame.Kind.NATIVE, "main", "true", 3, null).label());
        assertEquals(
                "[libfoo.so]+0x1f3",
                nameless("libfoo.so", 0x1f3, Frame.Why.STRIPPED).label());
        assertEquals(
                "[vdso]+0x10", nameless("[vdso]", 0x10, Frame.Why.NO_SYMBOL).label());
        assertEquals("[unknown]", nameless(null, 0x7f00, Frame.Why.NO_PERF_MAP).label());
    }

    @Test
    void unknownOnesAreCountedByReasonAndModule() {
        UnknownFrames counts = new UnknownFrames();
        counts.add(new Frame(Frame.Kind.NATIVE, "main", "true", 3, null), 100);
        counts.add(nameless("a", 1, Frame.Why.STRIPPED), 2);
        counts.add(nameless("b", 1, Frame.Why.STRIPPED), 3);
        counts.add(nameless("a", 9, Frame.Why.STRIPPED), 4);
        counts.add(nameless(null, 9, Frame.Why.NOT_MAPPED), 1);
        assertEquals(10, counts.total());
        assertEquals(
                List.of(
                        new UnknownFrames.Count(Frame.Why.STRIPPED, "a", 6),
                        new UnknownFrames.Count(Frame.Why.STRIPPED, "b", 3),
                        new UnknownFrames.Count(Frame.Why.NOT_MAPPED, null, 1)),
                counts.counts());
    }

    @Test
    void countsDoNotGrowWithTheNamesThatSomebodyMakesUp() {
        UnknownFrames counts = new UnknownFrames();
        for (int i = 0; i < 5000; i++) {
            counts.add(nameless("lib" + i, 0, Frame.Why.STRIPPED), 1);
        }
        assertEquals(5000, counts.total());
        assertEquals(1001, counts.counts().size());
        assertEquals(
                new UnknownFrames.Count(Frame.Why.STRIPPED, null, 4000),
                counts.counts().getFirst());
    }
}
