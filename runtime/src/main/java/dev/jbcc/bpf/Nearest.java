// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import java.util.List;

/** Answers which of some names was probably meant. */
final class Nearest {
    /** Beyond this length nobody mistypes a name, and comparing would take long. */
    private static final int MAX_LENGTH = 64;

    private static final int MAX_SHOWN = 20;

    private Nearest() {}

    /** The end of a message about a missing name: the one meant, or else the first ones there are. */
    static String suggestion(String wanted, List<String> names) {
        String best = "";
        int bestDistance = Math.min(2, wanted.length() / 2) + 1;
        for (String name : names) {
            int distance = distance(wanted, name, bestDistance);
            if (distance < bestDistance) {
                bestDistance = distance;
                best = name;
            }
        }
        if (!best.isEmpty()) {
            return "; did you mean '" + best + "'?";
        }
        if (names.isEmpty()) {
            return "; it has none";
        }
        StringBuilder list = new StringBuilder("; it has ");
        for (int i = 0; i < names.size() && i < MAX_SHOWN; i++) {
            list.append(i == 0 ? "" : ", ").append(names.get(i));
        }
        if (names.size() > MAX_SHOWN) {
            list.append(" and ").append(names.size() - MAX_SHOWN).append(" more");
        }
        return list.toString();
    }

    /** How many letters must be changed, added or removed to get from one name to the other; at most {@code limit}. */
    private static int distance(String a, String b, int limit) {
        if (a.length() > MAX_LENGTH || b.length() > MAX_LENGTH || Math.abs(a.length() - b.length()) >= limit) {
            return limit;
        }
        int[] above = new int[b.length() + 1];
        for (int j = 0; j < above.length; j++) {
            above[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[above.length];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int change = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, Math.min(row[j - 1], above[j]) + 1);
            }
            above = row;
        }
        return Math.min(limit, above[b.length()]);
    }
}
