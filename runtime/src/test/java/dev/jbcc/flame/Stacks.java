// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.flame;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Trees from text and back, for the tests. */
final class Stacks {
    private Stacks() {}

    static StackTree read(byte[] input) {
        StackTree tree = new StackTree();
        try {
            new StackReader(tree).read(new ByteArrayInputStream(input), StackReader.Side.BOTH);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return tree;
    }

    static StackTree read(String input) {
        return read(input.getBytes(UTF_8));
    }

    static String folded(StackTree tree) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            FoldedWriter.write(tree, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString(UTF_8);
    }

    static String html(StackTree tree, FlameOptions options) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            HtmlWriter.write(tree, options, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString(UTF_8);
    }

    static String html(StackTree tree) {
        return html(tree, FlameOptions.titled("Title"));
    }

    static byte[] svg(StackTree tree, FlameOptions options) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            SvgWriter.write(tree, options, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
