// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbcc.JbccException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A directory becomes a "cgroup" by a mountinfo that says so of its device. */
class CgroupTest {
    private static final String OWN = "9:name=systemd:/\n4:memory:/x\n2:cpu,cpuacct:/\n0::/\n";

    @TempDir
    Path directory;

    private List<Mount> mounted(String type) throws IOException {
        long device = (Long) Files.getAttribute(directory, "unix:dev");
        return Mount.parse("22 27 0:9999 / /proc rw,relatime - proc proc rw\n31 23 " + Device.major(device) + ":"
                + Device.minor(device) + " / " + directory + " rw,relatime shared:4 master:1 - " + type + " none rw\n");
    }

    private static String usage(String path, List<Mount> mounts, String hint) {
        JbccException.Usage e = assertThrows(JbccException.Usage.class, () -> Cgroup.open(path, mounts, OWN));
        assertTrue(e.hint().orElse("").contains(hint), e.hint().orElse(""));
        return e.getMessage();
    }

    @Test
    void opensAbsoluteAndRelativePaths() throws IOException {
        Path service = Files.createDirectories(directory.resolve("system.slice/a.service"));
        Cgroup wanted = new Cgroup(service, (Long) Files.getAttribute(service, "unix:ino"), 0);
        assertEquals(wanted, Cgroup.open(service.toString(), mounted("cgroup2"), OWN));
        assertEquals(wanted, Cgroup.open("system.slice/a.service", mounted("cgroup2"), OWN));
        assertEquals(wanted, Cgroup.open("/system.slice/a.service", mounted("cgroup2"), OWN));
        assertEquals(wanted, Cgroup.open("system.slice/a.service/", mounted("cgroup2"), OWN));
    }

    @Test
    void followsSymbolicLinks(@TempDir Path elsewhere) throws IOException {
        Path group = Files.createDirectories(directory.resolve("a"));
        Path link = Files.createSymbolicLink(elsewhere.resolve("link"), group);
        assertEquals(
                Files.getAttribute(group, "unix:ino"),
                Cgroup.open(link.toString(), mounted("cgroup2"), OWN).id());
        Files.delete(link);
    }

    @Test
    void saysThatThereIsNone() throws IOException {
        String where = "cgroup v2 is mounted at " + directory;
        assertEquals("no such cgroup: " + directory.resolve("none"), usage("none", mounted("cgroup2"), where));
        assertEquals("no such cgroup: /none/x", usage("/none/x", mounted("cgroup2"), where));
        assertEquals("the path of the cgroup is empty", usage("", mounted("cgroup2"), where));
        assertTrue(usage("a\0b", mounted("cgroup2"), "").startsWith("not a path: "));
    }

    @Test
    void refusesOtherDirectoriesAndFiles() throws IOException {
        assertEquals(directory + " is not a cgroup", usage(directory.toString(), mounted("ext4"), "mount -t cgroup2"));
        assertEquals(directory + " is not a cgroup", usage(directory.toString(), List.of(), "mount -t cgroup2"));
        Files.writeString(directory.resolve("cgroup.procs"), "1\n");
        assertEquals(
                directory + "/cgroup.procs is a file",
                usage("cgroup.procs", mounted("cgroup2"), "the directory that it is in: " + directory));
        assertEquals(
                "no such cgroup: " + directory + "/cgroup.procs/x", usage("cgroup.procs/x", mounted("cgroup2"), ""));
    }

    private List<Mount> version1(String options) throws IOException {
        Mount mount = mounted("cgroup").getLast();
        return List.of(
                new Mount(mount.major(), mount.minor(), mount.root(), mount.point(), mount.type(), "rw," + options));
    }

    @Test
    void tellsTheTreeOfVersion1() throws IOException {
        Path group = Files.createDirectories(directory.resolve("a"));
        long id = (Long) Files.getAttribute(group, "unix:ino");
        assertEquals(new Cgroup(group, id, 4), Cgroup.open(group.toString(), version1("memory"), OWN));
        assertEquals(new Cgroup(group, id, 2), Cgroup.open(group.toString(), version1("cpuacct,cpu"), OWN));
        assertEquals(new Cgroup(group, id, 9), Cgroup.open(group.toString(), version1("xattr,name=systemd"), OWN));
        assertEquals(
                "cannot tell which cgroup v1 " + group + " is of",
                usage(group.toString(), version1("net_cls"), "mount -t cgroup2"));
    }

