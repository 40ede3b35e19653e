// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ContainerPathTest {
    private static final String ID = "0123456789abcdef".repeat(4);

    static List<String> fixture() throws IOException {
        try (InputStream in = ContainerPathTest.class.getResourceAsStream("paths")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("fixture")
    void tellsTheContainer(String line) {
        String[] field = line.split(" ");
        assertEquals(4, field.length);
        ContainerPath path = ContainerPath.parse(field[0]);
        String found = or(path.id()) + " " + or(path.runtime()) + " " + or(path.podUid());
        assertEquals(field[1] + " " + field[2] + " " + field[3], found);
    }

    private static String or(String part) {
        return part.isEmpty() ? "-" : part;
    }

    @Test
    void fixtureHasAllRuntimes() throws IOException {
        List<String> seen = fixture().stream().map(line -> line.split(" ")[2]).toList();
        for (String runtime : "- docker containerd cri-o podman systemd-nspawn lxc garden mesos".split(" ")) {
            assertTrue(seen.contains(runtime), runtime);
        }
    }

    @Test
    void endIsThatOfTheContainersOwnCgroup() {
        String own = "/system.slice/docker-" + ID + ".scope";
        assertEquals(own.length(), ContainerPath.parse(own).end());
        assertEquals(own.length(), ContainerPath.parse(own + "/a/b").end());
        assertEquals(own.length(), ContainerPath.parse(own + "/").end());
        assertEquals(0, ContainerPath.parse("/a/b").end());
    }

    @Test
    void undoesOnlySystemdsEscapes() {
        List<Executable> all = List.of(
                () -> assertEquals("a-b", name("a\\x2db")),
                () -> assertEquals("\u00e4", name("\\xc3\\xa4")),
                () -> assertEquals("a\\x2", name("a\\x2")),
                () -> assertEquals("a\\xzz", name("a\\xzz")),
                () -> assertEquals("\\", name("\\")),
                () -> assertEquals("", name("x".repeat(256))));
        org.junit.jupiter.api.Assertions.assertAll(all);
    }

    private static String name(String escaped) {
        return ContainerPath.parse("/lxc.payload." + escaped).id();
    }
}
