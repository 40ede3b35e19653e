// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.flame;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.zip.DeflaterOutputStream;

/**
 * Writes a flame graph as one page of HTML that needs no network. Its content security policy allows the one script and the
 * one style sheet that are in it, by their hashes, and nothing else. Names are compressed and in base64, so none can end an
 * element; the script shows them as text only.
 *
 * <p>{@link StackTree} shows its use.
 */
public final class HtmlWriter {
    static final String FIRST_LINE = "<!DOCTYPE html><!-- jbcc flame graph, format 1 -->\n";
    static final String STACKS_OPEN = "<script type=\"text/plain\" id=\"stacks\">";

    /** The parts of the script, which share one scope. */
    private static final List<String> SCRIPTS = List.of(
            "stacks.js", "callers.js", "colours.js", "layout.js", "graph.js", "address.js", "search.js", "page.js");

    private static final int LINE = 120;

    private HtmlWriter() {}

    /** Writes the page; the stream is flushed and not closed. */
    public static void write(StackTree tree, FlameOptions options, OutputStream stream) throws IOException {
        OutputStream out = new BufferedOutputStream(stream, 1 << 16);
        String style = resource("flame.css");
        StringBuilder script = new StringBuilder("'use strict';\n");
        for (String part : SCRIPTS) {
            script.append(resource(part));
        }
        String policy = "default-src 'none'; script-src '" + hash(script.toString()) + "'; style-src '" + hash(style)
                + "'; base-uri 'none'; form-action 'none'";
        String title = FrameText.line(options.title());
        String page = resource("flame.html");
        page = page.substring(page.indexOf("<html"));
        int facts = page.indexOf("{{facts}}");
        String head = page.substring(0, facts)
                .replace("{{policy}}", policy)
                .replace("{{style}}", style)
                .replace("{{title}}", Markup.escape(title))
                .replace("{{subtitle}}", Markup.escape(FrameText.line(options.subtitle())));
        write(FIRST_LINE, out);
        write(head, out);
        write(facts(tree, options), out);
        write("</script>\n" + STACKS_OPEN + "\n", out);
        writeStacks(tree, out);
        write("\n</script>\n<script>", out);
        write(script.toString(), out);
        write("</script>\n</body>\n</html>\n", out);
        out.flush();
    }

    private static void writeStacks(StackTree tree, OutputStream out) throws IOException {
        OutputStream kept = new FilterOutputStream(out) {
            @Override
            public void write(byte[] bytes, int from, int count) throws IOException {
                out.write(bytes, from, count);
            }

            @Override
            public void close() {} // the page goes on
        };
        OutputStream base64 = Base64.getMimeEncoder(LINE, new byte[] {'\n'}).wrap(kept);
        try (OutputStream data = new BufferedOutputStream(new DeflaterOutputStream(base64), 1 << 16)) {
            TreeCodec.write(tree, data);
        }
    }

    /** What the script needs to know besides the stacks, as JSON. */
    private static String facts(StackTree tree, FlameOptions options) {
        StringBuilder json = new StringBuilder("{\n");
        json.append("\"title\": ")
                .append(Markup.json(FrameText.line(options.title())))
                .append(",\n");
        json.append("\"countName\": ")
                .append(Markup.json(FrameText.line(options.countName())))
                .append(",\n");
        json.append("\"differential\": ").append(tree.isDifferential()).append(",\n");
        json.append("\"width\": ").append(options.width()).append(",\n");
        json.append("\"minWidth\": ").append(options.minWidth()).append(",\n");
        json.append("\"icicle\": ").append(options.icicle()).append(",\n");
        json.append("\"callers\": ").append(options.callers()).append(",\n");
        json.append("\"kinds\": [");
        for (FrameKind kind : FrameKind.values()) {
            json.append(kind.ordinal() == 0 ? "" : ", ").append(Markup.json(kind.label()));
        }
        json.append("],\n");
        colours("light", Palette.LIGHT, json);
        json.append(",\n");
        colours("dark", Palette.DARK, json);
        return json.append("\n}\n").toString();
    }

    private static void colours(String theme, Palette palette, StringBuilder json) {
        json.append('"').append(theme).append("\": {\"kinds\": [");
        for (FrameKind kind : FrameKind.values()) {
            for (int shade = 0; shade < Palette.SHADES; shade++) {
                json.append(kind.ordinal() + shade == 0 ? "" : ", ");
                colour(palette.kind(kind, shade), json);
            }
        }
        json.append("], \"steps\": [");
        for (int step = 0; step < Palette.STEPS; step++) {
            json.append(step == 0 ? "" : ", ");
            colour(palette.step(step), json);
        }
        json.append("]}");
    }

    /** A colour, and that of text on it. */
    private static void colour(int colour, StringBuilder json) {
        json.append("[\"").append(Palette.css(colour)).append("\", \"");
        json.append(Palette.css(Palette.textOn(colour))).append("\"]");
    }

    private static void write(String text, OutputStream out) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException absent) {
            throw new AssertionError("every Java has SHA-256", absent);
        }
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = HtmlWriter.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new AssertionError("the resource " + name + " is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
