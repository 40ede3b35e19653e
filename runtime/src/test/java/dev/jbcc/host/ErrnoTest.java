// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class ErrnoTest {
    @Test
    void namesTheOnesThatPeopleSee() {
        assertEquals("EPERM", Errno.name(1));
        assertEquals("ENOENT", Errno.name(2));
        assertEquals("EAGAIN", Errno.name(11));
        assertEquals("EACCES", Errno.name(13));
        assertEquals("ELOOP", Errno.name(40));
        assertEquals("ENOMSG", Errno.name(42));
        assertEquals("EOPNOTSUPP", Errno.name(95));
        assertEquals("ETIMEDOUT", Errno.name(110));
        assertEquals("EHWPOISON", Errno.name(133));
        assertEquals("ERESTARTSYS", Errno.name(512));
        assertEquals("ERESTART_RESTARTBLOCK", Errno.name(516));
        assertEquals("ENOPARAM", Errno.name(519));
        assertEquals("ENOTSUPP", Errno.name(524));
    }

    @Test
    void numbersWithoutANameStayNumbers() {
        assertEquals("", Errno.name(0));
        for (int errno :
                new int[] {41, 58, 134, 511, 520, 523, 525, 4095, -1, -2, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertEquals(Integer.toString(errno), Errno.name(errno));
        }
    }

    @Test
    void constantsAreTheNumbersOfTheirNames() throws IllegalAccessException {
        int constants = 0;
        for (var field : Errno.class.getFields()) {
            assertEquals(field.getName(), Errno.name(field.getInt(null)));
            constants++;
        }
        assertTrue(constants > 10);
    }

    @Test
    void agreesWithTheKernelsHeaders() throws IOException {
        Path base = Path.of("/usr/include/asm-generic/errno-base.h");
        Path more = Path.of("/usr/include/asm-generic/errno.h");
        Assumptions.assumeTrue(Files.exists(base) && Files.exists(more), "no kernel headers in /usr/include");
        Map<Integer, String> defined = new TreeMap<>();
        for (Path header : new Path[] {base, more}) {
            for (String line : Files.readAllLines(header)) {
                String[] words = line.strip().split("\\s+");
                if (words.length >= 3
                        && words[0].equals("#define")
                        && !words[2].isEmpty()
                        && Character.isDigit(words[2].charAt(0))) {
                    defined.put(Integer.parseInt(words[2]), words[1]);
                }
            }
        }
        assertTrue(defined.size() > 120, defined.size() + " found");
        for (int errno = 1; errno < 512; errno++) {
            assertEquals(defined.getOrDefault(errno, Integer.toString(errno)), Errno.name(errno));
        }
    }
}
