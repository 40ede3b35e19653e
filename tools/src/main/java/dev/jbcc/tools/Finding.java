// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import dev.jbcc.JbccException;
import dev.jbcc.host.Privileges;

/**
 * One line of {@code jbcc doctor}.
 *
 * @param group host, hook or tool
 * @param value a fact, or why something does not work
 * @param hint what to do, or the empty string
 * @param detail the long form of why it does not work, any number of lines, or the empty string
 */
record Finding(String group, String name, State state, String value, String hint, String detail) {
    /** Whether it is a fact, or works, or does not, or could not be tried. */
    enum State {
        FACT("-"),
        YES("yes"),
        NO("no"),
        UNKNOWN("?");

        private final String word;

        State(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    static Finding fact(String name, String value) {
        return new Finding("host", name, State.FACT, value, "", "");
    }

    /** Of something that this user might not do, whether it works or not. */
    static Finding refused(String group, String name, JbccException refusal, String otherHint) {
        State state = refusal instanceof JbccException.NotPermitted
                        && !Privileges.own().mayTrace()
                ? State.UNKNOWN
                : State.NO;
        return new Finding(
                group,
                name,
                state,
                refusal.getMessage(),
                refusal.hint().orElse(otherHint),
                refusal.detail().orElse(""));
    }
}
