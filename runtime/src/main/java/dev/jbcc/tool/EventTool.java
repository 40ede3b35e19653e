// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.bpf.BpfObject;
import dev.jbcc.bpf.EventBuffer;
import dev.jbcc.bpf.OpenObject;
import dev.jbcc.bpf.StructView;
import dev.jbcc.output.Column;
import java.util.List;

/**
 * A tool that prints a row for each event, from columns that it lists once.
 *
 * {@snippet :
 * final class Forks extends EventTool {
 *     private static final class Event extends StructView {
 *         final IntField time = integer("time");
 *         final IntField pid = integer("pid");
 *
 *         Event() {
 *             super("event");
 *         }
 *     }
 *
 *     private final Event event;
 *     private final Option<Boolean> threads = options.flag("the start of threads too", "-a", "--threads");
 *
 *     Forks(Event event) {
 *         super("Prints the processes that start others.", event);
 *         this.event = event;
 *     }
 *
 *     @Override
 *     protected void configure(OpenObject object, StandardOptions standard) {
 *         object.global("with_threads", threads.get() ? 1 : 0);
 *     }
 *
 *     @Override
 *     protected List<Column> columns(StandardOptions standard) {
 *         List<Column> columns = new ArrayList<>(standard.clock().columns(event.time, standard));
 *         columns.add(Column.number("pid", "PID", 6, event.pid));
 *         return columns;
 *     }
 * }
 * }
 */
public abstract non-sealed class EventTool extends Tool {
    private final StructView event;

    /**
     * Describes a tool.
     *
     * @param summary one sentence for the help
     * @param event the view of the C struct that its programs submit
     */
    protected EventTool(String summary, StructView event) {
        super(summary);
        this.event = event;
    }

    /** The columns, which read the event that the view is at; for each object that is loaded. */
    @Override
    protected abstract List<Column> columns(StandardOptions standard);

    /** Whether the event that the view is at is to be printed; for what cannot be decided in the kernel. */
    protected boolean passes() {
        return true;
    }

    /** Whether the current event goes on from an earlier one, so that only {@link #passes} decides. */
    protected boolean goesOn() {
        return false;
    }

    final StructView event() {
        return event;
    }

    @Override
    final void prepare(OpenObject object, StandardOptions standard) {
        event.bind(object.btf());
        Session.prepareBuffer(object, standard);
    }

    @Override
    final Printer printer(BpfObject object, StandardOptions standard, Messages messages) {
        EventBuffer buffer = standard.bufferKind() == StandardOptions.BufferKind.RING
                ? object.ringBuffer(Session.RING)
                : object.perfBuffer(Session.PERF, standard.bufferBytes());
        return new EventPrinter(this, standard, buffer);
    }
}
