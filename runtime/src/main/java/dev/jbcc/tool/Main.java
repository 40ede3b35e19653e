// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.ffi.Libc;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;

/**
 * Where every tool starts: {@code java … dev.jbcc.tool.Main TOOL ARGUMENT…}.
 *
 * {@snippet :
 * Main.main(new String[] {"opensnoop", "-d", "1"}); // ends the process
 * }
 */
public final class Main {
    /** What Java says of EPIPE. */
    static final String BROKEN_PIPE = "Broken pipe";

    private static final String TOOLS_PACKAGE = "dev.jbcc.tools.";

    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile Session session;
    private volatile Command running;
    private volatile int exitCode = 1; // of a run that a defect ends

    private Main() {}

    /** Runs a tool and ends the process with its exit code. */
    public static void main(String[] arguments) {
        Main main = new Main();
        // Linking native calls takes as long as all that comes before the first of them: do both at once.
        Thread preparation = new Thread(Libc::prepare, "prepare");
        preparation.setDaemon(true);
        preparation.start();
        // Ctrl-C, SIGTERM and SIGHUP start the JVM's shutdown; this lets the tool end as if its time were over.
        Runtime.getRuntime().addShutdownHook(new Thread(main::stopAndWait, "stop"));
        try {
            main.exitCode = main.run(List.of(arguments));
        } finally {
            main.ended.countDown();
        }
        System.exit(main.exitCode);
    }

    private void stopAndWait() {
        Session tool = session;
        Command command = running;
        if (tool != null || command != null && command.traces()) {
            if (tool != null) {
                tool.stop();
            } else {
                command.stop();
            }
            try {
                ended.await();
            } catch (InterruptedException hurried) {
                Thread.currentThread().interrupt();
            }
            Runtime.getRuntime().halt(exitCode);
        }
    }

    /** What setup makes the start-up cache from: several runs in one process, their words separated by commas. */
    private int runEach(List<String> runs) {
        for (String words : runs) {
            int code = run(List.of(words.split(",")));
            if (code != 0) {
                return code;
            }
        }
        return 0;
    }

