// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host.container;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the JSON (RFC 8259) of the state files of container runtimes for the strings in it: an object becomes a map, an
 * array a list, a string a string, and numbers, booleans and null become {@link Other#VALUE}.
 *
 * <p>Bounded: at most 64 levels and 100,000 values; of two members of one name the last counts.
 */
final class Json {
    private static final int MAX_DEPTH = 64;
    private static final int MAX_VALUES = 100_000;

    private final String text;
    private int at;
    private int values;

    /** What is there, but is no string, object or array. */
    enum Other {
        VALUE
    }

    private static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed() {
            super(null, null, false, false);
        }
    }

    private Json(String text) {
        this.text = text;
    }

    /** The value that the whole text is; null when it is not JSON or exceeds the bounds. */
    static Object parse(String text) {
        Json json = new Json(text);
        try {
            Object value = json.value(0);
            json.space();
            return json.at == text.length() ? value : null;
        } catch (Malformed e) {
            return null;
        }
    }

    /** The string that is found by going from member to member; empty when there is none. */
    static String string(Object json, String... names) {
        Object value = json;
        for (String name : names) {
            value = value instanceof Map<?, ?> object ? object.get(name) : null;
        }
        return value instanceof String string ? string : "";
    }

    /** The first string of the array that a member is; empty when there is none. */
    static String first(Object json, String name) {
        Object value = json instanceof Map<?, ?> object ? object.get(name) : null;
        return value instanceof List<?> list && !list.isEmpty() && list.getFirst() instanceof String string
                ? string
                : "";
    }

    private Object value(int depth) throws Malformed {
        if (depth > MAX_DEPTH || ++values > MAX_VALUES) {
            throw new Malformed();
        }
        space();
        return switch (next()) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> string();
            case 't' -> word("rue");
            case 'f' -> word("alse");
            case 'n' -> word("ull");
            default -> number();
        };
    }

    private Map<String, Object> object(int depth) throws Malformed {
        Map<String, Object> members = new LinkedHashMap<>();
        space();
        if (skip('}')) {
            return members;
        }
        do {
            space();
            expect('"');
            String name = string();
            space();
            expect(':');
            members.put(name, value(depth + 1));
            space();
        } while (skip(','));
        expect('}');
        return members;
    }

    private List<Object> array(int depth) throws Malformed {
        List<Object> elements = new ArrayList<>();
        space();
        if (skip(']')) {
            return elements;
        }
        do {
            elements.add(value(depth + 1));
            space();
        } while (skip(','));
        expect(']');
        return elements;
    }

    /** The rest of a string whose opening quote has been read. */
    private String string() throws Malformed {
        int start = at;
        StringBuilder plain = null; // made at the first escape
        while (true) {
            char c = next();
            if (c == '"') {
                String rest = text.substring(start, at - 1);
                return plain == null ? rest : plain.append(rest).toString();
            }
            if (c < ' ') {
                throw new Malformed();
            }
            if (c == '\\') {
                plain = plain == null ? new StringBuilder() : plain;
                plain.append(text, start, at - 1).append(escape());
                start = at;
            }
        }
    }

    private char escape() throws Malformed {
        char c = next();
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> (char) (hex() << 12 | hex() << 8 | hex() << 4 | hex());
            default -> throw new Malformed();
        };
    }

    private int hex() throws Malformed {
        char c = next();
        int digit = c < 0x80 ? Character.digit(c, 16) : -1;
        if (digit < 0) {
            throw new Malformed();
        }
        return digit;
    }

    private Other word(String rest) throws Malformed {
        for (int i = 0; i < rest.length(); i++) {
            expect(rest.charAt(i));
        }
        return Other.VALUE;
    }

    /** A number whose first character has been read. */
    private Other number() throws Malformed {
        at--;
        skip('-');
        if (!skip('0')) {
            digits();
        }
        if (skip('.')) {
            digits();
        }
        if (skip('e') || skip('E')) {
            if (!skip('+')) {
                skip('-');
            }
            digits();
        }
        return Other.VALUE;
    }

    private void digits() throws Malformed {
        int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == start) {
            throw new Malformed();
        }
    }

    private void space() {
        while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private char next() throws Malformed {
        if (at == text.length()) {
            throw new Malformed();
        }
        return text.charAt(at++);
    }

    private boolean skip(char c) {
        boolean there = at < text.length() && text.charAt(at) == c;
        at += there ? 1 : 0;
        return there;
    }

    private void expect(char c) throws Malformed {
        if (next() != c) {
            throw new Malformed();
        }
    }
}
