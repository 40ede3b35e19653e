// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Texts of /proc and /etc/passwd, of which a container or a directory service may write the parts. */
class HostFuzzTest {
    @FuzzTest(maxDuration = "1m")
    void mountinfo(byte[] text) {
        for (Mount mount : Mount.parse(new String(text, StandardCharsets.ISO_8859_1))) {
            assertTrue(mount.major() >= 0 && mount.minor() >= 0);
            assertFalse(mount.type().contains(" ") || mount.type().contains("\n"));
        }
    }

    @FuzzTest(maxDuration = "1m")
    void passwd(byte[] text) {
        Users.first(new String(text, StandardCharsets.ISO_8859_1), account -> {
            assertFalse(account.name().isEmpty()
                    || account.name().contains(":")
                    || account.name().contains("\n"));
            assertTrue(account.uid() != -1 && account.gid() != -1);
            return false;
        });
    }

    @FuzzTest(maxDuration = "1m")
    void status(byte[] text) {
        String status = new String(text, StandardCharsets.ISO_8859_1);
        for (String name : new String[] {"Uid", "CapEff", "Seccomp", "Tgid"}) {
            assertFalse(Privileges.field(status, name).contains("\n"));
        }
        char state = Processes.state(status);
        assertTrue(state == 0 || status.contains(") " + state));
    }
}
