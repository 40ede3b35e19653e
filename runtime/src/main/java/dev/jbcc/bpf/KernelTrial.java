// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.BpfSource;
import dev.jbcc.JbccException;
import dev.jbcc.bpf.ffi.KprobeMulti;
import dev.jbcc.bpf.ffi.Libbpf;
import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.bpf.ffi.NativeException;
import dev.jbcc.host.Errno;
import dev.jbcc.host.Kernel;
import dev.jbcc.host.Kernel.Feature;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A kind of hook, buffer or map operation, really tried on this kernel: a program that does nothing is loaded and attached
 * for an instant.
 *
 * {@snippet :
 * for (KernelTrial trial : KernelTrial.all()) {
 *     System.out.println(trial.name() + ": " + (trial.works() ? "works" : trial.refusal().getMessage()));
 * }
 * }
 *
 * @param name as in {@code SEC()}, or of the buffer
 * @param feature what it needs
 * @param refusal why it does not work; null when it does
 */
public record KernelTrial(String name, Feature feature, JbccException refusal) {
    private static final String C = """
            #include <linux/bpf.h>
            #include <bpf/bpf_helpers.h>

            char LICENSE[] SEC("license") = "GPL";

            struct {
            	__uint(type, BPF_MAP_TYPE_RINGBUF);
            	__uint(max_entries, 1 << 12);
            } ring SEC(".maps");
            struct {
            	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
            	__type(key, __u32);
            	__type(value, __u32);
            } perf SEC(".maps");
            struct {
            	__uint(type, BPF_MAP_TYPE_HASH);
            	__uint(max_entries, 1);
            	__type(key, __u32);
            	__type(value, __u32);
            } hash SEC(".maps");

            #define NOTHING(name, section) SEC("?" section) int name(void *ctx) { return 0; }
            NOTHING(tracepoint, "tracepoint/sched/sched_process_exit")
            NOTHING(raw_tp, "raw_tp/sched_process_exit")
            NOTHING(tp_btf, "tp_btf/sched_process_exit")
            NOTHING(fentry, "fentry/wake_up_new_task")
            NOTHING(fexit, "fexit/wake_up_new_task")
            NOTHING(kprobe, "kprobe/wake_up_new_task")
            NOTHING(kretprobe, "kretprobe/wake_up_new_task")
            NOTHING(kprobe_multi, "kprobe.multi/wake_up_new_task")
            NOTHING(uprobe, "uprobe")
            NOTHING(uretprobe, "uretprobe")
            NOTHING(perf_event, "perf_event")
            NOTHING(iter, "iter/task")
            NOTHING(lsm, "lsm/bpf")
            """;

    private static final String[] MAPS = {"ring", "perf", "hash"};
    private static final int PERF_BYTES = 1 << 13;

    private interface Attempt {
        void on(BpfObject object);
    }

    /** Whether it works. */
    public boolean works() {
        return refusal == null;
    }

    /**
     * Tries all kinds, which takes some tenths of a second.
     *
     * @throws JbccException when the programs cannot be compiled
     */
    public static List<KernelTrial> all() {
        byte[] elf = BpfSource.text("doctor", C).compile();
        Uprobe here = Uprobe.at("libc.so.6", "getppid").in(Libc.processId());
        List<KernelTrial> trials = new ArrayList<>();
        trials.add(hook(elf, "tracepoint", Feature.TRACEPOINT));
        trials.add(hook(elf, "raw_tp", Feature.RAW_TRACEPOINT));
        trials.add(hook(elf, "tp_btf", Feature.TP_BTF));
        trials.add(hook(elf, "fentry", Feature.FENTRY));
        trials.add(hook(elf, "fexit", Feature.FENTRY));
        trials.add(hook(elf, "kprobe", Feature.KPROBE));
        trials.add(hook(elf, "kretprobe", Feature.KPROBE));
        trials.add(attempt(elf, "kprobe.multi", Feature.KPROBE_MULTI, KernelTrial::multi));
        trials.add(attempt(
                elf,
                "uprobe",
                Feature.PERF_KPROBE,
                object -> object.program("uprobe").attachUprobe(here)));
        trials.add(attempt(
                elf,
                "uretprobe",
                Feature.PERF_KPROBE,
                object -> object.program("uretprobe").attachUretprobe(here)));
        trials.add(sampled(elf, "perf_event, software clock", Sampling.Clock.CPU_CLOCK));
        trials.add(sampled(elf, "perf_event, hardware cycles", Sampling.Clock.CYCLES));
        trials.add(attempt(
                elf, "iter", Feature.ITERATOR, object -> object.program("iter").iterate()));
        trials.add(hook(elf, "lsm", Feature.LSM));
        trials.add(attempt(elf, "ring", "ring buffer", Feature.RING_BUFFER, object -> object.ringBuffer("ring")));
        trials.add(attempt(
                elf, "perf", "perf buffer", Feature.PERF_EVENT, object -> object.perfBuffer("perf", PERF_BYTES)));
        trials.add(attempt(elf, "hash", "map batches", Feature.MAP_BATCH, KernelTrial::batch));
        return trials;
    }

    private static KernelTrial hook(byte[] elf, String name, Feature feature) {
        return attempt(
                elf,
                name,
                feature,
                object -> object.program(name.replace('.', '_')).attach());
    }

    private static void multi(BpfObject object) {
        if (!KprobeMulti.works()) {
            throw new JbccException.NotSupported("this kernel (" + Kernel.release() + ") does not have it", null);
        }
        object.program("kprobe_multi").attach();
    }

    private static KernelTrial sampled(byte[] elf, String name, Sampling.Clock clock) {
        return attempt(elf, "perf_event", name, Feature.PERF_EVENT, object -> {
            Optional<BpfLink> link = object.program("perf_event")
                    .attachSampling(
                            new Sampling(clock, true, 1, false),
                            Kernel.onlineCpus().getFirst());
            if (link.isEmpty()) {
                throw new JbccException.NotSupported(
                        "this machine has no such counter", "jprofile takes the software clock in its place");
            }
        });
    }

    private static KernelTrial attempt(byte[] elf, String name, Feature feature, Attempt attempt) {
        return attempt(elf, name, name, feature, attempt);
    }

    /** With nothing loaded but the program or map of this name. */
    private static KernelTrial attempt(byte[] elf, String part, String name, Feature feature, Attempt attempt) {
        try (OpenObject open = OpenObject.open(elf, "doctor")) {
            for (String map : MAPS) {
                if (!map.equals(part)) {
                    open.leaveOut(map);
                }
            }
            for (String program : open.programs()) {
                open.autoload(program, program.equals(part.replace('.', '_')));
            }
            try (BpfObject object = open.load()) {
                attempt.on(object);
                return new KernelTrial(name, feature, null);
            }
        } catch (JbccException refused) {
            return new KernelTrial(name, feature, refused);
        } catch (NativeException refused) {
            return new KernelTrial(name, feature, new JbccException.NotSupported(refused.getMessage(), null));
        }
    }

    private static void batch(BpfObject object) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocateFrom(ValueLayout.JAVA_INT, 1);
            MemorySegment room = arena.allocate(64, 8);
            int errno = Libbpf.lookupBatch(
                    object.mapDescriptor("hash"), MemorySegment.NULL, room, room.asSlice(16), room.asSlice(32), count);
            if (errno != 0 && errno != Errno.ENOENT) { // the map is empty
                throw Kernel.missing(Feature.MAP_BATCH, "reading maps in batches");
            }
        }
    }
}
