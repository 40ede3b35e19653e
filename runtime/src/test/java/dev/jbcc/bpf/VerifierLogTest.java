// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Logs that are cut, odd or made to do harm. */
final class VerifierLogTest {
    private static final String BEGIN = "libbpf: prog 'x': -- BEGIN PROG LOAD LOG --\n";
    private static final String END = "-- END PROG LOAD LOG --\nlibbpf: prog 'x': failed to load: -13\n";
    private static final String PROCESSED =
            "processed 7 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n";
    private static final String BAD_LOAD = "; v->count++; @ a.bpf.c:7\n3: (79) r1 = *(u64 *)(r0 +0)\n";

    private static String summary(String log) {
        VerifierLog found = VerifierLog.find(BEGIN + log + END);
        assertNotNull(found);
        return found.summary();
    }

    @Test
    void refusalWithoutAWordIsNoLog() throws IOException {
        assertNull(VerifierLog.find(VerifierLogFixtureTest.said("empty")));
        assertNull(VerifierLog.find(BEGIN + END));
        assertNull(VerifierLog.find(BEGIN + "\n \r\n" + END));
        assertNull(VerifierLog.find(""));
        assertNull(VerifierLog.find("\n"));
        assertNull(VerifierLog.find("libbpf: failed to find valid kernel BTF\n"));
        assertNull(VerifierLog.find("libbpf: -- BEGIN BTF LOAD LOG ---\nmagic: 0xeb9f\n-- END BTF LOAD LOG --\n"));
        assertNull(VerifierLog.find(BEGIN + BAD_LOAD + END + BEGIN + END), "only the last load failed");
    }

    @Test
    void lastProgramIsTheOneThatFailed() {
        VerifierLog log = VerifierLog.find("libbpf: prog 'good': -- BEGIN PROG LOAD LOG --\n" + PROCESSED
                + "-- END PROG LOAD LOG --\n" + BEGIN + BAD_LOAD + "R0 !read_ok\n" + END);
        assertEquals("x", log.program());
        assertEquals("a.bpf.c:7: v->count++;\n  3: (79) r1 = *(u64 *)(r0 +0)\nR0 !read_ok", log.summary());
    }

    @Test
    void nameOfTheProgramIsMadeHarmless() {
        String line = BEGIN.replace("'x'", "'it's\u001b]0;\u202e'");
        assertEquals("it's]0;", VerifierLog.find(line + "no\n").program());
        assertEquals(
                "x", VerifierLog.find(BEGIN.replace("libbpf: ", "") + "no\n").program());
        assertNull(VerifierLog.find("prog '-- BEGIN PROG LOAD LOG --\nno\n"));
        assertNull(VerifierLog.find("; prog 'x': -- BEGIN PROG LOAD LOG --\nno\n"), "a comment in the C source");
    }

    @Test
    void logWithoutAnEndStopsWhereLibbpfSpeaks() {
        String summary = "a.bpf.c:7: v->count++;\n  3: (79) r1 = *(u64 *)(r0 +0)\nR0 !read_ok";
        String log = BEGIN + BAD_LOAD + "R0 !read_ok\n";
        assertEquals(summary, VerifierLog.find(log).summary());
        assertEquals(
                summary,
                VerifierLog.find(log + "libbpf: prog 'x': failed to load: -13\nlibbpf: failed to load object 'a'\n")
                        .summary());
        assertNull(VerifierLog.find(BEGIN.strip()), "nothing behind the first line");
    }

    @Test
    void logMayBeCutAnywhere() throws IOException {
        for (VerifierLogFixtureTest.Fixture fixture : VerifierLogFixtureTest.FIXTURES) {
            String said = VerifierLogFixtureTest.said(fixture.name());
            int from = said.indexOf("BEGIN PROG LOAD LOG --\n") + "BEGIN PROG LOAD LOG --\n".length();
            for (int to = from + 1; to < said.length(); to++) {
                VerifierLog log = VerifierLog.find(said.substring(0, to));
                assertNotNull(log, fixture.name());
                assertEquals(fixture.program(), log.program());
                assertTrue(!log.summary().isBlank(), fixture.name());
            }
        }
    }

    @Test
    void logCutInTheMiddleOfALineHasNoNewlineBeforeTheEnd() {
        assertEquals("a.bpf.c:7: v->count++;\n  3: (79) r1 = *(u64 *)(r0 +0)\nR0 !re", summary(BAD_LOAD + "R0 !re"));
    }

