// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.BpfMap;
import dev.jbcc.bpf.BpfObject;
import dev.jbcc.bpf.OpenObject;
import dev.jbcc.host.Mount;
import dev.jbcc.host.container.CgroupHierarchy;
import dev.jbcc.host.container.Container;
import dev.jbcc.host.container.ContainerSelector;
import dev.jbcc.host.container.HostContainers;
import dev.jbcc.output.Column;
import dev.jbcc.output.Format;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * The containers of the events, from the ids of their cgroups: columns, and the filters {@code --container} and
 * {@code --pod}. Nothing is looked up before an event asks for it. For one thread.
 *
 * <p>The filters: the kernel leaves out the cgroups that are entered in {@code jbcc_other_cgroups}, and this class decides
 * on the events of all others and enters those that are not asked for, once that is sure. So only the first events of
 * each cgroup come here in vain, and none is missed.
 *
 * {@snippet :
 * long[] cgroup = {1};
 * List<Column> columns = new ArrayList<>(standard.containers().columns(() -> cgroup[0], standard));
 * }
 */
public final class EventContainers {
    private static final List<String> FIELDS = List.of(
            "cgroup_v1", "cgroup_path", "container", "container_id", "runtime", "pod", "namespace", "in_init_tree");

    /** Compiles that in which is about containers. */
    private static final String COMPILED = "-DJBCC_CONTAINERS";

    /** How many cgroups the kernel leaves out by itself at once. */
    private static final int OTHER_CGROUPS = 8192;

    private HostContainers containers;
    private CgroupRecords records;
    private BpfMap<byte[], Short> others;
    private LongSupplier cgroup = () -> 0;
    private LongSupplier cgroupV1 = () -> 0;
    private boolean needed;
    private long enteredV2;
    private long enteredV1;

    EventContainers() {}

    /**
     * The columns of an event's cgroup and container. Tables have them when the user asks for containers.
     *
     * @param cgroup the id of the cgroup of the current event
     */
    public List<Column> columns(LongSupplier cgroup, StandardOptions standard) {
        return columns(cgroup, () -> 0, false, standard);
    }

    /**
     * The columns of an event's cgroups and container. Tables have them when the user asks for containers.
     *
     * @param cgroup the id of the cgroup of the current event
     * @param cgroupV1 what {@code jbcc_cgroup_v1} of jbcc.h said
     * @param shown whether the tables have them anyway
     */
    public List<Column> columns(LongSupplier cgroup, LongSupplier cgroupV1, boolean shown, StandardOptions standard) {
        this.cgroup = cgroup;
        this.cgroupV1 = cgroupV1;
        boolean asked = shown || filter(standard);
        return List.of(
                Column.number("cgroup", "CGROUPID", 8, cgroup)
                        .unsigned()
                        .table(false)
                        .wide(false),
                Column.number("cgroup_v1", "CGROUPV1", 8, cgroupV1)
                        .unsigned()
                        .absentUnless(() -> cgroupV1.getAsLong() != 0, "-")
                        .table(false)
                        .wide(false),
                part("cgroup_path", "CGROUP", 12, Container::cgroup).table(false),
                part("container", "CONTAINER", 12, Container::label).table(asked),
                part("container_id", "CONTAINERID", 12, Container::id)
                        .table(false)
                        .wide(false),
                part("runtime", "RUNTIME", 10, Container::runtime).table(false).wide(false),
                part("pod", "POD", 12, Container::pod).table(asked),
                part("namespace", "NAMESPACE", 12, Container::namespace).table(standard.pod.given()));
    }

    private Column part(String name, String header, int width, Function<Container, String> part) {
        return Column.text(name, header, width, HostContainers.text(this::ofEvent, part));
    }

    private Container ofEvent() {
        return of(cgroup.getAsLong(), cgroupV1.getAsLong());
    }

    /**
     * The container of a process with these cgroups; never null.
     *
     * @param cgroup id in cgroup v2
     * @param cgroupV1 what {@code jbcc_cgroup_v1} of jbcc.h said
     */
    public Container of(long cgroup, long cgroupV1) {
        Container container = containers().of(cgroup, cgroupV1);
        if (container == Container.NONE && records != null) {
            records.read(); // it may be gone since; then this brings its path
            container = containers().of(cgroup, cgroupV1);
        }
        return container;
    }

