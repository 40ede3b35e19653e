// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The perf events that jbcc opens, perf_event_open(2). Each is a descriptor for {@link Libc#close}. */
public final class PerfEvent {
    // include/uapi/linux/perf_event.h
    private static final int PERF_TYPE_HARDWARE = 0;
    private static final int PERF_TYPE_SOFTWARE = 1;
    private static final long PERF_COUNT_HW_CPU_CYCLES = 0;
    private static final long PERF_COUNT_SW_CPU_CLOCK = 0;
    private static final long PERF_COUNT_SW_BPF_OUTPUT = 10;
    private static final long PERF_SAMPLE_TIME = 1 << 2;
    private static final long PERF_SAMPLE_RAW = 1 << 10;
    private static final long PERF_FORMAT_TOTAL_TIME_ENABLED = 1;
    // bit-fields of struct perf_event_attr
    private static final long DISABLED = 1;
    private static final long EXCLUDE_IDLE = 1 << 7;
    private static final long FREQ = 1 << 10;
    private static final long WATERMARK = 1 << 14;
    private static final long USE_CLOCKID = 1 << 25;
    private static final int CLOCK_MONOTONIC = 1;
    private static final long PERF_EVENT_IOC_ENABLE = 0x2400;
    private static final int ATTR_SIZE_VER3 = 96;

    private PerfEvent() {}

    /**
     * The event behind one CPU's ring of {@code bpf_perf_event_output}, enabled. Records have the time of
     * CLOCK_MONOTONIC.
     *
     * @param wakeAt how many bytes gather before the reader is woken
     */
    public static int bpfOutput(int cpu, int wakeAt) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(ATTR_SIZE_VER3, 8);
            attributes.set(ValueLayout.JAVA_INT, 0, PERF_TYPE_SOFTWARE);
            attributes.set(ValueLayout.JAVA_INT, 4, ATTR_SIZE_VER3);
            attributes.set(ValueLayout.JAVA_LONG, 8, PERF_COUNT_SW_BPF_OUTPUT);
            attributes.set(ValueLayout.JAVA_LONG, 16, 1); // sample_period: every one
            attributes.set(ValueLayout.JAVA_LONG, 24, PERF_SAMPLE_TIME | PERF_SAMPLE_RAW);
            attributes.set(ValueLayout.JAVA_LONG, 40, WATERMARK | USE_CLOCKID);
            attributes.set(ValueLayout.JAVA_INT, 48, wakeAt);
            attributes.set(ValueLayout.JAVA_INT, 92, CLOCK_MONOTONIC);
            int fd = Libc.perfEventOpen(attributes, cpu);
            Libc.ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
            return fd;
        }
    }

    /**
     * An event that samples all that runs on one CPU; starts when a program is attached to it.
     *
     * @param cycles count the CPU's cycles; else the nanoseconds of a timer
     * @param frequency whether {@code rate} is samples a second; else it is the period, in cycles or nanoseconds
     * @param idle whether the idle task is sampled too
     * @throws NativeException ENOENT or EOPNOTSUPP: this machine has no such clock; EINVAL: the rate is more than
     *     {@code kernel.perf_event_max_sample_rate}; ENODEV: the CPU is offline
     */
    public static int sampling(boolean cycles, int cpu, boolean frequency, long rate, boolean idle) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(ATTR_SIZE_VER3, 8);
            attributes.set(ValueLayout.JAVA_INT, 0, cycles ? PERF_TYPE_HARDWARE : PERF_TYPE_SOFTWARE);
            attributes.set(ValueLayout.JAVA_INT, 4, ATTR_SIZE_VER3);
            attributes.set(ValueLayout.JAVA_LONG, 8, cycles ? PERF_COUNT_HW_CPU_CYCLES : PERF_COUNT_SW_CPU_CLOCK);
            attributes.set(ValueLayout.JAVA_LONG, 16, rate); // sample_period or sample_freq
            attributes.set(ValueLayout.JAVA_LONG, 32, PERF_FORMAT_TOTAL_TIME_ENABLED);
            attributes.set(ValueLayout.JAVA_LONG, 40, DISABLED | (frequency ? FREQ : 0) | (idle ? 0 : EXCLUDE_IDLE));
            return Libc.perfEventOpen(attributes, cpu);
        }
    }

    /** For how many nanoseconds a sampling event has been counting. It ends for good when its CPU goes offline. */
    public static long timeEnabled(int event) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment countAndTime = arena.allocate(16, 8);
            return Libc.read(event, countAndTime) < 16 ? 0 : countAndTime.get(ValueLayout.JAVA_LONG, 8);
        }
    }
}
