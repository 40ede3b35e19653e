// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class VerifierLogFuzzTest {
    static List<Arguments> logs() throws IOException {
        List<Arguments> logs = new ArrayList<>();
        for (VerifierLogFixtureTest.Fixture fixture : VerifierLogFixtureTest.FIXTURES) {
            logs.add(Arguments.of(VerifierLogFixtureTest.said(fixture.name())));
        }
        return logs;
    }

    @MethodSource("logs")
    @FuzzTest
    void staysShortAndPrintable(@NotNull String said) {
        check(VerifierLog.find(said));
        // so that a mutation that breaks libbpf's first line is not lost
        check(VerifierLog.find("libbpf: prog 'x': -- BEGIN PROG LOAD LOG --\n" + said));
    }

    private static void check(VerifierLog log) {
        if (log == null) {
            return;
        }
        assertTrue(log.program().length() <= 502, log.program());
        assertTrue(log.program().chars().noneMatch(c -> c < ' '), log.program());
        String[] lines = log.summary().split("\n", -1);
        assertTrue(lines.length <= 8, log.summary()); // C, instruction, register, 4 causes, omitted
        for (String line : lines) {
            assertTrue(line.length() <= 1010, line);
            assertTrue(line.chars().noneMatch(c -> c < ' ' || c == 0x7f || c == 0x9b), line);
        }
        String hint = log.hint();
        assertTrue(
                hint == null
                        || !hint.isBlank()
                                && hint.length() < 1000
                                && hint.chars().noneMatch(c -> c < ' '),
                hint);
    }
}
