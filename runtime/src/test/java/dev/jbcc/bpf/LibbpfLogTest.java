// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.ffi.Libbpf;
import dev.jbcc.bpf.ffi.LibbpfLog;
import dev.jbcc.bpf.ffi.NativeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class LibbpfLogTest {
    private static final int MIB = 1 << 20;
    private static final String BEGIN = "-- BEGIN PROG LOAD LOG --\n";
    private static final String END = "-- END PROG LOAD LOG --\n";

    private static JbccException load(int turns) {
        try (OpenObject open = TestBpf.open("chatty")) {
            open.global("turns", turns);
            return assertThrows(JbccException.Failed.class, open::load);
        }
    }

    /** The verifier's log alone. */
    private static String log(JbccException e) {
        String said = e.detail().orElseThrow();
        int begin = said.indexOf(BEGIN);
        int end = said.lastIndexOf(END);
        assertTrue(begin >= 0 && end > begin, "from " + begin + " to " + end);
        return said.substring(begin + BEGIN.length(), end);
    }

    @Test
    void aLogOfMegabytesArrivesWhole() {
        JbccException e = load(20_000);
        String log = log(e);
        assertTrue(log.length() > MIB && log.length() < 15 * MIB, log.length() + " characters");
        assertTrue(log.contains("\n0: R1=ctx("), log.substring(0, 200));
        assertTrue(log.contains("invalid mem access 'scalar'"));
        String last = log.substring(log.lastIndexOf('\n', log.length() - 2) + 1);
        assertTrue(last.startsWith("processed "), last);
        // 1 + 3 x turns is what each turn has made of it: all of them are there.
        for (int turn = 1; turn <= 20_000; turn += 999) {
            int sum = 1 + 3 * turn; // the kernel prints what exceeds 16 bits in hexadecimal
            assertTrue(
                    log.contains("=" + sum + " ")
                            || log.contains("=" + sum + "\n")
                            || log.contains("=0x" + Integer.toHexString(sum)),
                    "turn " + turn);
        }
        assertTrue(e.getMessage().contains("program chatty of chatty"), e.getMessage());
        assertTrue(e.getMessage().contains("invalid mem access 'scalar'"), e.getMessage());
        assertTrue(e.getMessage().length() < 2000, e.getMessage());
    }

    /**
     * libbpf's buffer begins with 16 MiB and doubles, so that a log can have hundreds of megabytes; what a person needs
     * is at its end. Here the name of the object makes the message long.
     */
    @Test
    void aMessageBeyondTheLimitKeepsBothEnds() {
        TestBpf.open("rejected").close(); // or skip
        StringBuilder heard = new StringBuilder();
        String name = "a".repeat(10 * MIB) + "b".repeat(10 * MIB);
        LibbpfLog.listen(
                heard::append,
                () -> assertThrows(NativeException.class, () -> Libbpf.openObject(new byte[64], name, null)));
        assertTrue(heard.indexOf("libbpf: elf: ") >= 0 || heard.indexOf("libbpf: ") == 0, heard.substring(0, 80));
        assertTrue(heard.length() < 17 * MIB, heard.length() + " characters");
        assertTrue(heard.lastIndexOf("b") > heard.length() - 200, "the end is missing");
        assertTrue(heard.indexOf(" bytes left out …\n") > 0);
    }

    /** The room for a message is 16 MiB outside of the heap, which must be given back. */
    @Test
    void memoryStaysBounded() throws IOException {
        load(20_000);
        System.gc();
        long before = residentKib();
        for (int i = 0; i < 3; i++) {
            load(20_000);
        }
        System.gc();
        long heap = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
        assertTrue(heap < 128L * MIB, "heap " + heap);
        long grown = residentKib() - before;
        assertTrue(grown < 192 * 1024, "resident memory grew by " + grown + " KiB");
    }

    private static long residentKib() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        throw new AssertionError("no VmRSS");
    }

    @Test
    void aListenerDoesNotHearAnothersLoad() {
        StringBuilder heard = new StringBuilder();
        try (OpenObject open = TestBpf.open("rejected")) {
            open.logTo(heard::append);
            assertThrows(JbccException.Failed.class, open::load);
        }
        int length = heard.length();
        assertTrue(length > 0);
        load(1);
        assertEquals(length, heard.length());
    }
}
