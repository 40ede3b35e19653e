// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.bpf.BpfObject;
import dev.jbcc.bpf.Btf;
import dev.jbcc.bpf.BtfPrinter;
import dev.jbcc.bpf.BtfType;
import dev.jbcc.bpf.MapDeclaration;
import dev.jbcc.output.Escape;
import dev.jbcc.output.OutputBuffer;
import dev.jbcc.stack.StackTraces;
import dev.jbcc.symbol.Frame;
import dev.jbcc.symbol.KernelSymbols;
import dev.jbcc.symbol.Symbolizer;
import dev.jbcc.symbol.demangle.Demangler;
import dev.jbcc.symbol.jit.JitNames;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The stack ids of a C file. What they are is told by the C:
 *
 * <ul>
 *   <li>a number is a stack id if its type is {@code stack_id_t} of {@code maps.h}, or if it is a member of 4 or 8 bytes
 *       whose name ends with {@code stack}, {@code stack_id} or {@code stackid};
 *   <li>its stack is in the map of stacks if there is but one, else in the one that {@code BPF_STACKS(map, stacks)} says;
 *   <li>the process is the member {@code tgid}, or else {@code pid}, of the same key, value or record; a comm is the member
 *       {@code comm}.
 * </ul>
 *
 * <p>For one thread.
 */
final class FileStacks implements AutoCloseable {
    /** Between the names of a map and of the stacks that its ids are of; {@code BPF_STACKS} makes it. */
    static final String LINK = "__stacks__";

    private static final String TYPE = "stack_id_t";
    private static final List<String> ENDINGS = List.of("stack", "stack_id", "stackid");
    private static final int EFAULT = -14;
    /**
     * In nanoseconds: from one look for processes to the next, first short and then ever longer, and longer where the
     * looks would take more than one part in {@link #SHARE} of the time.
     */
    private static final long MIN_PAUSE = 5_000_000;

    private static final long MAX_PAUSE = 500_000_000;
    private static final int SHARE = 20;
    private static final String MISSED = "[Missed Stack]";

    private final BpfObject object;
    private final Btf btf;
    private final BtfPrinter numbers;
    private final List<String> maps = new ArrayList<>();
    private final Map<String, String> links = new HashMap<>();
    private final Map<String, Layout> layouts = new HashMap<>();
    private final Map<String, StackTraces> traces = new HashMap<>();
    private final Consumer<String> say;
    private long nextRemember;
    private long pause = MIN_PAUSE;
    private JitNames jit;
    private Symbolizer symbols;
    private KernelSymbols kernel;

    /** @param say takes what the user is to know, a line each */
    FileStacks(BpfObject object, OutputBuffer out, Consumer<String> say) {
        this.object = object;
        this.btf = object.btf();
        this.numbers = new BtfPrinter(btf, out);
        this.say = say;
        for (MapDeclaration map : object.maps()) {
            if (map.typeName().equals("stack_trace")) {
                maps.add(map.name());
            }
        }
        for (String section : List.of(".bss", ".data")) {
            for (Btf.Variable variable : btf.variables(section)) {
                int at = variable.name().indexOf(LINK);
                if (at > 0) {
                    links.put(variable.name().substring(0, at), variable.name().substring(at + LINK.length()));
                }
            }
        }
    }

    /** A member of a key (part 0) or value (part 1), or of a record (part 0). */
    record At(int part, BtfType.Member member) {}

    /** What is on a stack, the leaf first. */
    record Stack(String name, boolean isMissed, List<Frame> frames) {}

    /** Where to find what belongs to the stacks of a map or buffer. */
    final class Layout {
        private final String map;
        private final List<At> ids;
        private final At pid;
        private final At comm;

        private Layout(String map, List<At> ids, At pid, At comm) {
            this.map = map;
            this.ids = ids;
            this.pid = pid;
            this.comm = comm;
        }

        boolean isId(int part, BtfType.Member member) {
            return ids.contains(new At(part, member));
        }

