// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import dev.jbcc.host.Kernel.Feature;
import java.io.File;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class KernelTest {
    @Test
    void agreesWithUname() throws Exception {
        Process uname = new ProcessBuilder("uname", "-rm").start();
        String text = new String(uname.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertEquals(text.strip(), Kernel.release() + " " + Kernel.architecture());
    }

    @Test
    void translatesJavasNamesOfMachines() {
        assertEquals("x86_64", Kernel.architecture("amd64"));
        assertEquals("aarch64", Kernel.architecture("aarch64"));
        assertEquals("ppc64le", Kernel.architecture("ppc64le"));
    }

    @Test
    void comparesVersionsAsNumbers() {
        assertTrue(Feature.RING_BUFFER.expectedIn("5.8.0", "x86_64"));
        assertTrue(Feature.RING_BUFFER.expectedIn("5.10", "x86_64"));
        assertTrue(Feature.RING_BUFFER.expectedIn("5.15.0-91-generic", "x86_64"));
        assertTrue(Feature.RING_BUFFER.expectedIn("6.1-rc3", "x86_64"));
        assertTrue(Feature.RING_BUFFER.expectedIn("10.0.1", "x86_64"));
        assertFalse(Feature.RING_BUFFER.expectedIn("5.7.19", "x86_64"));
        assertFalse(Feature.RING_BUFFER.expectedIn("4.19.0-25-amd64", "x86_64"));
        assertTrue(Feature.KPROBE_SESSION.expectedIn("6.10.0", "x86_64"));
        assertFalse(Feature.KPROBE_SESSION.expectedIn("6.9.0", "x86_64"));
    }

    @Test
    void expectsNothingOfAReleaseThatIsNoVersion() {
        for (String release :
                new String[] {"", "unknown", "6", ".", "6.", "x.8", "-1.5", "99999999999.1", "5.99999999"}) {
            assertFalse(Feature.KPROBE.expectedIn(release, "x86_64"), release);
        }
    }

    @Test
    void knowsThatArmGotTrampolinesLater() {
        assertFalse(Feature.FENTRY.expectedIn("5.15.0", "aarch64"));
        assertTrue(Feature.FENTRY.expectedIn("6.4.0", "aarch64"));
        assertTrue(Feature.FENTRY.expectedIn("5.15.0", "x86_64"));
        assertTrue(Feature.RING_BUFFER.expectedIn("5.8.0", "aarch64"));
        assertEquals(
                "this needs fentry and fexit programs (kernel 5.5 or later); this is 5.15.0 on aarch64, where it came with 6.4",
                Kernel.missing(Feature.FENTRY, "this", "5.15.0", "aarch64").getMessage());
    }

    @Test
    void saysWhatIsMissing() {
        JbccException.NotSupported old = Kernel.missing(Feature.RING_BUFFER, "opensnoop", "4.19.0", "x86_64");
        assertEquals("opensnoop needs the BPF ring buffer (kernel 5.8 or later); this is 4.19.0", old.getMessage());
        assertEquals("Use a newer kernel.", old.hint().orElseThrow());
        assertEquals(4, old.exitCode());
    }

    @Test
    void pointsToTheConfigurationOfAKernelThatIsNewEnough() {
        String hint = Kernel.missing(Feature.KPROBE_MULTI, "funccount", "6.1.0-18-amd64", "x86_64")
                .hint()
                .orElseThrow();
        assertTrue(hint.endsWith("grep CONFIG_FPROBE /boot/config-6.1.0-18-amd64"), hint);
        hint = Kernel.missing(Feature.LRU_HASH, "x", "6.1.0", "x86_64").hint().orElseThrow();
        assertTrue(hint.endsWith("it may have been left out of the build."), hint);
    }

    @Test
    void namesThisKernel() {
        assertTrue(Kernel.missing(Feature.ARENA, "x").getMessage().contains("; this is " + Kernel.release()));
    }

    @Test
    void readsBtfWhereThereIsSome() {
        assertEquals(new File("/sys/kernel/btf/vmlinux").canRead(), Kernel.hasBtf());
    }
}
