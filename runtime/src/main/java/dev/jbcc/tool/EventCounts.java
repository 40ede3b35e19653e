// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.bpf.BpfObject;
import dev.jbcc.bpf.IntField;
import dev.jbcc.bpf.StructView;
import dev.jbcc.output.OutputBuffer;
import java.lang.foreign.MemorySegment;

/**
 * What became of the events of a run: {@code seen = printed + filtered + lost + left}, to the event. Each of
 * these is counted where it happens; a difference would be a defect, and is shown as unaccounted.
 *
 * @param seen by the programs, without those of the tool itself
 * @param printed rows written
 * @param filtered left out by a filter, in the kernel or here
 * @param lostFull lost because the buffer had no room
 * @param lostNoRing lost because their CPU had no perf ring: it was offline when the tool started, or in between
 * @param lostUntracked lost because what began could not be kept until its end
 * @param left that came after {@code --max-events} had ended the run
 * @param truncated among the printed: a string was cut
 * @param notFollowed processes started by the command that could not be traced, because the table was full
 * @param missed times that the kernel did not run a program, because it was running on that CPU; not among the seen
 */
record EventCounts(
        long seen,
        long printed,
        long filtered,
        long lostFull,
        long lostNoRing,
        long lostUntracked,
        long left,
        long truncated,
        long notFollowed,
        long missed) {

    /** One CPU's share. */
    private static final class InKernel extends StructView {
        final IntField seen = integer("seen");
        final IntField filtered = integer("filtered");
        final IntField lostFull = integer("lost_full");
        final IntField lostNoRing = integer("lost_no_ring");
        final IntField lostUntracked = integer("lost_untracked");
        final IntField truncated = integer("truncated");
        final IntField notFollowed = integer("not_followed");

        InKernel() {
            super("jbcc_counts");
        }
    }

    /** Adds up the CPUs' counts. */
    static EventCounts read(BpfObject object, long printed, long filteredHere, long left) {
        InKernel cpu = new InKernel();
        cpu.bind(object.btf());
        long seen = 0;
        long filtered = filteredHere;
        long lost = 0;
        long noRing = 0;
        long untracked = 0;
        long truncated = 0;
        long notFollowed = 0;
        for (byte[] bytes : object.map("jbcc_counts", Long.class, byte[].class)
                .lookupAll(0L)
                .orElseThrow()) {
            cpu.at(MemorySegment.ofArray(bytes), 0, bytes.length);
            seen += cpu.seen.get();
            filtered += cpu.filtered.get();
            lost += cpu.lostFull.get();
            noRing += cpu.lostNoRing.get();
            untracked += cpu.lostUntracked.get();
            truncated += cpu.truncated.get();
            notFollowed += cpu.notFollowed.get();
        }
        return new EventCounts(
                seen, printed, filtered, lost, noRing, untracked, left, truncated, notFollowed, object.missed());
    }

    /** All that were lost. */
    long lost() {
        return lostFull + lostNoRing + lostUntracked;
    }

    /** What is missing in the account of the events that were seen. */
    long unaccounted() {
        return seen - printed - filtered - lost() - left;
    }

    /** For stderr, such as {@code seen 23, printed 20, filtered 0, lost 3 (buffer full 3)}. */
    String sentence() {
        StringBuilder text = new StringBuilder();
        text.append("seen ").append(seen);
        text.append(", printed ").append(printed);
        text.append(", filtered ").append(filtered);
        text.append(", lost ").append(lost());
        if (lostFull > 0) {
            text.append(" (buffer full ").append(lostFull).append("; a larger --buffer-size helps)");
        }
        if (lostNoRing > 0) {
            text.append(" (on CPUs that came online later ").append(lostNoRing).append(")");
        }
        if (lostUntracked > 0) {
            text.append(" (not tracked to the end ").append(lostUntracked).append(")");
        }
        if (left > 0) {
            text.append(", left unread ").append(left);
        }
        if (unaccounted() != 0) {
            text.append(", unaccounted ").append(unaccounted());
        }
        if (truncated > 0) {
            text.append(", with a string cut ").append(truncated);
        }
        if (notFollowed > 0) {
            text.append(", processes not followed ").append(notFollowed);
        }
        if (missed > 0) {
            text.append(", missed by the kernel ").append(missed);
        }
        return text.toString();
    }

    /** For JSON: the last line of the output, the only one with the key {@code summary}. */
    void json(OutputBuffer out) {
        out.append("{\"summary\":{\"seen\":");
        out.decimal(seen);
        out.append(",\"printed\":");
        out.decimal(printed);
        out.append(",\"filtered\":");
        out.decimal(filtered);
        out.append(",\"lost_full\":");
        out.decimal(lostFull);
        out.append(",\"lost_no_ring\":");
        out.decimal(lostNoRing);
        out.append(",\"lost_untracked\":");
        out.decimal(lostUntracked);
        out.append(",\"left\":");
        out.decimal(left);
        out.append(",\"unaccounted\":");
        out.decimal(unaccounted());
        out.append(",\"truncated\":");
        out.decimal(truncated);
        out.append(",\"not_followed\":");
        out.decimal(notFollowed);
        out.append(",\"missed\":");
        out.decimal(missed);
        out.append("}}\n");
    }
}
