// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The programs that were printed, by pid: how deep they are in the tree and how they were called. Bounded: the oldest ones
 * are forgotten. For one thread.
 */
final class RunningPrograms {
    private static final int MOST_PROGRAMS = 65536;
    private static final int MOST_BYTES = 8 << 20;
    /** What is kept of a command line. */
    static final int WORDS_BYTES = 4096;

    /** What an object of this class and its place in the map take besides the words. */
    private static final int OVERHEAD = 120;

    /**
     * A program that runs, or did when last heard of.
     *
     * @param depth how many printed programs are above it
     * @param words its command line
     * @param cut whether that is not all of it
     */
    record Program(int depth, byte[] words, boolean cut) {}

    private final Map<Integer, Program> programs = new LinkedHashMap<>();
    private int bytes;

    void put(int pid, Program program) {
        remove(pid); // so that it becomes the youngest
        programs.put(pid, program);
        bytes += size(program);
        Iterator<Program> oldest = programs.values().iterator();
        while (programs.size() > MOST_PROGRAMS || bytes > MOST_BYTES) {
            bytes -= size(oldest.next());
            oldest.remove();
        }
    }

    /** Null if it is not known. */
    Program get(int pid) {
        return programs.get(pid);
    }

    /** Null if it was not known. */
    Program remove(int pid) {
        Program program = programs.remove(pid);
        if (program != null) {
            bytes -= size(program);
        }
        return program;
    }

    private static int size(Program program) {
        return program.words.length + OVERHEAD;
    }
}
