// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

/**
 * One line of a verifier log, as a range of the whole. The wording is that of kernel/bpf/verifier.c and log.c from 5.4
 * to 6.18, at log levels 1 and 2, which is no interface: what is not recognised counts as a message.
 *
 * @param begin where the line begins in {@code text}
 * @param start its first character that is no white space, or {@code stop}
 * @param stop behind its last character that is no white space
 */
record VerifierLine(String text, int begin, int start, int stop) {
    /** Longer lines are cut. The kernel's own are shorter, but for the state of a full stack. */
    private static final int SHOWN_CHARS = 500;

    /** How lines begin that a good program gets too. */
    private static final String[] REMARKS = {
        "Unrecognized arg#",
        "func#",
        "Validating ",
        "Func#",
        "mark_precise:",
        "last_idx ",
        "regs=",
        "parent ",
        "propagating ",
        "Live regs before insn",
    };

    enum Kind {
        BLANK,
        /** A line of the C source. */
        SOURCE,
        INSTRUCTION,
        /** What registers and stack hold. */
        STATE,
        /** How much work it was. */
        STATISTICS,
        REMARK,
        MESSAGE
    }

    /** The line of {@code text} that ends before the newline at {@code end}, but begins at {@code from} or later. */
    static VerifierLine endingAt(String text, int from, int end) {
        int begin = Math.max(from, text.lastIndexOf('\n', end - 1) + 1);
        int stop = end;
        while (stop > begin && text.charAt(stop - 1) <= ' ') {
            stop--;
        }
        int start = begin;
        while (start < stop && text.charAt(start) <= ' ') {
            start++;
        }
        return new VerifierLine(text, begin, start, stop);
    }

    boolean startsWith(String words) {
        return at(start, words);
    }

    boolean endsWith(String words) {
        return at(Math.max(start, stop - words.length()), words);
    }

    private boolean at(int index, String words) {
        return index + words.length() <= stop && text.startsWith(words, index);
    }

    Kind kind() {
        if (start == stop) {
            return Kind.BLANK;
        }
        if (startsWith(";")) {
            return Kind.SOURCE;
        }
        int numbered = behindNumber();
        if (numbered > start) {
            if (at(numbered, "(") || at(numbered, "<invalid ")) {
                return Kind.INSTRUCTION;
            }
            // "7: while (x)" is how a loop's C lines are named when no loop is allowed
            return isState(numbered) || at(numbered, "safe") ? Kind.STATE : Kind.SOURCE;
        }
        if (isState(start) || isWholeState() || startsWith("caller:") || startsWith("returning from callee:")) {
            return Kind.STATE;
        }
        if (startsWith("processed ") || startsWith("verification time ") || startsWith("stack depth ")) {
            return Kind.STATISTICS;
        }
        return isRemark() ? Kind.REMARK : Kind.MESSAGE;
    }

    private boolean isRemark() {
        for (String remark : REMARKS) {
            if (startsWith(remark)) {
                return true;
            }
        }
        return startsWith("arg#") && has("size cannot be determined") || startsWith("func '") && has(" has btf_id ");
    }

    private boolean has(String words) {
        return text.indexOf(words, start, stop) >= 0;
    }

    /** Behind {@code "12: "} at the start, or {@code start} where there is no such thing. */
    private int behindNumber() {
        int at = digitsEnd(start);
        return at > start && at(at, ": ") ? at + 2 : start;
    }

    private int digitsEnd(int index) {
        int at = index;
        while (at < stop && isDigit(text.charAt(at))) {
            at++;
        }
        return at;
    }

    private boolean isState(int index) {
        if (at(index, "R")) {
            int end = digitsEnd(index + 1);
            return end > index + 1 && (at(end, "=") || at(end, "_"));
        }
        if (at(index, "frame")) {
            return digitsEnd(index + 5) > index + 5;
        }
        return at(index, "fp-") || at(index, "refs=");
    }

    /** True when all registers in use are here or in the next line, since another path or function begins. */
    boolean isWholeState() {
        return startsWith("from ") && has(" to ") || startsWith("callee:") || startsWith("to caller at");
    }

    /** True for statistics that say that the verifier gave up: {@code processed 1000001 insns (limit 1000000) …}. */
    boolean isOverLimit() {
        int limit = text.indexOf("(limit ", start, stop);
        if (limit < 0 || !startsWith("processed ")) {
            return false;
        }
        long processed = number(start + "processed ".length());
        return processed > number(limit + "(limit ".length());
    }

