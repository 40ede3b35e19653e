// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.bpf.BpfObject;
import dev.jbcc.bpf.EventBuffer;
import dev.jbcc.bpf.IntField;
import dev.jbcc.bpf.RecordHandler;
import dev.jbcc.bpf.StructView;
import dev.jbcc.bpf.TextField;
import dev.jbcc.host.container.HostContainers;
import dev.jbcc.tool.StandardOptions.BufferKind;
import java.lang.foreign.MemorySegment;

/** The paths of cgroups that are made and removed while a tool runs, from {@code jbcc_cgroup_ring} or its like of jbcc.h. */
final class CgroupRecords implements RecordHandler {
    /** Room for some four thousand paths of containers, which are read at least each 50 ms. */
    static final int BYTES = 512 << 10;

    /** The same on each CPU. */
    private static final int PERF_BYTES = 128 << 10;

    /** At most so many at once, some 10 ms of work. */
    private static final int BATCH = 4096;

    private final HostContainers containers;
    private final EventBuffer records;
    private final Cgroup cgroup = new Cgroup();

    private static final class Cgroup extends StructView {
        final IntField id = integer("id");
        final IntField hierarchy = integer("hierarchy");
        final TextField path = text("path");

        Cgroup() {
            super("jbcc_cgroup_record");
        }
    }

    CgroupRecords(BpfObject object, BufferKind kind, HostContainers containers) {
        this.containers = containers;
        cgroup.bind(object.btf());
        records = kind == BufferKind.RING
                ? object.ringBuffer("jbcc_cgroup_ring")
                : object.perfBuffer("jbcc_cgroup_perf", PERF_BYTES);
    }

    /** Takes over what is there. A cgroup's record is there before any event of a process in it. */
    void read() {
        records.consume(this, BATCH);
    }

    @Override
    public void record(MemorySegment memory, long offset, long length) {
        cgroup.at(memory, offset, length);
        containers.heardOf((int) cgroup.hierarchy.get(), cgroup.id.get(), cgroup.path.string());
    }
}
