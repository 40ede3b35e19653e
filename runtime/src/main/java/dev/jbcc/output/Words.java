// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

/**
 * Texts one behind the other, with a NUL at the end of each, which the last one need not have: as in /proc/PID/cmdline.
 *
 * {@snippet :
 * byte[] words = "ls\0-l\0".getBytes(StandardCharsets.US_ASCII);
 * System.out.println(Words.end(words, 0, words.length)); // 2
 * }
 */
public final class Words {
    private Words() {}

    /** Where the text that starts at {@code start} ends: at its NUL, or at {@code length}. */
    public static int end(byte[] words, int start, int length) {
        int end = start;
        while (end < length && words[end] != 0) {
            end++;
        }
        return end;
    }
}