    @Test
    void logThatOnlyStopsShowsWhere() {
        assertEquals(
                "a.bpf.c:7: v->count++;\n  3: (79) r1 = *(u64 *)(r0 +0)\n(1 line omitted; -v shows all)",
                summary(BAD_LOAD + PROCESSED));
        assertNull(VerifierLog.find(BEGIN + BAD_LOAD + PROCESSED + END).hint());
        assertEquals(PROCESSED.strip(), summary(PROCESSED));
        assertEquals("0: R1=ctx() R10=fp0", summary("0: R1=ctx() R10=fp0\n"));
    }

    @Test
    void workIsTheCauseOnlyBeyondTheLimit() {
        String processed = PROCESSED.replace("processed 7 ", "processed 1000001 ");
        VerifierLog log = VerifierLog.find(BEGIN + BAD_LOAD + processed + END);
        assertEquals("a.bpf.c:7: v->count++;\n  3: (79) r1 = *(u64 *)(r0 +0)\n" + processed.strip(), log.summary());
        assertTrue(log.hint().contains("too complex"), log.hint());
    }

    @Test
    void unknownCauseHasNoHint() {
        VerifierLog log = VerifierLog.find(BEGIN + BAD_LOAD + "the moon is in the wrong place\n" + PROCESSED + END);
        assertEquals(
                "a.bpf.c:7: v->count++;\n  3: (79) r1 = *(u64 *)(r0 +0)\nthe moon is in the wrong place\n"
                        + "(1 line omitted; -v shows all)",
                log.summary());
        assertNull(log.hint());
    }

    @Test
    void windowsLineEndsMakeNoDifference() throws IOException {
        for (VerifierLogFixtureTest.Fixture fixture : VerifierLogFixtureTest.FIXTURES) {
            String said = VerifierLogFixtureTest.said(fixture.name()).replace("\n", "\r\n");
            assertEquals(fixture.summary(), VerifierLog.find(said).summary());
        }
    }

    @Test
    void longLinesAreCut() {
        String summary = summary("; " + "s".repeat(2000) + "\n1: (85) call " + "i".repeat(2000) + "\nR1="
                + "v".repeat(2000) + "\nR1 " + "m".repeat(2000) + "\n");
        assertEquals(
                "s".repeat(500) + "…\n  1: (85) call " + "i".repeat(487) + "…\n  R1=" + "v".repeat(497) + "…\nR1 "
                        + "m".repeat(497) + "…\n(1 line omitted; -v shows all)",
                summary);
    }

    @Test
    void nothingReachesTheTerminalButText() {
        assertEquals(
                "char *s = \"[31m\"; ß 漢 😀\n  0: (95) exit\nR0 bad news",
                summary(
                        "; char *s = \"\u001b[31m\";\t\tß\u00a0漢 \u202e😀\u0085\ud83d\n0: (95)\u0007 exit\nR0 bad\tnews\u0000\n"));
    }

    @Test
    void sourceLineMayLookLikeAPlace() {
        assertEquals("f(\" @ a.c:3\");\nno", summary("; f(\" @ a.c:3\");\nno\n"));
        assertEquals("x.bpf.c:9: f(\" @ a.c:3\");\nno", summary("; f(\" @ a.c:3\"); @ x.bpf.c:9\nno\n"));
        assertEquals("a @ b\nno", summary("; a @ b\nno\n"));
        assertEquals(
                "x.bpf.c:2: one;\nno\n(2 lines omitted; -v shows all)",
                summary("; one; @ x.bpf.c:2\n;  @ x.bpf.c:0\n;\nno\n"));
        assertEquals("x.bpf.c:3: while (n)\nno", summary("7: while (n) @ x.bpf.c:3\nno\n"));
    }

