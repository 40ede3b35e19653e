// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.OpenObject;
import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.clang.Clang;
import dev.jbcc.clang.Compiled;
import dev.jbcc.clang.KernelTypes;
import dev.jbcc.clang.ObjectCache;
import dev.jbcc.clang.Source;
import dev.jbcc.clang.Target;
import dev.jbcc.output.Format;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * {@code jbcc run FILE.bpf.c}: any BPF C file is a tool. {@link #stop} may be called by any thread; the rest is for one.
 */
final class FileRun {
    /** The longest time that a record waits in its buffer. */
    private static final int WAIT_MILLIS = 50;

    private static final long WATCH_NANOS = 300_000_000L;
    private static final int STDOUT = 1;

    private final Path home;
    private final FileOptions options;
    private final PrintStream err;
    private final long start = System.nanoTime();
    private final FileOutput output;
    private final Path file;
    private volatile boolean stopping;

    FileRun(Path home, FileOptions options, PrintStream err) {
        this.home = home;
        this.options = options;
        this.err = err;
        this.output = new FileOutput(options.format.get() == Format.JSON);
        try {
            this.file = options.file == null ? null : Path.of(options.file);
        } catch (InvalidPathException wrong) {
            throw new JbccException.Usage("no file can have the name '" + options.file + "'");
        }
    }

    /** Ends the run as if its time were over. */
    void stop() {
        stopping = true;
    }

    /**
     * Does what the command line asks for.
     *
     * @return the exit code: 0, or the command's
     * @throws IOException when the output cannot be written
     */
    int run() throws IOException {
        switch (options.request) {
            case HELP -> {
                print(options.help() + (file == null ? "" : describe()));
                return 0;
            }
            case VERSION -> {
                print("jbcc " + Main.version() + "\n");
                return 0;
            }
            default -> {
                if (!Files.isReadable(file) || Files.isDirectory(file)) {
                    throw new JbccException.Usage("there is no file " + file + " that can be read");
                }
            }
        }
        try (TracedCommand traced = options.command == null
                ? null
                : TracedCommand.start(options.command, options.asRoot.get(), Map.of(), Libc::kill)) {
            return trace(traced);
        }
    }

    private String describe() {
        try (OpenObject open = OpenObject.open(compile(), name())) {
            return new FileHelp(open, file).text();
        }
    }

    private int trace(TracedCommand traced) throws IOException {
        FileTime version = changed();
        FileProgram program = load();
        try {
            program.attach(this::note);
            say("attached " + count(program.attached(), "program") + (options.command == null ? "; Ctrl-C ends" : ""));
            if (traced != null) {
                traced.resume();
            }
            long end = options.duration.given() ? System.nanoTime() + options.duration.get() : Long.MAX_VALUE;
            long interval = options.interval.given() ? options.interval.get() : Long.MAX_VALUE;
            long nextMaps = interval == Long.MAX_VALUE ? Long.MAX_VALUE : System.nanoTime() + interval;
            long nextLook = System.nanoTime() + WATCH_NANOS;
            while (!stopping
                    && program.printed() < options.maxEvents.get()
                    && System.nanoTime() < end
                    && (program.isLasting() || options.watch.get())
                    && (traced == null || !traced.ended())) {
                long left = (Math.min(end, nextMaps) - System.nanoTime()) / 1_000_000 + 1;
                program.awaitAndPrint(Math.clamp(left, 0, WAIT_MILLIS));
                if (Libc.readerIsGone(STDOUT)) {
                    throw new IOException(Main.BROKEN_PIPE);
                }
                if (System.nanoTime() >= nextMaps) {
                    nextMaps += interval;
                    maps(program);
                }
                if (options.watch.get() && System.nanoTime() >= nextLook) {
                    nextLook = System.nanoTime() + WATCH_NANOS;
                    FileTime now = changed();
                    if (!now.equals(version)) {
                        version = now;
                        program = reload(program);
                    }
                }
            }
            program.finish();
            program.printMaps();
            report(program);
        } finally {
            program.close();
        }
        if (traced != null && traced.ended()) {
            int status = traced.exitStatus();
            if (status != 0) {
                say(options.command.getFirst() + " ended with exit status " + status);
            }
            return status;
        }
        return 0;
    }

    private void maps(FileProgram program) throws IOException {
        if (!output.isJson()) {
            output.text("", LocalTime.now().truncatedTo(ChronoUnit.SECONDS).toString());
        }
        program.printMaps();
    }

    /** The new program, attached, in place of the old one; the old one if the new one cannot be loaded. */
    private FileProgram reload(FileProgram old) throws IOException {
        FileProgram fresh = null;
        boolean done = false;
        try {
            fresh = load();
            fresh.attach(this::note);
            done = true;
        } catch (JbccException failure) {
            say(failure.getMessage());
            say("the program before this change goes on");
            return old;
        } finally {
            if (!done && fresh != null) {
                fresh.close();
            }
        }
        old.finish();
        old.printMaps();
        old.close();
        say("loaded " + file + " again");
        return fresh;
    }

    private FileProgram load() {
        FileProgram program = FileProgram.load(compile(), name(), options, output, this::note);
        note("loaded");
        return program;
    }

    private String name() {
        String name = file.getFileName().toString();
        int dot = name.indexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }

    private byte[] compile() {
        try {
            if (file.getFileName().toString().endsWith(".o")) {
                return Files.readAllBytes(file);
            }
            List<Path> includes = new ArrayList<>();
            for (String directory : options.includes.get()) {
                includes.add(Path.of(directory));
            }
            includes.add(home.resolve("bpf-src/include"));
            Source source = new Source(file, includes);
            Clang clang = Clang.find();
            ObjectCache cache = ObjectCache.open(this::say);
            List<String> flags = cache.kernelTypes(clang, source, Target.host(), types());
            Compiled compiled = cache.object(clang, source, Target.host(), flags, options.recompile.get());
            if (!compiled.warnings().isEmpty()) {
                err.println(compiled.warnings());
            }
            note(compiled.cached() ? "took the object from the cache" : "compiled " + file);
            if (options.keep.given()) {
                Files.write(Path.of(options.keep.get()), compiled.object());
            }
            return compiled.object();
        } catch (IOException failure) {
            throw new JbccException.Failed("cannot read or write the object: " + failure, failure);
        }
    }

    private Path types() {
        return options.btf.given() ? KernelTypes.given(options.btf.get()).file() : null;
    }

    /** When the file was changed last; the time 0 when it is not there, as between the two steps of an editor. */
    private FileTime changed() {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException absent) {
            return FileTime.fromMillis(0);
        }
    }

    private void report(FileProgram program) {
        StringBuilder text = new StringBuilder("printed " + count(program.printed(), "record"));
        if (program.lost() > 0) {
            text.append(", lost ").append(program.lost());
        }
        if (program.missed() > 0) {
            text.append(", missed ").append(program.missed()).append(" runs of programs");
        }
        say(text.toString());
    }

    private static String count(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    private void say(String what) {
        err.println(FileOptions.NAME + ": " + what);
    }

    private void note(String what) {
        if (options.verbose.get()) {
            say((System.nanoTime() - start) / 1_000_000 + " ms: " + what);
        }
    }

    private static void print(String text) throws IOException {
        try (FileOutputStream out = new FileOutputStream(FileDescriptor.out)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }
}
