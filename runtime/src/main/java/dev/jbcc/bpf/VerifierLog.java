// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What the kernel's verifier said about the program that it rejected, cut down to what a person needs. The log is read
 * once, from its end, and nothing of it is kept but the lines of the summary: it can have 90 MB. Its frame is that of
 * libbpf 1.x; its wording is told apart in {@link VerifierLine}.
 */
final class VerifierLog {
    private static final String BEGIN = "-- BEGIN PROG LOAD LOG --";
    private static final String END = "-- END PROG LOAD LOG --";
    private static final int CAUSE_LINES = 4;

    private final String program;
    private final String summary;
    private final String hint;
    private final boolean reachedCode;

    private VerifierLog(String program, String summary, String hint, boolean reachedCode) {
        this.program = program;
        this.summary = summary;
        this.hint = hint;
        this.reachedCode = reachedCode;
    }

    /**
     * Finds the log of the program that made a load fail: the last one in what libbpf printed, because libbpf stops
     * there.
     *
     * @return null when there is none, or an empty one, as when a security policy refuses before the verifier runs
     */
    static VerifierLog find(String said) {
        int to = said.length();
        boolean closed = false;
        for (int end = said.length(); end >= 0; ) {
            VerifierLine line = VerifierLine.endingAt(said, 0, end);
            if (line.endsWith(BEGIN)) {
                String program = program(line);
                if (program != null) {
                    return new Reader().read(program, said, Math.min(end + 1, to), to);
                }
            }
            if (!closed && line.endsWith(END)) {
                to = line.stop() - END.length(); // a cut log has no newline before this
                closed = true;
            } else if (!closed && line.startsWith("libbpf: ")) {
                to = line.begin(); // what libbpf said after a log whose end is missing
            }
            end = line.begin() - 1;
        }
        return null;
    }

    /** Out of {@code libbpf: prog 'NAME': -- BEGIN…}; null when the line is something else. */
    private static String program(VerifierLine line) {
        String before = "prog '";
        int from = line.start() + (line.startsWith("libbpf: ") ? "libbpf: ".length() : 0);
        int name = from + before.length();
        int to = line.stop() - BEGIN.length() - "': ".length();
        if (name > to || !line.text().startsWith(before, from) || !line.text().startsWith("': ", to)) {
            return null;
        }
        return VerifierLine.printable(line.text(), name, to);
    }

    /** The name of the rejected program: its function in the C source. */
    String program() {
        return program;
    }

    /**
     * A few lines without a newline at the end, fit for a terminal: the C line, the instruction that was rejected, what
     * the verifier knew of the register that it names, the cause, and how many lines of the log are not shown.
     */
    String summary() {
        return summary;
    }

    /** Whether the verifier came as far as the program's instructions; before, it looks at what it is to be attached to. */
    boolean reachedCode() {
        return reachedCode;
    }

    /** What the cause usually means and what to change in the C source; null when it is not a known one. */
    String hint() {
        return hint;
    }

    /** Goes through a log from its last line to its first. */
    private static final class Reader {
        private final Deque<String> causes = new ArrayDeque<>();
        private boolean causesDone;
        private String source;
        private boolean instructionDone;
        private String instruction;
        private String register;
        private String state;
        private String statistics;
        private boolean overLimit;
        private String last;
        private int lines;
        private int shown;

        VerifierLog read(String program, String said, int from, int to) {
            for (int end = to; end > from; ) {
                VerifierLine line = VerifierLine.endingAt(said, from, end);
                VerifierLine.Kind kind = line.kind();
                if (kind != VerifierLine.Kind.BLANK) {
                    if (lines++ == 0) {
                        last = line.printable();
                    }
                    read(kind, line);
                }
                end = line.begin() - 1;
            }
            if (lines == 0) {
                return null;
            }
            boolean reachedCode = source != null || instructionDone || overLimit;
            boolean gaveUp = causes.isEmpty() && overLimit;
            if (gaveUp || causes.isEmpty() && source == null && instruction == null) {
                addCause(statistics != null ? statistics : last);
            }
            String hint = VerifierHint.of(gaveUp ? VerifierHint.GAVE_UP : shownMessages());
            return new VerifierLog(program, summary(), hint, reachedCode);
        }

        private void read(VerifierLine.Kind kind, VerifierLine line) {
            switch (kind) {
                case MESSAGE -> {
                    if (!causesDone && causes.size() < CAUSE_LINES) {
                        addCause(line.printable());
                    }
                }
                case STATISTICS -> {
                    if (statistics == null) {
                        statistics = line.printable();
                        overLimit = line.isOverLimit();
                    }
                }
                case SOURCE -> {
                    endCauses();
                    instructionDone = true;
                    if (source == null) {
                        source = line.source();
                        shown += source == null ? 0 : 1;
                    }
                }
                case INSTRUCTION -> {
                    endCauses();
                    boolean rejected = !instructionDone;
                    if (rejected) {
                        instructionDone = true;
                        instruction = line.instruction();
                        shown++;
                    }
                    findState(line, !rejected && register != null && line.mayChange(register));
                }
                case STATE -> {
                    endCauses();
                    findState(line, line.isWholeState());
                    // Another path begins: what is above is not what was rejected.
                    instructionDone |= line.isWholeState();
                }
                case BLANK, REMARK -> {}
            }
        }

        private void addCause(String cause) {
            if (!cause.isEmpty()) {
                causes.addFirst(cause);
                shown++;
            }
        }

        private void endCauses() {
            if (!causesDone) {
                causesDone = true;
                for (String cause : causes) {
                    if (register == null) {
                        register = VerifierLine.registerNamedBy(cause);
                    }
                }
            }
        }

        /** @param last what is further up in the log is no longer true of the register */
        private void findState(VerifierLine line, boolean last) {
            if (register != null) {
                state = line.stateOf(register);
                if (state != null || last) {
                    register = null;
                }
            }
        }

        private String summary() {
            StringBuilder text = new StringBuilder();
            if (source != null) {
                text.append(source).append('\n');
            }
            if (instruction != null) {
                text.append("  ").append(instruction).append('\n');
            }
            if (state != null) {
                text.append("  ").append(state).append('\n');
            }
            for (String cause : causes) {
                text.append(cause).append('\n');
            }
            int omitted = lines - shown;
            if (omitted > 0) {
                text.append('(').append(omitted).append(omitted == 1 ? " line" : " lines");
                text.append(" omitted; -v shows all)\n");
            }
            text.setLength(text.length() - 1);
            return text.toString();
        }

        private String shownMessages() {
            StringBuilder text = new StringBuilder();
            if (instruction != null) {
                text.append(instruction).append('\n');
            }
            for (String cause : causes) {
                text.append(cause).append('\n');
            }
            return text.toString();
        }
    }
}
