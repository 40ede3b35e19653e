// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import dev.jbcc.bpf.IntArrayField;
import dev.jbcc.bpf.IntField;
import dev.jbcc.bpf.OpenObject;
import dev.jbcc.bpf.StructView;
import dev.jbcc.bpf.TextField;
import dev.jbcc.host.Kernel;
import dev.jbcc.host.Users;
import dev.jbcc.host.container.Container;
import dev.jbcc.output.Column;
import dev.jbcc.output.Format;
import dev.jbcc.tool.ErrnoText;
import dev.jbcc.tool.EventContainers;
import dev.jbcc.tool.EventTool;
import dev.jbcc.tool.HookGroup;
import dev.jbcc.tool.Numbers;
import dev.jbcc.tool.Option;
import dev.jbcc.tool.StandardOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** {@code jexecsnoop}: prints the programs that start. */
public final class Execsnoop extends EventTool {
    /** {@code KIND_…} of the C. */
    private static final int EXEC = 0;

    private static final int FAILED = 1;
    static final int EXIT = 2;

    /** {@code INIT_TREE_…} of the C. */
    private static final int UNKNOWN = 0;

    private static final int INSIDE = 2;

    /** {@code RUNNING} of the C. */
    private static final int RUNNING = 65536;

    private static final int MAX_PID = 1 << 22;
    private static final int INDENT = 2;
    private static final int DEEPEST = 40;

    private static final byte[][] KINDS = {ascii("exec"), ascii("failed"), ascii("exit")};

    private final Event event;
    private final ExecWords words;
    private final RunningPrograms programs = new RunningPrograms();
    private EventContainers containers;
    private boolean remembers;
    /** Whether something else than the kernel has left out starts, whose ends it reports nevertheless. */
    private boolean filtersHere;

    private int depth;

    private final Option<Boolean> fails = options.flag("also exec calls that failed", "-x", "--fails");
    private final Option<Long> ppid = options.value(
            "PPID", 0L, Numbers.between(1, MAX_PID), "only programs that this process starts", "-P", "--ppid");
    private final Option<BoundedRegex> name =
            options.value("RE", null, BoundedRegex::parse, "only programs whose comm matches RE", "-n", "--name");
    private final Option<BoundedRegex> line = options.value(
            "RE", null, BoundedRegex::parse, "only command lines (the ARGS column) that match RE", "-l", "--line");
    private final Option<Long> maxArgs = options.value(
            "N",
            (long) Integer.MAX_VALUE,
            Numbers.between(1, Integer.MAX_VALUE),
            "show at most N words of ARGS in tables; all unless given",
            "--max-args");
    private final Option<Boolean> quote = options.flag("quote ARGS so that a shell can read it back", "-q", "--quote");
    private final Option<Boolean> timeOfDay = options.flag("show the time of day, HH:MM:SS", "-T", "--time-of-day");
    private final Option<Boolean> elapsed =
            options.flag("show the time, in seconds since the tool began to trace", "-t", "--timestamp");
    private final Option<Boolean> showUid = options.flag("show the UID", "-U", "--print-uid");
    private final Option<Boolean> userNames = options.flag("show the name of the user", "--user-names");
    private final Option<Boolean> showParent = options.flag("show the comm of the parent", "-M", "--print-pcomm");
    private final Option<Boolean> showCpu = options.flag("show the CPU", "-C", "--print-cpu");
    private final Option<Boolean> tree =
            options.flag("indent ARGS below that of the program that started it", "--tree");
    private final Option<Boolean> exit =
            options.flag("also a line when a program ends, with its exit status and duration", "--exit");
    private final Option<Boolean> injected =
            options.flag("only programs put into a container from outside, as docker exec does", "--injected");

    static final class Event extends StructView {
        final IntField time = integer("time");
        final IntField cgroup = integer("cgroup");
        final IntField cgroupV1 = integer("cgroup_v1");
        final IntField initCgroup = integer("init_cgroup");
        final IntField initCgroupV1 = integer("init_cgroup_v1");
        final IntField duration = integer("duration");
        final IntField kind = integer("kind");
        final IntField pid = integer("pid");
        final IntField tid = integer("tid");
        final IntField ppid = integer("ppid");
        final IntField uid = integer("uid");
        final IntField ret = integer("ret");
        final IntField cpu = integer("cpu");
        final IntField exitCode = integer("exit_code");
        final IntField initTree = integer("init_tree");
        final IntArrayField ancestors = integers("ancestors");
        final TextField comm = text("comm");
        final TextField pcomm = text("pcomm");
        final TextField filename = text("filename");
        final TextField interp = text("interp");
        final TextField cwd = text("cwd");
        final TextField exe = text("exe");
        final TextField argv = text("argv");
        final IntField truncated = integer("truncated");
        final IntField cwdCut = integer("cwd_cut");
        final IntField exeCut = integer("exe_cut");