    private int run(List<String> arguments) {
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true);
        if (!arguments.isEmpty() && arguments.getFirst().equals("each")) {
            return runEach(arguments.subList(1, arguments.size()));
        }
        if (arguments.isEmpty() || arguments.getFirst().startsWith("-")) {
            return ToolList.run(arguments, home(), System.out, err);
        }
        boolean isCommand = Command.NAMES.contains(arguments.getFirst());
        String name = (isCommand ? "jbcc " : "j") + arguments.getFirst();
        boolean verbose = false;
        try {
            Command other = isCommand ? command(arguments.getFirst()) : null;
            int dashes = other == null || other.traces() ? commandStart(arguments) : -1;
            List<String> options = arguments.subList(1, dashes < 0 ? arguments.size() : dashes);
            List<String> command = dashes < 0 ? null : arguments.subList(dashes + 1, arguments.size());
            if (command != null && command.isEmpty()) {
                throw new JbccException.Usage("there is no command after --", "try: " + name + " -- ls");
            }
            if (other != null) {
                Arguments parser = new Arguments(name, other);
                Arguments.Request request = parser.parse(options);
                verbose = other.verbose.get();
                if (request != Arguments.Request.RUN) {
                    return explain(request, parser, name, other.explainOperands());
                }
                if (command != null) {
                    other.trace(command);
                }
                running = other;
                return other.run(name, err);
            }
            Tool tool = tool(arguments.getFirst());
            StandardOptions standard = new StandardOptions();
            Arguments parser = new Arguments(name, tool.summary(), tool.options, standard.options());
            Arguments.Request request = parser.parse(options);
            if (request != Arguments.Request.RUN) {
                return explain(request, parser, name, "");
            }
            verbose = standard.verbose.get();
            session = new Session(name, home(), tool, standard, command, err);
            return session.run();
        } catch (JbccException failure) {
            report(err, name, failure, verbose);
            return failure.exitCode();
        } catch (IOException failure) {
            if (brokenPipe(failure)) {
                return 0; // the reader has seen enough
            }
            err.println(name + ": cannot write the output: " + failure.getMessage());
            return 1;
        } catch (RuntimeException | Error defect) {
            err.println(name + ": a defect of jbcc: " + defect
                    + (verbose ? "" : "\nhint: run it again with -v, and report what that prints"));
            if (verbose) {
                defect.printStackTrace(err);
            }
            return 1;
        }
    }

    private static int explain(Arguments.Request request, Arguments parser, String name, String more)
            throws IOException {
        print(request == Arguments.Request.HELP ? parser.help() + more : name + " " + version() + "\n");
        return 0;
    }

    /** BCC spells the separator {@code --exec}. */
    private static int commandStart(List<String> arguments) {
        for (int i = 1; i < arguments.size(); i++) {
            if (arguments.get(i).equals("--") || arguments.get(i).equals("--exec")) {
                return i;
            }
        }
        return -1;
    }

    private static boolean brokenPipe(IOException failure) {
        return BROKEN_PIPE.equals(failure.getMessage());
    }

    /** Makes the tool whose C source has this name; all that registers it is the name of its class. */
    static Tool tool(String stem) {
        return make(Tool.class, stem);
    }

    /** Makes the command of this name. */
    static Command command(String name) {
        return name.equals("run") ? new FileCommand() : make(Command.class, name);
    }

    private static <T> T make(Class<T> kind, String stem) {
        for (char c : stem.toCharArray()) {
            if ((c < 'a' || c > 'z') && (c < '0' || c > '9')) {
                throw unknown(stem);
            }
        }
        String className = TOOLS_PACKAGE + stem.substring(0, 1).toUpperCase(Locale.ROOT) + stem.substring(1);
        try {
            Class<?> found = Class.forName(className);
            if (!kind.isAssignableFrom(found)) {
                throw unknown(stem);
            }
            return kind.cast(found.getConstructor().newInstance());
        } catch (ClassNotFoundException absent) {
            throw unknown(stem);
        } catch (InvocationTargetException failure) {
            throw new IllegalStateException(className + " cannot be made", failure.getCause());
        } catch (ReflectiveOperationException wrong) {
            throw new IllegalStateException(className + " is no tool", wrong);
        }
    }

    private static JbccException unknown(String stem) {
        return new JbccException.Usage("there is no tool of that name: " + stem, "jbcc --list lists them");
    }

    /** The directory with {@code bpf-src}: the installation or the checkout. */
    static Path home() {
        String home = System.getProperty("jbcc.home");
        if (home == null) {
            throw new IllegalStateException("jbcc.home is not set: start the tools by their launchers");
        }
        return Path.of(home);
    }

    static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "(not packaged)" : version;
    }

    private static void print(String text) throws IOException {
        try (FileOutputStream out = new FileOutputStream(FileDescriptor.out)) {
            out.write(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
    }

    private static void report(PrintStream err, String name, JbccException failure, boolean verbose) {
        StringBuilder text = new StringBuilder();
        text.append(name).append(": ").append(failure.getMessage()).append('\n');
        String hint = failure.hint().orElse(failure instanceof JbccException.Usage ? "try: " + name + " --help" : null);
        if (hint != null) {
            text.append("hint: ").append(hint).append('\n');
        }
        if (verbose) {
            failure.detail()
                    .ifPresent(detail -> text.append(detail.stripTrailing()).append('\n'));
            Throwable cause = failure.getCause();
            if (cause != null) {
                text.append("cause: ").append(cause).append('\n');
                Arrays.stream(cause.getStackTrace())
                        .forEach(frame -> text.append("    at ").append(frame).append('\n'));
            }
        }
        err.print(text);
        err.flush();
    }
}
