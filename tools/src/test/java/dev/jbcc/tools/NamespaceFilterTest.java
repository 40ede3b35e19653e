// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Filters by namespace, in namespaces that unshare and ip make. */
@KernelTest
@EachBuffer
class NamespaceFilterTest {
    private static final long OWN = ProcessHandle.current().pid();

    private static void requireUnshare(String flags) {
        assumeTrue(Program.exit(List.of("unshare", flags, "true")) == 0, "unshare " + flags + " is not possible here");
    }

    @ParameterizedTest
    @CsvSource({"--mntns, -m, mnt", "--netns, -n, net", "--pidns, -pf, pid"})
    void ofAProcess(String option, String flags, String type) throws IOException {
        requireUnshare(flags);
        try (SameEvents events = new SameEvents()) {
            long inside = events.workload("unshare", flags).inner().pid();
            long other = events.workload("unshare", flags).inner().pid();
            events.workload();
            events.filter(List.of(option, inside), 0);
            events.filter(List.of(option, "/proc/" + inside + "/ns/" + type), 0);
            events.filter(List.of(option, other), 1);
            events.filter(List.of(option, inside, "-u", 4242));
            Integer[] all = {0, 1, 2};
            events.filter(List.of(option, OWN), type.equals("pid") ? all : new Integer[] {2});
            events.check();
        }
    }

    /** A process in a nested pid namespace has a number in those around it, so it is in them too. */
    @Test
    void nestedPidNamespaces() throws IOException {
        requireUnshare("-pf");
        try (SameEvents events = new SameEvents()) {
            ProcessHandle inner =
                    events.workload("unshare", "-pf", "unshare", "-pf").inner();
            String outer = Long.toString(inner.parent().orElseThrow().pid()); // unshare, which is its first process
            events.workload("nsenter", "-t", outer, "--pid");
            events.workload();
            events.filter(List.of("--pidns", inner.pid()), 0);
            events.filter(List.of("--pidns", outer), 0, 1);
            events.filter(List.of("--pidns", OWN), 0, 1, 2);
            events.check();
        }
    }

    /** What ip netns names is a mounted file, and it runs commands in a mount namespace of their own. */
    @Test
    void ofIpNetns() throws IOException {
        String name = "jbcc-test-" + OWN;
        assumeTrue(Program.exit(List.of("ip", "netns", "add", name)) == 0, "ip cannot make a network namespace here");
        try (SameEvents events = new SameEvents()) {
            Path kept = Path.of("/run/netns", name);
            long inside = events.workload("ip", "netns", "exec", name).inner().pid();
            events.workload();
            events.filter(List.of("--netns", kept), 0);
            events.filter(List.of("--netns", kept, "-n", "x"));
            events.filter(List.of("--netns", OWN), 1);
            events.filter(List.of("--mntns", inside), 0);
            events.check();
            Jopensnoop.run("--mntns", kept).failed(2, "");
        } finally {
            assertEquals(0, Program.exit(List.of("ip", "netns", "del", name)));
        }
    }

    @Test
    void whatIsNone() {
        Jopensnoop.run("--mntns", "x").failed(2, "");
        Jopensnoop.run("--pidns", "/no/such").failed(2, "");
        Jopensnoop.run("--netns", "/proc/self/status").failed(2, "");
    }
}
