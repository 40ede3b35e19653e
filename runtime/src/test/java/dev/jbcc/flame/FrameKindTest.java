// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.flame;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FrameKindTest {
    @ParameterizedTest
    @CsvSource({
        "vfs_read_[k], KERNEL, vfs_read",
        "java.util.HashMap.get_[j], JAVA, java.util.HashMap.get",
        "Foo.bar_[i], INLINED, Foo.bar",
        "Foo.bar_[0], INTERPRETED, Foo.bar",
        "Foo.bar_[1], C1, Foo.bar",
        "Foo.bar_[x], NATIVE, Foo.bar_[x]",
        "_[k], KERNEL, ''",
        "-, SEPARATOR, -",
        "--, SEPARATOR, --",
        "[unknown], UNKNOWN, [unknown]",
        "[libc.so.6], UNKNOWN, [libc.so.6]",
        "[libc.so.6]+0x1f0, UNKNOWN, [libc.so.6]+0x1f0",
        "[libc.so.6]+12, NATIVE, [libc.so.6]+12",
        "0x7ffd12, UNKNOWN, 0x7ffd12",
        "0xyz, NATIVE, 0xyz",
        "std::vector<int>::push_back, CPP, std::vector<int>::push_back",
        "java/lang/Thread.run, JAVA, java/lang/Thread.run",
        "com.example.Main.main, JAVA, com.example.Main.main",
        "net/http.(*conn).serve, NATIVE, net/http.(*conn).serve",
        "operator[], NATIVE, operator[]",
        "main, NATIVE, main",
        "'', NATIVE, ''"
    })
    void theTextTellsTheKind(String text, FrameKind kind, String shown) {
        assertEquals(kind, FrameKind.of(text));
        assertEquals(shown, FrameKind.shown(text));
    }

    @Test
    void theFirstFrameIsTheProcessUnlessItSaysOtherwise() {
        assertEquals(FrameKind.PROCESS, FrameKind.ofFirst("nginx"));
        assertEquals(FrameKind.PROCESS, FrameKind.ofFirst("-"));
        assertEquals(FrameKind.PROCESS, FrameKind.ofFirst("a::b"));
        assertEquals(FrameKind.KERNEL, FrameKind.ofFirst("start_kernel_[k]"));
        assertEquals(FrameKind.JAVA, FrameKind.ofFirst("java/lang/Thread.run"));
    }
}