        /** The stacks, those of user space first; without those that there are none of. */
        List<Stack> stacks(MemorySegment... parts) {
            int process = pid == null ? 0 : (int) number(pid, parts);
            List<Stack> user = new ArrayList<>();
            List<Stack> kernel = new ArrayList<>();
            for (At id : ids) {
                int number = (int) number(id, parts);
                if (number == EFAULT) { // a thread of the kernel has no user stack, and user code no kernel stack
                    continue;
                }
                List<Frame> frames = number < 0 ? List.of() : of(map).frames(number, process);
                boolean isKernel = !frames.isEmpty() && frames.getFirst().kind() == Frame.Kind.KERNEL;
                (isKernel ? kernel : user).add(new Stack(id.member.name(), frames.isEmpty(), frames));
            }
            user.addAll(kernel);
            return user;
        }

        /** The comm; null without one, also in a record that ends before it. */
        byte[] comm(MemorySegment... parts) {
            if (comm == null) {
                return null;
            }
            MemorySegment part = parts[comm.part];
            long from = comm.member.bitOffset() >>> 3;
            if (from >= part.byteSize()) {
                return null;
            }
            long size = Math.min(btf.sizeof(comm.member.type()), part.byteSize() - from);
            byte[] bytes = part.asSlice(from, size).toArray(ValueLayout.JAVA_BYTE);
            int length = 0;
            while (length < bytes.length && bytes[length] != 0) {
                length++;
            }
            return Arrays.copyOf(bytes, length);
        }

        private void addProcess(Set<Integer> processes, MemorySegment... parts) {
            int process = (int) number(pid, parts);
            if (process > 0) {
                processes.add(process);
            }
        }
    }

    /**
     * What a map or buffer has of stacks.
     *
     * @param types of its key and value, or of its records
     * @return null when it has no stack ids, or nobody says of which stacks
     */
    Layout layout(String owner, int... types) {
        if (!maps.isEmpty() && !layouts.containsKey(owner)) {
            layouts.put(owner, find(owner, types));
        }
        return layouts.get(owner);
    }

    private Layout find(String owner, int... types) {
        List<At> ids = new ArrayList<>();
        At tgid = null;
        At pid = null;
        At comm = null;
        for (int part = 0; part < types.length; part++) {
            if (isTyped(types[part])) {
                ids.add(new At(part, new BtfType.Member(part == 0 ? "key" : "value", 0, 0, types[part])));
            }
            for (BtfType.Member member : FileMembers.of(btf, types[part])) {
                At at = new At(part, member);
                if (isTyped(member.type()) || isNamed(member)) {
                    ids.add(at);
                } else if (member.name().equals("tgid") && isNumber(member.type())) {
                    tgid = tgid == null ? at : tgid;
                } else if (member.name().equals("pid") && isNumber(member.type())) {
                    pid = pid == null ? at : pid;
                } else if (member.name().equals("comm") && btf.resolve(member.type()) instanceof BtfType.Array) {
                    comm = comm == null ? at : comm;
                }
            }
        }
        if (ids.isEmpty()) {
            return null;
        }
        String map = links.getOrDefault(owner, maps.size() == 1 ? maps.getFirst() : null);
        if (map == null) {
            say.accept(owner + " has stack ids, and there are the stacks " + String.join(", ", maps) + ": BPF_STACKS("
                    + owner + ", " + maps.getFirst() + ") would say of which");
            return null;
        }
        if (!maps.contains(map)) {
            say.accept("BPF_STACKS(" + owner + ", " + map + "): " + map + " is no map of stacks");
            return null;
        }
        return new Layout(map, ids, tgid == null ? pid : tgid, comm);
    }

    /** Notes what the processes have mapped whose ids are keys of a map, so that they have names when they have ended. */
    void remember() {
        long start = System.nanoTime();
        if (maps.isEmpty() || start < nextRemember) {
            return;
        }
        Set<Integer> processes = new HashSet<>();
        for (MapDeclaration map : object.maps()) {
            Layout layout = FileMaps.isPrinted(map) ? layout(map.name(), map.keyType(), map.valueType()) : null;
            if (layout != null && layout.pid != null) {
                object.map(map.name(), byte[].class, byte[].class)
                        .forEachAll((key, values) -> layout.addProcess(
                                processes, MemorySegment.ofArray(key), MemorySegment.ofArray(values.getFirst())));
            }
        }
        for (int process : processes) {
            symbols().remember(process, 0); // again, as it may have become another program, or loaded libraries
        }
        long now = System.nanoTime();
        pause = Math.min(2 * pause, MAX_PAUSE);
        nextRemember = now + Math.max(pause, SHARE * (now - start));
    }

