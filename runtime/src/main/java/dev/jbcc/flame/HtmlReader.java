// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.flame;

import dev.jbcc.JbccException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/** Reads the stacks back from a page that {@link HtmlWriter} made, or that says so. */
final class HtmlReader {
    private final StackTree tree;
    private final StackReader.Side side;

    HtmlReader(StackTree tree, StackReader.Side side) {
        this.tree = tree;
        this.side = side;
    }

    void read(InputBytes page) throws IOException {
        find(HtmlWriter.STACKS_OPEN, page);
        InputStream compressed = Base64.getDecoder().wrap(new Element(page));
        try (InputStream data = new BufferedInputStream(new InflaterInputStream(compressed), 1 << 16)) {
            TreeCodec.read(data, tree, side);
        } catch (ZipException | EOFException wrong) {
            throw damaged(wrong);
        } catch (IOException wrong) {
            // The decoder of base64 has no exception of its own.
            if (page.failure() != null) {
                throw page.failure();
            }
            throw damaged(wrong);
        }
    }

    private static JbccException damaged(IOException cause) {
        return new JbccException.Failed(
                "the data of the page is damaged", cause, "make the page again from its stacks", null);
    }

    private static void find(String mark, InputStream page) throws IOException {
        int matched = 0;
        while (matched < mark.length()) {
            int b = page.read();
            if (b < 0) {
                throw new JbccException.Failed(
                        "this is HTML, but no flame graph of jbcc", "it reads folded stacks, and its own pages");
            }
            // The mark has its first character once, so a mismatch leaves nothing but that.
            matched = b == mark.charAt(matched) ? matched + 1 : b == mark.charAt(0) ? 1 : 0;
        }
    }

    /** The text up to the next tag, without the ends of lines. */
    private static final class Element extends InputStream {
        private final InputStream page;
        private boolean ended;

        Element(InputStream page) {
            this.page = page;
        }

        @Override
        public int read() throws IOException {
            while (!ended) {
                int b = page.read();
                if (b != '\n' && b != '\r') {
                    ended = b < 0 || b == '<';
                    return ended ? -1 : b;
                }
            }
            return -1;
        }
    }
}
