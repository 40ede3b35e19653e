// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.BpfObject;
import dev.jbcc.bpf.BpfProgram;
import dev.jbcc.bpf.OpenObject;
import dev.jbcc.bpf.Section;
import dev.jbcc.host.Kernel;
import dev.jbcc.host.KernelFunctions;
import dev.jbcc.host.Privileges;
import dev.jbcc.host.Privileges.Capability;
import dev.jbcc.tool.HookGroup.Rung;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The hooks of a run: of each {@link HookGroup} the first rung that the kernel accepts, found by trying. A refusal makes
 * the group whose program it was go on to its next rung, and the object is then opened and loaded anew, since libbpf
 * cannot load one that has failed. As long as nothing is refused, nothing is asked of the kernel.
 */
final class Ladder {
    private final List<Climb> climbs = new ArrayList<>();
    private final Messages messages;

    /** Where a group stands. */
    private static final class Climb {
        private final HookGroup group;
        private final List<Rung> rungs;
        private final List<Refusal> refusals = new ArrayList<>();
        private int at;
        /** Symbols for the programs on functions; empty for what their sections say. */
        private List<String> symbols = List.of();

        private int nextName;

        private Climb(HookGroup group, List<Rung> rungs) {
            this.group = group;
            this.rungs = rungs;
        }

        private Rung rung() {
            return rungs.get(at);
        }
    }

    private record Refusal(Rung rung, JbccException why) {}

    /**
     * Stands on the first rungs.
     *
     * @param forced the kind to take of each group that has it; null: the best
     * @throws JbccException.Usage when no group has it
     */
    Ladder(List<HookGroup> groups, HookKind forced, Messages messages) {
        this.messages = messages;
        boolean found = forced == null;
        for (HookGroup group : groups) {
            List<Rung> rungs = group.rungs();
            if (forced != null) {
                List<Rung> ofKind = new ArrayList<>();
                for (Rung rung : rungs) {
                    if (rung.kind() == forced) {
                        ofKind.add(rung);
                    }
                }
                found |= !ofKind.isEmpty();
                rungs = ofKind.isEmpty() ? rungs : ofKind;
            }
            climbs.add(new Climb(group, rungs));
        }
        if (!found) {
            throw new JbccException.Usage("--hooks " + forced + ": this tool has no such hook, but " + kinds());
        }
    }

    private String kinds() {
        List<String> kinds = new ArrayList<>();
        for (Climb climb : climbs) {
            for (Rung rung : climb.rungs) {
                if (!kinds.contains(rung.kind().toString())) {
                    kinds.add(rung.kind().toString());
                }
            }
        }
        return String.join(" and ", kinds);
    }

    /** Whether a current rung does without BTF of the kernel, so that the C is to be compiled with {@code JBCC_RAW_TP}. */
    boolean isRaw() {
        for (Climb climb : climbs) {
            if (!climb.rung().kind().needsKernelBtf()) {
                return true;
            }
        }
        return false;
    }

    /** Loads with the programs of the current rungs. */
    BpfObject load(OpenObject object) {
        for (Climb climb : climbs) {
            for (String program : climb.rung().programs()) {
                object.autoload(program, true);
                if (!climb.symbols.isEmpty() && isTrampoline(object.section(program))) {
                    object.attachTo(program, climb.symbols.getFirst());
                }
            }
        }
        return object.load();
    }

    /**
     * Attaches all programs.
     *
     * @return false when one was refused and there is another rung: then the object is to be opened and loaded anew
     */
    boolean attach(BpfObject object) {
        for (BpfProgram program : Session.inOrder(object)) {
            if (!attach(program)) {
                return false;
            }
        }
        if (messages.verbose()) {
            for (Climb climb : climbs) {
                String kind = climb.rung().kind().toString();
                messages.detail(Installation.HOOK + climb.group.name() + ": " + kind);
            }
        }
        return true;
    }