    /** The maps of stacks that no key, value or record has ids of. */
    List<String> unused() {
        List<String> unused = new ArrayList<>(maps);
        for (MapDeclaration map : object.maps()) {
            if (FileMaps.isPrinted(map)) {
                layout(map.name(), map.keyType(), map.valueType());
            }
        }
        for (Layout layout : layouts.values()) {
            if (layout != null) {
                unused.remove(layout.map);
            }
        }
        return unused;
    }

    /** How long to wait at most, in milliseconds, so that {@link #remember} comes in time. */
    int patience(int millis) {
        long left = (nextRemember - System.nanoTime()) / 1_000_000;
        return maps.isEmpty() ? millis : Math.clamp(left, Math.min(1, millis), millis);
    }

    /** How many maps of stacks there are. */
    int count() {
        return maps.size();
    }

    private boolean isTyped(int type) {
        int id = type;
        while (true) {
            switch (btf.type(id)) {
                case BtfType.Typedef typedef -> {
                    if (typedef.name().equals(TYPE)) {
                        return isNumber(id);
                    }
                    id = typedef.type();
                }
                case BtfType.Qualified qualified -> id = qualified.type();
                default -> {
                    return false;
                }
            }
        }
    }

    private boolean isNamed(BtfType.Member member) {
        for (String ending : ENDINGS) {
            if (member.name().endsWith(ending)) {
                return member.bitSize() == 0 && isNumber(member.type());
            }
        }
        return false;
    }

    private boolean isNumber(int type) {
        return btf.resolve(type) instanceof BtfType.Int integer && (integer.size() == 4 || integer.size() == 8);
    }

    private long number(At at, MemorySegment... parts) {
        return numbers.rank(parts[at.part], at.member.bitOffset() >>> 3, at.member.type());
    }

    private StackTraces of(String map) {
        StackTraces known = traces.get(map);
        if (known == null) {
            if (kernel == null) {
                kernel = KernelSymbols.read();
                kernel.problem().ifPresent(say);
            }
            known = StackTraces.of(object, map, symbols(), kernel);
            traces.put(map, known);
        }
        return known;
    }

    private Symbolizer symbols() {
        if (symbols == null) {
            jit = new JitNames(false, (pid, image) -> true);
            symbols = new Symbolizer(Demangler::demangle, jit);
        }
        return symbols;
    }

    /** A frame a line, the leaf first; kernel before user, with a line {@code --} between stacks. */
    static void text(List<Stack> stacks, OutputBuffer out) {
        for (int i = stacks.size() - 1; i >= 0; i--) {
            for (Frame frame : stacks.get(i).frames) {
                out.append("    ");
                byte[] label = frame.label().getBytes(StandardCharsets.UTF_8);
                Escape.terminal(label, label.length, out);
                out.append('\n');
            }
            if (stacks.get(i).isMissed) {
                out.append("    " + MISSED + "\n");
            }
            if (i > 0) {
                out.append("    --\n");
            }
        }
    }

    /** {@code {"MEMBER":["leaf",…,"root"],…}}. */
    static void json(List<Stack> stacks, OutputBuffer out) {
        out.append('{');
        for (int i = 0; i < stacks.size(); i++) {
            out.append((i == 0 ? "\"" : ",\"") + stacks.get(i).name + "\":[");
            List<Frame> frames = stacks.get(i).frames;
            for (int j = 0; j < frames.size(); j++) {
                byte[] label = frames.get(j).label().getBytes(StandardCharsets.UTF_8);
                out.append(j == 0 ? "\"" : ",\"");
                Escape.json(label, label.length, out);
                out.append('"');
            }
            out.append(']');
        }
        out.append('}');
    }

    /** From the root on: the comm if there is one, user stacks, kernel stacks. */
    static List<String> folded(byte[] comm, List<Stack> stacks) {
        List<String> frames = new ArrayList<>();
        if (comm != null) {
            frames.add(StackFrames.text(comm));
        }
        for (Stack stack : stacks) {
            StackFrames.addFrames(stack.frames, frames);
            if (stack.isMissed) {
                frames.add(MISSED);
            }
        }
        return frames;
    }

    @Override
    public void close() {
        if (symbols != null) {
            symbols.close();
            jit.close();
        }
    }
}
