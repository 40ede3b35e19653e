// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import dev.jbcc.output.Format;
import java.util.List;
import org.junit.jupiter.api.Test;

class FileOptionsTest {
    private static FileOptions parse(String... words) {
        return new FileOptions(List.of(words));
    }

    @Test
    void theFileMayStandAnywhere() {
        for (FileOptions options : List.of(
                parse("x.bpf.c", "-D", "a=1,b=2", "-o", "json", "-v"),
                parse("-D", "a=1", "x.bpf.c", "-D", "b=2", "-vo", "json"),
                parse("-v", "--output=json", "-Da=1", "-Db=2", "x.bpf.c", "--", "ls", "-l"))) {
            assertEquals("x.bpf.c", options.file);
            assertEquals(List.of("a=1", "b=2"), options.defines.get());
            assertEquals(Format.JSON, options.format.get());
            assertTrue(options.verbose.get());
            assertEquals(Arguments.Request.RUN, options.request);
        }
    }

    @Test
    void theCommandIsLeftAlone() {
        assertNull(parse("x.bpf.c").command);
        assertEquals(List.of("ls", "-v", "--", "y.bpf.c"), parse("x.bpf.c", "--", "ls", "-v", "--", "y.bpf.c").command);
    }

    @Test
    void helpNeedsNoFile() {
        assertEquals(Arguments.Request.HELP, parse("--help").request);
        assertNull(parse("-h").file);
        assertEquals(Arguments.Request.VERSION, parse("-V").request);
        assertTrue(
                parse("-h").help().startsWith("Usage: jbcc run FILE.bpf.c [OPTION]"),
                parse("-h").help());
    }

    @Test
    void refusesWhatMakesNoSense() {
        for (String[] words : new String[][] {
            {},
            {"-v"},
            {"x.bpf.c", "--"},
            {"x.bpf.c", "y.bpf.c"},
            {"x.bpf.c", "-o", "csv"},
            {"x.bpf.c", "-D", "a"},
            {"x.bpf.c", "-D", "=1"},
            {"x.bpf.c", "-F", "0"},
            {"x.bpf.c", "-D"},
            {"x.bpf.c", "--no-such"}
        }) {
            assertThrows(JbccException.Usage.class, () -> parse(words), () -> String.join(" ", words));
        }
    }
}
