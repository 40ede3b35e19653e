// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OpenFlagsTest {
    private static final String[] ALL = {
        "O_CREAT",
        "O_EXCL",
        "O_NOCTTY",
        "O_TRUNC",
        "O_APPEND",
        "O_NONBLOCK",
        "O_SYNC",
        "O_DSYNC",
        "O_ASYNC",
        "O_DIRECT",
        "O_LARGEFILE",
        "O_TMPFILE",
        "O_DIRECTORY",
        "O_NOFOLLOW",
        "O_NOATIME",
        "O_CLOEXEC",
        "O_PATH"
    };

    @BeforeEach
    void onX86() {
        Assumptions.assumeTrue(System.getProperty("os.arch").equals("amd64"), "the numbers below are those of x86");
    }

    private static String names(long flags) {
        byte[] into = new byte[512];
        return new String(into, 0, OpenFlags.names(flags, into), StandardCharsets.US_ASCII);
    }

    @Test
    void namesFlags() {
        assertEquals("O_RDONLY", names(0));
        assertEquals("O_WRONLY", names(1));
        assertEquals("O_RDWR", names(2));
        assertEquals("O_ACCMODE", names(3));
        assertEquals("O_RDONLY|O_CLOEXEC", names(02000000));
        assertEquals("O_WRONLY|O_CREAT|O_TRUNC", names(01101));
        assertEquals("O_RDONLY|O_NONBLOCK|O_DIRECTORY|O_CLOEXEC", names(02204000));
    }

    @Test
    void namesTheWholeOfAFlagWithSeveralBits() {
        assertEquals("O_WRONLY|O_SYNC", names(04010001));
        assertEquals("O_WRONLY|O_DSYNC", names(010001));
        assertEquals("O_WRONLY|04000000", names(04000001));
        assertEquals("O_RDWR|O_TMPFILE", names(020200002));
        assertEquals("O_RDWR|020000000", names(020000002));
    }

    @Test
    void bitsWithoutANameAreOneOctalNumber() {
        assertEquals("O_RDONLY|O_CREAT|01700000000000000000000", names(0xf000_0000_0000_0000L | 0100));
        assertEquals("O_RDONLY|040000000", names(040000000));
        assertTrue(names(-1).startsWith("O_ACCMODE|O_CREAT|O_EXCL|"));
    }

    @Test
    void matchesAreTrueOfTheFlagThatTheyName() {
        for (String name : ALL) {
            OpenFlags.Match match = OpenFlags.match(name);
            assertEquals(match.mask(), match.value());
            assertTrue(names(match.value()).startsWith("O_RDONLY|" + name), name);
            assertEquals(match, OpenFlags.match(name.substring(2)));
            assertEquals(match, OpenFlags.match(name.toLowerCase()));
        }
    }

    @Test
    void theAccessModeIsAValueAndNoFlag() {
        assertEquals(new OpenFlags.Match(3, 0), OpenFlags.match("O_RDONLY"));
        assertEquals(new OpenFlags.Match(3, 1), OpenFlags.match("wronly"));
        assertEquals(new OpenFlags.Match(3, 2), OpenFlags.match("RDWR"));
    }

    @Test
    void knowsOtherNamesToo() {
        assertEquals(OpenFlags.match("O_NONBLOCK"), OpenFlags.match("O_NDELAY"));
        assertEquals(OpenFlags.match("O_ASYNC"), OpenFlags.match("FASYNC"));
    }

    @Test
    void refusesWhatIsNoFlag() {
        JbccException e = assertThrows(JbccException.Usage.class, () -> OpenFlags.match("O_READ"));
        assertEquals("'O_READ' is no flag of open", e.getMessage());
        String hint = e.hint().orElseThrow();
        assertTrue(hint.startsWith("one of O_RDONLY, O_WRONLY, O_RDWR, O_CREAT"), hint);
        assertThrows(JbccException.Usage.class, () -> OpenFlags.match(""));
        assertThrows(JbccException.Usage.class, () -> OpenFlags.match("0100"));
    }

    @Test
    void onlyOpensThatCreateTakeAMode() {
        assertTrue(OpenFlags.takesMode(0101));
        assertTrue(OpenFlags.takesMode(020200002));
        assertFalse(OpenFlags.takesMode(0));
        assertFalse(OpenFlags.takesMode(0200000), "O_DIRECTORY alone");
    }
}
