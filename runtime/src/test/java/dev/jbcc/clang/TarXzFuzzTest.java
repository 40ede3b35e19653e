// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;

/** Archives that are anything. */
class TarXzFuzzTest {
    /** The bytes are those of the tar: a fuzzer would hardly make them out of compressed ones. */
    @FuzzTest
    void anyTarIsReadOrRefused(byte[] plain) throws IOException {
        byte[] archive = Archives.xz(plain);
        try {
            for (String name : TarXzTest.read(archive).keySet()) {
                assertTrue(
                        !name.startsWith("/") && !Arrays.asList(name.split("/")).contains(".."), name);
            }
        } catch (IOException refused) {
            assertTrue(refused.getMessage() != null, refused::toString);
        }
    }

    @FuzzTest
    void anyArchiveIsReadOrRefused(byte[] archive) {
        try {
            TarXzTest.read(archive);
        } catch (IOException refused) {
            assertTrue(refused.getMessage() != null || refused instanceof EOFException, refused::toString);
        }
    }
}