    /** The number at an index, at most nine digits of it: the limits are smaller. */
    private long number(int index) {
        long number = 0;
        for (int at = index; at < Math.min(index + 9, digitsEnd(index)); at++) {
            number = number * 10 + text.charAt(at) - '0';
        }
        return number;
    }

    /**
     * A C line as {@code file:line: text}, or {@code text} alone from kernels before 6.9; null when it has no text, as
     * for code that the compiler made up.
     */
    String source() {
        int from = startsWith(";") ? start + 1 : behindNumber();
        int file = lastIndexOf(" @ ", from);
        int colon = lastIndexOf(":", Math.max(file, from));
        boolean placed = file >= 0 && colon > file && colon + 1 < stop && digitsEnd(colon + 1) == stop;
        String words = printable(text, from, placed ? file : stop);
        if (words.isEmpty()) {
            return null;
        }
        return placed ? printable(text, file + " @ ".length(), stop) + ": " + words : words;
    }

    private int lastIndexOf(String words, int from) {
        int at = stop - words.length();
        while (at >= from && !text.startsWith(words, at)) {
            at--;
        }
        return at < from ? -1 : at;
    }

    /** Without the register state behind it. */
    String instruction() {
        int comment = text.indexOf(';', start, stop);
        return printable(text, start, comment < 0 ? stop : comment);
    }

    String printable() {
        return printable(text, start, stop);
    }

    /** {@code R7} out of {@code R7 !read_ok}; null when the message begins with something else. */
    static String registerNamedBy(String message) {
        int at = 1;
        while (at < message.length() && isDigit(message.charAt(at))) {
            at++;
        }
        boolean named = at > 1 && at <= 3 && message.startsWith("R") && message.startsWith(" ", at);
        return named ? message.substring(0, at) : null;
    }

    /** Such as {@code R0_w=map_value(map=names,ks=4,vs=64)}; null when the line does not say it. */
    String stateOf(String register) {
        for (int at = text.indexOf(register, start, stop); at >= 0; at = text.indexOf(register, at + 1, stop)) {
            int sign = at + register.length();
            if (at(sign, "_")) { // _r, _w, _rw: it was read, written
                sign++;
                while (sign < stop && Character.isLowerCase(text.charAt(sign))) {
                    sign++;
                }
            }
            if (at(sign, "=") && (at == start || text.charAt(at - 1) == ' ')) {
                int to = sign;
                int open = 0;
                while (to < stop && (open > 0 || text.charAt(to) > ' ')) {
                    char c = text.charAt(to++);
                    open += c == '(' ? 1 : c == ')' ? -1 : 0;
                }
                return printable(text, at, to);
            }
        }
        return null;
    }

    /** Whether this instruction may change the register or what is known about it. */
    boolean mayChange(String register) {
        int comment = text.indexOf(';', start, stop);
        int to = comment < 0 ? stop : comment;
        int number = Integer.parseInt(register, 1, register.length(), 10);
        if (number <= 5 && text.indexOf(" call ", start, to) >= 0) {
            return true;
        }
        for (int at = text.indexOf(register.substring(1), start, to);
                at > start;
                at = text.indexOf(register.substring(1), at + 1, to)) {
            char before = text.charAt(at - 1);
            int behind = at + register.length() - 1;
            if ((before == 'r' || before == 'w') && (behind == to || !isDigit(text.charAt(behind)))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /**
     * Some of a log on one line, without the characters that move the cursor or show nothing, and cut when it is long:
     * the names in it and the C source can come from anywhere.
     */
    static String printable(String text, int from, int to) {
        StringBuilder shown = new StringBuilder();
        for (int at = from; at < to; ) {
            if (shown.length() >= SHOWN_CHARS) {
                return shown.append('…').toString();
            }
            int character = text.codePointAt(at);
            at += Character.charCount(character);
            switch (Character.getType(character)) {
                case Character.CONTROL -> {
                    if (character == '\t') {
                        space(shown);
                    }
                }
                case Character.SPACE_SEPARATOR -> space(shown);
                case Character.FORMAT,
                        Character.SURROGATE,
                        Character.PRIVATE_USE,
                        Character.UNASSIGNED,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR -> {}
                default -> shown.appendCodePoint(character);
            }
        }
        int end = shown.length();
        if (end > 0 && shown.charAt(end - 1) == ' ') {
            shown.setLength(end - 1);
        }
        return shown.toString();
    }

    /** One space for any number of them, none at the start. */
    private static void space(StringBuilder shown) {
        int end = shown.length();
        if (end > 0 && shown.charAt(end - 1) != ' ') {
            shown.append(' ');
        }
    }
}
