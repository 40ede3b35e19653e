// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.bpf.BpfObject;
import dev.jbcc.bpf.OpenObject;
import dev.jbcc.output.Column;
import java.util.List;
import java.util.Locale;

/**
 * A tracing tool: its options, and how they configure its C. It prints events, see {@link EventTool}, or adds up by
 * stack, see {@link StackTool}. Everything else is the {@link Session}'s.
 *
 * <p>The tool {@code jopensnoop} is the class {@code Opensnoop} in {@code dev.jbcc.tools} with the C source
 * {@code opensnoop.bpf.c}; its options are fields, made by {@link #options}.
 *
 * <p>{@link EventTool} shows its use.
 */
public abstract sealed class Tool permits EventTool, StackTool {
    private final String summary;
    /** The options of this tool alone. */
    protected final Options options = new Options();

    /**
     * Describes a tool.
     *
     * @param summary one sentence for the help
     */
    Tool(String summary) {
        this.summary = summary;
    }

    /**
     * Sets the globals of the C from the options, before load; again when the object has to be loaded anew, as for the
     * next one of the {@link #hooks}.
     */
    protected void configure(OpenObject object, StandardOptions standard) {}

    /**
     * The hooks of the tool's programs, as far as the options need them. What is in none of them is loaded as its section
     * says, and must be accepted by every kernel. Called once.
     */
    protected List<HookGroup> hooks(StandardOptions standard) {
        return List.of();
    }

    /** The option that says when to end. */
    Option<Long> duration(StandardOptions standard) {
        return standard.duration;
    }

    /** Whether the options make this tool look at containers, whatever columns are shown; asked before it compiles. */
    protected boolean looksAtContainers() {
        return false;
    }

    /** The columns of what the tool prints, for each object that is loaded; after the options are parsed. */
    abstract List<Column> columns(StandardOptions standard);

    /** Checks that the object fits, and sizes what its programs report through. */
    abstract void prepare(OpenObject object, StandardOptions standard);

    /** What prints that which the programs of the loaded object report. */
    abstract Printer printer(BpfObject object, StandardOptions standard, Messages messages);

    final String summary() {
        return summary;
    }

    /** The name without the {@code j}: that of the C source and of the doc page. */
    final String stem() {
        return getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }
}
