// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.host.OpenFlags;
import dev.jbcc.output.Column;
import dev.jbcc.tool.ErrnoText;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The event of jopensnoop, its columns, and one such event in memory outside of the heap. */
final class OpenEvent extends StructView {
    private static final int FIXED = 88;
    private static final String PATH = "/usr/share/zoneinfo/Europe/Paris";

    final IntField time = integer("time");
    final IntField cgroup = integer("cgroup");
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
    final IntField dirCut = integer("dir_cut");

    /** The event's bytes. */
    final MemorySegment memory = Arena.global().allocate(FIXED + PATH.length(), 8);

    /** Bound, and at an event. */
    OpenEvent() {
        super("event");
        bind(types());
        for (int i = 0; i < 4; i++) {
            memory.set(ValueLayout.JAVA_LONG, 8L * i, new long[] {5_123_456_789_012L, 4242, 02000000, 0}[i]);
        }
        int[] numbers = {12345, 12345, 1, 1000, -1, 2, 0};
        for (int i = 0; i < numbers.length; i++) {
            memory.set(ValueLayout.JAVA_INT, 32 + 4L * i, numbers[i]);
        }
        MemorySegment.copy(ascii("postgres"), 0, memory, ValueLayout.JAVA_BYTE, 60, 8);
        memory.set(ValueLayout.JAVA_SHORT, 76, (short) FIXED);
        memory.set(ValueLayout.JAVA_SHORT, 78, (short) PATH.length());
        MemorySegment.copy(ascii(PATH), 0, memory, ValueLayout.JAVA_BYTE, FIXED, PATH.length());
        at(memory, 0, memory.byteSize());
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** What clang writes for the C's {@code struct event}. */
    private static Btf types() {
        BtfBuilder builder = new BtfBuilder();
        int u16 = builder.integer("u16", 2, false);
        int u32 = builder.integer("u32", 4, false);
        int s32 = builder.integer("s32", 4, true);
        int u64 = builder.integer("u64", 8, false);
        int comm = builder.array(builder.integer("char", 1, true), 16);
        int text = builder.struct("text", 4, builder.name("off"), u16, 0, builder.name("len"), u16, 16);
        Object[] members = {
            "time", u64, 0, "cgroup", u64, 8, "flags", u64, 16, "resolve", u64, 24, "pid", u32, 32, "tid", u32, 36,
            "ppid", u32, 40, "uid", u32, 44, "fd", s32, 48, "err", s32, 52, "mode", u32, 56, "comm", comm, 60,
            "path", text, 76, "dir", text, 80, "dir_cut", u32, 84
        };
        int[] words = new int[members.length];
        for (int i = 0; i < members.length; i++) {
            words[i] = switch (members[i]) {
                case String name -> builder.name(name);
                case Integer number -> i % 3 == 2 ? 8 * number : number;
                default -> throw new AssertionError();
            };
        }
        builder.struct("event", FIXED, words);
        return builder.btf();
    }

    /** Reads every field, so that none is left out by the JIT. */
    long sum(byte[] into) {
        return time.get()
                + cgroup.get()
                + flags.get()
                + resolve.get()
                + pid.get()
                + tid.get()
                + ppid.get()
                + uid.get()
                + fd.get()
                + err.get()
                + mode.get()
                + comm.read(into)
                + path.read(into)
                + dir.read(into)
                + dirCut.get()
                + into[0];
    }

    /** The columns of jopensnoop, without the times and the absolute path. */
    List<Column> columns() {
        return List.of(
                Column.number("time", "TIME(s)", 13, time).seconds(9),
                Column.number("uid", "UID", 5, uid).table(false),
                Column.number("pid", "PID", 6, pid),
                Column.number("tid", "TID", 6, tid).table(false),
                Column.number("ppid", "PPID", 6, ppid).table(false),
                Column.text("comm", "COMM", 16, comm),
                Column.number("fd", "FD", 4, fd).right(),
                Column.number("err", "ERR", 3, err).right(),
                Column.text("error", "ERROR", 8, new ErrnoText(err)).table(false),
                Column.number("flags", "FLAGS", 8, flags).octal(8).table(false),
                Column.text("flags_names", "FLAGS", 20, into -> OpenFlags.names(flags.get(), into))
                        .table(false),
                Column.number("mode", "MODE", 4, mode)
                        .octal(4)
                        .absentUnless(() -> OpenFlags.takesMode(flags.get()), "n/a")
                        .table(false),
                Column.number("resolve", "RESOLVE", 7, resolve).hex().table(false),
                Column.number("cgroup", "CGROUP", 8, cgroup).unsigned().table(false),
                Column.text("path", "PATH", 4, path));
    }
}
