// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerSelectorTest {
    private static final String ID = "cafe01" + "0".repeat(58);
    private static final Container WEB =
            new Container(ID, "containerd", "nginx", "web-0", "shop", "u", "/x/" + ID, 5, false);
    private static final Container LATE = new Container("box", "lxc", "box", "", "", "", "/lxc/box", 6, true);
    private static final Container PAUSE = new Container("", "", "", "web-0", "shop", "u", "/kubepods/podu", 0, true);

    private static String matched(String text) {
        ContainerSelector selector = ContainerSelector.parse(text);
        assertFalse(selector.matches(Container.NONE));
        assertFalse(selector.matches(PAUSE));
        return (selector.matches(WEB) ? "web " : "") + (selector.matches(LATE) ? "late" : "");
    }

    @Test
    void namesMatterUnlessItIsAnyOrNewOrAWholeId() {
        assertFalse(ContainerSelector.parse("any").needsNames());
        assertFalse(ContainerSelector.parse("new").needsNames());
        assertFalse(ContainerSelector.parse(ID).needsNames());
        assertTrue(ContainerSelector.parse(ID.substring(0, 12)).needsNames(), "a container may be called so");
        assertTrue(ContainerSelector.pod("shop/web-0").needsNames());
    }

    @Test
    void containers() {
        assertEquals("web late", matched("any"));
        assertEquals("late", matched("new"));
        assertEquals("web ", matched("nginx"));
        assertEquals("late", matched("box"));
        assertEquals("web ", matched("cafe01"));
        assertEquals("web ", matched(ID));
        assertEquals("", matched("cafe0"));
        assertEquals("", matched("cafe02"));
        assertEquals("", matched("CAFE01"));
        assertEquals("", matched("web-0"));
        assertEquals("", matched("ngin"));
    }

    @Test
    void aNameMayLookLikeAnId() {
        Container named = new Container("f".repeat(64), "docker", "cafe01", "", "", "", "/x", 7, false);
        assertTrue(ContainerSelector.parse("cafe01").matches(named));
    }

    @Test
    void pods() {
        assertTrue(ContainerSelector.pod("shop/web-0").matches(WEB));
        assertTrue(ContainerSelector.pod("shop/web-0").matches(PAUSE));
        assertFalse(ContainerSelector.pod("default/web-0").matches(WEB));
        assertFalse(ContainerSelector.pod("shop/web").matches(WEB));
        assertFalse(ContainerSelector.pod("shop/web-0").matches(LATE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "web", "/web", "shop/", "/", "a/b/c"})
    void whatIsNoPod(String text) {
        assertThrows(JbccException.Usage.class, () -> ContainerSelector.pod(text));
    }

    @Test
    void whatIsNoContainer() {
        assertThrows(JbccException.Usage.class, () -> ContainerSelector.parse(""));
        JbccException.Usage e = assertThrows(JbccException.Usage.class, () -> ContainerSelector.parse("shop/web-0"));
        assertTrue(e.hint().orElseThrow().contains("--pod"));
        assertThrows(JbccException.Usage.class, () -> ContainerSelector.parse("x".repeat(600)));
    }
}
