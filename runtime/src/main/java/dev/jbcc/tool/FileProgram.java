// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.BpfObject;
import dev.jbcc.bpf.BpfProgram;
import dev.jbcc.bpf.BtfType;
import dev.jbcc.bpf.EventBuffer;
import dev.jbcc.bpf.MapDeclaration;
import dev.jbcc.bpf.OpenObject;
import dev.jbcc.bpf.PerfBuffer;
import dev.jbcc.bpf.Sampling;
import dev.jbcc.bpf.Section;
import dev.jbcc.bpf.TraceLine;
import dev.jbcc.bpf.TracePipe;
import dev.jbcc.host.Kernel;
import dev.jbcc.output.Escape;
import dev.jbcc.output.OutputBuffer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/** A C file in the kernel: what it is made of, attached, and what comes from it. For one thread. */
final class FileProgram implements AutoCloseable {
    private static final int PERF_BYTES = 1 << 18;
    private static final int RING_BYTES = 1 << 18;
    private static final int ENTRIES = 10_240;
    private static final int STACK_BYTES = 127 * 8; // PERF_MAX_STACK_DEPTH
    private static final int BATCH = 4096;

    private final FileOptions options;
    private final FileOutput output;
    private final BpfObject object;
    private final FileFilters filters;
    private final FileStacks stacks;
    private final List<FileRecords> buffers = new ArrayList<>();
    private final TracePipe pipe;
    private int attached;
    private long lines; // of bpf_printk
    private long unprinted; // such lines for which there was no room

    private FileProgram(
            FileOptions options,
            FileOutput output,
            BpfObject object,
            FileFilters filters,
            Consumer<String> say,
            Consumer<String> notes) {
        this.options = options;
        this.output = output;
        this.object = object;
        this.filters = filters;
        this.stacks = new FileStacks(object, output.out(), say);
        try {
            List<MapDeclaration> maps = object.maps().stream()
                    .filter(map ->
                            isBuffer(map) && !(filters.isOurs(map.name()) && !FileFilters.isUsed(object, map.name())))
                    .toList();
            for (MapDeclaration map : maps) {
                EventBuffer buffer = map.typeName().equals("ringbuf")
                        ? object.ringBuffer(map.name())
                        : object.perfBuffer(map.name(), perfBytes(options.standard));
                BtfType.Struct type = FileRecords.type(map.name(), object.btf(), maps.size() == 1);
                FileStacks.Layout layout = type == null ? null : stacks.layout(map.name(), type.id());
                if (type == null) {
                    say.accept(
                            "nothing in the object says what the records of " + map.name() + " are; they are printed as"
                                    + " bytes, unless the C has a line such as: struct event *" + map.name()
                                    + FileRecords.SUFFIX + " __attribute__((unused));");
                }
                buffers.add(new FileRecords(map.name(), buffer, object.btf(), type, output, layout, options.standard));
            }
            pipe = object.prints() ? object.tracePipe() : null;
            choose(options.standard, notes);
        } catch (RuntimeException failure) {
            close();
            throw failure;
        }
    }

    private static int perfBytes(StandardOptions standard) {
        return standard.bufferSize.given() || standard.bufferPages.given() ? standard.bufferBytes() : PERF_BYTES;
    }

    /** What is asked for of the records, and nothing has, is a mistake. */
    private void choose(StandardOptions standard, Consumer<String> notes) {
        List<String> names = new ArrayList<>();
        boolean time = pipe != null;
        for (FileRecords records : buffers) {
            names.addAll(records.fields());
            time |= records.hasTime();
        }
        for (String field : standard.fields.get()) {
            if (!names.contains(field)) {
                throw new JbccException.Usage(
                        "--fields: no record has a member " + field,
                        names.isEmpty()
                                ? "there are no records whose type is known"
                                : "there are: " + String.join(", ", names));
            }
        }
        if (standard.timeStyle() != null && !time) {
            throw new JbccException.Usage(
                    "nothing that this file prints says when it was",
                    "-T and --time are for lines of bpf_printk, and for records with a member time, ts or timestamp");
        }
        if (!standard.fields.get().isEmpty()) {
            for (FileRecords records : buffers) {
                records.choose(standard.fields.get());
            }
        }
        List<String> unused = stacks.unused();
        if (output.isFolded() && unused.size() == stacks.count()) {
            throw new JbccException.Usage(
                    "-o folded prints stacks, and this file has no stack ids",
                    "a number is one by its type, stack_id_t of maps.h, or by its name, such as kern_stack_id");
        }
        for (String map : unused) {
            notes.accept("map " + map + " (stack_trace) is not printed: nothing has ids of it");
        }
    }

    /** The only buffer, if nothing says what its records are; null otherwise. */
    private static String unnamedBuffer(OpenObject open) {
        String only = null;
        for (MapDeclaration map : open.maps()) {
            if (isBuffer(map)) {
                if (only != null || map.name().startsWith(FileFilters.PREFIX)) {
                    return null;
                }
                only = map.name();
            }
        }
        return only == null || FileRecords.type(only, open.btf(), true) != null ? null : only;
    }

