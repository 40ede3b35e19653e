// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.BpfLink;
import dev.jbcc.bpf.BpfObject;
import dev.jbcc.bpf.OpenObject;
import dev.jbcc.bpf.Sampling;
import dev.jbcc.bpf.Sampling.Clock;
import dev.jbcc.host.Kernel;
import dev.jbcc.tool.Numbers;
import dev.jbcc.tool.Option;
import dev.jbcc.tool.StackTool;
import dev.jbcc.tool.StandardOptions;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** {@code jprofile}: samples the stacks that run on the CPUs. */
public final class Profile extends StackTool {
    private static final int HERTZ = 49; // BCC's: not in step with what runs 50 or 100 times a second
    private static final int MAX_CPU = 1 << 16;

    private final Option<Long> frequency = options.value(
            "HZ",
            (long) HERTZ,
            Numbers.between(1, 1_000_000),
            "samples a second on each CPU; " + HERTZ + " unless given",
            "-F",
            "--frequency");
    private final Option<Long> period = options.value(
            "N",
            0L,
            Numbers.between(1, Long.MAX_VALUE),
            "instead a sample each N cycles, or nanoseconds without a counter of cycles",
            "-c",
            "--count");
    private final Option<Boolean> idle = options.flag("the idle task too", "-I", "--include-idle");
    private final Option<Long> cpu =
            options.value("CPU", 0L, Numbers.between(0, MAX_CPU), "only this CPU", "-C", "--cpu");

    private final Map<Integer, BpfLink> links = new HashMap<>();
    private Clock clock = Clock.CYCLES;
    private int most; // CPUs that can be online

    public Profile() {
        super("Samples the stacks that run on the CPUs, for profiles and flame graphs.");
        options.letter("-L", "--tid");
    }

    @Override
    protected void configure(OpenObject object, StandardOptions standard) {
        if (frequency.given() && period.given()) {
            throw new JbccException.Usage("-F and -c exclude each other");
        }
        object.global("include_idle", idle.get() ? 1 : 0);
    }

    @Override
    protected String activity() {
        return period.given()
                ? "Sampling every " + period.get() + " events"
                : "Sampling at " + frequency.get() + " Hertz";
    }

    @Override
    protected String unit() {
        return "samples";
    }

    @Override
    protected void attach(BpfObject object, Consumer<String> say) {
        List<Integer> online = cpus();
        most = cpu.given() ? 1 : Kernel.possibleCpus();
        if (online.isEmpty()) {
            throw new JbccException.Usage("CPU " + cpu.get() + " is not online");
        }
        for (int each : online) {
            if (!open(object, each) && clock == Clock.CYCLES && links.isEmpty()) {
                say.accept("no counter of CPU cycles here, so the CPU clock is sampled");
                clock = Clock.CPU_CLOCK;
                open(object, each);
            }
        }
        if (links.isEmpty()) {
            throw new JbccException.NotSupported("there is no event to sample by on this machine", null);
        }
    }

    /** CPUs come and go; the event of one that has gone does not go on when it comes back. */
    @Override
    protected void tick(BpfObject object, Consumer<String> detail) {
        for (Iterator<Map.Entry<Integer, BpfLink>> all = links.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<Integer, BpfLink> sampled = all.next();
            if (sampled.getValue().stopped()) {
                sampled.getValue().close();
                all.remove();
                detail.accept("CPU " + sampled.getKey() + " has gone offline");
            }
        }
        if (links.size() == most) {
            return; // no other can come
        }
        for (int each : cpus()) {
            if (!links.containsKey(each) && open(object, each)) {
                detail.accept("CPU " + each + " has come online, and is sampled");
            }
        }
    }

    private List<Integer> cpus() {
        List<Integer> online = Kernel.onlineCpus();
        if (!cpu.given()) {
            return online;
        }
        int wanted = cpu.get().intValue();
        return online.contains(wanted) ? List.of(wanted) : List.of();
    }

    /** False when the clock does not tick on this machine, or the CPU has gone. */
    private boolean open(BpfObject object, int on) {
        long rate = period.given() ? period.get() : frequency.get();
        Optional<BpfLink> link = object.attach("profile", new Sampling(clock, !period.given(), rate, idle.get()), on);
        link.ifPresent(opened -> links.put(on, opened));
        return link.isPresent();
    }
}
