// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.bpf.BpfObject;
import dev.jbcc.output.OutputBuffer;
import dev.jbcc.stack.StackMaps;
import dev.jbcc.stack.StackSums;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What became of the events of a run that adds up by stack: {@code seen = counted + filtered + lost}, to the event. What
 * is counted are the printed ones of {@link EventCounts}.
 *
 * @param events what the programs have counted
 * @param losses what is not whole among the counted
 * @param lostHere events that were lost because there were too many different sums in all
 * @param missedHere of the counted: those that have lost a stack because there were too many different ones in all
 */
record StackCounts(EventCounts events, StackMaps.Losses losses, long lostHere, long missedHere) {

    /** @param filtered what was left out here, and not by the programs */
    static StackCounts read(BpfObject object, StackSums sums, long filtered, StackMaps.Losses losses) {
        return new StackCounts(EventCounts.read(object, sums.total(), filtered, 0), losses, sums.lost(), sums.missed());
    }

    private long lost() {
        return events.lost() + lostHere;
    }

    private long unaccounted() {
        return events.unaccounted() - lostHere;
    }

    /** For stderr, such as {@code seen 990, counted 980, filtered 10, lost 0}. */
    String sentence() {
        StringBuilder text = new StringBuilder();
        text.append("seen ").append(events.seen());
        text.append(", counted ").append(events.printed());
        text.append(", filtered ").append(events.filtered());
        text.append(", lost ").append(lost());
        if (unaccounted() != 0) {
            text.append(", unaccounted ").append(unaccounted());
        }
        if (events.notFollowed() > 0) {
            text.append(", processes not followed ").append(events.notFollowed());
        }
        if (events.missed() > 0) {
            text.append(", missed by the kernel ").append(events.missed());
        }
        return text.toString();
    }

    /** What is not whole, as a share of what was counted, and what helps. */
    List<String> advice(String unit) {
        List<String> lines = new ArrayList<>();
        if (events.lostFull() > 0) {
            lines.add(share(events.lostFull(), unit) + " lost for want of room; a larger --hash-storage-size helps");
        }
        if (lostHere > 0) {
            lines.add(share(lostHere, unit)
                    + " lost: there are too many different sums; a filter or a shorter run helps");
        }
        if (losses.user() > 0) {
            lines.add(share(losses.user(), unit) + " without their user stack" + room());
        }
        if (losses.kernel() > 0) {
            lines.add(share(losses.kernel(), unit) + " without their kernel stack" + room());
        }
        if (missedHere > 0) {
            lines.add(share(missedHere, unit)
                    + " without a stack: there are too many different ones; a filter or a shorter run helps");
        }
        if (losses.cut() > 0) {
            lines.add(losses.cut() + " stacks cut; a larger --perf-max-stack-depth helps, up to what sysctl"
                    + " kernel.perf_event_max_stack says");
        }
        return lines;
    }

    private String room() {
        return losses.full() > 0 ? "; a larger --stack-storage-size helps" : "";
    }

    private String share(long part, String unit) {
        double percent = 100.0 * part / Math.max(1, events.seen() - events.filtered());
        return String.format(Locale.ROOT, "%d %s (%.1f %%)", part, unit, percent);
    }

    /** For JSON: the last line of the output, the only one with the key {@code summary}. */
    void json(OutputBuffer out) {
        out.append("{\"summary\":{\"seen\":");
        out.decimal(events.seen());
        out.append(",\"counted\":");
        out.decimal(events.printed());
        out.append(",\"filtered\":");
        out.decimal(events.filtered());
        out.append(",\"lost\":");
        out.decimal(lost());
        out.append(",\"unaccounted\":");
        out.decimal(unaccounted());
        out.append(",\"missed_user\":");
        out.decimal(losses.user());
        out.append(",\"missed_kernel\":");
        out.decimal(losses.kernel());
        out.append(",\"full\":");
        out.decimal(losses.full() + missedHere);
        out.append(",\"cut\":");
        out.decimal(losses.cut());
        out.append(",\"not_followed\":");
        out.decimal(events.notFollowed());
        out.append(",\"missed\":");
        out.decimal(events.missed());
        out.append("}}\n");
    }
}