        Event() {
            super("event");
        }
    }

    public Execsnoop() {
        this(new Event());
    }

    private Execsnoop(Event event) {
        super("Prints the programs that start, with their whole command lines.", event);
        this.event = event;
        this.words = new ExecWords(event.filename, event.interp, event.argv);
        options.takeAsInBcc("-T", "-t", "--timestamp", "-n", "--name");
        options.letter("-c", "--cgroup");
    }

    @Override
    protected boolean looksAtContainers() {
        return injected.get();
    }

    @Override
    protected List<HookGroup> hooks(StandardOptions standard) {
        List<HookGroup> groups =
                new ArrayList<>(List.of(HookGroup.tracepoint("execs", full(standard) ? "exec_full" : "exec")));
        if (fails.get()) {
            groups.add(HookGroup.tracepoint("failed calls", "exec_failed"));
        }
        if (exit.get()) {
            groups.add(HookGroup.tracepoint("exits", "exec_exit"));
        }
        return groups;
    }

    private boolean full(StandardOptions standard) {
        return showsPaths(standard) || tree.get() || injected.get();
    }

    @Override
    protected void configure(OpenObject object, StandardOptions standard) {
        remembers = full(standard) || exit.get();
        filtersHere = name.given()
                || line.given()
                || injected.get()
                || standard.containers().filter(standard);
        object.maxEntries("scratch", Kernel.possibleCpus());
        object.global("report_exit", exit.get() ? 1 : 0);
        object.maxEntries("running", exit.get() ? RUNNING : 1);
        object.global("filter_ppid", ppid.get());
        object.global("injected_only", injected.get() ? 1 : 0);
    }

    private static boolean showsPaths(StandardOptions standard) {
        return standard.format() != Format.TABLE
                || standard.wants("cwd")
                || standard.wants("exe")
                || standard.wants("in_init_tree")
                || standard.wants("depth");
    }

    /** The end of a program is that of the one that started, wherever it has gone since. */
    @Override
    protected boolean goesOn() {
        return event.kind.get() == EXIT;
    }

    @Override
    protected boolean passes() {
        int pid = (int) event.pid.get();
        if (event.kind.get() == EXIT) {
            RunningPrograms.Program program = programs.remove(pid);
            boolean known = program != null;
            depth = known ? program.depth() : 0;
            words.load(known ? program.words() : new byte[0], known && program.cut());
            return known || !filtersHere;
        }
        if (injected.get() && inInitTree() != 0) {
            return false;
        }
        words.load(event.truncated.get() != 0);
        if (name.given() && !name.get().matches(event.comm.string())
                || line.given() && !line.get().matches(words.joined())) {
            return false;
        }
        if (remembers) {
            depth = depthBelowAncestors();
            if (event.kind.get() == EXEC) {
                int most = RunningPrograms.WORDS_BYTES;
                boolean cut = words.isTruncated() || words.longerThan(most);
                byte[] kept = exit.get() ? words.keep(most) : new byte[0];
                programs.put(pid, new RunningPrograms.Program(depth, kept, cut));
            }
        }
        return true;
    }

    /** One more than that of the nearest ancestor that was printed. A program that replaces itself stays where it is. */
    private int depthBelowAncestors() {
        RunningPrograms.Program same = programs.get((int) event.pid.get());
        if (same != null && event.kind.get() == EXEC) {
            return same.depth();
        }
        for (int i = event.kind.get() == FAILED ? -1 : 0; i < event.ancestors.length(); i++) {
            RunningPrograms.Program program =
                    programs.get(i < 0 ? (int) event.pid.get() : (int) event.ancestors.get(i));
            if (program != null) {
                return program.depth() + 1;
            }
        }
        return 0;
    }