    private static boolean isBuffer(MapDeclaration map) {
        return map.typeName().equals("ringbuf") || map.typeName().equals("perf_event_array");
    }

    /**
     * Loads an object with the globals that the options set.
     *
     * @param types of the kernel, or null
     * @param naming makes an object from the same C in which the records of the only buffer, which is given, are named
     *     struct event; null if that cannot be done
     * @param notes takes what is left out, a line each
     * @throws JbccException.NotSupported when it has a program or map that cannot be run like this
     */
    static FileProgram load(
            byte[] elf,
            String name,
            Path types,
            Function<String, byte[]> naming,
            FileOptions options,
            FileOutput output,
            TracedCommand traced,
            Consumer<String> say,
            Consumer<String> notes) {
        try (OpenObject open = OpenObject.open(elf, name)) {
            String unnamed = naming == null ? null : unnamedBuffer(open);
            if (unnamed != null) {
                return load(naming.apply(unnamed), name, types, null, options, output, traced, say, notes);
            }
            if (options.standard.verbose.get()) {
                open.logTo(notes);
            }
            if (types != null) {
                open.kernelTypes(types);
            }
            boolean sampled = false;
            boolean any = false;
            for (String program : open.programs()) {
                String section = open.section(program);
                if (!open.autoloads(program)) {
                    if (!program.startsWith(FileFilters.PREFIX)) {
                        notes.accept("program " + program + " is optional (?" + section + ") and is left out");
                    }
                    continue;
                }
                refuse(program, section);
                any = true;
                sampled |= Section.of(section).isSampled();
            }
            if (!any) {
                throw new JbccException.Usage(
                        "there is no program in " + name + " that is to be attached",
                        "a program is a function with a section, such as SEC(\"tp/sched/sched_process_exec\")");
            }
            if (options.frequency.given() && !sampled) {
                throw new JbccException.Usage(
                        "-F is how often perf_event programs run, and the C has none",
                        "the section of one is SEC(\"perf_event\")");
            }
            for (MapDeclaration map : open.maps()) {
                refuse(map, notes);
                size(open, map, options.standard);
            }
            FileFilters filters = FileFilters.configure(open, options.standard, traced != null);
            for (String define : options.defines.get()) {
                FileGlobals.set(open, define);
            }
            BpfObject object;
            try {
                object = open.load();
            } catch (JbccException refusal) {
                if (!Session.takesPerfBuffer(open, options.standard, notes)) {
                    throw refusal;
                }
                return load(elf, name, types, naming, options, output, traced, say, notes);
            }
            FileProgram program = new FileProgram(options, output, object, filters, say, notes);
            boolean filled = false;
            try {
                filters.fill(program.object, traced);
                filled = true;
            } finally {
                if (!filled) {
                    program.close();
                }
            }
            return program;
        }
    }

    private static void refuse(String program, String section) {
        Section parsed = Section.of(section);
        if (!parsed.namesPlace() && !parsed.isIterator() && !parsed.isSampled()) {
            throw new JbccException.NotSupported(
                    "program " + program + " has the section \"" + section
                            + "\", which does not say where to attach it",
                    "jbcc run attaches by sections alone, such as \"tracepoint/sched/sched_process_exec\" or"
                            + " \"uprobe/libc.so.6:malloc\"; others can be attached from Java, by BpfProgram");
        }
        if (parsed.isIterator() && parsed.place().equals("bpf_map_elem")) {
            throw new JbccException.NotSupported(
                    "program " + program + " iterates over a map, and its section does not say over which",
                    "it can be run from Java, by BpfProgram.iterate");
        }
    }

    private static void refuse(MapDeclaration map, Consumer<String> notes) {
        if (map.name().startsWith(FileFilters.PREFIX)) {
            return;
        }
        if (map.typeName().equals("struct_ops")) {
            throw new JbccException.NotSupported(
                    map.name() + " replaces a part of the kernel (struct_ops), which jbcc does not do", null);
        }
        boolean stacks = map.typeName().equals("stack_trace");
        if (!map.isGlobals() && !isBuffer(map) && !FileMaps.isPrinted(map) && !stacks) {
            notes.accept("map " + map.name() + " (" + map.typeName() + ") is not printed");
        }
    }

    /** Gives a size to maps whose declaration leaves that to user space, as those of libbpf-tools do. */
    private static void size(OpenObject open, MapDeclaration map, StandardOptions standard) {
        if (map.typeName().equals("ringbuf") && (standard.bufferSize.given() || standard.bufferPages.given())) {
            open.maxEntries(map.name(), standard.bufferBytes());
            return;
        }
        if (map.maxEntries() == 0 && !map.isGlobals() && !map.typeName().equals("perf_event_array")) {
            open.maxEntries(map.name(), map.typeName().equals("ringbuf") ? RING_BYTES : ENTRIES);
        }
        if (map.typeName().equals("stack_trace") && map.valueSize() == 0) {
            open.valueSize(map.name(), STACK_BYTES);
        }
    }

