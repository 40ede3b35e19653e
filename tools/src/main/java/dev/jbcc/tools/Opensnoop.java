// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.IntField;
import dev.jbcc.bpf.OpenObject;
import dev.jbcc.bpf.StructView;
import dev.jbcc.bpf.TextField;
import dev.jbcc.host.OpenFlags;
import dev.jbcc.output.Column;
import dev.jbcc.output.Format;
import dev.jbcc.tool.ErrnoText;
import dev.jbcc.tool.EventTool;
import dev.jbcc.tool.HookGroup;
import dev.jbcc.tool.Option;
import dev.jbcc.tool.StandardOptions;
import java.util.ArrayList;
import java.util.List;

/** {@code jopensnoop}: prints the files that processes open. */
public final class Opensnoop extends EventTool {
    /** {@code FLAG_MATCHES} in the C. */
    private static final int FLAG_MATCHES = 32;

    private final Event event;
    private final Option<Boolean> failed = options.flag("only opens that failed", "-x", "--failed");
    private final Option<List<OpenFlags.Match>> flags = options.list(
            "O_FLAG", OpenFlags::match, "only with one of these flags, such as O_WRONLY", "-f", "--flag_filter");
    private final Option<PathPattern> path = options.value(
            "GLOB", PathPattern.ANY, PathPattern::parse, "only this path as given: exact, or with * ? [ ]", "--path");
    private final Option<Boolean> showUid = options.flag("show the UID", "-U", "--print-uid");
    private final Option<Boolean> extended = options.flag("show flags and mode", "-e", "--extended_fields");
    private final Option<Boolean> fullPath = options.flag("show the absolute path", "-F", "--full-path");

    static final class Event extends StructView {
        final IntField time = integer("time");
        final IntField cgroup = integer("cgroup");
        final IntField cgroupV1 = integer("cgroup_v1");
        final IntField flags = integer("flags");
        final IntField resolve = integer("resolve");
        final IntField pid = integer("pid");
        final IntField tid = integer("tid");
        final IntField ppid = integer("ppid");
        final IntField uid = integer("uid");
        final IntField fd = integer("fd");
        final IntField err = integer("err");
        final IntField mode = integer("mode");
        final TextField comm = text("comm");
        final TextField path = text("path");
        final TextField dir = text("dir");
        final IntField pathCut = integer("path_cut");
        final IntField dirCut = integer("dir_cut");

        Event() {
            super("event");
        }
    }

    public Opensnoop() {
        this(new Event());
    }

    private Opensnoop(Event event) {
        super("Prints the files that processes open, and how each open ended.", event);
        this.event = event;
    }

    @Override
    protected List<HookGroup> hooks(StandardOptions standard) {
        String program = showsFullPath(standard) ? "open_exit_full_path" : "open_exit";
        return List.of(HookGroup.tracepoint("system calls", program));
    }

    @Override
    protected void configure(OpenObject object, StandardOptions standard) {
        object.global("failed_only", failed.get() ? 1 : 0);
        List<OpenFlags.Match> matches = flags.get();
        if (matches.size() > FLAG_MATCHES) {
            throw new JbccException.Usage("more than " + FLAG_MATCHES + " flags");
        }
        object.global("flag_matches", matches.size());
        object.global(
                "flag_mask", matches.stream().mapToLong(OpenFlags.Match::mask).toArray());
        object.global(
                "flag_value", matches.stream().mapToLong(OpenFlags.Match::value).toArray());
        path.get().configure(object);
    }

    private boolean showsFullPath(StandardOptions standard) {
        return fullPath.get() || standard.format() != Format.TABLE || standard.wants("full_path");
    }

    @Override
    protected boolean passes() {
        return path.get().passes(event.path);
    }

    @Override
    protected List<Column> columns(StandardOptions standard) {
        boolean oneThread = standard.oneThread();
        List<Column> columns = new ArrayList<>(standard.clock().columns(event.time, standard));
        columns.add(Column.number("uid", "UID", 5, event.uid).table(showUid.get()));
        columns.add(Column.number("pid", "PID", 6, event.pid).table(!oneThread));
        columns.add(Column.number("tid", "TID", 6, event.tid).table(oneThread));
        columns.add(Column.number("ppid", "PPID", 6, event.ppid).table(false));
        columns.add(Column.text("comm", "COMM", 16, event.comm));
        columns.add(Column.number("fd", "FD", 4, event.fd).right());
        columns.add(Column.number("err", "ERR", 3, event.err).right());
        columns.add(Column.text("error", "ERROR", 8, new ErrnoText(event.err)).table(false));
        columns.add(Column.number("flags", "FLAGS", 8, event.flags)
                .octal(8)
                .table(extended.get())
                .wide(false));
        columns.add(Column.text("flags_names", "FLAGS", 20, into -> OpenFlags.names(event.flags.get(), into))
                .grow(40)
                .table(false));
        columns.add(Column.number("mode", "MODE", 4, event.mode)
                .octal(4)
                .absentUnless(() -> OpenFlags.takesMode(event.flags.get()), "n/a")
                .table(extended.get()));
        columns.add(Column.number("resolve", "RESOLVE", 7, event.resolve)
                .hex()
                .table(false)
                .wide(false));
        columns.addAll(standard.containers().columns(event.cgroup, event.cgroupV1, false, standard));
        columns.add(Column.number("path_cut", "CUT", 3, event.pathCut)
                .bool()
                .table(false)
                .wide(false));
        columns.add(Column.number("dir_cut", "DIRCUT", 6, event.dirCut)
                .bool()
                .table(false)
                .wide(false));
        boolean forPeople = standard.format().isForPeople();
        columns.add(Column.text("path", "PATH", 4, pathText(false, forPeople))
                .table(!fullPath.get())
                .wide(false));
        columns.add(Column.text("full_path", "PATH", 4, pathText(true, forPeople))
                .table(fullPath.get())
                .wide(true));
        return columns;
    }

    private PathText pathText(boolean absolute, boolean forPeople) {
        return new PathText(event.path, event.dir, event.pathCut, event.dirCut, absolute, forPeople);
    }
}
