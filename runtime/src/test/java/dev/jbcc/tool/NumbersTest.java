// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbcc.JbccException;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumbersTest {
    private static String refused(Function<String, ?> parser, String text) {
        return assertThrows(JbccException.Usage.class, () -> parser.apply(text)).getMessage();
    }

    @Test
    void betweenTakesBothEnds() {
        Function<String, Long> parser = Numbers.between(-3, 1L << 40);
        assertEquals(-3, parser.apply("-3"));
        assertEquals(1L << 40, parser.apply("1099511627776"));
        assertEquals(7, parser.apply("+7"));
        assertEquals(7, parser.apply("007"));
        assertEquals("-4 is not between -3 and 1099511627776", refused(parser, "-4"));
        assertEquals("1099511627777 is not between -3 and 1099511627776", refused(parser, "1099511627777"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "x", "1x", "0x10", "1.5", "1e3", "9223372036854775808", "1 ", "1_000"})
    void betweenRefusesWhatIsNoNumber(String text) {
        assertEquals("'" + text + "' is not a whole number", refused(Numbers.between(0, Long.MAX_VALUE), text));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1000000000",
        "0.5, 500000000",
        ".25, 250000000",
        "10, 10000000000",
        "0.000000001, 1",
        "1.000000001, 1000000001",
        "3200000000, 3200000000000000000"
    })
    void secondsBecomeNanoseconds(String text, long nanoseconds) {
        assertEquals(nanoseconds, Numbers.seconds(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"0", "-1", "-0.0", "NaN", "Infinity", "-Infinity", "3200000001", "1e300", "x", "", "1s", "1,5"})
    void refusesWhatIsNoTime(String text) {
        refused(Numbers::seconds, text);
    }

    @ParameterizedTest
    @CsvSource({
        "4096, 4096",
        "4k, 4096",
        "4K, 4096",
        "4KB, 4096",
        "4KiB, 4096",
        "512kib, 524288",
        "8m, 8388608",
        "8MiB, 8388608",
        "1G, 1073741824",
        "1GiB, 1073741824",
        "1048576k, 1073741824",
        "00004k, 4096"
    })
    void readsSizes(String text, int bytes) {
        assertEquals(bytes, Numbers.bufferSize(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "k",
                "0",
                "1",
                "2048",
                "4095",
                "4097",
                "3k",
                "12k",
                "2G",
                "2147483648",
                "9999999999G",
                "99999999999",
                "4 k",
                "-4k",
                "4.0k",
                "4t",
                "4kk",
                "+4k",
                "0x1000"
            })
    void refusesOtherSizes(String text) {
        refused(Numbers::bufferSize, text);
    }

    @Test
    void digitsOfOtherScriptsAreNoReasonToFail() {
        // Character.isDigit and Long.parseLong agree on them.
        assertEquals(8192, Numbers.bufferSize("\u0668k"));
    }
}
