// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

/**
 * One line that a program printed by {@code bpf_printk}.
 *
 * <p>{@link TracePipe} shows its use.
 *
 * @param comm the command that ran, of which other bytes than ASCII may be lost
 * @param pid its thread, as the initial pid namespace numbers it
 * @param cpu where it ran
 * @param nanos since boot, of the kernel's trace clock, in steps of a microsecond
 * @param text what was printed; a process may have chosen it, so that it must be escaped for a terminal
 */
public record TraceLine(String comm, int pid, int cpu, long nanos, String text) {
    private static final String PRINTK = ": bpf_trace_printk: ";

    /**
     * Reads a line of {@code trace_pipe}, as {@code trace_print_context()} in {@code kernel/trace/trace_output.c} writes
     * it; null when it is no line of {@code bpf_printk}.
     */
    static TraceLine parse(String line) {
        int message = line.indexOf(PRINTK);
        if (message < 0) {
            return null;
        }
        // COMM-PID [CPU] FLAGS SECONDS: the comm may have any of these characters, so from the right.
        String context = line.substring(0, message);
        int time = context.lastIndexOf(' ');
        int open = context.lastIndexOf('[');
        int close = context.indexOf(']', open + 1);
        int dash = context.lastIndexOf('-', open);
        if (time < close || close < 0 || open < 1 || dash < 0) {
            return null;
        }
        try {
            String pid = context.substring(dash + 1, open).strip();
            int space = pid.indexOf(' '); // with the option record-tgid, "(TGID)" follows
            return new TraceLine(
                    context.substring(0, dash).strip(),
                    Integer.parseInt(space < 0 ? pid : pid.substring(0, space)),
                    Integer.parseInt(context.substring(open + 1, close)),
                    nanos(context.substring(time + 1)),
                    line.substring(message + PRINTK.length()));
        } catch (NumberFormatException otherwise) {
            return null;
        }
    }

    /** Of seconds with six decimals. */
    private static long nanos(String seconds) {
        int dot = seconds.indexOf('.');
        if (dot < 0 || seconds.length() != dot + 7) {
            throw new NumberFormatException(seconds);
        }
        return Long.parseLong(seconds.substring(0, dot)) * 1_000_000_000L
                + Integer.parseInt(seconds.substring(dot + 1)) * 1000L;
    }
}