    @Test
    void takesOtherPathsFromVersion1WhenVersion2HasNone() throws IOException {
        Path group = Files.createDirectories(directory.resolve("docker/1"));
        List<Mount> hybrid = new ArrayList<>(version1("memory"));
        hybrid.addAll(Mount.parse("41 31 0:9998 / /no/such/unified rw - cgroup2 cgroup2 rw\n"));
        for (String path : List.of("docker/1", "/docker/1")) {
            Cgroup found = Cgroup.open(path, hybrid, OWN);
            assertEquals(group, found.path());
            assertTrue(found.isV1());
        }
        assertEquals("no such cgroup: /docker/2", usage("/docker/2", hybrid, "mounted at /no/such/unified"));
        assertEquals("no such cgroup: docker/2", usage("docker/2", version1("memory"), "mount -t cgroup2"));
    }

    @Test
    void needsOneForRelativePaths() {
        JbccException.NotSupported e =
                assertThrows(JbccException.NotSupported.class, () -> Cgroup.open("system.slice", List.of(), OWN));
        assertEquals("cannot find cgroup system.slice: no cgroup is mounted", e.getMessage());
        assertEquals("no such cgroup: /no/such", usage("/no/such", List.of(), "mount -t cgroup2"));
    }

    @Test
    void prefersTheMountOfTheWholeHierarchy() throws IOException {
        Path group = Files.createDirectories(directory.resolve("a"));
        List<Mount> mounts = new ArrayList<>(Mount.parse("1 2 0:9998 /part /no/such rw - cgroup2 none rw\n"));
        mounts.addAll(mounted("cgroup2"));
        mounts.addAll(Mount.parse("1 2 0:9998 / /no/other rw - cgroup2 none rw\n"));
        assertEquals(group, Cgroup.open("a", mounts, OWN).path());
    }

    @Test
    void opensThoseOfThisHost() {
        Path point = null;
        for (Mount mount : Mount.all()) {
            if (mount.type().equals("cgroup2")) {
                point = mount.point();
            }
        }
        assumeTrue(point != null, "cgroup v2 is not mounted");
        Cgroup top = Cgroup.open(point.toString());
        assertEquals(new Cgroup(point, top.id(), 0), top);
        assertTrue(top.id() > 0);
    }

    @Test
    void opensThoseOfVersion1OfThisHost() {
        Path point = null;
        for (Mount mount : Mount.all()) {
            if (mount.type().equals("cgroup")) {
                point = mount.point();
            }
        }
        assumeTrue(point != null, "cgroup v1 is not mounted");
        Cgroup top = Cgroup.open(point.toString());
        assertEquals(point, top.path());
        assertTrue(top.isV1());
    }

    @Test
    void readsMountinfo() {
        List<Mount> mounts = Mount.parse("""
                36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
                37 35 0:40 / /with\\040space\\134and\\011tab rw - tmpfs - rw
                38 35 0:41 / /\\303\\244 rw - tmpfs none rw
                39 35 0:42 / /\\999\\77 rw - tmpfs none rw
                bad
                40 35 0 / /x rw - tmpfs none rw
                41 35 x:1 / /x rw - tmpfs none rw
                42 35 0:1 / /x - tmpfs none rw
                43 35 0:1 / /x rw - tmpfs
                44 35 0:43 / /last rw - tmpfs none rw""");
        assertEquals(new Mount(98, 0, "/mnt1", Path.of("/mnt2"), "ext3", "rw,errors=continue"), mounts.get(0));
        assertEquals(Path.of("/with space\\and\ttab"), mounts.get(1).point());
        assertEquals(Path.of("/\\999\\77"), mounts.get(mounts.size() - 2).point());
        assertEquals(Path.of("/last"), mounts.getLast().point());
        if (System.getProperty("sun.jnu.encoding").equals("UTF-8")) {
            assertEquals(Path.of("/\u00e4"), mounts.get(2).point());
            assertEquals(5, mounts.size());
        }
    }
}
