// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.Strictness;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a run of the tool has left.
 *
 * @param exit status
 * @param out what it wrote to stdout
 * @param err what it wrote to stderr
 */
record Run(int exit, String out, String err) {
    private static final Gson JSON =
            new GsonBuilder().setStrictness(Strictness.STRICT).create();
    private static final Pattern SENTENCE = Pattern.compile(
            "j[a-z]+: seen (\\d+), (?:printed|counted) (\\d+), filtered (\\d+), lost (\\d+)(?: \\([^)]*\\))*"
                    + "(?:, left unread (\\d+))?(?:, with a string cut \\d+)?(?:, processes not followed \\d+)?(?:, missed by the kernel \\d+)?");

    /** The counts at the end. */
    record Counts(long seen, long printed, long filtered, long lost, long left) {}

    /** The lines of stdout. */
    List<String> lines() {
        return out.lines().toList();
    }

    /** The lines of stdout below the header. */
    List<String> table() {
        List<String> lines = lines();
        assertEquals(counts().printed(), lines.size() - 1, this::toString);
        return lines.subList(1, lines.size());
    }

    /** The counts on the last line of stderr, which must add up. */
    Counts counts() {
        String sentence = err.lines().reduce("", (a, b) -> b);
        Matcher matcher = SENTENCE.matcher(sentence);
        assertTrue(matcher.matches(), this::toString);
        Counts counts = new Counts(
                number(matcher, 1), number(matcher, 2), number(matcher, 3), number(matcher, 4), number(matcher, 5));
        assertEquals(counts.seen, counts.printed + counts.filtered + counts.lost + counts.left, this::toString);
        return counts;
    }

    private static long number(Matcher matcher, int group) {
        return matcher.group(group) == null ? 0 : Long.parseLong(matcher.group(group));
    }

    /** The events of a JSON output, when a last line on stderr says how the command ended. */
    List<JsonObject> rowsBefore(String end) {
        List<String> lines = err.lines().toList();
        assertEquals(2, lines.size(), this::toString);
        assertTrue(lines.getLast().endsWith(end), this::toString);
        return new Run(exit, out, lines.getFirst() + "\n").rows();
    }

    /** Succeeded, said nothing but the counts, and knows what became of each event. */
    Run clean() {
        assertEquals(0, exit, this::toString);
        assertEquals(1, err.lines().count(), this::toString);
        assertEquals(0, counts().left, this::toString);
        return this;
    }

    /** The events of a JSON output, whose last line must repeat the counts on stderr. */
    List<JsonObject> rows() {
        List<JsonObject> all = lines().stream()
                .map(line -> JSON.fromJson(line, JsonObject.class))
                .toList();
        JsonObject summary = all.getLast().getAsJsonObject("summary");
        Counts counts = counts();
        assertEquals(
                counts,
                new Counts(
                        summary.get("seen").getAsLong(),
                        summary.get("printed").getAsLong(),
                        summary.get("filtered").getAsLong(),
                        summary.get("lost_full").getAsLong()
                                + summary.get("lost_no_ring").getAsLong()
                                + summary.get("lost_untracked").getAsLong(),
                        summary.get("left").getAsLong()));
        List<JsonObject> rows = all.subList(0, all.size() - 1);
        assertEquals(counts.printed, rows.size(), this::toString);
        return rows;
    }

    /** One field of each event, null where it is null. */
    List<String> field(String name) {
        return rows().stream()
                .map(row -> row.get(name).isJsonNull() ? null : row.get(name).getAsString())
                .toList();
    }

    /** Checks that the tool ended with an error of one line and a hint, and printed nothing. */
    void failed(int status, String message) {
        assertEquals(status, exit, this::toString);
        assertEquals("", out);
        List<String> lines = err.lines().toList();
        assertTrue(lines.getFirst().startsWith("jopensnoop: " + message), this::toString);
        noDefect();
    }

    /** Checks that nothing on stderr comes from the JVM. */
    void noDefect() {
        for (String bad : List.of("WARNING", "Exception", "\tat ", "    at ", "defect")) {
            assertTrue(!err.contains(bad), this::toString);
        }
    }
}
