// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts the frames without a name, by what is known of them, for the end of a report. Modules beyond
 * {@value #MAX_MODULES} are counted under their reason alone, for whoever is traced chooses their names.
 *
 * {@snippet :
 * UnknownFrames unknown = new UnknownFrames();
 * unknown.add(KernelSymbols.read().at(1), 1);
 * unknown.counts().forEach(count -> System.out.println(count.samples() + " " + count.why()));
 * }
 */
public final class UnknownFrames {
    private static final int MAX_MODULES = 1000;

    private record Key(Frame.Why why, String module) {}

    /**
     * How often one was seen.
     *
     * @param module as in {@link Frame}; null when there is none, or when there are too many to tell them apart
     */
    public record Count(Frame.Why why, String module, long samples) {}

    private final Map<Key, Long> counts = new HashMap<>();
    private long total;

    /** None so far. */
    public UnknownFrames() {}

    /** Counts a frame, if it has no name, as often as it was seen. */
    public void add(Frame frame, long samples) {
        if (frame.name() != null) {
            return;
        }
        total += samples;
        Key key = new Key(frame.why(), frame.module());
        if (counts.size() >= MAX_MODULES && !counts.containsKey(key)) {
            key = new Key(frame.why(), null);
        }
        counts.merge(key, samples, Long::sum);
    }

    public long total() {
        return total;
    }

    /** The most frequent first. */
    public List<Count> counts() {
        List<Count> sorted = new ArrayList<>(counts.size());
        counts.forEach((key, samples) -> sorted.add(new Count(key.why(), key.module(), samples)));
        sorted.sort((a, b) -> {
            int order = Long.compare(b.samples(), a.samples());
            if (order == 0) {
                order = a.why().compareTo(b.why());
            }
            return order != 0 ? order : String.valueOf(a.module()).compareTo(String.valueOf(b.module()));
        });
        return sorted;
    }
}
