// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.bpf.ffi.NativeException;
import dev.jbcc.bpf.ffi.OwnNetwork;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Programs attached by call, and what they then see. */
class AttachTest {
    private static final String LIBC = "libc.so.6";

    private static BpfObject load(String... more) {
        try (OpenObject open = TestBpf.open("attach")) {
            for (String program : more) {
                open.autoload(program, true);
            }
            return TestBpf.load(open);
        }
    }

    @Test
    void functionsOfALibrary() {
        try (BpfObject object = load()) {
            Uprobe kill = Uprobe.at(LIBC, "kill").in(Libc.processId());
            BpfLink entries = object.program("entered").attachUprobe(kill);
            object.program("returned").attachUretprobe(kill);
            TestBpf.trigger(23);
            assertEquals(23, TestBpf.count(object, "by_uprobe"));
            assertEquals(23, TestBpf.count(object, "by_uretprobe"));
            entries.close();
            TestBpf.trigger(5);
            assertEquals(23, TestBpf.count(object, "by_uprobe"));
            assertEquals(28, TestBpf.count(object, "by_uretprobe"));
        }
    }

    @Test
    void aFunctionThatIsNotThere() {
        try (BpfObject object = load()) {
            JbccException absent = assertThrows(
                    JbccException.NotSupported.class,
                    () -> object.program("entered").attachUprobe(Uprobe.at(LIBC, "no_such_function")));
            assertTrue(absent.getMessage().startsWith("cannot attach entered to libc.so.6:no_such_function: "));
            assertThrows(
                    JbccException.NotSupported.class,
                    () -> object.program("entered").attachUprobe(Uprobe.at("/no/such/file", "f")));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Uprobe.at(LIBC, "kill").in(0));
        }
    }

    @Test
    void aStaticProbe() throws InterruptedException {
        Path jvm = Path.of(System.getProperty("java.home"), "lib/server/libjvm.so");
        Assumptions.assumeTrue(Files.exists(jvm), "this JVM has no " + jvm);
        try (BpfObject object = load()) {
            try {
                object.program("sleeps")
                        .attachUsdt(jvm.toString(), "hotspot", "thread__sleep__begin", Libc.processId());
            } catch (JbccException.NotSupported without) {
                Assumptions.abort("this JVM is built without static probes: " + without.getMessage());
            }
            for (int i = 0; i < 5; i++) {
                Thread.sleep(7);
            }
            assertEquals(5, TestBpf.count(object, "by_usdt"));
            assertThrows(
                    JbccException.NotSupported.class,
                    () -> object.program("sleeps").attachUsdt(jvm.toString(), "hotspot", "no_such_probe", Uprobe.ALL));
        }
    }

    @Test
    void tracepoints() {
        try (BpfObject object = load()) {
            object.program("raw").attachRawTracepoint("sys_enter");
            TestBpf.trigger(1);
            assertTrue(TestBpf.count(object, "by_raw") > 0);
            if (!Files.exists(Path.of("/sys/kernel/tracing/events"))) {
                JbccException.NotSupported unmounted = assertThrows(
                        JbccException.NotSupported.class,
                        () -> object.program("kill_entered").attachTracepoint("syscalls", "sys_enter_kill"));
                assertTrue(unmounted.hint().orElseThrow().contains("mount -t tracefs"));
                Assumptions.abort("tracefs is not mounted at /sys/kernel/tracing");
            }
            object.program("kill_entered").attachTracepoint("syscalls", "sys_enter_kill");
            TestBpf.trigger(23);
            assertEquals(23, TestBpf.count(object, "by_tracepoint"));
            assertThrows(
                    JbccException.NotSupported.class,
                    () -> object.program("kill_entered").attachTracepoint("syscalls", "no_such_event"));
        }
    }

    @Test
    void aKernelFunctionOrWhyNot() {
        try (BpfObject object = load("kernel_function")) {
            BpfProgram program = object.program("kernel_function");
            JbccException absent =
                    assertThrows(JbccException.NotSupported.class, () -> program.attachKprobe("jbcc_no_such_function"));
            assertTrue(absent.getMessage().startsWith("cannot attach kernel_function to kernel function jbcc_no_such"));
            assertThrows(JbccException.NotSupported.class, () -> program.attachKprobes("jbcc_no_such_*"));
        }
    }

    @Test
    void aPlaceThatIsSaidBeforeLoad() {
        try (OpenObject open = TestBpf.open("attach")) {
            open.autoload("calls", true);
            open.attachTo("calls", "sys_enter");
            try (BpfObject object = TestBpf.load(open)) {
                object.attach();
                TestBpf.trigger(23);
                assertTrue(TestBpf.count(object, "by_raw") >= 23);
            }
        }
    }

    @Test
    void aPlaceThatIsNotThere() {
        try (OpenObject open = TestBpf.open("attach")) {
            for (String[] absent : new String[][] {
                {"calls", "cannot attach calls (tp_btf) to no_such: ", "has no such tracepoint"},
                {"traced", "cannot attach traced (fentry) to no_such: ", "has no such function that its types describe"
                },
                {"allows", "cannot attach allows (lsm) to no_such: ", "has no such hook of security modules"}
            }) {
                JbccException why =
                        assertThrows(JbccException.NotSupported.class, () -> open.attachTo(absent[0], "no_such"));
                assertTrue(why.getMessage().startsWith(absent[1]), why.getMessage());
                assertTrue(why.getMessage().endsWith(absent[2]), why.getMessage());
                assertEquals(Optional.of(absent[0]), open.refusedHook());
            }
            assertThrows(IllegalArgumentException.class, () -> open.attachTo("kernel_function", "vfs_open"));
            open.autoload("nowhere", true);
            JbccException why = assertThrows(JbccException.NotSupported.class, open::load);
            assertTrue(
                    why.getMessage().startsWith("cannot attach nowhere (fentry) to jbcc_no_such: "), why.getMessage());
            assertEquals(Optional.of("nowhere"), open.refusedHook());
        }
    }

    @Test
    void aPlaceThatIsNeverSaid() {
        try (OpenObject open = TestBpf.open("attach")) {
            open.autoload("traced", true);
            JbccException why = assertThrows(JbccException.Usage.class, open::load);
            assertEquals(
                    "program traced has the section \"fentry\", which does not say where to attach it",
                    why.getMessage());
            assertTrue(why.hint().orElseThrow().contains("OpenObject.attachTo"));
        }
    }

    @Test
    void aTrampolineOrWhyNot() {
        try (OpenObject open = TestBpf.open("attach")) {
            open.autoload("traced", true);
            open.attachTo("traced", "vfs_open");
            try (BpfObject object = open.load()) {
                object.attach();
            } catch (JbccException.NotPermitted | JbccException.NotSupported without) {
                assertTrue(without.getMessage().startsWith("cannot load program traced (fentry) of attach: "));
                assertTrue(without.hint().isPresent(), without.getMessage());
                Assumptions.abort("fentry needs what this kernel lacks: " + without.getMessage());
            }
        }
    }

    @Test
    void tasksAreIterated() throws IOException {
        InputStream unread;
        try (BpfObject object = load()) {
            String all;
            try (InputStream output = object.program("tasks").iterate()) {
                all = new String(output.readAllBytes(), StandardCharsets.US_ASCII);
            }
            assertTrue(all.lines().anyMatch(Integer.toString(Libc.processId())::equals), all);
            unread = object.program("tasks").iterate();
        }
        assertThrows(IOException.class, unread::read);
    }

    @Test
    void elementsOfAMapAreIterated() throws IOException {
        try (BpfObject object = load("elements")) {
            BpfMap<Long, Long> numbers = object.map("numbers", Long.class, Long.class);
            numbers.update(3L, 33L);
            try (InputStream output = object.program("elements").iterate("numbers")) {
                assertEquals("3=33\n", new String(output.readAllBytes(), StandardCharsets.US_ASCII));
            }
        }
    }

    @Test
    void byTheSectionAloneOnlyWhatHasAPlace() {
        try (BpfObject object = load()) {
            object.attach();
            assertEquals("tasks", object.program("tasks").name());
            assertEquals("iter/task", object.program("tasks").section());
            assertEquals(new Section("iter", "task"), Section.of("?iter.s/task"));
        }
    }

    @Test
    void packetsOfAnInterface() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/sbin/ip")), "needs ip(8)");
        FutureTask<Void> inOwnNetwork = new FutureTask<>(() -> {
            network();
            return null;
        });
        Thread thread = Thread.ofPlatform().start(inOwnNetwork);
        thread.join();
        inOwnNetwork.get();
    }

    private static void network() throws Exception {
        try (BpfObject object = load()) {
            try {
                OwnNetwork.enter();
                ip("link", "add", "one", "type", "veth", "peer", "name", "two");
            } catch (NativeException | IOException refused) {
                Assumptions.abort("no network namespace with a veth pair: " + refused.getMessage());
            }
            ip("address", "add", "10.9.0.1/24", "dev", "one");
            ip("link", "set", "one", "up");
            ip("link", "set", "two", "address", "02:00:00:00:00:02", "up");
            ip("neighbour", "add", "10.9.0.2", "lladdr", "02:00:00:00:00:02", "dev", "one");
            object.program("xdp_seen").attachXdp("two");
            object.program("packet").attachSocketFilter("two");
            Optional<Path> cgroup = Optional.of(Path.of("/sys/fs/cgroup"))
                    .filter(root -> Files.exists(root.resolve("cgroup.controllers")));
            cgroup.ifPresent(object.program("leaves")::attachCgroup);
            boolean tcx = true;
            try {
                object.program("tc_seen").attachTcIngress("two");
                object.program("tc_seen").attachTcEgress("one");
            } catch (JbccException.NotSupported before66) {
                tcx = false;
            }
            send(23);
            assertTrue(TestBpf.count(object, "by_xdp") >= 23);
            assertTrue(TestBpf.count(object, "by_socket") >= 23);
            assertTrue(!tcx || TestBpf.count(object, "by_tc") >= 46);
            assertTrue(cgroup.isEmpty() || TestBpf.count(object, "by_cgroup") >= 23);
            object.detach();
            long packets = TestBpf.count(object, "by_xdp");
            send(23);
            assertEquals(packets, TestBpf.count(object, "by_xdp"));
            JbccException.Usage absent = assertThrows(
                    JbccException.Usage.class, () -> object.program("xdp_seen").attachXdp("three"));
            assertEquals("there is no network interface three", absent.getMessage());
        }
    }

    private static void send(int packets) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            for (int i = 0; i < packets; i++) {
                socket.send(new DatagramPacket(new byte[1], 1, InetAddress.getByAddress(new byte[] {10, 9, 0, 2}), 9));
            }
        }
    }

    private static void ip(String... words) throws IOException, InterruptedException {
        List<String> command = new java.util.ArrayList<>(List.of("/usr/sbin/ip"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + said);
        }
    }
}
