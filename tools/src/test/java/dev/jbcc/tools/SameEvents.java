// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Some opens, each by a workload of its own, as they are seen by jopensnoop without a filter, which sees all, and at the
 * same time with each of several filters, which must see exactly theirs, and every field of them alike.
 */
final class SameEvents implements AutoCloseable {
    private final List<Workload> workloads = new ArrayList<>();
    private final List<String> files = new ArrayList<>();
    private final List<Filter> filters = new ArrayList<>();

    /** Options, and the workloads that pass, by their numbers. */
    private record Filter(List<Object> options, List<Integer> passing) {}

    /** Adds a workload that waits and then opens a file; {@code starter} can be empty. */
    Workload workload(String... starter) throws IOException {
        Path file = Scratch.directory("same").resolve("f");
        Workload workload = Workload.startBy(List.of(starter), "open", file, "0", "0");
        workloads.add(workload);
        files.add(file.toString());
        workload.inner();
        return workload;
    }

    /** Adds a filter. */
    void filter(List<Object> options, Integer... passing) {
        filters.add(new Filter(options, Arrays.asList(passing)));
    }

    /** Lets the workloads go on, the last one first, and returns what is seen of them without a filter, in their order. */
    List<JsonObject> check() {
        filters.addFirst(new Filter(List.of(), null));
        List<Jopensnoop> tools = new ArrayList<>();
        try {
            for (Filter filter : filters) {
                List<Object> arguments = new ArrayList<>(List.of("-o", "json", "-v"));
                arguments.addAll(filter.options);
                tools.add(Jopensnoop.setup(arguments.toArray()).start());
            }
            tools.forEach(Jopensnoop::awaitAttached);
            workloads.reversed().forEach(workload -> assertEquals(0, workload.finish()));
            List<JsonObject> all = rows(tools.getFirst().stop());
            assertEquals(
                    files,
                    all.stream().map(row -> row.get("path").getAsString()).toList(),
                    "without a filter");
            for (int i = 1; i < tools.size(); i++) {
                Filter filter = filters.get(i);
                assertEquals(
                        filter.passing.stream().map(all::get).toList(),
                        rows(tools.get(i).stop()),
                        () -> "with " + filter.options);
            }
            return all;
        } finally {
            tools.forEach(Jopensnoop::close);
        }
    }

    /** Without the times: each run has its own program in the kernel, which runs after the other. */
    private List<JsonObject> rows(Run run) {
        assertEquals(0, run.exit(), run::toString);
        List<JsonObject> rows = new ArrayList<>();
        for (JsonObject row : run.rows()) {
            if (files.contains(row.get("path").getAsString())) {
                List.of("time", "timestamp", "elapsed").forEach(row::remove);
                rows.add(row);
            }
        }
        return rows.reversed();
    }

    @Override
    public void close() {
        workloads.forEach(Workload::close);
    }
}
