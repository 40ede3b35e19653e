// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

import java.util.LinkedHashMap;
import java.util.Map;

/** Reads one flat JSON object and accepts nothing but what RFC 8259 allows; numbers and literals stay text. */
final class StrictJson {
    private final String line;
    private int at;

    private StrictJson(String line) {
        this.line = line;
    }

    static Map<String, String> object(String line) {
        StrictJson json = new StrictJson(line);
        Map<String, String> members = new LinkedHashMap<>();
        json.expect('{');
        do {
            String key = json.string();
            json.expect(':');
            if (members.containsKey(key)) {
                throw json.error("key twice: " + key);
            }
            members.put(key, json.value());
        } while (json.skip(','));
        json.expect('}');
        if (json.at != line.length()) {
            throw json.error("more text");
        }
        return members;
    }

    private String value() {
        if (line.charAt(at) == '"') {
            return string();
        }
        int start = at;
        while (at < line.length() && ",}".indexOf(line.charAt(at)) < 0) {
            at++;
        }
        String literal = line.substring(start, at);
        if (!literal.matches("true|false|null|-?(0|[1-9][0-9]*)")) {
            throw error("value " + literal);
        }
        return literal;
    }

    private String string() {
        expect('"');
        StringBuilder text = new StringBuilder();
        while (!skip('"')) {
            char c = next();
            if (c < 0x20) {
                throw error("control character");
            }
            text.append(c == '\\' ? escape() : c);
        }
        return text.toString();
    }

    private char escape() {
        char c = next();
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'u' -> {
                at += 4;
                yield (char) Integer.parseInt(line.substring(at - 4, at), 16);
            }
            default -> throw error("escape");
        };
    }

    private char next() {
        if (at == line.length()) {
            throw error("end");
        }
        return line.charAt(at++);
    }

    private boolean skip(char c) {
        if (at < line.length() && line.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(char c) {
        if (!skip(c)) {
            throw error("no " + c);
        }
    }

    private AssertionError error(String what) {
        return new AssertionError(what + " at " + at + " in " + line);
    }
}
