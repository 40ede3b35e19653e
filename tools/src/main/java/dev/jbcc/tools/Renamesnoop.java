// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import dev.jbcc.bpf.IntField;
import dev.jbcc.bpf.OpenObject;
import dev.jbcc.bpf.StructView;
import dev.jbcc.bpf.TextField;
import dev.jbcc.host.Kernel;
import dev.jbcc.host.KernelFunctions;
import dev.jbcc.output.Column;
import dev.jbcc.output.TextSource;
import dev.jbcc.tool.ErrnoText;
import dev.jbcc.tool.EventTool;
import dev.jbcc.tool.HookGroup;
import dev.jbcc.tool.HookGroup.Rung;
import dev.jbcc.tool.HookKind;
import dev.jbcc.tool.Option;
import dev.jbcc.tool.StandardOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** {@code jrenamesnoop}: prints the files that are renamed. */
public final class Renamesnoop extends EventTool {
    /** {@code CALL_…} of the C. */
    private static final byte[][] CALLS = {ascii("rename"), ascii("renameat"), ascii("renameat2"), ascii("kernel")};

    private static final int KERNEL = 3;

    /** {@code PATH_MAX + DIR_BYTES + NAME_MAX + 1} of the C, with slashes and an ellipsis, is less. */
    private static final int LONGEST = 1 << 15;

    /**
     * The names that vfs_rename has had: one so far. Where it cannot be traced, the renames that the kernel does itself
     * are not seen, and those of system calls are the same.
     */
    private static final List<String> VFS_RENAME = List.of("vfs_rename");

    private static final List<HookGroup> HOOKS = List.of(new HookGroup(
            "renames",
            new Rung(HookKind.FENTRY, List.of("rename_call", "vfs_rename_enter", "vfs_rename_leave"), VFS_RENAME),
            new Rung(HookKind.KPROBE, List.of("rename_call", "vfs_rename_enter_k", "vfs_rename_leave_k"), VFS_RENAME),
            new Rung(HookKind.TP_BTF, "rename_call"),
            new Rung(HookKind.RAW_TP, "rename_call"),
            new Rung(HookKind.TRACEPOINT, "rename_call_tp")));

    /** A function that x86 kernels with CONFIG_X86_FRED have, and what those leave behind the registers on a stack. */
    private static final String FRED_ENTRY = "asm_fred_entrypoint_user";

    private static final int FRED_GAP = 16;

    private final Event event;
    private final Option<Boolean> failed = options.flag("only renames that failed", "-x", "--failed");
    private final Option<PathGlob> path = options.value(
            "GLOB", null, PathGlob::parse, "only when the old or the new absolute path matches: * ? [ ]", "--path");
    private final Option<Boolean> extended = options.flag("show the flags", "-e", "--extended_fields");

    private TextSource oldFull;
    private TextSource newFull;
    private final byte[] matched = new byte[LONGEST];

    static final class Event extends StructView {
        final IntField time = integer("time");
        final IntField cgroup = integer("cgroup");
        final IntField cgroupV1 = integer("cgroup_v1");
        final IntField call = integer("call");
        final IntField flags = integer("flags");
        final IntField pid = integer("pid");
        final IntField tid = integer("tid");
        final IntField ppid = integer("ppid");
        final IntField uid = integer("uid");
        final IntField err = integer("err");
        final TextField comm = text("comm");
        final TextField fs = text("fs");
        final TextField oldPath = text("old_path");
        final TextField newPath = text("new_path");
        final TextField oldDir = text("old_dir");
        final TextField newDir = text("new_dir");
        final IntField oldPathCut = integer("old_path_cut");
        final IntField newPathCut = integer("new_path_cut");
        final IntField oldDirCut = integer("old_dir_cut");
        final IntField newDirCut = integer("new_dir_cut");

        Event() {
            super("event");
        }
    }

    public Renamesnoop() {
        this(new Event());
    }

    private Renamesnoop(Event event) {
        super("Prints the files that are renamed, and how each rename ended.", event);
        this.event = event;
    }

    @Override
    protected List<HookGroup> hooks(StandardOptions standard) {
        return HOOKS;
    }