    @Test
    void registerStateIsTheOneAtTheFailure() {
        String rejected = "; use\n9: (71) r1 = *(u8 *)(r3 +0)\nR3 no\n";
        String shown = "use\n  9: (71) r1 = *(u8 *)(r3 +0)\n";
        String omitted = "R3 no\n(1 line omitted; -v shows all)";
        // on the line of an instruction, on a line of its own before it, behind it
        assertEquals(
                shown + "  R3_w=scalar(var_off=(0x0; 0x7f))\n" + omitted,
                summary("8: (bf) r3 = r2 ; R2=fp0 R3_w=scalar(var_off=(0x0; 0x7f)) R4=1\n" + rejected));
        assertEquals(shown + "  R3_rw=inv(id=0)\n" + omitted, summary("9: R3_rw=inv(id=0) R10=fp0\n" + rejected));
        assertEquals(shown + "  R3=inv0\n" + omitted, summary(rejected.replace("R3 no", " R3=inv0 R10=fp0\nR3 no")));
        // not one that an instruction, a call or the way here may have made old
        String old = "7: R3=inv0\n8: ";
        for (String between :
                new String[] {"(bf) r3 = r2", "(b4) w3 = 1", "(15) if r3 == 0x0 goto pc+1", "(85) call f#1"}) {
            assertEquals(
                    shown + "R3 no\n(2 lines omitted; -v shows all)",
                    summary(old + between + "\n" + rejected),
                    between);
        }
        assertEquals(
                shown + "R3 no\n(2 lines omitted; -v shows all)",
                summary("7: R3=inv0\nfrom 4 to 9: R1=ctx() R10=fp0\n" + rejected));
        assertEquals(
                shown + "  R3=inv0\nR3 no\n(2 lines omitted; -v shows all)",
                summary(old + "(bf) r4 = r33\n" + rejected));
        assertEquals(
                shown + "  R3=map_value\nR3 no\n(2 lines omitted; -v shows all)",
                summary("7: R3=inv0\nfrom 4 to 9: frame1: R3=map_value R10=fp0\n" + rejected));
    }

    @Test
    void instructionOfAnotherPathIsNotBlamed() {
        assertEquals(
                "a.bpf.c:7: v->count++;\nR0 no\n(2 lines omitted; -v shows all)",
                summary(BAD_LOAD + "from 1 to 2: R1=ctx()\nR0 no\n"));
    }

    @Test
    void manyMessagesAreCutToTheLastOnes() {
        assertEquals("b\nc\nd\ne\n(2 lines omitted; -v shows all)", summary("0: R1=ctx()\na\nb\nc\nd\ne\n"));
    }

    @Test
    void unresolvedNameIsWithoutFlavour() {
        String line = "1: <invalid CO-RE relocation>\nfailed to resolve CO-RE relocation ";
        String[][] specs = {
            {"<byte_off> [12] struct task_struct.nosuch (0:3 @ offset 8)", "struct task_struct.nosuch"},
            {"<byte_off> [5] struct a___v2.b.c[3].d (0:0 @ offset 0)", "struct a.b.c[3].d"},
            {"<enumval_value> [7] enum bpf_func_id___x::BPF_FUNC_y = 999", "enum bpf_func_id::BPF_FUNC_y"},
            {"<type_size> [9] struct gone", "struct gone"},
            {"<type_exists> [9] typedef gone___old", "typedef gone"},
        };
        for (String[] spec : specs) {
            String hint = VerifierLog.find(BEGIN + line + spec[0] + "\n" + END).hint();
            assertTrue(hint.startsWith("This kernel has no " + spec[1] + ". "), hint);
        }
        String unnamed = VerifierLog.find(BEGIN + line + "\n" + END).hint();
        assertTrue(unnamed.startsWith("This kernel lacks a field"), unnamed);
    }

    /** 2 MB of each would take hours if any of it were looked at again and again. */
    @Test
    void hostileLogTakesLinearTime() {
        String[] parts = {
            "-- BEGIN PROG LOAD LOG --",
            "-- BEGIN PROG LOAD LOG --\n",
            "libbpf: prog '-- BEGIN PROG LOAD LOG --\n",
            ";\n",
            "; @ \n",
            ";:\n",
            "7: R1\n",
            "8: (b7) r3 = r3\n",
            "from R3 to\n",
            "R3=(",
            "R3",
            "\n",
            " ",
            "\u001b",
            "R3 R3 no\n",
            "1",
        };
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            for (String part : parts) {
                String many = part.repeat(2_000_000 / part.length());
                VerifierLog log = VerifierLog.find(BEGIN + many + "\n9: (71) r1 = *(u8 *)(r3 +0)\nR3 no\n" + END);
                assertTrue(log.summary().length() < 4000, part);
                VerifierLog.find(many);
            }
        });
    }
}