    /**
     * Says whether a run looks at containers at all; before {@link #defines}.
     *
     * @param byTool whether the tool does, for a reason of its own
     */
    void prepare(StandardOptions standard, boolean byTool) {
        boolean asked = byTool || filter(standard);
        for (int i = 0; i < FIELDS.size() && !asked; i++) {
            asked = standard.wants(FIELDS.get(i));
        }
        needed = asked || !standard.fields.given() && standard.format() != Format.TABLE;
    }

    /** For the compiler: the id of the cgroup that containers have in a v1 tree is read on hosts that have one. */
    List<String> defines() {
        if (!needed) {
            return List.of();
        }
        return CgroupHierarchy.v1(Mount.all())
                .map(tree -> List.of(COMPILED, "-DJBCC_CGROUP_V1=" + tree.subsystem()))
                .orElse(List.of(COMPILED));
    }

    /** Before load. */
    void configure(OpenObject open, StandardOptions standard) {
        if (!needed) {
            return; // it is not compiled in
        }
        if (filter(standard)) {
            open.global("jbcc_filter_container", 1);
            open.maxEntries("jbcc_other_cgroups", OTHER_CGROUPS);
        } else {
            open.leaveOut("jbcc_other_cgroups");
        }
        if (standard.bufferKind() == StandardOptions.BufferKind.RING) {
            open.maxEntries("jbcc_cgroup_ring", CgroupRecords.BYTES);
            open.leaveOut("jbcc_cgroup_perf");
        } else {
            open.global("jbcc_use_perf", 1);
            open.leaveOut("jbcc_cgroup_ring");
        }
        open.global(
                "jbcc_container_hierarchy",
                CgroupHierarchy.v1(Mount.all()).map(CgroupHierarchy::number).orElse(0));
    }

    /** Before the programs are attached: what is there now is not new. */
    void start(StandardOptions standard, BpfObject object) {
        if (filter(standard)) {
            others = object.map("jbcc_other_cgroups", byte[].class, Short.class);
            if (standard.container.get() instanceof ContainerSelector.New) {
                containers().markStart();
            }
        }
        if (needed) {
            records = new CgroupRecords(object, standard.bufferKind(), containers());
        }
    }

    /** Before each batch of events. */
    void settle() {
        if (records != null) {
            records.read();
        }
        enteredV2 = 0;
        enteredV1 = 0;
    }

    /** Whether {@code --container} or {@code --pod} is given. */
    public boolean filter(StandardOptions standard) {
        return standard.container.given() || standard.pod.given();
    }

    /** Whether the current event is from one of the containers that the user asks for. */
    boolean passes(StandardOptions standard) {
        return !filter(standard) || passes(cgroup.getAsLong(), cgroupV1.getAsLong(), standard);
    }

    /**
     * Whether a process with these cgroups is in one of the containers that the user asks for. If it is sure that it is
     * not, the kernel leaves out what it does from now on.
     */
    boolean passes(long v2, long v1, StandardOptions standard) {
        if (!filter(standard)) {
            return true;
        }
        Container container = of(v2, v1);
        ContainerSelector one = standard.container.get();
        ContainerSelector other = standard.pod.get();
        boolean passes = (one == null || one.matches(container)) && (other == null || other.matches(container));
        boolean names = one != null && one.needsNames() || other != null && other.needsNames();
        boolean entered = v2 == enteredV2 && v1 == enteredV1; // its events were on their way
        if (!passes && !entered && containers().settled(v2, v1, names) && others != null) {
            enteredV2 = v2;
            enteredV1 = v1;
            enter(v2, v1);
        }
        return passes;
    }

    private void enter(long v2, long v1) {
        try {
            others.update(key(v2, v1), (short) 1);
        } catch (JbccException.Failed noMemory) {
            // Then its next event comes here too.
        }
    }

    /** {@code struct jbcc_cgroup_ids}. */
    private static byte[] key(long v2, long v1) {
        return ByteBuffer.allocate(16)
                .order(ByteOrder.nativeOrder())
                .putLong(v2)
                .putLong(v1)
                .array();
    }

    private HostContainers containers() {
        if (containers == null) {
            containers = HostContainers.open(Mount.all(), Path.of("/"));
        }
        return containers;
    }
}
