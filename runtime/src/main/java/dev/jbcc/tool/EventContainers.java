// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.host.container.CgroupHierarchy;
import dev.jbcc.host.container.Container;
import dev.jbcc.host.container.ContainerSelector;
import dev.jbcc.host.container.Containers;
import dev.jbcc.output.Column;
import dev.jbcc.output.TextSource;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * The containers of the events, from the ids of their cgroups: columns, and the filters {@code --container} and
 * {@code --pod}. Nothing is looked up before an event asks for it. For one thread.
 */
public final class EventContainers {
    private Containers containers;
    private LongSupplier cgroup = () -> 0;

    EventContainers() {}

    /**
     * The columns of an event's cgroup and container. Tables have them when the user asks for containers.
     *
     * @param cgroup the id of the cgroup of the current event
     */
    public List<Column> columns(LongSupplier cgroup, StandardOptions standard) {
        this.cgroup = cgroup;
        boolean asked = standard.container.given() || standard.pod.given();
        return List.of(
                Column.number("cgroup", "CGROUPID", 8, cgroup)
                        .unsigned()
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
        return Column.text(name, header, width, new Part(part));
    }

    /** Opens the source of names when the first text is read. */
    private final class Part implements TextSource {
        private final Function<Container, String> part;
        private TextSource text;

        Part(Function<Container, String> part) {
            this.part = part;
        }

        @Override
        public int read(byte[] into) {
            if (text == null) {
                text = containers().text(cgroup, part);
            }
            return text.read(into);
        }
    }

    /** Before the programs are attached: what is there now is not new. */
    void start(StandardOptions standard) {
        if (standard.container.given()) {
            containers().markStart();
        }
    }

    /** Whether the current event is from one of the containers that the user asks for. */
    boolean passes(StandardOptions standard) {
        return passes(standard.container.get()) && passes(standard.pod.get());
    }

    private boolean passes(ContainerSelector selector) {
        return selector == null || selector.matches(containers().of(cgroup.getAsLong()));
    }

    private Containers containers() {
        if (containers == null) {
            containers = Containers.open(CgroupHierarchy.host(), Path.of("/"));
        }
        return containers;
    }
}
