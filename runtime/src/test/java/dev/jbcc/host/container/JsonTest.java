// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @Test
    void findsStringsByPath() {
        Object json = Json.parse("""
                {"Name": "/web", "Config": {"Labels": {"io.kubernetes.pod.name": "a", "n": 1}, "x": [true, null]},
                 "names": ["first", "second"], "none": [], "odd": [1]}""");
        assertEquals("/web", Json.string(json, "Name"));
        assertEquals("a", Json.string(json, "Config", "Labels", "io.kubernetes.pod.name"));
        assertEquals("", Json.string(json, "Config", "Labels", "n"));
        assertEquals("", Json.string(json, "Config", "Labels"));
        assertEquals("", Json.string(json, "Name", "x"));
        assertEquals("", Json.string(null, "Name"));
        assertEquals("first", Json.first(json, "names"));
        assertEquals("", Json.first(json, "none"));
        assertEquals("", Json.first(json, "odd"));
        assertEquals("", Json.first(json, "Name"));
    }

    @Test
    void readsAllOfJson() {
        assertEquals(
                "\"\\/\b\f\n\r\t\u00e4\ud83d\ude00x",
                Json.parse(" \"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00E4\\ud83d\\ude00x\"\n"));
        assertEquals(
                List.of(Json.Other.VALUE, Json.Other.VALUE, Json.Other.VALUE, Map.of(), List.of(), ""),
                Json.parse("[-0.5e+10, 0, false, {}, [ ], \"\"]"));
        assertEquals(Map.of("a", "2"), Json.parse("{\"a\":\"1\",\"a\":\"2\"}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", " ", "{", "}", "[", "]", "[1,]", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "\"", "\"\\",
                "\"\\u12\"", "\"\\u\uff11234\"", "\"\\x\"", "\"\n\"", "tru", "truex", "nul", "-", "01", "1.", ".5",
                        "1e", "+1", "1 2",
                "[1 2]", "'a'", "//", "\u0000", "NaN", "[]]"
            })
    void refusesWhatIsNotJson(String text) {
        assertNull(Json.parse(text));
    }

    @Test
    void isBounded() {
        assertNotNull(Json.parse("[".repeat(60) + "]".repeat(60)));
        assertNull(Json.parse("[".repeat(70) + "]".repeat(70)));
        assertNull(Json.parse("[".repeat(4 << 20)));
        assertNull(Json.parse("{\"\":".repeat(1 << 18)));
        assertNotNull(Json.parse("[" + "0,".repeat(90_000) + "0]"));
        assertNull(Json.parse("[" + "0,".repeat(1 << 20) + "0]"));
    }
}