    @Override
    protected List<Column> columns(StandardOptions standard) {
        boolean forPeople = standard.format().isForPeople();
        BooleanSupplier started = () -> event.kind.get() != EXIT;
        BooleanSupplier ended = () -> event.kind.get() == EXIT;
        BooleanSupplier byExit = () -> ended.getAsBoolean() && signal() == 0;
        BooleanSupplier bySignal = () -> ended.getAsBoolean() && signal() != 0;

        List<Column> columns =
                new ArrayList<>(standard.clock().columns(event.time, standard, timeOfDay.get(), elapsed.get()));
        columns.add(
                Column.text("event", "EVENT", 6, this::kind).table(exit.get()).wide(exit.get() || fails.get()));
        columns.add(Column.number("uid", "UID", 5, event.uid).table(showUid.get()));
        columns.add(Column.text("user", "USER", 8, this::user).table(userNames.get()));
        columns.add(Column.text("comm", "COMM", 16, event.comm));
        columns.add(Column.number("pid", "PID", 7, event.pid));
        columns.add(Column.number("tid", "TID", 7, event.tid).table(false).wide(false));
        columns.add(Column.text("pcomm", "PCOMM", 16, event.pcomm).table(showParent.get()));
        columns.add(Column.number("ppid", "PPID", 7, event.ppid));
        columns.add(Column.number("cpu", "CPU", 4, event.cpu).table(showCpu.get()));
        columns.add(Column.number("ret", "RET", 3, event.ret).right().absentUnless(started, "-"));
        columns.add(Column.text("error", "ERROR", 8, new ErrnoText(() -> -event.ret.get()))
                .table(false)
                .wide(fails.get()));
        columns.add(Column.text("status", "STATUS", 7, new ExitText(event))
                .table(exit.get())
                .wide(exit.get()));
        columns.add(Column.number("exit_status", "EXIT", 4, () -> event.exitCode.get() >> 8 & 0xff)
                .absentUnless(byExit, "-")
                .table(false)
                .wide(false));
        columns.add(Column.number("exit_signal", "SIGNAL", 6, this::signal)
                .absentUnless(bySignal, "-")
                .table(false)
                .wide(false));
        columns.add(Column.number("core_dumped", "CORE", 4, () -> event.exitCode.get() & 0x80)
                .bool()
                .absentUnless(bySignal, "-")
                .table(false)
                .wide(false));
        columns.add(Column.number("duration", "SECONDS", 9, event.duration)
                .seconds(6)
                .absentUnless(ended, "-")
                .table(exit.get())
                .wide(exit.get()));
        containers = standard.containers();
        columns.addAll(containers.columns(event.cgroup, event.cgroupV1, injected.get(), standard));
        columns.add(Column.number("in_init_tree", "INTREE", 6, this::inInitTree)
                .bool()
                .absentUnless(() -> inInitTree() >= 0, "-")
                .table(false));
        columns.add(Column.number("depth", "DEPTH", 5, () -> depth).table(false).wide(false));
        columns.add(Column.text("cwd", "CWD", 16, new PathNames(event.cwd, event.cwdCut, forPeople))
                .grow(32)
                .table(false));
        columns.add(Column.text("exe", "EXE", 16, new PathNames(event.exe, event.exeCut, forPeople))
                .grow(32)
                .table(false));
        columns.add(Column.text("interp", "INTERP", 10, event.interp).table(false));
        columns.add(
                Column.text("filename", "FILE", 16, event.filename).table(false).wide(false));
        columns.add(Column.words("argv", "ARGV", 16, event.argv).table(false).wide(false));
        columns.add(Column.number("truncated", "CUT", 3, () -> words.isTruncated() ? 1 : 0)
                .bool()
                .table(false)
                .wide(false));
        columns.add(Column.number("cwd_cut", "CWDCUT", 6, event.cwdCut)
                .bool()
                .table(false)
                .wide(false));
        columns.add(Column.number("exe_cut", "EXECUT", 6, event.exeCut)
                .bool()
                .table(false)
                .wide(false));
        int most = forPeople ? maxArgs.get().intValue() : Integer.MAX_VALUE;
        columns.add(Column.words("args", "ARGS", 4, words.source(most, forPeople))
                .quoted(quote.get())
                .indent(() -> tree.get() ? INDENT * Math.min(depth, DEEPEST) : 0));
        return columns;
    }

    /**
     * Whether the program descends from its container's init: 1, or 0 when it was put into the container; -1 when it is in
     * none, or the container has no pid namespace of its own.
     */
    private int inInitTree() {
        int place = (int) event.initTree.get();
        if (place == UNKNOWN) {
            return -1;
        }
        Container init = containers.of(event.initCgroup.get(), event.initCgroupV1.get());
        Container own = containers.of(event.cgroup.get(), event.cgroupV1.get());
        return !init.exists() || own.exists() && !own.id().equals(init.id()) ? -1 : place == INSIDE ? 1 : 0;
    }

    private int kind(byte[] into) {
        return copy(KINDS[(int) event.kind.get()], into);
    }

    private int user(byte[] into) {
        return copy(Users.name((int) event.uid.get()).getBytes(StandardCharsets.UTF_8), into);
    }

    /** The signal that ended the program, or 0. */
    private long signal() {
        return event.exitCode.get() & 0x7f;
    }

    private static int copy(byte[] text, byte[] into) {
        int count = Math.min(text.length, into.length);
        System.arraycopy(text, 0, into, 0, count);
        return count;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
