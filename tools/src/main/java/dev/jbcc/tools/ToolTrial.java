// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import dev.jbcc.host.Privileges;
import dev.jbcc.tool.Installation;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A tool that {@code jbcc doctor} runs until it is attached, in a process of its own, with all that it does then. */
final class ToolTrial {
    private static final int LIMIT_SECONDS = 60;
    private static final int MAX_LINES = 10_000;
    private static final int MAX_LETTERS = 1 << 20;
    private static final int NOT_PERMITTED = 3;
    private static final String TIMED = " ms: ";
    private static final String HINT = "hint: ";

    private static volatile Process running;

    private ToolTrial() {}

    /** Sees to it that a signal that ends this process ends the tool that is being tried, too. */
    static void endWithThisProcess() {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            Process tool = running;
            if (tool != null) {
                tool.destroy();
            }
        }));
    }

    static Finding of(String tool) {
        List<String> lines = new ArrayList<>();
        int status = run(tool, List.of("-v"), lines);
        if (status == 0) {
            return new Finding("tool", "j" + tool, Finding.State.YES, "attaches" + hooks(lines), "", "");
        }
        String detail = String.join("\n", lines);
        // Again, for words without the logs of -v.
        lines.clear();
        status = run(tool, List.of(), lines);
        StringBuilder why = new StringBuilder();
        String hint = "run it with -v";
        for (String line : lines) {
            if (line.startsWith(HINT)) {
                hint = line.substring(HINT.length());
                break;
            }
            String prefix = "j" + tool + ": ";
            why.append(why.isEmpty() ? "" : " ")
                    .append(line.startsWith(prefix) ? line.substring(prefix.length()) : line);
        }
        if (why.isEmpty()) {
            why.append("it ended with exit status ").append(status);
        }
        Finding.State state =
                status == NOT_PERMITTED && !Privileges.own().mayTrace() ? Finding.State.UNKNOWN : Finding.State.NO;
        return new Finding("tool", "j" + tool, state, why.toString(), hint, detail);
    }

    /** Which hooks it took, if it has a choice. */
    private static String hooks(List<String> lines) {
        StringBuilder hooks = new StringBuilder();
        for (String line : lines) {
            int at = line.indexOf(TIMED + Installation.HOOK);
            if (at >= 0) {
                hooks.append(hooks.isEmpty() ? ", " : "; ")
                        .append(line, at + TIMED.length() + Installation.HOOK.length(), line.length());
            }
        }
        return hooks.toString();
    }

    /** Its exit status, or 0 when it was attached and then ended by us; after a second it ends itself, if we cannot. */
    private static int run(String tool, List<String> options, List<String> lines) {
        List<String> command = new ArrayList<>(Installation.command());
        command.addAll(List.of(tool, "--duration", "1")); // not -d, which is another option of jprofile
        command.addAll(options);
        Process process = null;
        try {
            process = new ProcessBuilder(command)
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            running = process;
            Process watched = process;
            Thread limit = Thread.ofPlatform().daemon().start(() -> {
                try {
                    if (!watched.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                        watched.destroyForcibly();
                    }
                } catch (InterruptedException done) {
                    Thread.currentThread().interrupt();
                }
            });
            try (BufferedReader err =
                    new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
                long letters = 0;
                for (String line = err.readLine(); line != null; line = err.readLine()) {
                    letters += line.length();
                    if (lines.size() < MAX_LINES && letters <= MAX_LETTERS) {
                        lines.add(line);
                    }
                    if (line.endsWith(TIMED + Installation.ATTACHED)) {
                        return 0;
                    }
                }
                return process.waitFor();
            } finally {
                limit.interrupt();
            }
        } catch (IOException e) {
            lines.add("it cannot be started: " + e.getMessage());
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        } finally {
            if (process != null) {
                process.destroy();
            }
        }
    }
}
