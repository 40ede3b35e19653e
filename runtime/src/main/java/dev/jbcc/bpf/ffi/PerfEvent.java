// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The perf events that jbcc opens, perf_event_open(2). Each is a descriptor for {@link Libc#close}. */
public final class PerfEvent {
    // include/uapi/linux/perf_event.h
    private static final int PERF_TYPE_SOFTWARE = 1;
    private static final long PERF_COUNT_SW_BPF_OUTPUT = 10;
    private static final long PERF_SAMPLE_TIME = 1 << 2;
    private static final long PERF_SAMPLE_RAW = 1 << 10;
    // bit-fields of struct perf_event_attr
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
}
