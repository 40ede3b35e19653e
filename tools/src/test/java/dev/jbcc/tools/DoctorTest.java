// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import dev.jbcc.host.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code jbcc doctor} on this host as it is, and with something taken away. */
@KernelTest
class DoctorTest {
    private static final int NOBODY = 65534;
    private static final List<String> TOOLS = List.of("jexecsnoop", "jopensnoop", "jprofile", "jrenamesnoop");

    private static Jopensnoop.Setup doctor(Object... arguments) {
        return Jopensnoop.tool("doctor", arguments);
    }

    /** By group and name; the last line must repeat what the exit code says. */
    private static Map<String, JsonObject> findings(Run run) {
        run.noDefect();
        List<JsonObject> lines = run.lines().stream()
                .map(line -> new Gson().fromJson(line, JsonObject.class))
                .toList();
        JsonObject summary = lines.getLast().getAsJsonObject("summary");
        assertEquals(run.exit() == 0, summary.get("well").getAsBoolean(), run::toString);
        Map<String, JsonObject> findings = new HashMap<>();
        for (JsonObject line : lines.subList(0, lines.size() - 1)) {
            assertEquals(List.of("group", "name", "state", "value", "hint", "detail"), new ArrayList<>(line.keySet()));
            String state = line.get("state").getAsString();
            assertTrue(
                    !state.equals("no") && !state.equals("unknown")
                            || !line.get("hint").getAsString().isEmpty(),
                    line::toString);
            assertEquals(
                    null,
                    findings.put(
                            line.get("group").getAsString() + " "
                                    + line.get("name").getAsString(),
                            line));
        }
        return findings;
    }

    private static String state(Map<String, JsonObject> findings, String name) {
        return findings.get(name).get("state").getAsString();
    }

    @Test
    void everythingIsTriedAndTheToolsWork() {
        Map<String, JsonObject> findings = findings(doctor("-o", "json").run());
        for (String tool : TOOLS) {
            assertEquals("yes", state(findings, "tool " + tool), findings::toString);
        }
        assertEquals("yes", state(findings, "hook ring buffer"));
        assertEquals("yes", state(findings, "hook tp_btf"));
        assertEquals("yes", state(findings, "hook raw_tp"));
        assertTrue(findings.get("host kernel").get("value").getAsString().startsWith(Kernel.release()));
        assertEquals(
                17,
                findings.keySet().stream()
                        .filter(name -> name.startsWith("hook "))
                        .count(),
                findings::toString);
    }

    @Test
    void theTableSaysTheSame() {
        Run run = doctor().run();
        run.noDefect();
        assertEquals(0, run.exit(), run::toString);
        assertTrue(run.out().endsWith("\nAll is well.\n"), run::toString);
        for (String tool : TOOLS) {
            assertTrue(
                    run.lines().stream()
                            .anyMatch(line -> line.matches(
                                    "tool +" + tool + " +yes +attaches(, [a-z ]+: [a-z_]+(; [a-z ]+: [a-z_]+)*)?")),
                    run::toString);
        }
        for (String line : run.lines()) {
            assertEquals(line.stripTrailing(), line);
        }
    }

    @Test
    void aUserIsToldWhatCouldNotBeTried() throws IOException {
        String[] nobody = {"setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups", "--no-new-privs"};
        List<String> java = new ArrayList<>(List.of(nobody));
        java.addAll(List.of(System.getProperty("java.home") + "/bin/java", "-version"));
        assumeTrue(Program.exit(java) == 0, "setpriv does not work, or another user cannot read this JDK");
        Path home = FailureTest.home();
        Path cache = Scratch.directory("nobody");
        Files.setAttribute(cache, "unix:uid", NOBODY);
        Run run = doctor("-o", "json")
                .home(home)
                .classPath(FailureTest.classes(home))
                .env("JBCC_CACHE_DIR", cache.resolve("cache"))
                .under(nobody)
                .run();
        assertEquals(1, run.exit(), run::toString);
        Map<String, JsonObject> findings = findings(run);
        for (String tool : TOOLS) {
            assertEquals("unknown", state(findings, "tool " + tool), findings::toString);
            assertTrue(findings.get("tool " + tool).get("hint").getAsString().contains("root"), findings::toString);
        }
    }

    @Test
    void aBrokenCompilerIsFound() {
        Run run = doctor("-o", "json")
                .env("JBCC_CLANG", "/nonexistent/clang")
                .env("JBCC_CACHE_DIR", Scratch.fresh("cache"))
                .run();
        assertEquals(1, run.exit(), run::toString);
        Map<String, JsonObject> findings = findings(run);
        assertEquals("no", state(findings, "host clang"));
        assertTrue(findings.get("tool jopensnoop").get("value").getAsString().contains("/nonexistent/clang"));
        assertEquals("", findings.get("tool jopensnoop").get("detail").getAsString());
        run = doctor("-o", "json", "-v")
                .env("JBCC_CLANG", "/bin/false")
                .env("JBCC_CACHE_DIR", Scratch.fresh("cache"))
                .run();
        findings = findings(run);
        assertEquals("no", state(findings, "host clang"));
        String detail = findings.get("tool jopensnoop").get("detail").getAsString();
        assertTrue(detail.contains("jopensnoop: "), detail);
    }

    @Test
    void hiddenBtfIsSaid() {
        String hide = "mount -t tmpfs none /sys/kernel/btf || exit 99; exec \"$@\"";
        String[] hidden = {"unshare", "--mount", "sh", "-c", hide, "sh"};
        List<String> probe = new ArrayList<>(List.of(hidden));
        probe.add("/bin/true");
        assumeTrue(Program.exit(probe) == 0, "unshare --mount does not work here");
        Run run = doctor("-o", "json").under(hidden).run();
        Map<String, JsonObject> findings = findings(run);
        String value = findings.get("host BTF").get("value").getAsString();
        assertTrue(
                value.startsWith("none of the kernel's own") || value.contains("does not describe its types"), value);
        assertFalse(state(findings, "hook tp_btf").equals("yes"), findings::toString);
        assertEquals("yes", state(findings, "hook raw_tp"), findings::toString);
    }
}
