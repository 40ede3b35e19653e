// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host;

import dev.jbcc.JbccException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * What /proc tells of other processes. Every answer may be out of date when it arrives: a process can end, and its pid
 * be given to another, at any time.
 *
 * {@snippet :
 * Processes.require(4711); // fails with a message if there is none
 * System.out.println(Processes.comm(4711).orElse("?") + " has " + Processes.threads(4711).length + " threads");
 * }
 */
public final class Processes {
    private static final Path PROC = Path.of("/proc");
    private static final int MAX_PID = 1 << 22; // PID_MAX_LIMIT of include/linux/threads.h
    private static final int MAX_COMM = 64; // 15 bytes, but kernel workers have more
    private static final int MAX_STAT = 1024;
    private static final int START_STACK = 28; // the number of the field, proc_pid_stat(5)
    private static final int MAX_STATUS = 1 << 16;

    private Processes() {}

    /** Whether there is a process with this pid; the id of a thread that is not the first one is none. */
    public static boolean exists(int pid) {
        return processOf(pid) == pid && pid > 0;
    }

    /**
     * Does nothing when there is such a process.
     *
     * @throws JbccException.Usage when there is none, or the number is that of a thread
     */
    public static void require(int pid) {
        int process = processOf(pid);
        if (process <= 0) {
            throw new JbccException.Usage("no such process: " + pid);
        }
        if (process != pid) {
            throw new JbccException.Usage(
                    pid + " is a thread of process " + process,
                    "-p " + process + " traces the whole process, -t " + pid + " the thread.");
        }
    }

    /** The pid of the process that a thread belongs to, or 0 when there is no such thread. */
    public static int processOf(int tid) {
        if (tid <= 0) {
            return 0;
        }
        String status =
                KernelText.read(directory(tid).resolve("status"), MAX_STATUS).orElse("");
        return (int) Math.max(0, KernelText.number(Privileges.field(status, "Tgid"), MAX_PID));
    }

    /**
     * The command name of a process or thread, of at most 64 bytes; empty when it is gone. Chosen by that process, so
     * not fit for a terminal as it is; malformed UTF-8 is replaced.
     */
    public static Optional<String> comm(int pid) {
        return KernelText.read(directory(pid).resolve("comm"), MAX_COMM)
                .map(text -> KernelText.utf8(text.endsWith("\n") ? text.substring(0, text.length() - 1) : text));
    }

    /** The id of this process as /proc has it, which can be that of another pid namespace; 0 without /proc. */
    public static int own() {
        try {
            return (int) Math.max(
                    0,
                    KernelText.number(
                            Files.readSymbolicLink(PROC.resolve("self")).toString(), MAX_PID));
        } catch (IOException e) {
            return 0;
        }
    }

    /** The ids of a process's threads, ascending; none when the process is gone. */
    public static int[] threads(int pid) {
        int[] tids = new int[16];
        int count = 0;
        try (DirectoryStream<Path> tasks =
                Files.newDirectoryStream(directory(pid).resolve("task"))) {
            for (Path task : tasks) {
                int tid = (int) KernelText.number(task.getFileName().toString(), MAX_PID);
                if (tid > 0) {
                    if (count == tids.length) {
                        tids = Arrays.copyOf(tids, count * 2);
                    }
                    tids[count++] = tid;
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            count = 0; // it ended, before or while we looked
        }
        tids = Arrays.copyOf(tids, count);
        Arrays.sort(tids);
        return tids;
    }

    /** The state letter of proc(5), such as R, S, T (stopped) or Z (ended, not yet waited for); 0 when it is gone. */
    public static char state(int pid) {
        return state(KernelText.read(directory(pid).resolve("stat"), MAX_STAT).orElse(""));
    }

    /** From the text of /proc/PID/stat, whose second field is the command name in parentheses and can hold any byte. */
    static char state(String stat) {
        int end = stat.lastIndexOf(") ");
        return end < 0 || end + 2 >= stat.length() ? 0 : stat.charAt(end + 2);
    }

    /**
     * Where the stack of a process's first thread began when its program was started, {@code startstack} of
     * /proc/PID/stat: another place for each program, unless address space layout randomization is off.
     *
     * @return 0 when the process is gone, or when we may not know
     */
    public static long startStack(int pid) {
        return startStack(
                KernelText.read(directory(pid).resolve("stat"), MAX_STAT).orElse(""));
    }

    static long startStack(String stat) {
        int at = stat.lastIndexOf(") ") + 1; // the blank before the third field
        for (int field = 3; field < START_STACK && at > 0; field++) {
            at = stat.indexOf(' ', at + 1);
        }
        if (at <= 0) {
            return 0;
        }
        int end = stat.indexOf(' ', at + 1);
        return Math.max(0, KernelText.number(stat.substring(at + 1, Math.max(at + 1, end)), Long.MAX_VALUE));
    }

    private static Path directory(int pid) {
        return PROC.resolve(Integer.toString(pid));
    }
}
