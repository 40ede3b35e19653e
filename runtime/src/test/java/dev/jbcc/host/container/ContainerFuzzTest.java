// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Paths that a container with cgroups of its own can choose, and files that others write. */
class ContainerFuzzTest {
    @FuzzTest(maxDuration = "1m")
    void path(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        ContainerPath path = ContainerPath.parse(text);
        assertEquals(path.id().isEmpty(), path.end() == 0);
        assertTrue(path.end() <= text.length());
        assertTrue(path.end() == text.length() || path.end() == 0 || text.charAt(path.end()) == '/');
        if (!path.id().isEmpty()) {
            // The container's own cgroup alone tells the same container.
            ContainerPath own = ContainerPath.parse(text.substring(0, path.end()));
            assertEquals(path.id() + " " + path.runtime(), own.id() + " " + own.runtime());
            assertEquals(path, ContainerPath.parse(text + "/"));
        }
    }

    @FuzzTest(maxDuration = "1m")
    void json(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        Object value = Json.parse(text);
        if (value == null) {
            return;
        }
        String written = write(value);
        Object again = Json.parse(written);
        assertNotNull(again, written);
        assertEquals(value, again);
        assertNotNull(Json.string(value, "annotations", "a"));
        assertNotNull(Json.first(value, "names"));
    }

    private static String write(Object value) {
        StringBuilder text = new StringBuilder();
        switch (value) {
            case String string -> {
                text.append('"');
                for (char c : string.toCharArray()) {
                    text.append("\\u").append(Integer.toHexString(0x10000 | c), 1, 5);
                }
                text.append('"');
            }
            case List<?> list -> {
                text.append('[');
                for (Object element : list) {
                    text.append(text.length() > 1 ? "," : "").append(write(element));
                }
                text.append(']');
            }
            case Map<?, ?> map -> {
                text.append('{');
                for (Map.Entry<?, ?> member : map.entrySet()) {
                    text.append(text.length() > 1 ? "," : "").append(write(member.getKey()));
                    text.append(':').append(write(member.getValue()));
                }
                text.append('}');
            }
            default -> text.append("null");
        }
        return text.toString();
    }
}
