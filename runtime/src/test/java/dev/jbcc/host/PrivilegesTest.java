// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import dev.jbcc.host.Privileges.Capability;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivilegesTest {
    private static final String ALL = "000001ffffffffff";
    private static final String NONE = "0000000000000000";
    private static final String DOCKER = "00000000a80425fb";
    private static final String BPF_PERFMON = "000000c000000000";

    @TempDir
    Path root;

    @BeforeEach
    void host() throws IOException {
        status("0", ALL, 0);
        Files.createDirectories(root.resolve("proc/self/ns"));
        userNamespace("user:[4026531837]");
        write("proc/sys/kernel/cap_last_cap", "40\n");
        write("proc/sys/kernel/unprivileged_bpf_disabled", "2\n");
        write("proc/sys/kernel/perf_event_paranoid", "2\n");
        write("proc/sys/kernel/kptr_restrict", "0\n");
        write("sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
    }

    private void write(String path, String text) throws IOException {
        Files.createDirectories(root.resolve(path).getParent());
        Files.writeString(root.resolve(path), text);
    }

    private void status(String euid, String capabilities, int seccomp) throws IOException {
        write(
                "proc/self/status",
                "Name:\tjava\\nCapEff:\tff\nUmask:\t0022\nState:\tR (running)\nTgid:\t44\nUid:\t1000\t" + euid
                        + "\t1000\t1000\nGid:\t1000\t1000\t1000\t1000\nCapInh:\t0000000000000000\nCapPrm:\t" + ALL
                        + "\nCapEff:\t" + capabilities + "\nNoNewPrivs:\t0\nSeccomp:\t" + seccomp
                        + "\nSeccomp_filters:\t0\n");
    }

    private void userNamespace(String target) throws IOException {
        Path link = root.resolve("proc/self/ns/user");
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, Path.of(target));
    }

    private JbccException.NotPermitted refusal(Capability... needed) {
        return Privileges.read(root).refusal("cannot load x", null, needed);
    }

    private static String hint(JbccException e) {
        return e.hint().orElseThrow();
    }

    @Test
    void readsEverything() throws IOException {
        status("1000", DOCKER, 2);
        assertEquals(
                new Privileges(
                        OptionalLong.of(1000),
                        OptionalLong.of(0xa80425fbL),
                        OptionalInt.of(40),
                        Optional.of(true),
                        OptionalInt.of(2),
                        Optional.of("none"),
                        OptionalInt.of(2),
                        OptionalInt.of(2),
                        OptionalInt.of(0),
                        false),
                Privileges.read(root));
    }

    @Test
    void tellsAUserToUseSudo() throws IOException {
        status("1000", NONE, 0);
        JbccException.NotPermitted e = refusal();
        assertEquals("cannot load x: not permitted without CAP_BPF and CAP_PERFMON", e.getMessage());
        assertTrue(hint(e).startsWith("Run it as root, with sudo."), hint(e));
        assertTrue(hint(e).contains("--cap-add=BPF --cap-add=PERFMON"), hint(e));
        assertEquals(3, e.exitCode());
    }

    @Test
    void tellsRootOfAContainerWhatToAdd() throws IOException {
        status("0", DOCKER, 2);
        JbccException.NotPermitted e = refusal();
        assertEquals("cannot load x: not permitted without CAP_BPF and CAP_PERFMON", e.getMessage());
        assertEquals("""
                In a container: docker run --cap-add=BPF --cap-add=PERFMON ... (as root; podman alike)
                In Kubernetes: securityContext: {runAsUser: 0, capabilities: {add: [BPF, PERFMON]}}""", hint(e));
    }

    @Test
    void knowsTheMarksOfContainers() throws IOException {
        status("1000", NONE, 0);
        for (String mark : new String[] {".dockerenv", "run/.containerenv", "run/secrets/kubernetes.io/x"}) {
            assertFalse(Privileges.read(root).inContainer());
            write(mark, "");
            assertTrue(Privileges.read(root).inContainer(), mark);
            assertTrue(hint(refusal()).contains("In a container"), hint(refusal()));
            Files.delete(root.resolve(mark));
            Files.deleteIfExists(root.resolve("run/secrets/kubernetes.io"));
        }
    }

    @Test
    void namesOnlyWhatIsMissing() throws IOException {
        status("0", BPF_PERFMON, 0);
        assertEquals(
                "cannot load x: not permitted without CAP_SYS_PTRACE",
                refusal(Capability.SYS_PTRACE, Capability.BPF).getMessage());
        status("0", "0000004000000000", 0);
        assertEquals("cannot load x: not permitted without CAP_BPF", refusal().getMessage());
        status("0", "0000008000000000", 0);
        assertEquals(
                "cannot load x: not permitted without CAP_PERFMON", refusal().getMessage());
        status("0", "0000000000000000", 0);
        assertEquals(
                "cannot load x: not permitted without CAP_DAC_READ_SEARCH and CAP_NET_ADMIN and CAP_SYSLOG",
                refusal(Capability.DAC_READ_SEARCH, Capability.NET_ADMIN, Capability.SYSLOG)
                        .getMessage());
    }

    @Test
    void takesSysAdminForBpfAndPerfmonOnly() throws IOException {
        status("0", "0000000000200000", 0);
        assertTrue(refusal().getMessage().contains("security policy"));
        assertEquals(
                "cannot load x: not permitted without CAP_SYS_PTRACE",
                refusal(Capability.SYS_PTRACE).getMessage());
    }

    @Test
    void asksForSysAdminOfAKernelBeforeCapBpf() throws IOException {
        status("0", DOCKER, 0);
        write("proc/sys/kernel/cap_last_cap", "37\n");
        JbccException.NotPermitted e = refusal();
        assertEquals("cannot load x: not permitted without CAP_SYS_ADMIN", e.getMessage());
        assertTrue(hint(e).contains("docker run --cap-add=SYS_ADMIN ..."), hint(e));
    }

    @Test
    void knowsThatAUserNamespaceIsNotEnough() throws IOException {
        userNamespace("user:[4026532211]");
        JbccException.NotPermitted e = refusal();
        assertEquals(
                "cannot load x: not permitted in a user namespace, whose capabilities do not count for this",
                e.getMessage());
        assertTrue(hint(e).contains("rootless"), hint(e));
    }

    @Test
    void blamesLockdown() throws IOException {
        write("sys/kernel/security/lockdown", "none integrity [confidentiality]\n");
        JbccException.NotPermitted e = refusal();
        assertTrue(e.getMessage().startsWith("cannot load x: the kernel is locked down (confidentiality)"));
        assertTrue(hint(e).contains("lockdown=confidentiality"), hint(e));

        write("sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
        e = refusal();
        assertTrue(e.getMessage().endsWith("a security policy refused it"), e.getMessage());
        assertTrue(hint(e).contains("locked down (integrity)"), hint(e));
    }

    @Test
    void blamesTheSecurityPolicyWhenAllCapabilitiesAreThere() throws IOException {
        JbccException.NotPermitted e = refusal();
        assertEquals("cannot load x: all capabilities are there, but a security policy refused it", e.getMessage());
        assertFalse(hint(e).contains("seccomp"), hint(e));
        status("0", ALL, 2);
        assertTrue(hint(refusal()).contains("seccomp=unconfined"), hint(refusal()));
    }

    @Test
    void blamesPerfEventParanoidOfDebian() throws IOException {
        status("0", BPF_PERFMON, 0);
        write("proc/sys/kernel/perf_event_paranoid", "4\n");
        JbccException.NotPermitted e = refusal();
        assertTrue(e.getMessage().contains("kernel.perf_event_paranoid is 4"), e.getMessage());
        assertTrue(hint(e).startsWith("sudo sysctl kernel.perf_event_paranoid=2\n"), hint(e));
        assertFalse(refusal(Capability.BPF).getMessage().contains("paranoid"));
        status("0", ALL, 0);
        assertFalse(refusal().getMessage().contains("paranoid"));
        write("proc/sys/kernel/perf_event_paranoid", "-1\n");
        assertEquals(OptionalInt.of(-1), Privileges.read(root).perfEventParanoid());
    }

    @Test
    void blamesKptrRestrictWhereAddressesAreWanted() throws IOException {
        write("proc/sys/kernel/kptr_restrict", "2\n");
        JbccException.NotPermitted e = refusal(Capability.SYSLOG);
        assertTrue(e.getMessage().contains("kernel.kptr_restrict is 2"), e.getMessage());
        assertEquals("sudo sysctl kernel.kptr_restrict=1", hint(e));
        assertFalse(refusal().getMessage().contains("kptr"));
    }

    @Test
    void keepsTheCauseAndAllFacts() {
        IOException cause = new IOException("EPERM");
        JbccException e = Privileges.read(root).refusal("cannot load x", cause);
        assertSame(cause, e.getCause());
        assertEquals("""
                effective uid 0
                effective capabilities 1ffffffffff
                user namespace initial
                container not detected
                seccomp 0
                kernel lockdown none
                kernel.unprivileged_bpf_disabled 2
                kernel.perf_event_paranoid 2
                kernel.kptr_restrict 0""", e.detail().orElseThrow());
    }

    @Test
    void guessesNothingWithoutProc(@TempDir Path empty) {
        JbccException e = Privileges.read(empty).refusal("cannot load x", null);
        assertTrue(e.getMessage().contains("/proc/self/status does not tell"), e.getMessage());
        assertFalse(Privileges.read(empty).root());
    }

    @Test
    void takesRubbishForUnknown() throws IOException {
        write("proc/self/status", "Uid:\t1\nCapEff:\txyz\nSeccomp:\t\n");
        write("sys/kernel/security/lockdown", "none] [");
        write("proc/sys/kernel/kptr_restrict", "99999999999\n");
        Privileges read = Privileges.read(root);
        assertEquals(OptionalLong.empty(), read.effectiveUid());
        assertEquals(OptionalLong.empty(), read.capabilities());
        assertEquals(OptionalInt.empty(), read.seccomp());
        assertEquals(Optional.empty(), read.lockdown());
        assertEquals(OptionalInt.empty(), read.kptrRestrict());
    }

    @Test
    void agreesWithThisProcess() throws Exception {
        Process id = new ProcessBuilder("id", "-u").start();
        String uid = new String(id.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        assertEquals(OptionalLong.of(Long.parseLong(uid)), Privileges.own().effectiveUid());
        assertEquals(uid.equals("0"), Privileges.own().root());
        assertTrue(Privileges.own().capabilities().isPresent());
        assertEquals(3, Privileges.explain("cannot load x", null).exitCode());
    }
}
