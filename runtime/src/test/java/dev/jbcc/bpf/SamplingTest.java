// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.Sampling.Clock;
import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.host.Kernel;
import dev.jbcc.stack.StackMaps;
import dev.jbcc.stack.StackSums;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Samples of this process, added up by {@code stacks.h}. */
class SamplingTest {
    private static final Sampling FAST = new Sampling(Clock.CPU_CLOCK, true, 1999, false);
    private static final StackMaps.Room ROOM = new StackMaps.Room(4096, 4096, 127);

    private static final class Counts extends StructView {
        final IntField seen = integer("seen");
        final IntField lostFull = integer("lost_full");

        Counts() {
            super("jbcc_counts");
        }
    }

    private static BpfObject load(StackMaps.Room room) {
        try (OpenObject open = TestBpf.open("sampled")) {
            StackMaps.configure(open, room);
            open.leaveOut("jbcc_perf");
            return TestBpf.load(open);
        }
    }

    private static long[] seenAndLost(BpfObject object) {
        Counts counts = new Counts();
        counts.bind(object.btf());
        long[] sums = new long[2];
        for (byte[] cpu : object.map("jbcc_counts", Long.class, byte[].class)
                .lookupAll(0L)
                .orElseThrow()) {
            counts.at(MemorySegment.ofArray(cpu), 0, cpu.length);
            sums[0] += counts.seen.get();
            sums[1] += counts.lostFull.get();
        }
        return sums;
    }

    private static void burn(int millis) {
        long end = System.nanoTime() + millis * 1_000_000L;
        while (System.nanoTime() < end) {
            Libc.processId();
        }
    }

    private static StackSums sample(BpfObject object, StackMaps.Room room) {
        StackSums sums = new StackSums();
        StackMaps maps = new StackMaps(object, room);
        for (int cpu : Kernel.onlineCpus()) {
            assertTrue(object.attach("sampled", FAST, cpu).isPresent());
        }
        long end = System.nanoTime() + 10_000_000_000L;
        do {
            burn(50);
            maps.drain(sums);
        } while (sums.total() < 100 && System.nanoTime() < end);
        object.detach();
        maps.drain(sums);
        maps.drain(sums);
        return sums;
    }

    @Test
    void everySampleIsInOneOfTheDrains() {
        try (BpfObject object = load(ROOM)) {
            StackSums sums = sample(object, ROOM);
            long[] seenAndLost = seenAndLost(object);
            assertTrue(sums.total() >= 100, "samples: " + sums.total());
            assertEquals(seenAndLost[0], sums.total());
            assertEquals(0, seenAndLost[1]);
            assertEquals(0, sums.missed());
            sums.forEach((key, amount) -> {
                assertEquals(Libc.processId(), key.pid());
                assertTrue(amount > 0);
                assertTrue(key.user() == StackSums.NONE || sums.stack(key.user()).length > 0, key::toString);
            });
        }
    }

    @Test
    void whatDoesNotFitIsCounted() {
        StackMaps.Room narrow = new StackMaps.Room(1, 1, 1);
        try (BpfObject object = load(narrow)) {
            StackSums sums = sample(object, narrow);
            StackMaps.Losses losses = new StackMaps(object, narrow).losses();
            long[] seenAndLost = seenAndLost(object);
            assertEquals(seenAndLost[0], sums.total() + seenAndLost[1]);
            assertTrue(losses.cut() > 0, losses::toString);
            assertTrue(losses.full() > 0, losses::toString);
            assertTrue(losses.user() + losses.kernel() <= 2 * sums.total(), "of what is counted: " + losses);
        }
    }

    @Test
    void aCpuThatIsNotThereHasNoEvent() {
        try (BpfObject object = load(ROOM)) {
            assertEquals(Optional.empty(), object.attach("sampled", FAST, Kernel.possibleCpus()));
        }
    }

    @Test
    void aRateThatTheKernelRefusesIsAMistakeOfTheUser() {
        try (BpfObject object = load(ROOM)) {
            Sampling absurd = new Sampling(Clock.CPU_CLOCK, true, 1_000_000_000, false);
            assertThrows(JbccException.Usage.class, () -> object.attach("sampled", absurd, 0));
        }
    }
}
