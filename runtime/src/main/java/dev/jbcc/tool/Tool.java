// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.bpf.OpenObject;
import dev.jbcc.bpf.StructView;
import dev.jbcc.output.Column;
import java.util.List;
import java.util.Locale;

/**
 * A tracing tool: its options, how they configure its C, and its columns. Everything else is the {@link Session}'s.
 *
 * <p>The tool {@code jopensnoop} is the class {@code Opensnoop} in {@code dev.jbcc.tools} with the C source
 * {@code opensnoop.bpf.c}; its options are fields, made by {@link #options}.
 */
public abstract class Tool {
    private final String summary;
    private final StructView event;
    /** The options of this tool alone. */
    protected final Options options = new Options();

    /**
     * Describes a tool.
     *
     * @param summary one sentence for the help
     * @param event the view of the C struct that its programs submit
     */
    protected Tool(String summary, StructView event) {
        this.summary = summary;
        this.event = event;
    }

    /** The columns, which read the event that the view is at. Called once, after the options are parsed. */
    protected abstract List<Column> columns(StandardOptions standard);

    /** Sets the globals of the C from the options, before load. */
    protected void configure(OpenObject object, StandardOptions standard) {}

    /** Whether the event that the view is at is to be printed; for what cannot be decided in the kernel. */
    protected boolean passes() {
        return true;
    }

    /** Whether the options make this tool look at containers, whatever columns are shown; asked before it compiles. */
    protected boolean looksAtContainers() {
        return false;
    }

    /** Whether the current event goes on from an earlier one, so that only {@link #passes} decides. */
    protected boolean goesOn() {
        return false;
    }

    final StructView event() {
        return event;
    }

    final String summary() {
        return summary;
    }

    /** The name without the {@code j}: that of the C source and of the doc page. */
    final String stem() {
        return getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }
}
