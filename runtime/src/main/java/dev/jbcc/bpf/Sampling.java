// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.ffi.NativeException;
import dev.jbcc.bpf.ffi.PerfEvent;
import dev.jbcc.host.Errno;
import dev.jbcc.host.Kernel;
import dev.jbcc.host.Privileges;
import java.util.OptionalInt;

/**
 * How programs of type {@code perf_event} are run to take samples of a CPU, perf_event_open(2).
 *
 * {@snippet :
 * Sampling clock = new Sampling(Sampling.Clock.CPU_CLOCK, true, 99, false); // 99 times a second
 * for (int cpu : Kernel.onlineCpus()) {
 *     object.program("sample").attachSampling(clock, cpu);
 * }
 * }
 *
 * @param clock what is counted
 * @param frequency whether {@code rate} is in samples a second; else a sample is taken each {@code rate} counts
 * @param rate at least 1
 * @param idle whether the idle task is sampled too
 */
public record Sampling(Clock clock, boolean frequency, long rate, boolean idle) {

    /** What a sampling event counts. */
    public enum Clock {
        /** Cycles of the CPU, counted by hardware; none pass while it is idle. Not there on many virtual machines. */
        CYCLES,
        /** Nanoseconds of a timer that the kernel has for each CPU. */
        CPU_CLOCK
    }

    /** The event on one CPU; empty when the machine has no such clock, or not that CPU. */
    OptionalInt open(int cpu) {
        if (cpu >= Kernel.possibleCpus()) {
            return OptionalInt.empty(); // the kernel would say EINVAL, as of a wrong rate
        }
        try {
            return OptionalInt.of(PerfEvent.sampling(clock == Clock.CYCLES, cpu, frequency, rate, idle));
        } catch (NativeException failure) {
            return switch (failure.errno()) {
                case Errno.ENOENT, Errno.EOPNOTSUPP, Errno.ENODEV -> OptionalInt.empty();
                case Errno.EPERM, Errno.EACCES -> throw Privileges.explain("cannot sample CPU " + cpu, failure);
                case Errno.EINVAL ->
                    throw new JbccException.Usage(
                            "the kernel does not sample at this rate: " + rate,
                            "see sysctl kernel.perf_event_max_sample_rate, in samples a second");
                default ->
                    throw new JbccException.Failed("cannot sample CPU " + cpu + ": " + failure.getMessage(), failure);
            };
        }
    }
}
