// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsersTest {
    private static final String PASSWD = """
            root:x:0:0:root:/root:/bin/bash
            broken
            :x:5:5::/:/bin/sh
            negative:x:-1:5::/:/bin/sh
            huge:x:4294967296:5::/:/bin/sh
            none:x:4294967295:5::/:/bin/sh
            +:::::
            top:x:4294967294:4294967294::/:/bin/sh
            anna:x:1000:100:Anna,,,:/home/anna:/bin/sh
            twin:x:1000:100::/home/twin:/bin/sh
            anna:x:2000:100:second:/home/anna2:/bin/sh
            j\u00fcrgen:x:1001:100::/home/j\u00fcrgen:/bin/sh
            last:x:1002:100::/home/last:/bin/sh""";

    @TempDir
    Path directory;

    private Path passwd;
    private Users users;

    @BeforeEach
    void write() throws IOException {
        passwd = Files.writeString(directory.resolve("passwd"), PASSWD);
        users = new Users(passwd, "/no/such/getent", 1);
    }

    private Users withGetent(String script, long limit) throws IOException {
        Path getent = Files.writeString(directory.resolve("getent"), "#!/bin/sh\n" + script);
        Files.setPosixFilePermissions(getent, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new Users(passwd, getent.toString(), limit);
    }

    @Test
    void findsNames() {
        assertEquals(0, users.find("root"));
        assertEquals(1000, users.find("anna"));
        assertEquals(1000, users.find("twin"));
        assertEquals(1001, users.find("j\u00fcrgen"));
        assertEquals(1002, users.find("last"));
        assertEquals(-2, users.find("top"));
    }

    @Test
    void takesNumbersAsTheyAre() {
        assertEquals(0, users.find("0"));
        assertEquals(77777, users.find("77777"));
        assertEquals(1000, users.find("0001000"));
        assertEquals(-2, users.find("4294967294"));
    }

    @Test
    void refusesOtherNumbers() {
        for (String number : new String[] {"4294967295", "4294967296", "99999999999999999999999999"}) {
            JbccException.Usage e = assertThrows(JbccException.Usage.class, () -> users.find(number));
            assertEquals("user number " + number + " is out of range", e.getMessage());
        }
    }

    @Test
    void namesTheUserThatDoesNotExist() {
        for (String name : new String[] {
            "nobody-here",
            "",
            "-1",
            "+5",
            " 5",
            "broken",
            "negative",
            "huge",
            "none",
            "+",
            "a:b",
            "a\nb",
            "x".repeat(300)
        }) {
            JbccException.Usage e = assertThrows(JbccException.Usage.class, () -> users.find(name), name);
            assertEquals("no such user: '" + name + "'", e.getMessage());
        }
    }

    @Test
    void givesTheFirstNameOfAUid() {
        assertEquals("root", users.nameOf(0));
        assertEquals("anna", users.nameOf(1000));
        assertEquals("j\u00fcrgen", users.nameOf(1001));
        assertEquals("top", users.nameOf(-2));
        assertEquals("4294967295", users.nameOf(-1));
        assertEquals("31337", users.nameOf(31337));
    }

    @Test
    void remembersNamesButNotForever() throws IOException {
        assertEquals("anna", users.nameOf(1000));
        Files.writeString(passwd, "renamed:x:1000:100::/:/bin/sh\n");
        assertEquals("anna", users.nameOf(1000));
        for (int uid = 5000; uid < 5000 + 1024; uid++) {
            users.nameOf(uid);
        }
        assertEquals("renamed", users.nameOf(1000));
    }

    @Test
    void knowsAccounts() {
        assertEquals(Optional.of(new Users.Account("anna", 1000, 100, "/home/anna")), users.accountOf(1000));
        assertEquals(Optional.empty(), users.accountOf(31337));
    }

    @Test
    void asksGetentForTheOthersOnly() throws IOException {
        Users ldap = withGetent(
                "echo \"$@\" >> " + directory + "/calls\n"
                        + "case $2 in carla|3000) echo 'carla:*:3000:100::/home/carla:/bin/sh';; odd) echo 'other:*:1:1::/:';; esac\n",
                10_000);
        assertEquals(1000, ldap.find("anna"));
        assertEquals("3000", ldap.nameOf(3000));
        assertTrue(Files.notExists(directory.resolve("calls")));
        assertEquals(3000, ldap.find("carla"));
        assertEquals("carla", ldap.accountOf(3000).orElseThrow().name());
        assertThrows(JbccException.Usage.class, () -> ldap.find("odd"));
        assertThrows(JbccException.Usage.class, () -> ldap.find("-s"));
        assertEquals("passwd carla\npasswd 3000\npasswd odd\n", Files.readString(directory.resolve("calls")));
    }

    @Test
    void doesNotWaitForGetentForever() throws IOException {
        Users slow = withGetent("exec sleep 60\n", 50);
        JbccException.Failed e = assertThrows(JbccException.Failed.class, () -> slow.find("carla"));
        assertTrue(e.getMessage().contains("did not answer in time"), e.getMessage());
    }

    @Test
    void worksWithoutPasswd() {
        Users none = new Users(directory.resolve("missing"), "/no/such/getent", 1);
        assertEquals("0", none.nameOf(0));
        assertThrows(JbccException.Usage.class, () -> none.find("root"));
    }

    @Test
    void knowsThisHost() {
        assertEquals(0, Users.uid("root"));
        assertEquals("root", Users.name(0));
        assertEquals("root", Users.account(0).orElseThrow().name());
    }
}
