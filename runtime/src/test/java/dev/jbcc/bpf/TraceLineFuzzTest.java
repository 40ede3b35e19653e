// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Lines of the trace, whose command and text are what a traced process has chosen, and formats of any object. */
class TraceLineFuzzTest {
    @FuzzTest(maxDuration = "60s")
    void isALineOrNot(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        TraceLine line = TraceLine.parse(text);
        assertTrue(line == null || text.endsWith(line.text()));
        String around = " " + text + "-7 [001] d..31 1.000002: bpf_trace_printk: " + text;
        TraceLine found = TraceLine.parse(around);
        assertTrue(found == null || around.endsWith(found.text()));
    }

    @FuzzTest(maxDuration = "60s")
    void aFormatMatchesOrNot(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        int middle = text.length() / 2;
        PrintFormats formats = new PrintFormats();
        formats.add(text.substring(0, middle));
        formats.match(text.substring(middle));
        PrintFormats plain = new PrintFormats();
        plain.add(text.replace("%", "%%") + "\n");
        assertTrue(plain.match(text));
    }
}
