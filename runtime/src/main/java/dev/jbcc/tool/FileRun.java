// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.OpenObject;
import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.clang.Clang;
import dev.jbcc.clang.Compiled;
import dev.jbcc.clang.ObjectCache;
import dev.jbcc.clang.Source;
import dev.jbcc.clang.Target;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.BooleanSupplier;

/** One run of {@code jbcc run}: compiles, attaches, and prints until it is to end. For one thread. */
final class FileRun {
    /** The longest time that a record waits in its buffer. */
    private static final int WAIT_MILLIS = 50;

    private static final long WATCH_NANOS = 300_000_000L;
    private static final int STDOUT = 1;
    private static final FileTime ABSENT = FileTime.fromMillis(0);

    private final FileOptions options;
    private final List<String> command;
    private final PrintStream err;
    private final BooleanSupplier stopping;
    private final long start = System.nanoTime();
    private final FileOutput output;
    private final Path file;
    private final Path types;

    /**
     * Prepares a run.
     *
     * @param command what to run and trace, or null
     * @param stopping says when to end as if the time were over
     */
    FileRun(FileOptions options, List<String> command, PrintStream err, BooleanSupplier stopping) {
        this.options = options;
        this.command = command;
        this.err = err;
        this.stopping = stopping;
        Option<Long> records = options.standard.maxEvents;
        this.output = new FileOutput(options.format.get(), records.given() ? records.get() : Long.MAX_VALUE);
        try {
            this.file = Path.of(options.file.get());
        } catch (InvalidPathException wrong) {
            throw new JbccException.Usage("no file can have the name '" + options.file.get() + "'");
        }
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new JbccException.Usage("there is no file " + file + " that can be read");
        }
        this.types = Session.types(options.standard);
    }

    /**
     * Does it.
     *
     * @return the exit code: 0, or the command's
     * @throws IOException when the output cannot be written
     */
    int run() throws IOException {
        FileFilters.prepare(options.standard);
        try (TracedCommand traced = command == null
                ? null
                : TracedCommand.start(command, options.standard.asRoot.get(), Map.of(), Libc::kill)) {
            return trace(traced);
        }
    }

    /** What the file has, for the help. */
    String describe() {
        try (OpenObject open = OpenObject.open(compile(null), name())) {
            return new FileHelp(open, file).text();
        }
    }

    private int trace(TracedCommand traced) throws IOException {
        FileTime version = changed();
        FileProgram program = load(traced);
        try {
            program.attach(this::note);
            say("attached " + count(program.attached(), "program") + (command == null ? "; Ctrl-C ends" : ""));
            if (traced != null) {
                traced.resume();
            }
            long end = options.standard.duration.given()
                    ? System.nanoTime() + options.standard.duration.get()
                    : Long.MAX_VALUE;
            long interval = options.interval.given() ? options.interval.get() : Long.MAX_VALUE;
            long nextMaps = interval == Long.MAX_VALUE ? Long.MAX_VALUE : System.nanoTime() + interval;
            long nextLook = System.nanoTime() + WATCH_NANOS;
            while (!stopping.getAsBoolean()
                    && !output.full()
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
                    if (!now.equals(ABSENT) && !now.equals(version)) {
                        version = now;
                        program = reload(program, traced);
                    }
                }
            }
            program.finish();
            program.printMaps();
            if (output.isFolded()) {
                output.writeFolded();
            }
            report(program);
        } finally {
            program.close();
        }
        if (traced != null && traced.ended()) {
            int status = traced.exitStatus();
            if (status != 0) {
                say(command.getFirst() + " ended with exit status " + status);
            }
            return status;
        }
        return 0;
    }

    private void maps(FileProgram program) throws IOException {
        if (!output.isJson()) {
            String time = LocalTime.now().truncatedTo(ChronoUnit.SECONDS).toString();
            output.text("", time.length() < "00:00:00".length() ? time + ":00" : time); // full minutes have no seconds
        }
        program.printMaps();
    }

    /** The new program, attached, in place of the old one; the old one if the new one cannot be loaded. */
    private FileProgram reload(FileProgram old, TracedCommand traced) throws IOException {
        FileProgram fresh = null;
        boolean done = false;
        try {
            fresh = load(traced);
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
        report(old);
        old.close();
        say("loaded " + file + " again");
        return fresh;
    }

    private FileProgram load(TracedCommand traced) {
        FileProgram program = FileProgram.load(
                compile(null),
                name(),
                types,
                options.isObject() || !canBeIncluded() ? null : this::compile,
                options,
                output,
                traced,
                this::say,
                this::note);
        note("loaded");
        return program;
    }

    private String name() {
        String name = file.getFileName().toString();
        int dot = name.indexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }

    /** Whether an include directive can have its path. */
    private boolean canBeIncluded() {
        String path = file.toAbsolutePath().toString();
        return path.indexOf('"') < 0 && path.indexOf('\\') < 0 && path.indexOf('\n') < 0;
    }

    /**
     * Compiles the file.
     *
     * @param buffer whose records are to be named struct event, a type that clang leaves out if only local variables are
     *     of it, as in libbpf-tools; or null
     */
    private byte[] compile(String buffer) {
        try {
            if (options.isObject()) {
                return Files.readAllBytes(file);
            }
            List<Path> includes = new ArrayList<>();
            for (String directory : options.includes.get()) {
                includes.add(Path.of(directory));
            }
            includes.add(Main.home().resolve("bpf-src/include"));
            Source source = new Source(file, includes);
            Clang clang = Clang.find();
            ObjectCache cache = ObjectCache.open(this::say);
            List<String> flags = new ArrayList<>(cache.kernelTypes(clang, source, Target.host(), types));
            flags.addAll(FileFilters.defines(options.standard));
            if (buffer != null) {
                String text = "#include \"" + file.toAbsolutePath() + "\"\nstruct event *" + buffer + FileRecords.SUFFIX
                        + " __attribute__((unused));\n";
                source = new Source(cache.keepText("named.bpf.c", text), includes);
            }
            Compiled compiled = cache.object(clang, source, Target.host(), flags, options.standard.recompile.get());
            if (!compiled.warnings().isEmpty() && buffer == null) {
                err.println(compiled.warnings());
            }
            note(compiled.cached() ? "took the object from the cache" : "compiled " + file);
            if (options.standard.keep.given()) {
                Files.write(Path.of(options.standard.keep.get()), compiled.object());
            }
            return compiled.object();
        } catch (IOException failure) {
            throw new JbccException.Failed("cannot read or write the object: " + failure, failure);
        }
    }

    /** When the file was changed last; {@link #ABSENT} between the two steps of an editor. */
    private FileTime changed() {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException absent) {
            return ABSENT;
        }
    }

    private void report(FileProgram program) throws IOException {
        EventCounts counts = program.counts();
        // What the programs have seen and not filtered is mostly in maps, so these do not add up with the rest.
        String seen = counts == null ? "" : "seen " + counts.seen() + ", filtered " + counts.filtered() + "; ";
        StringJoiner text = new StringJoiner(", ", seen, "").setEmptyValue("");
        if (program.hasRecords()) {
            text.add("printed " + count(program.printed(), "record"));
        }
        if (program.lines() >= 0) {
            text.add("printed " + count(program.lines(), "line") + " of bpf_printk");
        }
        long lost = program.lost() + (counts == null ? 0 : counts.lost());
        if (lost > 0 || counts != null) {
            text.add("lost " + lost);
        }
        if (program.left() > 0) {
            text.add("left unread " + program.left());
        }
        if (counts != null && counts.notFollowed() > 0) {
            text.add("processes not followed " + counts.notFollowed());
        }
        if (program.missed() > 0) {
            text.add("missed " + program.missed() + " runs of programs");
        }
        if (text.length() > 0) {
            say(text.toString());
        }
    }

    private static String count(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    private void say(String what) {
        err.println(FileCommand.NAME + ": " + what);
    }

    private void note(String what) {
        if (options.standard.verbose.get()) {
            say((System.nanoTime() - start) / 1_000_000 + " ms: " + what);
        }
    }
}
