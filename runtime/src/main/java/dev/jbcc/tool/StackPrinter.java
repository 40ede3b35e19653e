// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.bpf.BpfObject;
import dev.jbcc.bpf.IntField;
import dev.jbcc.bpf.RecordHandler;
import dev.jbcc.bpf.RingBuffer;
import dev.jbcc.bpf.StructView;
import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.flame.FlameOptions;
import dev.jbcc.flame.FoldedWriter;
import dev.jbcc.flame.HtmlWriter;
import dev.jbcc.flame.StackTree;
import dev.jbcc.flame.SvgWriter;
import dev.jbcc.host.Processes;
import dev.jbcc.output.Escape;
import dev.jbcc.output.OutputBuffer;
import dev.jbcc.output.OutputFile;
import dev.jbcc.output.Renderer;
import dev.jbcc.stack.NamedStacks;
import dev.jbcc.stack.StackMaps;
import dev.jbcc.stack.StackNames;
import dev.jbcc.stack.StackSums;
import dev.jbcc.symbol.KernelSymbols;
import dev.jbcc.symbol.Symbolizer;
import dev.jbcc.symbol.UnknownFrames;
import dev.jbcc.symbol.demangle.Demangler;
import dev.jbcc.symbol.jit.JitNames;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.UnaryOperator;

/**
 * While the programs add up, empties their maps before they fill and remembers what the processes have mapped; at the
 * end gives names to the addresses and prints the stacks. For one thread.
 */
final class StackPrinter extends Printer implements RecordHandler {
    /** The ring that tells of processes: room for thousands at once. */
    static final int NOTES_BYTES = 1 << 18;

    /** Nothing is printed before the end, so there is no need to look more often. */
    private static final int WAIT_MILLIS = 5000;

    private static final int PROGRESS_MILLIS = 1000;
    private static final long MILLI = 1_000_000;

    private static final int BATCH = 1024;
    /**
     * On a busy host, a process must be looked at before it ends, and people wait for the names. That goes for all threads: what
     * has not been compiled yet is slow. Of 200 processes of 15 ms beside six busy ones on two CPUs, 5 to 8 % had no names
     * with it, 7 to 19 % without.
     */
    private static final int EAGER = 10;

    /** Output beyond this many bytes is written at once. */
    private static final int WRITE_BYTES = 1 << 16;

    private static final long SECOND = 1_000_000_000;
    /** One frame in so many without a name is worth a sentence. */
    private static final int MENTION_UNKNOWN = 10;

    private static final int STDOUT = 1;
    private static final int STDERR = 2;

    private final StackTool tool;
    private final BpfObject object;
    private final StandardOptions standard;
    private final Messages messages;
    private final RingBuffer notes;
    private final Note note = new Note();
    private final StackMaps maps;
    private final StackSums sums = new StackSums();
    private final JitNames jit;
    private final Symbolizer symbols;
    private final OutputBuffer out = new OutputBuffer(new FileOutputStream(FileDescriptor.out));
    private final boolean progress = Libc.terminalColumns(STDERR) > 0;
    private final int nice = Libc.nice();
    private final long start = System.nanoTime();
    private long ended = start;
    private long filtered;
    private long pause = PROGRESS_MILLIS;
    private long nextTick = start + SECOND;
    private long nextProgress = start + SECOND;

    /** {@code struct jbcc_image}. */
    private static final class Note extends StructView {
        final IntField image = integer("image");
        final IntField pid = integer("pid");

        Note() {
            super("jbcc_image");
        }
    }

    StackPrinter(StackTool tool, BpfObject object, StandardOptions standard, Messages messages) {
        this.tool = tool;
        this.object = object;
        this.standard = standard;
        this.messages = messages;
        note.bind(object.btf());
        maps = new StackMaps(object, tool.room());
        jit = new JitNames(!tool.noJava.get(), StackMaps::runs);
        symbols = new Symbolizer(
                tool.noDemangle.get() ? UnaryOperator.identity() : Demangler::demangle, jit, StackMaps::runs);
        notes = object.ringBuffer("jbcc_ring");
        notes.makeWakeable();
    }

