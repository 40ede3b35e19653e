// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;

/** The sections of the compiled fixture.bpf.c, which says how they were made. */
final class Fixture {
    private Fixture() {}

    static Btf little() {
        return btf("BtfFuzzTestInputs/little.btf");
    }

    static Btf big() {
        return btf("BtfFuzzTestInputs/big.btf");
    }

    private static Btf btf(String name) {
        return Btf.parse(MemorySegment.ofArray(bytes(name)));
    }

    /** The bytes of the C variable {@code event}, which is the only one in .data. */
    static byte[] littleEvent() {
        return bytes("little.data");
    }

    static byte[] bigEvent() {
        return bytes("big.data");
    }

    static byte[] bytes(String name) {
        try (InputStream in = Fixture.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
