// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.stack;

import dev.jbcc.bpf.BpfMap;
import dev.jbcc.bpf.BpfObject;
import dev.jbcc.bpf.MapDeclaration;
import dev.jbcc.symbol.Frame;
import dev.jbcc.symbol.KernelSymbols;
import dev.jbcc.symbol.Symbolizer;
import dev.jbcc.symbol.demangle.Demangler;
import dev.jbcc.symbol.jit.JitNames;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A map of stacks by their ids ({@code BPF_MAP_TYPE_STACK_TRACE}, filled by {@code bpf_get_stackid}), and the names of what
 * is on them.
 *
 * {@snippet :
 * try (StackTraces stacks = StackTraces.of(object, "stacks")) {
 *     object.map("counts", Long.class, Long.class).forEach((id, count) -> {
 *         System.out.println(count + " times:");
 *         for (Frame frame : stacks.frames(id.intValue(), 4711)) {
 *             System.out.println("    " + frame.label());
 *         }
 *     });
 * }
 * }
 *
 * <p>The kernel keeps addresses alone. Call {@link #remember} while a process is there, and what it has on its stacks gets
 * its names also when it has ended. Not for maps with {@code BPF_F_STACK_BUILD_ID}, whose values are not
 * addresses. It must not be used after the object is closed. For one thread.
 */
public final class StackTraces implements AutoCloseable {
    private static final long[] NONE = {};

    private final BpfMap<byte[], byte[]> map;
    private final Symbolizer symbols;
    private final JitNames owned; // null: the symbols are not ours
    private KernelSymbols kernel;

    /**
     * Reads a map of stacks and names them: C++ and Rust names are demangled, and perf maps that runtimes have written are
     * read. Close it.
     *
     * @throws IllegalArgumentException when the object has no map of stacks of this name
     */
    public static StackTraces of(BpfObject object, String map) {
        return new StackTraces(object, map, null, null);
    }

    /**
     * The same with names from elsewhere, which can be shared by several maps.
     *
     * @param symbols for user processes; {@link #close} leaves it open
     * @param kernel for the kernel; null: read when it is needed first
     * @throws IllegalArgumentException when the object has no map of stacks of this name
     */
    public static StackTraces of(BpfObject object, String map, Symbolizer symbols, KernelSymbols kernel) {
        return new StackTraces(object, map, Objects.requireNonNull(symbols, "symbols"), kernel);
    }

    private StackTraces(BpfObject object, String map, Symbolizer symbols, KernelSymbols kernel) {
        for (MapDeclaration declared : object.maps()) {
            if (declared.name().equals(map) && !declared.typeName().equals("stack_trace")) {
                throw new IllegalArgumentException(
                        map + " is a map of type " + declared.typeName() + ", not of stacks");
            }
        }
        this.map = object.map(map, byte[].class, byte[].class);
        this.kernel = kernel;
        if (symbols != null) {
            this.symbols = symbols;
            this.owned = null;
        } else {
            JitNames jit = new JitNames(false, (pid, image) -> true);
            this.symbols = new Symbolizer(Demangler::demangle, jit);
            this.owned = jit;
        }
    }

    /**
     * Notes what a process has mapped now, for names that are asked for when it has ended.
     *
     * @return false when it has ended, or is a thread of the kernel
     */
    public boolean remember(int pid) {
        return symbols.remember(pid, 0);
    }

    /**
     * The addresses of a stack, the leaf first: the instruction pointer, then return addresses.
     *
     * @param id as {@code bpf_get_stackid} gave it
     * @return none when the id is an error or no stack is kept for it
     */
    public long[] addresses(int id) {
        if (id < 0) {
            return NONE;
        }
        byte[] key = ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.nativeOrder())
                .putInt(id)
                .array();
        byte[] value = map.lookup(key).orElse(null);
        if (value == null) {
            return NONE;
        }
        long[] addresses = new long[value.length / Long.BYTES];
        ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).asLongBuffer().get(addresses);
        int depth = addresses.length;
        while (depth > 0 && addresses[depth - 1] == 0) {
            depth--;
        }
        return Arrays.copyOf(addresses, depth);
    }

    /**
     * The frames of a stack, the leaf first. Whether it is one of the kernel is told by its addresses, which are in the
     * upper half on x86_64 and arm64.
     *
     * @param id as {@code bpf_get_stackid} gave it
     * @param pid of the process, for a user stack; 0 when it is not known, and then its frames have no names
     * @return none when the id is an error or no stack is kept for it
     */
    public List<Frame> frames(int id, int pid) {
        long[] addresses = addresses(id);
        return isKernel(addresses) ? kernel().stack(addresses, addresses.length) : user(addresses, pid);
    }

    private List<Frame> user(long[] addresses, int pid) {
        if (pid > 0) {
            return symbols.stack(pid, 0, addresses, addresses.length);
        }
        Frame[] frames = new Frame[addresses.length];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = new Frame(Frame.Kind.UNKNOWN, null, null, addresses[i], Frame.Why.NO_PROCESS);
        }
        return List.of(frames);
    }

    /** Whether these are addresses of the kernel. */
    public static boolean isKernel(long[] addresses) {
        return addresses.length > 0 && addresses[0] < 0;
    }

    private KernelSymbols kernel() {
        if (kernel == null) {
            kernel = KernelSymbols.read();
        }
        return kernel;
    }

    /** Frees what it has made; the map is the object's. */
    @Override
    public void close() {
        if (owned != null) {
            symbols.close();
            owned.close();
        }
    }
}
