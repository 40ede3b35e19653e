// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.bpf.ffi.Libc;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class MappingsTest {
    private static List<Mapping> parse(String text) {
        return Mappings.parse(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static Mapping one(String line) {
        List<Mapping> all = parse(line + "\n");
        assertEquals(1, all.size(), line);
        return all.getFirst();
    }

    @Test
    void takesALineApart() {
        Mapping mapping = one(
                "7fc24bf97000-7fc24bfbd000 r-xp 00001000 fe:10 338944                     /usr/lib/ld-linux-x86-64.so.2");
        assertEquals(
                new Mapping(
                        0x7fc24bf97000L,
                        0x7fc24bfbd000L,
                        0x1000,
                        0xfe,
                        0x10,
                        338944,
                        "/usr/lib/ld-linux-x86-64.so.2",
                        false),
                mapping);
        assertEquals("ld-linux-x86-64.so.2", mapping.module());
        assertTrue(mapping.isFile() && !mapping.isGenerated() && !mapping.isMemoryFile());
        assertTrue(mapping.contains(0x7fc24bf97000L) && mapping.contains(0x7fc24bfbcfffL));
        assertFalse(mapping.contains(0x7fc24bfbd000L) || mapping.contains(0x7fc24bf96fffL));
    }

    @Test
    void keepsOnlyWhatHoldsCode() {
        assertEquals(2, parse("""
                        00400000-00401000 r--p 00000000 fe:00 1 /bin/x
                        00401000-00402000 r-xp 00001000 fe:00 1 /bin/x
                        00402000-00403000 rwxs 00002000 fe:00 1 /bin/x
                        00403000-00404000 rw-p 00003000 fe:00 1 /bin/x
                        """).size());
    }

    @Test
    void namesMayHoldAnything() {
        assertEquals("a b ", one("1000-2000 r-xp 0 fe:00 1   /tmp/a b ").module());
        assertEquals("a\nb", one("1000-2000 r-xp 0 fe:00 1   /tmp/a\\012b").module());
        assertEquals(
                "a\u00e9", one("1000-2000 r-xp 0 fe:00 1   /tmp/a\u00c3\u00a9").module());
        assertEquals("a\ufffd", one("1000-2000 r-xp 0 fe:00 1   /tmp/a\u00e9").module());
        Mapping gone = one("1000-2000 r-xp 0 fe:00 1   /tmp/a (deleted)");
        assertTrue(gone.deleted());
        assertEquals("/tmp/a", gone.path());
        Mapping called = one("1000-2000 r-xp 0 fe:00 1   /tmp/a (deleted) (deleted)");
        assertEquals("/tmp/a (deleted)", called.path());
        String longest = "/" + "x".repeat(4094);
        assertEquals(longest, one("1000-2000 r-xp 0 fe:00 1   " + longest).path());
        assertEquals(255, one("1000-2000 r-xp 0 fe:00 1   " + longest).module().length());
    }

    @Test
    void tellsWhatIsNoFile() {
        for (String name : new String[] {"", "//anon", "[anon:jit]", "[anon_shmem:x]", "[heap]", "[stack]"}) {
            Mapping mapping = one("1000-2000 rwxp 0 00:00 0   " + name);
            assertTrue(mapping.isGenerated() && !mapping.isFile(), name);
            assertNull(mapping.module(), name);
        }
        assertNull(one("1000-2000 rwxp 00000000 00:00 0 ").module());
        for (String name : new String[] {
            "/memfd:doublemapper (deleted)",
            "/SYSV00000000 (deleted)",
            "/anon_hugepage (deleted)",
            "/dev/zero (deleted)",
            "/dev/shm/x"
        }) {
            Mapping mapping = one("1000-2000 rwxs 0 00:01 5   " + name);
            assertTrue(mapping.isMemoryFile() && mapping.isFile() && !mapping.isGenerated(), name);
        }
        assertEquals(
                "memfd:doublemapper",
                one("1000-2000 rwxs 0 00:01 5 /memfd:doublemapper (deleted)").module());
        Mapping vdso = one("7fc24bf94000-7fc24bf96000 r-xp 00000000 00:00 0                          [vdso]");
        assertTrue(vdso.isVdso() && !vdso.isFile() && !vdso.isGenerated());
        assertEquals("[vdso]", vdso.module());
        Mapping high = one("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0  [vsyscall]");
        assertTrue(high.contains(0xffffffffff600010L) && !high.contains(0x10));
    }

    @Test
    void linesThatAreNoneAreSkipped() {
        String text = """

                x
                1000-2000
                1000-2000 r-x
                1000 2000 r-xp 0 fe:00 1 /a
                1000-2000 r-xp zz fe:00 1 /a
                1000-2000 r-xp 0 fe00 1 /a
                1000-2000 r-xp 0 fe:00
                2000-1000 r-xp 0 fe:00 1 /a
                1000-1000 r-xp 0 fe:00 1 /a
                1000-2000 r-xp 0 fe:00 99999999999999999999999 /a
                """;
        assertEquals(List.of(), parse(text));
        assertEquals(1, parse(text + "3000-4000 r-xp 0 fe:00 1 /b\n").size());
        assertEquals(
                1,
                parse("x".repeat(100_000) + "\n3000-4000 r-xp 0 fe:00 1 /b\n").size());
        assertEquals(0, parse("3000-4000 r-xp 0 fe:00 1 /b").size(), "not a whole line");
    }

    @Test
    void thereIsALimit() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Mappings.MAX_MAPPINGS + 100; i++) {
            String start = Long.toHexString(0x1000 + i * 0x2000L);
            text.append(start).append('-').append(Long.toHexString(0x2000 + i * 0x2000L));
            text.append(" r-xp 00000000 00:00 0 \n");
        }
        assertEquals(Mappings.MAX_MAPPINGS, parse(text.toString()).size());
        StringBuilder longNames = new StringBuilder();
        for (int i = 0; i < 2000; i++) {
            longNames
                    .append("1000-2000 r-xp 0 fe:00 1 /")
                    .append("x".repeat(4000))
                    .append(i)
                    .append('\n');
        }
        assertTrue(parse(longNames.toString()).size() < 600);
    }

    @Test
    void readsThoseOfThisProcess() {
        List<Mapping> own = Mappings.read(Libc.processId());
        assertNotNull(own);
        assertTrue(own.stream().anyMatch(mapping -> "libjvm.so".equals(mapping.module())));
        assertTrue(own.stream().anyMatch(Mapping::isGenerated), "the JVM's code cache");
        assertNull(Mappings.read(2), "a thread of the kernel");
        assertNull(Mappings.read(-1));
    }
}