    @Override
    boolean attach(BpfObject object, Ladder ladder) {
        // Once with nobody waiting, for the first time takes long, and the process may not be there for long.
        symbols.remember(Libc.processId(), 0);
        beEager();
        if (!super.attach(object, ladder)) {
            return false;
        }
        tool.attach(object, messages::say);
        return true;
    }

    private void beEager() {
        int self = Libc.processId();
        if (Processes.own() == self) { // else numbers in /proc are not those that the kernel takes from us
            for (int thread : Processes.threads(self)) {
                Libc.nice(thread, nice - EAGER);
            }
        }
    }

    @Override
    void header() throws IOException {
        if (tool.output() == StackFormat.TABLE) {
            out.append(tool.greeting(standard));
            out.append('\n');
            out.flush();
        } else {
            messages.detail(tool.greeting(standard));
        }
    }

    @Override
    boolean full() {
        return false;
    }

    @Override
    void awaitAndPrint(long end) throws IOException {
        long left = (end - System.nanoTime()) / 1_000_000 + 1;
        notes.await(Math.clamp(left, 0, progress ? PROGRESS_MILLIS : WAIT_MILLIS));
        readNotes();
        if (maps.filling()) {
            drain();
        }
        long now = System.nanoTime();
        if (now >= nextTick) {
            pause = Math.min(2 * pause, WAIT_MILLIS);
            nextTick = now + pause * MILLI;
            tool.tick(object, messages::detail);
            jit.goesOn();
            if (standard.containers().filter(standard)) {
                drain(); // while the containers are there
            }
        }
        if (progress && now >= nextProgress) {
            nextProgress = now + PROGRESS_MILLIS * MILLI;
            showProgress((now - start) / SECOND);
        }
        if (Libc.readerIsGone(STDOUT)) {
            throw new IOException(Main.BROKEN_PIPE);
        }
    }

    @Override
    void wake() {
        notes.wake();
    }

    private void drain() {
        standard.containers().settle();
        filtered += maps.drain(sums, key -> standard.containers().passes(key.cgroup(), key.cgroupV1(), standard));
    }

    private void readNotes() {
        while (notes.consume(this, BATCH) == BATCH) {
            // more may be there
        }
    }

    /** A note of an image that is new, or has more mapped than before; or, of no image, that the maps fill. */
    @Override
    public void record(MemorySegment memory, long offset, long length) {
        note.at(memory, offset, length);
        if (note.image.get() != 0) {
            int pid = (int) note.pid.get();
            if (symbols.remember(pid, note.image.get())) {
                jit.started(pid, note.image.get());
            }
        }
    }

    private void showProgress(long seconds) {
        EventCounts counts = EventCounts.read(object, 0, 0, 0);
        messages.raw("\r" + messages.name() + ": " + seconds + " s, " + (counts.seen() - counts.filtered()) + " "
                + tool.unit() + "\u001b[K");
    }

    @Override
    String finish(BpfObject object) throws IOException {
        if (progress) {
            messages.raw("\r\u001b[K");
        }
        ended = System.nanoTime();
        FutureTask<KernelSymbols> reading = new FutureTask<>(KernelSymbols::read);
        if (!tool.userOnly.get()) {
            new Thread(reading, "kernel symbols").start(); // while we wait for JVMs
        }
        readNotes();
        drain(); // the half in use, then what the other one has got since its last turn
        drain();
        messages.detail("read " + sums.stackCount() + " different stacks");
        jit.ending();
        StackFormat format = tool.output();
        boolean perProcess = format == StackFormat.TABLE || format == StackFormat.JSON || format == StackFormat.CSV;
        KernelSymbols kernel = tool.userOnly.get() ? null : result(reading);
        StackNames names = new StackNames(symbols, kernel, tool.addresses.get());
        NamedStacks stacks = names.name(sums, perProcess);
        messages.detail("looked up the names of " + names.frames() + " frames");
        StackCounts counts = StackCounts.read(object, sums, filtered, maps.losses());
        print(format, stacks.sorted());
        if (format == StackFormat.JSON) {
            counts.json(out);
            out.flush();
        }
        counts.advice(tool.unit()).forEach(messages::say);
        sayUnknown(names, kernel);
        return counts.sentence();
    }

