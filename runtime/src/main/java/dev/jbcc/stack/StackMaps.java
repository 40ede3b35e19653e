// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.stack;

import dev.jbcc.bpf.BpfMap;
import dev.jbcc.bpf.BpfObject;
import dev.jbcc.bpf.IntField;
import dev.jbcc.bpf.OpenObject;
import dev.jbcc.bpf.StructView;
import dev.jbcc.bpf.TextField;
import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.host.Processes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.function.Predicate;

/**
 * The maps of {@code stacks.h}, which exist twice: {@link #drain} lets the programs go on in the other half and then
 * empties the one that they have left. For one thread.
 *
 * {@snippet :
 * StackMaps.Room room = new StackMaps.Room(4096, 1024, 127);
 * StackMaps.configure(open, room);
 * try (BpfObject loaded = open.load();
 *         Symbolizer symbols = new Symbolizer(UnaryOperator.identity(), null)) {
 *     loaded.attach();
 *     StackMaps maps = new StackMaps(loaded, room);
 *     StackSums sums = new StackSums();
 *     Thread.sleep(1000);
 *     maps.drain(sums);
 *     NamedStacks named = new StackNames(symbols, KernelSymbols.read(), false).name(sums, true);
 *     for (NamedStacks.Stack stack : named.sorted()) {
 *         System.out.println(stack.comm() + " " + stack.amount());
 *     }
 * }
 * }
 */
public final class StackMaps {
    /** The deepest stack that programs can walk, {@code JBCC_MAX_DEPTH}. */
    public static final int MAX_DEPTH = 1024;
    /** The part of an image that is {@code mm->start_stack}, below {@code JBCC_EXEC_SHIFT}. */
    private static final long START_STACK = (1L << 56) - 1;

    /** Where there is no way to wait for running programs; none takes nearly as long. */
    private static final int GRACE_MILLIS = 20;

    private final BpfObject object;
    private final MemorySegment half;
    private final MemorySegment added;
    private final MemorySegment woken;
    private final int drainAt;
    private final KeyView key = new KeyView();
    private final byte[] comm = new byte[64];

    private static final class KeyView extends StructView {
        final IntField image = integer("image");
        final IntField cgroup = integer("cgroup");
        final IntField cgroupV1 = integer("cgroup_v1");
        final IntField user = integer("user");
        final IntField kernel = integer("kernel");
        final IntField pid = integer("pid");
        final TextField comm = text("comm");

        KeyView() {
            super("jbcc_stack_key");
        }
    }

    private static final class LossesView extends StructView {
        final IntField user = integer("user");
        final IntField kernel = integer("kernel");
        final IntField full = integer("full");
        final IntField cut = integer("cut");

        LossesView() {
            super("jbcc_stack_losses");
        }
    }

    /**
     * Stacks that are not whole.
     *
     * @param user times that something was added up without its user stack
     * @param kernel times that something was added up without its kernel stack
     * @param full stacks for which there was no room, also of what was lost
     * @param cut stacks that were deeper than is kept, likewise
     */
    public record Losses(long user, long kernel, long full, long cut) {}

    /**
     * The room that the maps have.
     *
     * @param sums how many different sums between two drains
     * @param stacks how many different stacks between two drains
     * @param depth how many frames of a stack are kept, 1 to {@link #MAX_DEPTH}
     */
    public record Room(int sums, int stacks, int depth) {
        /** At half of this many new elements it is time to drain. */
        int drainAt() {
            return Math.max(1, Math.min(sums, stacks) / 2);
        }
    }

    /** Whether a process still runs this image; true also when that cannot be known. */
    public static boolean runs(int pid, long image) {
        long now = image == 0 ? 0 : Processes.startStack(pid);
        return now == 0 || now == (image & START_STACK);
    }

    /** Sizes the maps before load. */
    public static void configure(OpenObject open, Room room) {
        for (String half : new String[] {"_0", "_1"}) {
            open.maxEntries("jbcc_sums" + half, room.sums);
            open.maxEntries("jbcc_stacks" + half, room.stacks);
            open.valueSize("jbcc_stacks" + half, Long.BYTES * (1 + room.depth));
        }
        open.global("jbcc_stack_depth", room.depth);
        open.global("jbcc_drain_at", room.drainAt());
        open.global("jbcc_stack_seed", new SecureRandom().nextLong() >>> 1);
    }

