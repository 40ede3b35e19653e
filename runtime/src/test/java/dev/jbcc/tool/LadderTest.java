// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import dev.jbcc.host.Kernel;
import dev.jbcc.tool.HookGroup.Rung;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class LadderTest {
    private static final HookGroup RENAMES = new HookGroup(
            "renames",
            new Rung(HookKind.FENTRY, List.of("call", "function"), List.of("new_name", "old_name")),
            new Rung(HookKind.TP_BTF, "call"),
            new Rung(HookKind.RAW_TP, "raw"));
    private static final HookGroup EXITS =
            new HookGroup("exits", new Rung(HookKind.TP_BTF, "exit"), new Rung(HookKind.RAW_TP, "exit_raw"));

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    private Ladder ladder(HookKind forced, HookGroup... groups) {
        PrintStream err = new PrintStream(said, true, StandardCharsets.UTF_8);
        return new Ladder(List.of(groups), forced, new Messages("jtest", err, true));
    }

    private static JbccException missing(String why) {
        return new JbccException.NotSupported(why + "\nand more", null);
    }

    @Test
    void eachGroupGoesOnFromItsOwnRefusals() {
        Ladder ladder = ladder(null, RENAMES, EXITS);
        assertTrue(ladder.refused("exit", missing("no exits")));
        assertFalse(ladder.refused("exit", missing("again")), "it is not loaded any more");
        JbccException only = missing("no exits either");
        JbccException none = assertThrows(JbccException.NotSupported.class, () -> ladder.refused("exit_raw", only));
        assertEquals(
                "jtest finds no hook of exits that this kernel (" + Kernel.release()
                        + ") accepts:\n  tp_btf: no exits\n" + "  raw_tp: no exits either",
                none.getMessage());
        assertSame(only, none.getCause());
    }

    @Test
    void theOtherNamesOfAFunctionComeBeforeTheNextRung() {
        Ladder ladder = ladder(null, RENAMES);
        assertTrue(ladder.refused("function", missing("no new_name")));
        assertTrue(said.toString(StandardCharsets.UTF_8).endsWith("trying for renames: old_name\n"));
        assertTrue(ladder.refused("function", missing("no old_name")));
        assertFalse(ladder.refused("function", missing("not on this rung")));
        assertTrue(ladder.refused("call", missing("no BTF")));
        JbccException none = assertThrows(JbccException.class, () -> ladder.refused("raw", missing("nothing")));
        assertTrue(
                none.getMessage()
                        .endsWith(":\n  fentry: no new_name\n  fentry: no old_name\n  tp_btf: no BTF\n"
                                + "  raw_tp: nothing"),
                none.getMessage());
    }

    @Test
    void aForcedKindIsTheOnlyRungOfWhatHasIt() {
        Ladder ladder = ladder(HookKind.RAW_TP, RENAMES, EXITS);
        JbccException only = missing("no raw tracepoints");
        assertSame(only, assertThrows(JbccException.class, () -> ladder.refused("raw", only)));
        Ladder fentry = ladder(HookKind.FENTRY, RENAMES, EXITS);
        assertTrue(fentry.refused("exit", missing("no BTF")), "this group has no fentry and takes the best");
    }

    @Test
    void aKindThatNothingHasIsAMistakeOfTheUser() {
        JbccException e = assertThrows(JbccException.Usage.class, () -> ladder(HookKind.KPROBE, RENAMES, EXITS));
        assertEquals("--hooks kprobe: this tool has no such hook, but fentry and tp_btf and raw_tp", e.getMessage());
    }

    @Test
    void whatIsOfNoGroupIsNotItsBusiness() {
        assertFalse(ladder(null).refused("anything", missing("why")));
        assertFalse(ladder(null, RENAMES).refused("exit", missing("why")));
    }

    @Test
    void permissionsAloneMakeItAQuestionOfPermission() {
        Ladder ladder = ladder(null, EXITS);
        JbccException refusal = new JbccException.NotPermitted("a policy", "ask for it");
        if (!ladder.refused("exit", refusal)) {
            return; // without the capabilities no other rung is tried, and the refusal itself is shown
        }
        JbccException none = assertThrows(JbccException.class, () -> ladder.refused("exit_raw", refusal));
        assertInstanceOf(JbccException.NotPermitted.class, none);
        assertEquals("ask for it", none.hint().orElseThrow());
    }

    @Test
    void kindsAreSpelledAsSections() {
        for (HookKind kind : HookKind.values()) {
            assertEquals(kind, HookKind.parse(kind.toString()));
        }
        assertEquals("raw_tp", HookKind.RAW_TP.toString());
        assertThrows(JbccException.Usage.class, () -> HookKind.parse("FENTRY"));
    }
}
