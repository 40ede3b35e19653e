// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One run of a compiler as a child process, with bounds on its time and on what is kept of its output. */
final class CompilerProcess {
    private static final int MAX_OUTPUT = 64 << 20;
    private static final int MAX_ERRORS = 64 << 10;
    private static final long AFTER_END_MILLIS = 500;

    /**
     * How a run ended.
     *
     * @param exitCode 128 plus the signal's number when a signal ended it; meaningless when it was {@code late}
     * @param late it did not end in time, and was killed
     * @param output its standard output, or null when that was more than 64 MiB
     * @param errors the first 64 KiB of its standard error
     * @param errorsDropped how many bytes of its standard error came after these
     */
    record Result(int exitCode, boolean late, byte[] output, byte[] errors, long errorsDropped) {}

    private CompilerProcess() {}

    /**
     * Runs it in the root directory with just this environment and nothing to read.
     *
     * @param limitMillis how long it may take
     * @throws IOException when it cannot be started
     * @throws InterruptedException when the calling thread is interrupted; the process is killed then
     */
    static Result run(List<String> command, Map<String, String> environment, long limitMillis)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command);
        // A fixed directory: it is recorded in the object, and the present one may have been deleted.
        builder.directory(new File("/"));
        builder.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        builder.environment().clear();
        builder.environment().putAll(environment);
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limitMillis);
        Process process = builder.start();
        Reader output = new Reader(process.getInputStream(), MAX_OUTPUT);
        Reader errors = new Reader(process.getErrorStream(), MAX_ERRORS);
        boolean ended = false;
        try {
            output.start();
            errors.start();
            ended = process.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (ended) {
                // At most what is in the pipes is left to read, unless a daemon that it started keeps them open.
                output.join(AFTER_END_MILLIS);
                errors.join(AFTER_END_MILLIS);
            }
        } finally {
            if (!ended) {
                kill(process);
            }
        }
        if (!ended) {
            return new Result(-1, true, null, errors.kept(), errors.dropped());
        }
        byte[] object = output.dropped() > 0 ? null : output.kept();
        return new Result(process.exitValue(), false, object, errors.kept(), errors.dropped());
    }

    /** Kills its children too: clang may be a script that started the real one. */
    private static void kill(Process process) {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        for (ProcessHandle child : children) {
            child.destroyForcibly();
        }
    }

    /** Drains one stream of the process, keeping its first bytes. */
    private static final class Reader extends Thread {
        private final InputStream in;
        private final int limit;
        private byte[] kept = new byte[16 << 10];
        private int length;
        private long dropped;

        Reader(InputStream in, int limit) {
            super("jbcc clang reader");
            this.in = in;
            this.limit = limit;
            setDaemon(true);
        }

        @Override
        public void run() {
            byte[] chunk = new byte[16 << 10];
            try {
                for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                    keep(chunk, n);
                }
            } catch (IOException e) {
                // The process was killed; what was read until then is all there is.
            }
        }

        private synchronized void keep(byte[] chunk, int n) {
            int taken = Math.min(n, limit - length);
            if (length + taken > kept.length) {
                kept = Arrays.copyOf(kept, Math.min(limit, Math.max(2 * kept.length, length + taken)));
            }
            System.arraycopy(chunk, 0, kept, length, taken);
            length += taken;
            dropped += n - taken;
        }

        synchronized byte[] kept() {
            return Arrays.copyOf(kept, length);
        }

        synchronized long dropped() {
            return dropped;
        }
    }
}
