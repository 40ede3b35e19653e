// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProcessesTest {
    private static final int NONE = 4_194_304; // the first pid that no kernel gives

    private final int own = (int) ProcessHandle.current().pid();

    private int otherThread() {
        int[] threads = Processes.threads(own);
        assertTrue(threads.length > 1, "a JVM has several threads");
        return threads[0] == own ? threads[1] : threads[0];
    }

    @Test
    void knowsProcesses() {
        assertTrue(Processes.exists(own));
        assertEquals(own, Processes.own());
        assertTrue(Processes.exists(1));
        assertFalse(Processes.exists(NONE));
        assertFalse(Processes.exists(0));
        assertFalse(Processes.exists(-1));
        Processes.require(own);
    }

    @Test
    void tellsThreadsFromProcesses() {
        int thread = otherThread();
        assertFalse(Processes.exists(thread));
        assertEquals(own, Processes.processOf(thread));
        JbccException.Usage e = assertThrows(JbccException.Usage.class, () -> Processes.require(thread));
        assertEquals(thread + " is a thread of process " + own, e.getMessage());
        assertEquals(
                "-p " + own + " traces the whole process, -t " + thread + " the thread.",
                e.hint().orElseThrow());
    }

    @Test
    void namesThePidThatDoesNotExist() {
        JbccException.Usage e = assertThrows(JbccException.Usage.class, () -> Processes.require(NONE));
        assertEquals("no such process: " + NONE, e.getMessage());
        assertEquals(
                "no such process: 0",
                assertThrows(JbccException.Usage.class, () -> Processes.require(0))
                        .getMessage());
    }

    @Test
    void listsThreadsInOrder() {
        int[] threads = Processes.threads(own);
        int[] sorted = threads.clone();
        Arrays.sort(sorted);
        assertArrayEquals(sorted, threads);
        assertTrue(Arrays.binarySearch(threads, own) >= 0); // not always first: numbers start again at some point
        assertArrayEquals(new int[0], Processes.threads(NONE));
    }

    @Test
    void readsNames() throws Exception {
        assertEquals(Optional.of("java"), Processes.comm(own));
        assertEquals(Optional.empty(), Processes.comm(NONE));
        Process odd = new ProcessBuilder("sh", "-c", "printf 'a) R\\n\\377' > /proc/$$/comm; echo; read x").start();
        odd.getInputStream().read();
        assertEquals(Optional.of("a) R\n\uFFFD"), Processes.comm((int) odd.pid()));
        for (int i = 0; i < 1000 && Processes.state((int) odd.pid()) != 'S'; i++) {
            Thread.sleep(1);
        }
        assertEquals('S', Processes.state((int) odd.pid()));
        odd.getOutputStream().close();
        odd.waitFor();
    }

    @Test
    void findsTheStateBehindAnyName() {
        assertEquals('T', Processes.state("12 (sh) T 1 12"));
        assertEquals('S', Processes.state("12 (a) R (b) S 1 12"));
        assertEquals(0, Processes.state("12 (sh) "));
        assertEquals(0, Processes.state("12 (sh"));
        assertEquals(0, Processes.state(""));
        assertEquals(0, Processes.state(NONE));
    }

    @Test
    void whereTheStackBegan() {
        String fields = "4 ".repeat(24); // 4 to 27
        assertEquals(140723, Processes.startStack("1 (a) b) S " + fields + "140723 0 0 17\n"));
        assertEquals(0, Processes.startStack("1 (sh) S " + fields + "0 0 0 17\n"));
        for (String bad : new String[] {"", "1", "1 (sh)", "1 (sh) S", "1 (sh) S 4 4", "1 (sh) S " + fields + "x 0"}) {
            assertEquals(0, Processes.startStack(bad), bad);
        }
        int self = (int) ProcessHandle.current().pid();
        assertEquals(Processes.startStack(self), Processes.startStack(self));
    }
}
