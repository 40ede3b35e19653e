// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.host.Cgroup;
import dev.jbcc.host.Namespace;
import dev.jbcc.host.Users;
import dev.jbcc.host.container.ContainerSelector;
import dev.jbcc.output.Format;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;

/**
 * The options that every tool has, with the same letters and meaning.
 *
 * <p>{@link EventTool} shows its use.
 */
public final class StandardOptions {
    private static final int COMM_MAX = 15; // TASK_COMM_LEN without the NUL
    private static final int MAX_PID = 1 << 22; // PID_MAX_LIMIT

    private final Options options = new Options();

    final Option<List<Long>> pids =
            options.list("PID", Numbers.between(1, MAX_PID), "only these processes", "-p", "--pid");
    final Option<Long> tid = options.value("TID", 0L, Numbers.between(1, MAX_PID), "only this thread", "-t", "--tid");
    final Option<Integer> uid =
            options.value("USER", null, Users::uid, "only this user, a name or a number", "-u", "--uid");
    final Option<String> name = options.value(
            "NAME", null, StandardOptions::comm, "only processes whose comm contains NAME", "-n", "--name");
    final Option<Cgroup> cgroup =
            options.value("PATH", null, Cgroup::open, "only this cgroup and those below it", "--cgroup");
    final Option<ContainerSelector> container = options.value(
            "WHICH",
            null,
            ContainerSelector::parse,
            "only containers: any, new, a name, or the start of an id",
            "--container");
    final Option<ContainerSelector> pod =
            options.value("NS/NAME", null, ContainerSelector::pod, "only this Kubernetes pod", "--pod");
    final Option<Long> mountNamespace =
            options.value("NS", 0L, Namespace::mount, "only the mount namespace of this pid or file", "--mntns");
    final Option<Long> pidNamespace = options.value(
            "NS", 0L, Namespace::pid, "only the pid namespace of this pid or file, and those in it", "--pidns");
    final Option<Long> networkNamespace =
            options.value("NS", 0L, Namespace::network, "only the network namespace of this pid or file", "--netns");
    final Option<String> cgroupMap = options.value(
            "PATH", null, Function.identity(), "only cgroups (v2) whose id is in this pinned map", "--cgroupmap");
    final Option<String> mountNamespaceMap = options.value(
            "PATH", null, Function.identity(), "only mount namespaces whose inode is in this pinned map", "--mntnsmap");
    final Option<Long> duration =
            options.value("SECONDS", 0L, Numbers::seconds, "end after this time", "-d", "--duration");
    final Option<Long> maxEvents =
            options.value("N", 0L, Numbers.between(1, Long.MAX_VALUE), "end after this many events", "--max-events");
    final Option<Format> format = options.value(
            "FORMAT", Format.TABLE, Format::parse, "table, wide, json or csv; table unless given", "-o", "--output");
    final Option<List<String>> fields =
            options.list("FIELD", Function.identity(), "these fields, in this order", "--fields");
    final Option<Boolean> timestamp =
            options.flag("show the time, in seconds since the first event", "-T", "--timestamp");
    final Option<EventClock.Style> time = options.value(
            "STYLE",
            null,
            EventClock.Style::parse,
            "show the time: relative, clock, iso (8601, UTC) or mono",
            "--time");
    final Option<Integer> bufferSize = options.value(
            "SIZE",
            4 << 20,
            Numbers::bufferSize,
            "room for events, such as 512KiB; 4MiB unless given",
            "--buffer-size");
    final Option<Long> bufferPages =
            options.value("PAGES", 0L, Numbers::pages, "the same in pages, as BCC has it", "-b", "--buffer-pages");
    final Option<BufferKind> buffer = options.value(
            "KIND",
            BufferKind.AUTO,
            BufferKind::parse,
            "ring (kernel 5.8), perf or auto: ring where there is one; auto unless given",
            "--buffer");
    final Option<HookKind> hooks = options.value(
            "KIND",
            null,
            HookKind::parse,
            "attach by this kind: tracepoint, raw_tp, tp_btf, fentry or kprobe; the best unless given",
            "--hooks");
    final Option<Boolean> asRoot = options.flag("run COMMAND as root, not as the user of sudo", "--as-root");
    final Option<Boolean> dumpC = options.flag("print the C source and end", "--dump-c", "--ebpf");
    final Option<Boolean> recompile = options.flag("compile even when the object is in the cache", "--recompile");
    final Option<String> btf = options.value(
            "FILE", null, Function.identity(), "the kernel's types: BTF, a vmlinux or a .btf.tar.xz", "--btf");
    final Option<String> keep =
            options.value("FILE", null, Function.identity(), "also write the compiled object to FILE", "--keep");
    final Option<Boolean> verbose = options.flag("say what is done, and show whole logs", "-v", "--verbose");

    private boolean kernelHasRing = true;
    private final EventClock clock = new EventClock();
    private final EventContainers containers = new EventContainers();

    StandardOptions() {}

    /** Where events go from the kernel to user space. */
    enum BufferKind {
        AUTO,
        RING,
        PERF;

        static BufferKind parse(String text) {
            return switch (text) {
                case "auto" -> AUTO;
                case "ring" -> RING;
                case "perf" -> PERF;
                default -> throw new JbccException.Usage("'" + text + "' is none of auto, ring and perf");
            };
        }
    }

    private static String comm(String text) {
        int length = text.getBytes(StandardCharsets.UTF_8).length;
        if (length < 1 || length > COMM_MAX) {
            throw new JbccException.Usage("a comm has 1 to " + COMM_MAX + " bytes, not " + length);
        }
        return text;
    }

    /** The format of the output. */
    public Format format() {
        return format.get();
    }

    /** Whether a field is asked for by name, so that it must be there even if the format leaves it out. */
    public boolean wants(String field) {
        return fields.get().contains(field);
    }

    /** Whether one thread is traced, which makes BCC's tools show its id in place of the process's. */
    public boolean oneThread() {
        return tid.given();
    }

    /** What turns the events' times into columns. */
    public EventClock clock() {
        return clock;
    }

    /** What turns the events' cgroups into columns. */
    public EventContainers containers() {
        return containers;
    }

    /** The buffer to use: never {@code AUTO}. */
    BufferKind bufferKind() {
        BufferKind kind = buffer.get();
        return kind != BufferKind.AUTO ? kind : kernelHasRing ? BufferKind.RING : BufferKind.PERF;
    }

    /**
     * Takes the perf buffer, because the kernel has turned out to have no other.
     *
     * @return false when the user has chosen, or it is taken already
     */
    boolean doWithoutRing() {
        boolean changes = buffer.get() == BufferKind.AUTO && kernelHasRing;
        kernelHasRing = false;
        return changes;
    }

    /** The size of the ring buffer, or of each CPU's perf ring, however it was given. */
    int bufferBytes() {
        return bufferPages.given() ? bufferPages.get().intValue() * Libc.pageSize() : bufferSize.get();
    }

    /** How the time is to be shown, or null. */
    EventClock.Style timeStyle() {
        return time.given() ? time.get() : timestamp.get() ? EventClock.Style.RELATIVE : null;
    }

    Options options() {
        return options;
    }
}