    private static <T> T result(FutureTask<T> task) {
        try {
            return task.get();
        } catch (ExecutionException failure) {
            throw new IllegalStateException(failure.getCause());
        } catch (InterruptedException hurried) {
            throw new IllegalStateException(hurried); // nobody interrupts this thread
        }
    }

    private void print(StackFormat format, List<NamedStacks.Stack> stacks) throws IOException {
        OutputStream stdout = new FileOutputStream(FileDescriptor.out);
        switch (format) {
            case TABLE ->
                new StackTable(out, tool.delimited.get(), tool.addresses.get(), standard.verbose.get()).print(stacks);
            case JSON, CSV -> rows(stacks);
            case FOLDED ->
                FoldedWriter.write(StackFrames.tree(stacks, tool.annotated.get(), tool.delimited.get()), stdout);
            case FLAME -> HtmlWriter.write(marked(stacks), look(), stdout);
            case SVG -> SvgWriter.write(marked(stacks), look(), stdout);
            case NONE -> {}
        }
        if (tool.flame.given()) {
            OutputFile.write(tool.flame.get(), file -> HtmlWriter.write(marked(stacks), look(), file));
            messages.say("wrote " + tool.flame.get());
        }
        if (tool.svg.given()) {
            OutputFile.write(tool.svg.get(), file -> SvgWriter.write(marked(stacks), look(), file));
            messages.say("wrote " + tool.svg.get());
        }
    }

    /** In pictures, kernel functions are known by their marks. */
    private StackTree marked(List<NamedStacks.Stack> stacks) {
        return StackFrames.tree(stacks, true, tool.delimited.get());
    }

    private FlameOptions look() {
        long seconds = Math.round((ended - start) / 1e9);
        String title = tool.title.given() ? tool.title.get() : messages.name();
        return new FlameOptions(
                title,
                tool.activity() + " for " + seconds + " s",
                tool.unit(),
                0,
                FlameOptions.MIN_WIDTH,
                false,
                false);
    }

    private void rows(List<NamedStacks.Stack> stacks) throws IOException {
        Renderer renderer = tool.renderer(standard);
        renderer.header(out);
        for (NamedStacks.Stack stack : stacks) {
            tool.row().at(stack);
            renderer.row(out);
            if (out.length() >= WRITE_BYTES) {
                out.flush();
            }
        }
        out.flush();
    }

    /** What keeps frames from having names, and, with {@code -v}, where. */
    private void sayUnknown(StackNames names, KernelSymbols kernel) {
        jit.remarks().forEach(messages::say);
        if (kernel != null) {
            kernel.problem().ifPresent(messages::say);
        }
        messages.detail(symbols.describe());
        List<UnknownFrames.Count> counts = names.unknown().counts();
        if (names.unknown().total() * MENTION_UNKNOWN > names.frames()) {
            messages.say(
                    names.unknown().total() * 100 / names.frames() + " % of the frames have no name; most of these: "
                            + why(counts.getFirst()) + (standard.verbose.get() ? "" : " (-v lists them)"));
        }
        for (UnknownFrames.Count count : counts) {
            messages.detail(count.samples() + " frames without a name: " + why(count));
        }
    }

    private static String why(UnknownFrames.Count count) {
        return count.why() + (count.module() == null ? "" : ", in " + Escape.terminal(count.module()));
    }

    @Override
    public void close() {
        notes.close();
        symbols.close();
        jit.close();
    }
}
