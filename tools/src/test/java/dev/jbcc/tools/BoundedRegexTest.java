// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class BoundedRegexTest {
    @Test
    void findsAnywhere() {
        BoundedRegex regex = BoundedRegex.parse("b+c$");
        assertTrue(regex.matches("abbc"));
        assertFalse(regex.matches("abbcd"));
        assertTrue(regex.matches("bc"));
    }

    /** The first takes n^5 steps, the second as deep a stack as the text is long. */
    @Test
    void whatCannotBeDecidedMatches() {
        assertTimeout(
                Duration.ofSeconds(10),
                () -> assertTrue(BoundedRegex.parse("(.*)(.*)(.*)(.*)\\1x$").matches("a".repeat(300))));
        BoundedRegex deep = BoundedRegex.parse("^(a|b)*$");
        assertTimeout(Duration.ofSeconds(10), () -> assertTrue(deep.matches("ab".repeat(60_000) + "c")));
        assertFalse(deep.matches("abc"), "it goes on afterwards");
    }

    @Test
    void refusesWhatIsNoExpression() {
        JbccException.Usage failure = assertThrows(JbccException.Usage.class, () -> BoundedRegex.parse("a(b"));
        assertEquals("'a(b' is not a regular expression: Unclosed group at character 4", failure.getMessage());
    }
}
