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
 * What became of the events of a run that adds up by stack: {@code seen = counted + filtered + lost}, to the event.
 *
 * @param events what the programs have counted
 * @param counted what is in the output
 * @param lost what did not fit, in the kernel or here
 * @param missedUser of the counted: without their user stack
 * @param missedKernel of the counted: without their kernel stack
 * @param full stacks for which there was no room
 * @param cut stacks that were deeper than is kept
 */
record StackCounts(
        EventCounts events, long counted, long lost, long missedUser, long missedKernel, long full, long cut) {

    /** @param filtered what was left out here, and not by the programs */
    static StackCounts read(BpfObject object, StackSums sums, long filtered, StackMaps.Losses losses) {
        EventCounts events = EventCounts.read(object, sums.total(), filtered, 0);
        return new StackCounts(
                events,
                sums.total(),
                events.lostFull() + sums.lost(),
                losses.user(),
                losses.kernel(),
                losses.full() + sums.missed(),
                losses.cut());
    }

    private long unaccounted() {
        return events.seen() - counted - events.filtered() - lost;
    }

    /** For stderr, such as {@code seen 990, counted 980, filtered 10, lost 0}. */
    String sentence() {
        StringBuilder text = new StringBuilder();
        text.append("seen ").append(events.seen());
        text.append(", counted ").append(counted);
        text.append(", filtered ").append(events.filtered());
        text.append(", lost ").append(lost);
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
        if (lost > 0) {
            lines.add(share(lost, unit) + " lost for want of room; a larger --hash-storage-size helps");
        }
        if (missedUser > 0) {
            lines.add(share(missedUser, unit) + " without their user stack" + room());
        }
        if (missedKernel > 0) {
            lines.add(share(missedKernel, unit) + " without their kernel stack" + room());
        }
        if (cut > 0) {
            lines.add(cut + " stacks cut; a larger --perf-max-stack-depth helps, up to what sysctl"
                    + " kernel.perf_event_max_stack says");
        }
        return lines;
    }

    private String room() {
        return full > 0 ? "; a larger --stack-storage-size helps" : "";
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
        out.decimal(counted);
        out.append(",\"filtered\":");
        out.decimal(events.filtered());
        out.append(",\"lost\":");
        out.decimal(lost);
        out.append(",\"unaccounted\":");
        out.decimal(unaccounted());
        out.append(",\"missed_user\":");
        out.decimal(missedUser);
        out.append(",\"missed_kernel\":");
        out.decimal(missedKernel);
        out.append(",\"full\":");
        out.decimal(full);
        out.append(",\"cut\":");
        out.decimal(cut);
        out.append(",\"not_followed\":");
        out.decimal(events.notFollowed());
        out.append(",\"missed\":");
        out.decimal(events.missed());
        out.append("}}\n");
    }
}
