// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.JbccException;
import java.util.function.Function;

/**
 * Parsers of what is typed as a number, each with its range in the error.
 *
 * {@snippet :
 * Function<String, Long> port = Numbers.between(1, 65535); // for Options.value
 * long nanoseconds = Numbers.seconds("1.5");
 * }
 */
public final class Numbers {
    private Numbers() {}

    /** A whole number of a range. */
    public static Function<String, Long> between(long least, long most) {
        return text -> {
            long number;
            try {
                number = Long.parseLong(text);
            } catch (NumberFormatException none) {
                throw new JbccException.Usage("'" + text + "' is not a whole number");
            }
            if (number < least || number > most) {
                throw new JbccException.Usage(number + " is not between " + least + " and " + most);
            }
            return number;
        };
    }

    /** Seconds, with decimals if need be, as nanoseconds; more than 0 and at most 100 years. */
    public static long seconds(String text) {
        double seconds;
        try {
            seconds = Double.parseDouble(text);
        } catch (NumberFormatException none) {
            throw new JbccException.Usage("'" + text + "' is not a number of seconds");
        }
        if (!(seconds > 0 && seconds <= 3.2e9)) {
            throw new JbccException.Usage("'" + text + "' is not a number of seconds above 0");
        }
        return (long) (seconds * 1e9);
    }

    /** Pages of memory, a power of two; at most 1 GiB even of pages of 64 KiB. */
    public static long pages(String text) {
        long pages = between(1, 1 << 14).apply(text);
        if (Long.bitCount(pages) != 1) {
            throw new JbccException.Usage(pages + " is not a power of two");
        }
        return pages;
    }

    /** Bytes, as {@code 512KiB}, {@code 4MiB}, {@code 4M} or a plain number; a power of two from 4 KiB to 1 GiB. */
    public static int bufferSize(String text) {
        int digits = 0;
        while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
            digits++;
        }
        long unit = switch (text.substring(digits).toLowerCase(java.util.Locale.ROOT)) {
            case "" -> 1;
            case "k", "kb", "kib" -> 1L << 10;
            case "m", "mb", "mib" -> 1L << 20;
            case "g", "gb", "gib" -> 1L << 30;
            default -> 0;
        };
        if (digits == 0 || digits > 10 || unit == 0) {
            throw new JbccException.Usage("'" + text + "' is not a size", "write it like 512KiB or 8MiB");
        }
        long bytes = Long.parseLong(text.substring(0, digits)) * unit;
        if (bytes < 4096 || bytes > 1L << 30 || Long.bitCount(bytes) != 1) {
            throw new JbccException.Usage(
                    "'" + text + "' is not a power of two between 4KiB and 1GiB", "write it like 512KiB or 8MiB");
        }
        return (int) bytes;
    }
}
