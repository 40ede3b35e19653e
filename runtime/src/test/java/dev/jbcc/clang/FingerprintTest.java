// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FingerprintTest {
    /** The check value that catalogues of CRCs give for CRC-32. */
    @Test
    void isTheSizeAndTheCrc() {
        assertEquals("9-cbf43926", Fingerprint.of("123456789".getBytes(StandardCharsets.US_ASCII)));
        assertEquals("0-0", Fingerprint.of());
    }

    @Test
    void aFileAndPartsAreTheSameAsTheWhole(@TempDir Path temp) throws IOException {
        byte[] bytes = new byte[(1 << 16) + 77];
        bytes[1 << 16] = 1;
        String whole = Fingerprint.of(bytes);
        assertEquals(whole, Fingerprint.of(Files.write(temp.resolve("file"), bytes)));
        assertEquals(whole, Fingerprint.of(Arrays.copyOf(bytes, 77), Arrays.copyOfRange(bytes, 77, bytes.length)));
        bytes[1 << 16] = 2;
        assertNotEquals(whole, Fingerprint.of(bytes));
    }
}
