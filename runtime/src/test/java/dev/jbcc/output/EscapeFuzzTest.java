// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.output;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;

final class EscapeFuzzTest {
    @FuzzTest
    void anyText(byte @NotNull [] text) {
        EscapeTest.check(text);
    }
}
