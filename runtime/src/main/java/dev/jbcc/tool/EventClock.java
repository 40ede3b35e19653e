// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.JbccException;
import dev.jbcc.output.Column;
import dev.jbcc.output.Format;
import dev.jbcc.output.TextSource;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Turns the events' times (CLOCK_MONOTONIC, nanoseconds) into columns. Wall-clock times follow the steps of the system
 * clock: the distance between the two clocks is taken again for each batch. For one thread.
 */
public final class EventClock {
    private static final long SECOND = 1_000_000_000L;

    private long wallMinusMonotonic;
    private long first = -1;

    /** How a time is shown. */
    enum Style {
        RELATIVE,
        CLOCK,
        ISO,
        MONO;

        static Style parse(String text) {
            return switch (text) {
                case "relative" -> RELATIVE;
                case "clock" -> CLOCK;
                case "iso" -> ISO;
                case "mono" -> MONO;
                default -> throw new JbccException.Usage("'" + text + "' is none of relative, clock, iso, mono");
            };
        }
    }

    EventClock() {
        synchronize();
    }

    /**
     * Takes the distance of the clocks anew. {@link System#nanoTime} is CLOCK_MONOTONIC on Linux
     * ({@code os::javaTimeNanos} in HotSpot's {@code os_posix.cpp}).
     */
    void synchronize() {
        Instant now = Instant.now();
        wallMinusMonotonic = now.getEpochSecond() * SECOND + now.getNano() - System.nanoTime();
    }

    /** The columns of an event's time: the one that the user asked for, and what JSON and CSV always have. */
    public List<Column> columns(LongSupplier time, StandardOptions standard) {
        Style style = standard.timeStyle();
        List<Column> columns = new ArrayList<>();
        // Widths are BCC's, which prints no separator after its 14 columns of TIME(s).
        columns.add(Column.number("time", "MONO(s)", 17, time)
                .seconds(6)
                .table(style == Style.MONO)
                .wide(style == Style.MONO));
        columns.add(Column.number("elapsed", "TIME(s)", 13, () -> sinceFirst(time.getAsLong()))
                .seconds(9)
                .table(style == Style.RELATIVE)
                .wide(style == Style.RELATIVE));
        // The same field whatever the style, so that an option never changes what JSON and CSV have.
        boolean clock = style == Style.CLOCK && (standard.format() == Format.TABLE || standard.format() == Format.WIDE);
        columns.add(Column.text("timestamp", "TIME", clock ? 15 : 27, new Wall(time, !clock))
                .table(style == Style.ISO || style == Style.CLOCK)
                .wide(style == Style.ISO || style == Style.CLOCK || style == null));
        return columns;
    }

    private long sinceFirst(long time) {
        if (first < 0) {
            first = time;
        }
        return time - first;
    }

    /** A wall-clock time with microseconds; what is the same for all of a second is made once. */
    private final class Wall implements TextSource {
        private final LongSupplier time;
        private final boolean iso;
        private final byte[] text;
        private final int fraction;
        private long second = Long.MIN_VALUE;

        Wall(LongSupplier time, boolean iso) {
            this.time = time;
            this.iso = iso;
            this.text = (iso ? "0000-00-00T00:00:00.000000Z" : "00:00:00.000000")
                    .getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            this.fraction = iso ? 20 : 9;
        }

        @Override
        public int read(byte[] into) {
            long wall = time.getAsLong() + wallMinusMonotonic;
            long now = Math.floorDiv(wall, SECOND);
            if (now != second) {
                second = now;
                Instant instant = Instant.ofEpochSecond(now);
                var date = instant.atZone(iso ? ZoneOffset.UTC : ZoneId.systemDefault());
                int at = 0;
                if (iso) {
                    put(at, date.getYear(), 4);
                    put(at + 5, date.getMonthValue(), 2);
                    put(at + 8, date.getDayOfMonth(), 2);
                    at = 11;
                }
                put(at, date.getHour(), 2);
                put(at + 3, date.getMinute(), 2);
                put(at + 6, date.getSecond(), 2);
            }
            put(fraction, (int) (Math.floorMod(wall, SECOND) / 1000), 6);
            System.arraycopy(text, 0, into, 0, text.length);
            return text.length;
        }

        private void put(int at, int number, int digits) {
            int rest = number;
            for (int i = digits - 1; i >= 0; i--) {
                text[at + i] = (byte) ('0' + rest % 10);
                rest /= 10;
            }
        }
    }
}