    /** The maps of a loaded object. */
    public StackMaps(BpfObject object, Room room) {
        this.object = object;
        this.drainAt = room.drainAt();
        key.bind(object.btf());
        half = object.variable("jbcc_half").orElseThrow();
        added = object.variable("jbcc_added").orElseThrow();
        woken = object.variable("jbcc_woken").orElseThrow();
    }

    /** Whether the half in use is so full that it should be drained now. */
    public boolean filling() {
        return Integer.compareUnsigned(added.get(ValueLayout.JAVA_INT, 0), drainAt) >= 0;
    }

    /** Lets the programs go on in the other half, waits for those that are still in this one, and empties it. */
    public void drain(StackSums into) {
        drain(into, key -> true);
    }

    /**
     * As above.
     *
     * @param passes what is to be added up
     * @return the sum of what does not pass
     */
    public long drain(StackSums into, Predicate<StackSums.Key> passes) {
        int old = half.get(ValueLayout.JAVA_INT, 0);
        half.set(ValueLayout.JAVA_INT, 0, 1 - old);
        added.set(ValueLayout.JAVA_INT, 0, 0);
        woken.set(ValueLayout.JAVA_INT, 0, 0);
        if (!Libc.awaitRunningPrograms()) {
            try {
                Thread.sleep(GRACE_MILLIS);
            } catch (InterruptedException hurried) {
                Thread.currentThread().interrupt();
            }
        }
        BpfMap<byte[], byte[]> stacks = object.map("jbcc_stacks_" + old, byte[].class, byte[].class);
        stacks.drain((hash, stack) -> into.addStack(words(hash).getLong(), addresses(stack)));
        BpfMap<byte[], Long> sums = object.map("jbcc_sums_" + old, byte[].class, Long.class);
        long[] filtered = new long[1];
        sums.drain((bytes, sum) -> {
            StackSums.Key found = key(bytes);
            if (passes.test(found)) {
                into.add(found, sum);
            } else {
                filtered[0] += sum;
            }
        });
        return filtered[0];
    }

    /**
     * {@code struct jbcc_stack}, without zeros at the root: where frame pointers end in one, the kernel's walk takes it for
     * an address.
     */
    static long[] addresses(byte[] stack) {
        ByteBuffer words = words(stack);
        int depth = Math.clamp(words.getLong(), 0, stack.length / Long.BYTES - 1);
        long[] addresses = new long[depth];
        words.asLongBuffer().get(addresses);
        while (depth > 0 && addresses[depth - 1] == 0) {
            depth--;
        }
        return Arrays.copyOf(addresses, depth);
    }

    private static ByteBuffer words(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }

    private StackSums.Key key(byte[] bytes) {
        key.at(MemorySegment.ofArray(bytes), 0, bytes.length);
        int length = key.comm.read(comm);
        return new StackSums.Key(
                (int) key.pid.get(),
                key.image.get(),
                key.cgroup.get(),
                key.cgroupV1.get(),
                new String(Arrays.copyOf(comm, length), StandardCharsets.ISO_8859_1),
                key.user.get(),
                key.kernel.get());
    }

    /** What has not been kept whole so far. */
    public Losses losses() {
        LossesView cpu = new LossesView();
        cpu.bind(object.btf());
        long user = 0;
        long kernel = 0;
        long full = 0;
        long cut = 0;
        for (byte[] bytes : object.map("jbcc_stack_losses", Long.class, byte[].class)
                .lookupAll(0L)
                .orElseThrow()) {
            cpu.at(MemorySegment.ofArray(bytes), 0, bytes.length);
            user += cpu.user.get();
            kernel += cpu.kernel.get();
            full += cpu.full.get();
            cut += cpu.cut.get();
        }
        return new Losses(user, kernel, full, cut);
    }
}