    @Override
    protected void configure(OpenObject object, StandardOptions standard) {
        object.global("failed_only", failed.get() ? 1 : 0);
        object.global("kernel_btf", Kernel.hasBtf() ? 1 : 0);
        if (!Kernel.hasBtf() && KernelFunctions.read().has(FRED_ENTRY)) {
            object.global("regs_gap", FRED_GAP);
        }
    }

    @Override
    protected boolean passes() {
        return !path.given() || matches(oldFull) || matches(newFull);
    }

    private boolean matches(TextSource text) {
        int length = text.read(matched);
        return length >= 0 && path.get().matches(matched, length);
    }

    @Override
    protected List<Column> columns(StandardOptions standard) {
        boolean forPeople = standard.format().isForPeople();
        boolean oneThread = standard.oneThread();
        List<Column> columns = new ArrayList<>(standard.clock().columns(event.time, standard));
        columns.add(Column.number("uid", "UID", 5, event.uid));
        columns.add(Column.number("pid", "PID", 6, event.pid).table(!oneThread));
        columns.add(Column.number("tid", "TID", 6, event.tid).table(oneThread));
        columns.add(Column.number("ppid", "PPID", 6, event.ppid).table(false));
        columns.add(Column.text("comm", "COMM", 16, event.comm));
        columns.add(Column.text("call", "CALL", 9, this::call));
        columns.add(Column.number("err", "ERR", 3, event.err).right());
        columns.add(Column.text("error", "ERROR", 8, new ErrnoText(event.err)).table(false));
        columns.add(Column.number("flags", "FLAGS", 5, event.flags)
                .hex()
                .table(false)
                .wide(false));
        columns.add(Column.text("flags_names", "FLAGS", 16, new RenameFlags(event.flags))
                .table(extended.get()));
        columns.addAll(standard.containers().columns(event.cgroup, event.cgroupV1, false, standard));
        columns.add(Column.text("fs", "FS", 8, this::fileSystem).table(false));
        for (Column cut : List.of(
                Column.number("old_path_cut", "OLDCUT", 6, event.oldPathCut),
                Column.number("new_path_cut", "NEWCUT", 6, event.newPathCut),
                Column.number("old_dir_cut", "OLDDIRCUT", 9, event.oldDirCut),
                Column.number("new_dir_cut", "NEWDIRCUT", 9, event.newDirCut))) {
            columns.add(cut.bool().table(false).wide(false));
        }
        columns.add(Column.text("old_path", "OLD", 24, oldText(false, forPeople))
                .table(false)
                .wide(false));
        columns.add(Column.text("new_path", "NEW", 24, newText(false, forPeople))
                .table(false)
                .wide(false));
        oldFull = ofCallOrKernel(oldText(true, forPeople), new PathNames(event.oldDir, event.oldDirCut, forPeople));
        newFull = ofCallOrKernel(newText(true, forPeople), new PathNames(event.newDir, event.newDirCut, forPeople));
        columns.add(Column.text("old_full_path", "OLD", 24, oldFull).grow(48));
        columns.add(Column.text("new_full_path", "NEW", 4, newFull));
        return columns;
    }

    private PathText oldText(boolean absolute, boolean forPeople) {
        return new PathText(event.oldPath, event.oldDir, event.oldPathCut, event.oldDirCut, absolute, forPeople);
    }

    private PathText newText(boolean absolute, boolean forPeople) {
        return new PathText(event.newPath, event.newDir, event.newPathCut, event.newDirCut, absolute, forPeople);
    }

    /** Of the kernel's own renames there are only the names of dentries. */
    private TextSource ofCallOrKernel(TextSource call, TextSource kernel) {
        return into -> (event.call.get() == KERNEL ? kernel : call).read(into);
    }

    private int call(byte[] into) {
        byte[] name = CALLS[(int) event.call.get()];
        System.arraycopy(name, 0, into, 0, name.length);
        return name.length;
    }

    private int fileSystem(byte[] into) {
        return event.call.get() == KERNEL ? event.fs.read(into) : -1;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
