// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.JbccException;
import dev.jbcc.output.Column;
import dev.jbcc.output.OutputBuffer;
import dev.jbcc.output.TextSource;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Turns the events' times (CLOCK_MONOTONIC, nanoseconds) into columns. Wall-clock times follow the steps of the system
 * clock: the distance between the two clocks is taken again for each batch. For one thread.
 *
 * <p>{@link EventTool} shows its use.
 */
public final class EventClock {
    private static final long SECOND = 1_000_000_000L;
    private static final String ISO = "0000-00-00T00:00:00.000000Z";

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
        // Widths are BCC's, which prints no separator after its 14 columns of TIME(s).
        return List.of(
                mono(time, style),
                elapsed(time, 13, 9, style == Style.RELATIVE),
                timestamp(
                        time,
                        standard,
                        style == Style.CLOCK,
                        false,
                        style == Style.CLOCK || style == Style.ISO,
                        style == null));
    }

    /**
     * The same for a tool that has BCC's other two flags for the time, which can be given both: with other widths and
     * precisions, the time of day before the elapsed time, and that counted from now on.
     *
     * @param timeOfDay whether to show the time of day in seconds
     * @param relative whether to show the elapsed time
     */
    public List<Column> columns(LongSupplier time, StandardOptions standard, boolean timeOfDay, boolean relative) {
        Style style = standard.timeStyle();
        first = System.nanoTime();
        boolean seconds = timeOfDay && style == null;
        return List.of(
                mono(time, style),
                timestamp(
                        time,
                        standard,
                        seconds || style == Style.CLOCK,
                        seconds,
                        timeOfDay || style == Style.CLOCK || style == Style.ISO,
                        style == null && !relative),
                elapsed(time, 7, 3, relative || style == Style.RELATIVE));
    }

    /** Appends a time in a style; for what has no columns. */
    void append(long time, Style style, OutputBuffer out) {
        switch (style) {
            case RELATIVE -> out.seconds(sinceFirst(time), 6);
            case MONO -> out.seconds(time, 6);
            case CLOCK, ISO -> {
                byte[] text = new byte[ISO.length()];
                int length = new Wall(() -> time, style == Style.ISO ? ISO : "00:00:00.000000").read(text);
                out.append(text, length);
            }
        }
    }

    /** How wide {@link #append} is, or more. */
    static int width(Style style) {
        return style == Style.ISO ? ISO.length() : 17;
    }

    private static Column mono(LongSupplier time, Style style) {
        return Column.number("time", "MONO(s)", 17, time)
                .seconds(6)
                .table(style == Style.MONO)
                .wide(style == Style.MONO);
    }

    private Column elapsed(LongSupplier time, int width, int decimals, boolean shown) {
        return Column.number("elapsed", "TIME(s)", width, () -> sinceFirst(time.getAsLong()))
                .seconds(decimals)
                .table(shown)
                .wide(shown);
    }

    /** The same field whatever the style, so that an option never changes what JSON and CSV have. */
    private Column timestamp(
            LongSupplier time,
            StandardOptions standard,
            boolean timeOfDay,
            boolean seconds,
            boolean shown,
            boolean shownWide) {
        boolean forPeople = standard.format().isForPeople();
        String pattern = !timeOfDay || !forPeople ? ISO : seconds ? "00:00:00" : "00:00:00.000000";
        return Column.text("timestamp", "TIME", pattern.length(), new Wall(time, pattern))
                .table(shown)
                .wide(shown || shownWide);
    }

    private long sinceFirst(long time) {
        if (first < 0) {
            first = time;
        }
        return time - first;
    }

    /** A wall-clock time; what is the same for all of a second is made once. */
    private final class Wall implements TextSource {
        private final LongSupplier time;
        private final boolean iso;
        private final byte[] text;
        private final int fraction;
        private long second = Long.MIN_VALUE;

        /** With a pattern of zeros, as long as the time is to be. */
        Wall(LongSupplier time, String pattern) {
            this.time = time;
            this.iso = pattern.equals(ISO);
            this.text = pattern.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            this.fraction = pattern.indexOf('.') + 1;
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
            if (fraction > 0) {
                put(fraction, (int) (Math.floorMod(wall, SECOND) / 1000), 6);
            }
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
