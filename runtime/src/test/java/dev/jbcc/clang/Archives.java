// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Makes {@code .tar.xz} archives, also ones that no honest program makes. */
final class Archives {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8");

    Archives() {
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
    }

    Archives file(String name, byte[] content) {
        TarArchiveEntry entry = new TarArchiveEntry(name, true);
        entry.setSize(content.length);
        return put(entry, content);
    }

    Archives file(String name, String content) {
        return file(name, content.getBytes(StandardCharsets.UTF_8));
    }

    Archives special(String name, byte kind, String target) {
        TarArchiveEntry entry = new TarArchiveEntry(name, kind, true);
        entry.setLinkName(target);
        return put(entry, new byte[0]);
    }

    /** The name of the next file, as GNU tar writes those that do not fit into a header. */
    Archives longName(byte[] name) {
        TarArchiveEntry entry = new TarArchiveEntry(TarConstants.GNU_LONGLINK, TarConstants.LF_GNUTYPE_LONGNAME);
        entry.setSize(name.length);
        return put(entry, name);
    }

    /** A file with attributes, each {@code KEY=VALUE}, that say what they like; its header has the right size. */
    Archives attributed(String name, String content, String... attributes) {
        TarArchiveEntry entry = new TarArchiveEntry(name, true);
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        entry.setSize(bytes.length);
        StringBuilder records = new StringBuilder();
        for (String attribute : attributes) {
            records.append(record(" " + attribute + "\n"));
        }
        TarArchiveEntry before = new TarArchiveEntry("attributes", TarConstants.LF_PAX_EXTENDED_HEADER_LC);
        before.setSize(records.length());
        put(before, records.toString().getBytes(StandardCharsets.UTF_8));
        return put(entry, bytes);
    }

    /** With its length before it, which counts itself. */
    private static String record(String rest) {
        int length = rest.length() + 1;
        while (rest.length() + Integer.toString(length).length() != length) {
            length++;
        }
        return length + rest;
    }

    private Archives put(TarArchiveEntry entry, byte[] content) {
        try {
            tar.putArchiveEntry(entry);
            tar.write(content);
            tar.closeArchiveEntry();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The archive as it is, compressed. */
    byte[] packed() throws IOException {
        tar.close();
        return xz(bytes.toByteArray());
    }

    static byte[] xz(byte[] plain) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (XZOutputStream xz = new XZOutputStream(packed, new LZMA2Options(0))) {
            xz.write(plain);
        }
        return packed.toByteArray();
    }
}
