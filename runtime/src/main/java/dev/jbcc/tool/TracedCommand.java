// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.JbccException;
import dev.jbcc.host.Privileges;
import dev.jbcc.host.Processes;
import dev.jbcc.host.Users;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The command after {@code --}: started stopped, so that the tool can attach first and sees it from its first
 * instruction, then let run.
 *
 * <p>A shell stops itself and, when continued, becomes the command by exec, so the pid is the command's from the start.
 * Under sudo, setpriv(1) stands before the shell and makes it the user who called sudo. The command has the terminal,
 * the standard streams, the working directory and the process group of the tool. Ctrl-C therefore reaches both, as
 * {@code time} and {@code strace} have it. What differs from a start by hand: the shell sets {@code PWD}, and may reset
 * {@code IFS}.
 *
 * <p>A command that was never resumed is killed by {@link #close} and when the JVM exits. When the JVM is killed by
 * SIGKILL, the kernel ends it if the tool was a job of a terminal (an orphaned stopped process group gets SIGHUP);
 * otherwise it stays, stopped. Not thread safe, but for {@link #ended} and {@link #exitStatus}.
 *
 * {@snippet :
 * TracedCommand.Signaller kill = (pid, signal) -> {
 *     throw new JbccException.Failed("kill(2) is needed here");
 * };
 * try (TracedCommand command = TracedCommand.start(List.of("ls", "-l"), false, Map.of(), kill)) {
 *     open.global("wanted", command.pid()); // it stands still until it is resumed
 *     command.resume();
 * }
 * }
 */
public final class TracedCommand implements AutoCloseable {
    /** Of x86, arm, riscv, ppc, s390 and loongarch; mips and sparc have others. */
    private static final int SIGCONT = 18;

    private static final String SHELL = "/bin/sh";
    private static final String BASH = "/bin/bash";
    private static final String SCRIPT = "kill -s STOP $$ && exec \"$@\"";
    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /** Where setpriv is looked for: not on PATH, which root may have from the user who called sudo. */
    private static final String SYSTEM_PATH = "/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin:/run/current-system/sw/bin";

    private static final long STOP_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final int KILL_SECONDS = 1;
    private static final int MAX_ID_DIGITS = 10;

    private final Process process;
    private final Signaller signaller;
    private final Thread killer;
    private boolean resumed;

    private TracedCommand(Process process, Signaller signaller, Thread killer) {
        this.process = process;
        this.signaller = signaller;
        this.killer = killer;
    }

    /** kill(2). */
    @FunctionalInterface
    public interface Signaller {
        /** @throws JbccException when the signal cannot be sent */
        void send(int pid, int signal);
    }

    /**
     * Starts a command and returns once it stands still.
     *
     * @param argv the command, searched on PATH when it has no slash, and its arguments
     * @param asRoot whether a command under sudo stays root, and is not run as the user who called sudo
     * @param env variables to set in addition to those of this process
     * @throws JbccException.Usage when there is no such command, or an argument cannot be handed on unchanged
     * @throws JbccException.NotSupported when it is to be run as another user and setpriv(1) is missing
     * @throws JbccException.Failed when it does not start
     */
    public static TracedCommand start(List<String> argv, boolean asRoot, Map<String, String> env, Signaller signaller) {
        return start(argv, asRoot, env, signaller, SYSTEM_PATH);
    }

    static TracedCommand start(
            List<String> argv, boolean asRoot, Map<String, String> env, Signaller signaller, String systemPath) {
        if (argv.isEmpty()) {
            throw new JbccException.Usage("there is no command after --");
        }
        checkEncodable(argv);
        List<String> line = new ArrayList<>();
        ProcessBuilder builder = new ProcessBuilder(line).inheritIO();
        Map<String, String> environment = builder.environment();
        environment.putAll(env);
        String path = environment.getOrDefault("PATH", DEFAULT_PATH);
        String command = argv.getFirst();
        Path file = resolve(command, path);

        String sudoUid = environment.get("SUDO_UID");
        if (!asRoot && sudoUid != null && Privileges.own().root()) {
            becomeCaller(line, environment, systemPath, sudoUid, environment.get("SUDO_GID"));
            environment.putAll(env);
        }
        restoreJavaOptions(environment);
        if (Files.isExecutable(Path.of(BASH)) && hasOddNames(environment)) {
            line.addAll(List.of(BASH, "-p")); // dash drops them; -p: no function of the environment stands for kill
        } else {
            line.add(SHELL);
        }
        line.addAll(List.of("-c", SCRIPT, "sh"));
        // As typed, because the shell finds the same file on the same PATH and leaves argv[0] alone. But it would take
        // a leading dash for an option, and not every shell's exec knows "--".
        line.add(command.startsWith("-") ? file.toAbsolutePath().toString() : command);
        line.addAll(argv.subList(1, argv.size()));
        return launch(builder, command, signaller);
    }

    private static TracedCommand launch(ProcessBuilder builder, String command, Signaller signaller) {
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new JbccException.Failed("cannot start '" + command + "': " + e.getMessage(), e);
        }
        Thread killer = new Thread(process::destroyForcibly, "kill stopped command");
        boolean stopped = false;
        try {
            Runtime.getRuntime().addShutdownHook(killer);
            awaitStop(process, command);
            stopped = true;
            return new TracedCommand(process, signaller, killer);
        } catch (IllegalStateException e) {
            throw new JbccException.Failed("cannot start '" + command + "': the tool is ending", e);
        } finally {
            if (!stopped) {
                process.destroyForcibly();
                forget(killer);
            }
        }
    }

    private static void awaitStop(Process process, String command) {
        int pid = (int) process.pid();
        long start = System.nanoTime();
        try {
            while (true) {
                char state = Processes.state(pid);
                if (state == 'T' || state == 't') { // t: somebody traces this tool and its children
                    return;
                }
                if (!process.isAlive()) {
                    throw new JbccException.Failed(
                            "cannot start '" + command + "': the shell or setpriv before it ended with status "
                                    + process.exitValue(),
                            "--as-root starts it without setpriv; the setpriv of BusyBox will not do.");
                }
                if (System.nanoTime() - start > STOP_NANOS) {
                    throw new JbccException.Failed("cannot start '" + command + "': it did not stop within 5 seconds");
                }
                Thread.sleep(1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JbccException.Failed("interrupted while starting '" + command + "'", e);
        }
    }

    /** The pid of the command, which is that of what stands in for it until it runs. */
    public int pid() {
        return (int) process.pid();
    }

    /** Lets the command run; from now on it is left alone. Does nothing the second time. */
    public void resume() {
        if (!resumed) {
            if (process.isAlive()) { // somebody may have killed it, and then its pid may be another's
                signaller.send(pid(), SIGCONT);
            }
            resumed = true;
            forget(killer);
        }
    }

    /** Whether the command has ended; does not block. */
    public boolean ended() {
        return !process.isAlive();
    }

    /**
     * The exit status as a shell has it: 128 + n when signal n ended the command, 126 or 127 when it could not be run.
     *
     * @throws IllegalStateException when it has not ended
     */
    public int exitStatus() {
        if (!ended()) {
            throw new IllegalStateException("the command is running");
        }
        return process.exitValue();
    }

    /** Kills the command if it was never resumed, and otherwise leaves it running. */
    @Override
    public void close() {
        if (resumed) {
            return;
        }
        resumed = true;
        process.destroyForcibly();
        forget(killer);
        try {
            process.waitFor(KILL_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void forget(Thread killer) {
        try {
            Runtime.getRuntime().removeShutdownHook(killer);
        } catch (IllegalStateException e) {
            // The JVM is exiting, and the hook runs: too late to let the command live.
        }
    }

    /** Finds what the shell will find, so that a mistake shows before anything is attached. */
    private static Path resolve(String command, String path) {
        boolean denied = false;
        try {
            if (command.indexOf('/') >= 0) {
                Path file = Path.of(command);
                if (Files.isDirectory(file)) {
                    throw new JbccException.Usage("cannot run '" + command + "': it is a directory");
                }
                if (Files.isExecutable(file)) {
                    return file;
                }
                denied = Files.exists(file);
            } else if (!command.isEmpty()) {
                for (String directory : path.split(":", -1)) {
                    Path file = Path.of(directory.isEmpty() ? "." : directory, command);
                    if (Files.isRegularFile(file)) {
                        if (Files.isExecutable(file)) {
                            return file;
                        }
                        denied = true;
                    }
                }
            }
        } catch (InvalidPathException e) {
            throw new JbccException.Usage("cannot run '" + command + "': " + e.getMessage());
        }
        throw denied
                ? new JbccException.Usage("cannot run '" + command + "': it is not executable", "chmod +x it first.")
                : new JbccException.Usage("command not found: '" + command + "'");
    }

    /** Puts setpriv before the shell, and the user's home and name into the environment. */
    private static void becomeCaller(
            List<String> line, Map<String, String> environment, String systemPath, String uidText, String gidText) {
        if (!isId(uidText) || !isId(gidText)) {
            throw new JbccException.Usage(
                    "cannot run the command as the user who called sudo: SUDO_UID and SUDO_GID are not both numbers",
                    "--as-root runs it as root.");
        }
        int uid = Users.uid(uidText);
        if (uid == 0) {
            return;
        }
        Optional<Users.Account> account = Users.account(uid);
        String name = account.map(Users.Account::name).orElse(uidText);
        Path setpriv;
        try {
            setpriv = resolve("setpriv", systemPath);
        } catch (JbccException.Usage e) {
            throw new JbccException.NotSupported(
                    "cannot run the command as user " + name + ": setpriv is not installed",
                    "--as-root runs it as root; or install util-linux.");
        }
        line.addAll(List.of(setpriv.toString(), "--reuid", uidText, "--regid", gidText));
        line.addAll(List.of(account.isPresent() ? "--init-groups" : "--clear-groups", "--"));
        environment.put("HOME", account.map(Users.Account::home).orElse("/"));
        environment.put("USER", name);
        environment.put("LOGNAME", name);
    }

    private static boolean isId(String text) {
        if (text == null || text.isEmpty() || text.length() > MAX_ID_DIGITS) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    /** The launchers hide from our own JVM what is meant for others. */
    private static void restoreJavaOptions(Map<String, String> environment) {
        for (String name : new String[] {"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"}) {
            String value = environment.remove("JBCC_COMMAND_" + name);
            if (value != null) {
                environment.put(name, value);
            }
        }
    }

    /** Whether a variable's name is not one that a shell can have, such as {@code server.port}. */
    private static boolean hasOddNames(Map<String, String> environment) {
        for (String name : environment.keySet()) {
            for (int i = 0; i < name.length(); i++) {
                char c = name.charAt(i);
                boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_';
                if (!letter && (i == 0 || c < '0' || c > '9')) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * The JVM turns arguments into text and back in the locale's encoding; what does not survive has become U+FFFD on
     * the way in, or would become a question mark on the way out.
     */
    private static void checkEncodable(List<String> argv) {
        String encoding = System.getProperty("sun.jnu.encoding");
        CharsetEncoder encoder = Charset.forName(encoding).newEncoder();
        for (int i = 0; i < argv.size(); i++) {
            String argument = argv.get(i);
            if (argument.indexOf('\uFFFD') >= 0 || !encoder.canEncode(argument)) {
                throw new JbccException.Usage(
                        (i == 0 ? "the command's name" : "argument " + i + " of the command")
                                + " cannot be handed on unchanged in this locale (" + encoding + ")",
                        "Set LC_ALL=C.UTF-8, or put the command into a script.");
            }
        }
    }
}