    private boolean attach(BpfProgram program) {
        try {
            Climb climb = climbs.isEmpty() ? null : climbOf(program.name());
            String kind = climb == null || climb.symbols.isEmpty()
                    ? ""
                    : Section.of(program.section()).kind();
            switch (kind) {
                case "kprobe" -> climb.symbols.forEach(program::attachKprobe);
                case "kretprobe" -> climb.symbols.forEach(program::attachKretprobe);
                default -> program.attach();
            }
            return true;
        } catch (JbccException refusal) {
            if (refused(program.name(), refusal)) {
                return false;
            }
            throw refusal;
        }
    }

    /**
     * Goes on from the rung of a program that the kernel refuses.
     *
     * @return false when it is of no group, or no other rung can help: then the refusal is all there is to say
     * @throws JbccException when there is no rung left, saying what each was refused for
     */
    boolean refused(String program, JbccException why) {
        Climb climb = climbOf(program);
        if (climb == null || lacksCapabilities(why)) {
            return false;
        }
        Rung rung = climb.rung();
        climb.refusals.add(new Refusal(rung, why));
        messages.detail("no hook of " + climb.group.name() + ": " + rung.kind() + ": " + firstLine(why));
        if (takeOtherFunction(climb)) {
            messages.detail("trying for " + climb.group.name() + ": " + String.join(", ", climb.symbols));
            return true;
        }
        step(climb);
        if (rung.kind() == HookKind.TP_BTF) {
            // What it was refused for holds for all, and an object is compiled for the one or the other.
            for (Climb other : climbs) {
                if (other.rung().kind() == HookKind.TP_BTF) {
                    other.refusals.add(new Refusal(other.rung(), why));
                    step(other);
                }
            }
        }
        return true;
    }

    private void step(Climb climb) {
        climb.at++;
        climb.nextName = 0;
        climb.symbols = List.of();
        if (climb.at == climb.rungs.size()) {
            throw noneLeft(climb);
        }
    }

    /** Whether the refusal is one that every rung would meet. */
    private static boolean lacksCapabilities(JbccException why) {
        return why instanceof JbccException.NotPermitted && Privileges.own().lacks(Capability.BPF, Capability.PERFMON);
    }

    /** The function of the current rung may be there by another name, or as copies that the compiler has made. */
    private static boolean takeOtherFunction(Climb climb) {
        List<String> functions = climb.rung().functions();
        if (functions.isEmpty()) {
            return false;
        }
        if (climb.rung().kind() == HookKind.FENTRY) {
            // BTF knows functions by their own names only.
            if (++climb.nextName == functions.size()) {
                return false;
            }
            climb.symbols = List.of(functions.get(climb.nextName));
            return true;
        }
        if (climb.nextName++ > 0 || !Files.exists(Path.of("/sys/bus/event_source/devices/kprobe"))) {
            return false;
        }
        climb.symbols = KernelFunctions.read().symbolsOfFirst(functions);
        return !climb.symbols.isEmpty() && !climb.symbols.equals(List.of(functions.getFirst()));
    }

    private JbccException noneLeft(Climb climb) {
        JbccException only = climb.refusals.getLast().why;
        if (climb.refusals.size() == 1) {
            return only;
        }
        StringBuilder text = new StringBuilder(messages.name() + " finds no hook of " + climb.group.name()
                + " that this kernel (" + Kernel.release() + ") accepts:");
        StringBuilder details = new StringBuilder();
        boolean permission = true;
        String hint = null;
        for (Refusal refusal : climb.refusals) {
            text.append("\n  ").append(refusal.rung.kind()).append(": ").append(firstLine(refusal.why));
            refusal.why.detail().ifPresent(detail -> details.append(detail).append('\n'));
            permission &= refusal.why instanceof JbccException.NotPermitted;
            hint = refusal.why.hint().orElse(hint);
        }
        String detail = details.isEmpty() ? null : details.toString();
        return permission
                ? new JbccException.NotPermitted(text.toString(), only, hint, detail)
                : new JbccException.NotSupported(text.toString(), only, hint, detail);
    }

    private Climb climbOf(String program) {
        for (Climb climb : climbs) {
            if (climb.rung().programs().contains(program)) {
                return climb;
            }
        }
        return null;
    }

    private static boolean isTrampoline(String section) {
        String kind = Section.of(section).kind();
        return kind.equals("fentry") || kind.equals("fexit");
    }

    private static String firstLine(JbccException why) {
        String message = why.getMessage();
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }
}
