// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

import dev.jbcc.host.Processes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Names addresses of user processes.
 *
 * <p>Call {@link #remember} as soon as a process is seen: it notes where what is mapped and opens the files that are new,
 * so that names can be found when the process has ended, its files are deleted or its container is gone. Names are read
 * when they are asked for.
 *
 * <p>A process is named by its pid and an image, a number of the caller's that tells apart the programs that had this pid
 * one after the other, such as one made of its start time and the count of its execs; 0 for all where that does not
 * matter. Processes that were forked from one another have the same image until they run another program: one that has
 * ended too soon is taken to have mapped what another of its image has.
 *
 * <p>Nothing that a process or a file may hold makes it fail. It keeps to a part of the heap: a third for tables of
 * functions, an eighth for mappings; where that does not suffice, the processes that were used longest ago are forgotten
 * and the tables read again. Owns descriptors, at most {@link SymbolFiles#MAX_OPEN}; close it. One thread at a time.
 *
 * {@snippet :
 * try (Symbolizer symbols = new Symbolizer(UnaryOperator.identity(), null)) {
 *     symbols.remember(4711, 0);
 *     Frame frame = symbols.user(4711, 0, 0x401136L);
 *     System.out.println(frame.label());
 * }
 * }
 */
public final class Symbolizer implements AutoCloseable {
    private static final int MAX_TASKS = 16;

    private record Key(int pid, long image) {}

    /** Tells whether a process still runs what was remembered, or is to be. */
    @FunctionalInterface
    public interface Identity {
        /** False when the process runs another program by now, or when another process has its pid. */
        boolean holds(int pid, long image);
    }

    private final Map<Key, ProcessImage> images = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<Long, ProcessImage> newest = new HashMap<>(); // of each image, among those that were there
    private final SymbolFiles files;
    private final JitSymbols jit;
    private final Identity identity;
    private final long budget;
    private long imageBytes;
    private long ended;
    private long forgotten;
    private Key lastKey;
    private ProcessImage lastImage;

    /**
     * @param demangler makes a name readable; it returns a name that is not mangled as it is
     * @param jit knows names of generated code; null: nobody does
     */
    public Symbolizer(UnaryOperator<String> demangler, JitSymbols jit) {
        this(demangler, jit, (pid, image) -> true);
    }

    /**
     * @param demangler makes a name readable; it returns a name that is not mangled as it is
     * @param jit knows names of generated code; null: nobody does
     * @param identity is asked after a process's mappings were read, so that they are not taken for another program's
     */
    public Symbolizer(UnaryOperator<String> demangler, JitSymbols jit, Identity identity) {
        this(demangler, jit, identity, Runtime.getRuntime().maxMemory());
    }

    Symbolizer(UnaryOperator<String> demangler, JitSymbols jit, long heap) {
        this(demangler, jit, (pid, image) -> true, heap);
    }

    private Symbolizer(UnaryOperator<String> demangler, JitSymbols jit, Identity identity, long heap) {
        this.identity = identity;
        this.files = new SymbolFiles(demangler, heap / 3);
        this.jit = jit;
        this.budget = heap / 8;
    }

    /**
     * Notes what the process has mapped now, and keeps what was noted for the same image before. Takes some tenths of a
     * millisecond, more when many files are new.
     *
     * @return whether there was something to note; false: it has ended, or is a thread of the kernel
     */
    public boolean remember(int pid, long image) {
        Key key = new Key(pid, image);
        ProcessImage known = images.get(key);
        boolean isNew = known == null;
        if (isNew) {
            known = new ProcessImage();
        } else {
            imageBytes -= known.heapBytes();
        }
        boolean noted = read(key, known, false);
        if (!noted) {
            known.missing(identity.holds(pid, image) ? why(pid) : Frame.Why.EXITED);
            ended += isNew ? 1 : 0;
        }
        put(key, known);
        if (noted && image != 0) {
            newest.put(image, known);
        }
        return noted;
    }

    private boolean read(Key key, ProcessImage image, boolean refresh) {
        int pid = key.pid;
        int task = pid;
        List<Mapping> mappings = Mappings.read(pid);
        if (mappings == null) {
            // The first thread may have ended before the others; every thread's number works in /proc.
            int[] threads = Processes.threads(pid);
            for (int i = 0; i < threads.length && i < MAX_TASKS && mappings == null; i++) {
                task = threads[i];
                mappings = task == pid ? null : Mappings.read(task);
            }
        }
        if (mappings == null || !identity.holds(task, key.image)) {
            return false;
        }
        if (refresh) {
            image.refresh(task, mappings, files);
        } else {
            image.add(task, mappings, files);
        }
        return true;
    }

    private static Frame.Why why(int pid) {
        char state = Processes.state(pid);
        return state == 0 || state == 'Z' || state == 'X' ? Frame.Why.EXITED : Frame.Why.UNREADABLE;
    }

    private void put(Key key, ProcessImage image) {
        images.put(key, image);
        imageBytes += image.heapBytes();
        for (Iterator<Map.Entry<Key, ProcessImage>> eldest = images.entrySet().iterator();
                imageBytes > budget && images.size() > 1; ) {
            Map.Entry<Key, ProcessImage> oldest = eldest.next();
            imageBytes -= oldest.getValue().heapBytes();
            newest.remove(oldest.getKey().image, oldest.getValue());
            eldest.remove();
            forgotten++;
        }
        lastKey = key;
        lastImage = image;
    }

    /**
     * The function at an address where code is executing: of the instruction pointer, the first of a stack. A process
     * that was not remembered is remembered now; if it is not there, the frame says so.
     */
    public Frame user(int pid, long image, long address) {
        return frame(pid, image, address, address);
    }

    /**
     * The function that a return address leads back to. It points behind the call, which may be the last instruction of
     * its function, so that the function is looked for one byte before; the offset is that of the address itself.
     */
    public Frame caller(int pid, long image, long address) {
        return frame(pid, image, address, address - 1);
    }

    /**
     * The frames of a stack, as the kernel gives it: the instruction pointer first, then return addresses. Those point
     * behind the call, which may be the last instruction of its function, so that the function is looked for one byte
     * before; the offset is that of the address itself.
     */
    public List<Frame> stack(int pid, long image, long[] addresses, int length) {
        List<Frame> frames = new ArrayList<>(length);
        for (int i = 0; i < length; i++) {
            frames.add(frame(pid, image, addresses[i], i == 0 ? addresses[i] : addresses[i] - 1));
        }
        return frames;
    }

    private Frame frame(int pid, long image, long address, long lookup) {
        ProcessImage process = image(pid, image);
        if (process.missing() != null) {
            ProcessImage.Place shared = process.missing() == Frame.Why.EXITED ? placeInTwin(image, lookup) : null;
            if (shared != null) {
                return frame(pid, image, shared, address, lookup);
            }
            return new Frame(Frame.Kind.UNKNOWN, null, null, address, process.missing());
        }
        ProcessImage.Place place = process.find(lookup);
        if (place == null && !process.isRefreshed()) {
            // A library may have come since then. This happens once, for stacks are often broken.
            imageBytes -= process.heapBytes();
            if (!read(new Key(pid, image), process, true)) {
                process.refresh(pid, List.of(), files);
            }
            imageBytes += process.heapBytes();
            place = process.find(lookup);
        }
        if (place == null) {
            return new Frame(Frame.Kind.UNKNOWN, null, null, address, Frame.Why.NOT_MAPPED);
        }
        return frame(pid, image, place, address, lookup);
    }

    private ProcessImage.Place placeInTwin(long image, long address) {
        ProcessImage twin = newest.get(image);
        return twin == null ? null : twin.find(address);
    }

    private ProcessImage image(int pid, long image) {
        if (lastKey != null && lastKey.pid == pid && lastKey.image == image) {
            return lastImage;
        }
        Key key = new Key(pid, image);
        ProcessImage found = images.get(key);
        if (found == null) {
            remember(pid, image);
            found = lastImage;
        }
        lastKey = key;
        lastImage = found;
        return found;
    }

    private Frame frame(int pid, long image, ProcessImage.Place place, long address, long lookup) {
        Mapping mapping = place.mapping();
        SymbolFile file = place.file();
        String module = mapping.module();
        long offset = lookup - mapping.start() + mapping.offset();
        if (file != null) {
            files.load(file);
            ElfSymbols.Function function = file.at(offset);
            if (function != null) {
                long fromStart = file.addressOf(offset) - function.start() + (address - lookup);
                return new Frame(Frame.Kind.NATIVE, function.name(), module, fromStart, null);
            }
        }
        boolean generated =
                mapping.isGenerated() || mapping.isFile() && (file == null ? mapping.isMemoryFile() : !file.isElf());
        if (generated) {
            Frame known = jit == null ? null : jit.at(pid, image, lookup);
            if (known != null) {
                return new Frame(
                        known.kind(), known.name(), known.module(), known.offset() + (address - lookup), known.why());
            }
        }
        long nameless = module == null ? address : offset + (address - lookup);
        if (generated && (!mapping.isFile() || mapping.isMemoryFile() || mapping.deleted())) {
            return new Frame(Frame.Kind.JIT, null, module, nameless, Frame.Why.NO_PERF_MAP);
        }
        Frame.Why why = file != null ? file.why() : mapping.isFile() ? Frame.Why.UNREADABLE : Frame.Why.NO_SYMBOL;
        return new Frame(Frame.Kind.NATIVE, null, module, nameless, why);
    }

    /** One line of figures for {@code -v}: processes and files known, memory taken, what was lost. */
    public String describe() {
        return images.size() + " processes, " + ended + " of them had ended, " + forgotten + " forgotten; "
                + files.describe();
    }

    @Override
    public void close() {
        images.clear();
        newest.clear();
        lastKey = null;
        lastImage = null;
        files.close();
    }
}
