// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.bpf.Btf;
import dev.jbcc.bpf.MapDeclaration;
import dev.jbcc.bpf.OpenObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a C file has, for its help: globals, programs and maps from its types, each with the comment that it has. */
final class FileHelp {
    private final OpenObject open;
    private final List<String> source;

    FileHelp(OpenObject open, Path file) {
        this.open = open;
        List<String> lines = List.of();
        try {
            lines = new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (IOException gone) {
            // Then there are no comments.
        }
        this.source = lines;
    }

    String text() {
        Btf btf = open.btf();
        StringBuilder text = new StringBuilder();
        List<Btf.Variable> globals = new ArrayList<>(FileGlobals.of(btf, ".rodata"));
        globals.addAll(FileGlobals.of(btf, ".data"));
        if (!globals.isEmpty()) {
            title(text, "Globals, for -D");
        }
        for (Btf.Variable global : globals) {
            line(text, global.name(), btf.spell(global.type()));
        }
        title(text, "Programs");
        for (String program : open.programs()) {
            if (program.startsWith(FileFilters.PREFIX)) {
                continue;
            }
            line(text, program, (open.autoloads(program) ? "" : "?") + open.section(program));
        }
        boolean first = true;
        for (MapDeclaration map : open.maps()) {
            if (!map.isGlobals() && !map.name().startsWith(FileFilters.PREFIX)) {
                if (first) {
                    title(text, "Maps");
                }
                first = false;
                String types = map.keyType() == 0 || map.valueType() == 0
                        ? ""
                        : " of " + btf.spell(map.keyType()) + " to " + btf.spell(map.valueType());
                line(text, map.name(), map.typeName() + types);
            }
        }
        return text.toString();
    }

    private static void title(StringBuilder text, String title) {
        text.append('\n').append(title).append(":\n");
    }

    private void line(StringBuilder text, String name, String what) {
        text.append("  ").append(name);
        text.append(" ".repeat(Math.max(1, 24 - name.length()))).append(what);
        String comment = comment(name);
        if (!comment.isEmpty()) {
            text.append("\n      ").append(comment);
        }
        text.append('\n');
    }

    /** The comment on the line that declares a name, or on the line above; empty when there is none. */
    private String comment(String name) {
        for (int i = 0; i < source.size(); i++) {
            if (!declares(source.get(i), name)) {
                continue;
            }
            String same = inComment(source.get(i));
            if (!same.isEmpty()) {
                return same;
            }
            int above = i - 1;
            while (above >= 0 && source.get(above).startsWith("SEC(")) {
                above--;
            }
            String line = above < 0 ? "" : source.get(above).strip();
            return line.startsWith("/*") && line.endsWith("*/") || line.startsWith("//") ? inComment(line) : "";
        }
        return "";
    }

    /** Whether a line has the name as a word, and is no comment from its start. */
    private static boolean declares(String line, String name) {
        int value = line.indexOf('=');
        int at = (value < 0 ? line : line.substring(0, value)).indexOf(name);
        if (at < 0 || line.isBlank() || Character.isWhitespace(line.charAt(0)) || line.startsWith("/")) {
            return false;
        }
        int comment = Math.max(line.indexOf("/*"), line.indexOf("//"));
        if (comment >= 0 && comment < at) {
            return false;
        }
        boolean before = at == 0 || !Character.isJavaIdentifierPart(line.charAt(at - 1));
        int end = at + name.length();
        return before && (end == line.length() || !Character.isJavaIdentifierPart(line.charAt(end)));
    }

    private static String inComment(String line) {
        int block = line.indexOf("/*");
        int end = line.indexOf("*/", block + 2);
        if (block >= 0 && end > block) {
            return line.substring(block + 2, end).strip();
        }
        int slashes = line.indexOf("//");
        return slashes < 0 ? "" : line.substring(slashes + 2).strip();
    }
}