    /** Attaches every program, and prints what the iterators say. */
    void attach(Consumer<String> notes) throws IOException {
        Session.inOrder(object).forEach(BpfProgram::attach);
        stacks.remember();
        for (BpfProgram program : object.programs()) {
            Section section = Section.of(program.section());
            if (section.isSampled()) {
                sample(program);
            } else if (section.isIterator()) {
                iterate(program);
            }
            attached += program.name().startsWith(FileFilters.PREFIX) ? 0 : 1;
        }
        output.flush();
    }

    private void sample(BpfProgram program) {
        boolean any = false;
        for (int cpu : Kernel.onlineCpus()) {
            Sampling clock = new Sampling(Sampling.Clock.CPU_CLOCK, true, options.frequency.get(), false);
            any |= program.attachSampling(clock, cpu).isPresent();
        }
        if (!any) {
            throw new JbccException.NotSupported("no CPU of this machine can be sampled", null);
        }
    }

    private void iterate(BpfProgram program) throws IOException {
        String name = program.name();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(program.iterate(), StandardCharsets.UTF_8))) {
            String line;
            while ((line = lines.readLine()) != null) {
                output.text(name, line);
                output.flushIfLarge();
            }
        }
    }

    /** How many programs are attached. */
    int attached() {
        return attached;
    }

    /** Whether something can still come: else it is all iterators, which have been read. */
    boolean isLasting() {
        for (BpfProgram program : object.programs()) {
            if (!Section.of(program.section()).isIterator()) {
                return true;
            }
        }
        return false;
    }

    /** Waits for output at most so long, and prints what is there. */
    void awaitAndPrint(int millis) throws IOException {
        int sources = buffers.size() + (pipe == null ? 0 : 1);
        int patience = stacks.patience(millis);
        int each = sources == 0 ? patience : Math.max(1, patience / sources);
        for (FileRecords records : buffers) {
            records.buffer().await(each);
        }
        if (pipe != null) {
            pipe.await(each);
        }
        if (sources == 0 && patience > 0) {
            try {
                Thread.sleep(patience);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
            }
        }
        print();
        stacks.remember();
    }

    /** Prints a batch of what is there; returns whether there was any. */
    private boolean print() throws IOException {
        int count = 0;
        options.standard.clock().synchronize();
        try {
            for (FileRecords records : buffers) {
                count += records.buffer().consume(records, BATCH);
            }
            if (pipe != null) {
                count += pipe.consume(this::line);
            }
        } catch (UncheckedIOException failure) {
            throw failure.getCause();
        }
        output.flush();
        return count > 0;
    }

    private void line(TraceLine line) {
        if (output.isFolded()) {
            return;
        }
        if (!output.take()) {
            unprinted++;
            return;
        }
        lines++;
        if (!output.isJson()) {
            EventClock.Style style = options.standard.timeStyle();
            if (style != null) {
                options.standard.clock().append(line.nanos(), style, output.out());
                output.out().append(' ');
            }
            output.text("printk", line.comm() + "-" + line.pid() + ": " + line.text());
            return;
        }
        OutputBuffer out = output.out();
        out.append("{\"printk\":{\"time\":");
        out.decimal(line.nanos());
        out.append(",\"cpu\":");
        out.decimal(line.cpu());
        out.append(",\"tid\":");
        out.decimal(line.pid());
        out.append(",\"comm\":");
        string(line.comm(), out);
        out.append(",\"text\":");
        string(line.text(), out);
        out.append("}}\n");
    }

    private static void string(String text, OutputBuffer out) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.append('"');
        Escape.json(bytes, bytes.length, out);
        out.append('"');
    }

    /** Detaches and prints what is left. */
    void finish() throws IOException {
        object.detach();
        while (print()) {
            output.flush();
        }
    }

    void printMaps() throws IOException {
        new FileMaps(object, output, filters, stacks).print();
    }

    /** What jbcc.h has counted; null for a file without it. */
    EventCounts counts() {
        return filters.counts(object, printed(), leftRecords());
    }

    /** Records, and lines of bpf_printk, that came after the last one that was to be printed. */
    long left() {
        return leftRecords() + unprinted;
    }

    private long leftRecords() {
        long left = 0;
        for (FileRecords records : buffers) {
            left += records.left();
        }
        return left;
    }

    /** Whether it has buffers, whose records are printed. */
    boolean hasRecords() {
        return !buffers.isEmpty();
    }

    /** How many lines of bpf_printk there were; -1 if no program prints any. */
    long lines() {
        return pipe == null ? -1 : lines;
    }

    /** How many records there were. */
    long printed() {
        long printed = 0;
        for (FileRecords records : buffers) {
            printed += records.printed();
        }
        return printed;
    }

    /** Records that the kernel says it could not place; a full ring buffer is the business of the C. */
    long lost() {
        long lost = 0;
        for (FileRecords records : buffers) {
            lost += records.buffer() instanceof PerfBuffer perf ? perf.lost() : 0;
        }
        return lost;
    }

    /** How often a program did not run because it was running on that CPU. */
    long missed() {
        return object.missed();
    }

    @Override
    public void close() {
        stacks.close();
        object.close();
    }
}
