// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import dev.jbcc.output.Column;
import dev.jbcc.output.Format;
import dev.jbcc.output.OutputBuffer;
import dev.jbcc.output.Renderer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EventClockTest {
    private static final DateTimeFormatter ISO =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS");

    private final EventClock clock = new EventClock();
    private long time;

    private static StandardOptions options(String... texts) {
        StandardOptions options = new StandardOptions();
        if (texts.length > 0) {
            options.time.parse(List.of(texts));
        }
        return options;
    }

    private String field(List<Column> columns, Format format, String name) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        OutputBuffer out = new OutputBuffer(bytes);
        Renderer.of(format, columns, List.of(name), () -> 0).row(out);
        try {
            out.flush();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toString(StandardCharsets.UTF_8).strip();
    }

    private static List<String> shown(List<Column> columns, Format format) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        OutputBuffer out = new OutputBuffer(bytes);
        List<Column> all = new ArrayList<>(columns);
        all.add(Column.number("x", "X", 1, () -> 0));
        Renderer.of(format, all, List.of(), () -> 0).header(out);
        try {
            out.flush();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return List.of(bytes.toString(StandardCharsets.UTF_8).strip().split(" +"));
    }

    /** Times around now, around the ends of seconds, and a long way off. */
    private List<Long> times() {
        List<Long> times = new ArrayList<>();
        long now = System.nanoTime();
        long second = 1_000_000_000L;
        // Where the wall clock's second begins, in the events' clock.
        Instant wall = Instant.now();
        long edge = System.nanoTime() - wall.getNano();
        for (int seconds : new int[] {0, 1, 59, 60, 3600, 86_400, 365 * 86_400, 20 * 365 * 86_400}) {
            for (long nanos : new long[] {-1000, -1, 0, 1, 999, 1000, 999_999, 999_999_999, second}) {
                times.add(edge + seconds * second + nanos);
                times.add(edge - seconds * second + nanos);
            }
        }
        Random random = new Random(1);
        for (int i = 0; i < 5000; i++) {
            times.add(now + random.nextLong(-1000 * 86_400 * second, 1000 * 86_400 * second));
        }
        return times;
    }

    @Test
    void wallClockTimesAreThoseOfJavaTime() {
        List<Column> iso = clock.columns(() -> time, options("iso"));
        List<Column> day = clock.columns(() -> time, options("clock"));
        // The clock's own idea of the distance between the two clocks, to the nanosecond, is what one event tells.
        List<Long> times = times();
        time = times.getFirst();
        Instant origin = Instant.parse(field(iso, Format.TABLE, "timestamp"));
        // The text has microseconds: try the nanoseconds that they leave open.
        long start = time;
        int exact = 0;
        for (int nanos = 0; nanos < 1000 && exact == 0; nanos++) {
            Instant guess = origin.plusNanos(nanos);
            boolean fits = true;
            for (int i = 1; i < 1000 && fits; i++) {
                time = start + i;
                fits = field(iso, Format.TABLE, "timestamp").equals(ISO.format(guess.plusNanos(i)));
            }
            if (fits) {
                exact++;
                origin = guess;
            }
        }
        assertEquals(1, exact, "one of the nanoseconds fits");
        DateTimeFormatter local = CLOCK.withZone(ZoneId.systemDefault());
        for (long each : times) {
            time = each;
            Instant expected = origin.plus(Duration.ofNanos(time - start));
            assertEquals(ISO.format(expected), field(iso, Format.TABLE, "timestamp"));
            assertEquals(local.format(expected), field(day, Format.TABLE, "timestamp"));
        }
        time = System.nanoTime();
        Instant seen = Instant.parse(field(iso, Format.TABLE, "timestamp"));
        assertTrue(Math.abs(ChronoUnit.MILLIS.between(seen, Instant.now())) < 1000);
    }

    @Test
    void synchronizingFollowsTheClock() {
        List<Column> iso = clock.columns(() -> time, options("iso"));
        for (int i = 0; i < 3; i++) {
            clock.synchronize();
            time = System.nanoTime();
            Instant shown = Instant.parse(field(iso, Format.TABLE, "timestamp"));
            assertTrue(Math.abs(ChronoUnit.MICROS.between(shown, Instant.now())) < 500_000);
        }
    }

    @Test
    void relativeTimesCountFromTheFirstEvent() {
        List<Column> columns = clock.columns(() -> time, options("relative"));
        time = 5_000_000_000L;
        assertEquals("0.000000000", field(columns, Format.TABLE, "elapsed"));
        for (long since : new long[] {1, 999_999_999, 1_000_000_000, 1_000_000_001, 3_600_000_000_000L}) {
            time = 5_000_000_000L + since;
            assertEquals(BigDecimal.valueOf(since, 9).toPlainString(), field(columns, Format.TABLE, "elapsed"));
            assertEquals("{\"elapsed\":" + since + "}", field(columns, Format.JSON, "elapsed"));
        }
        time = 4_999_999_999L; // of another CPU
        assertEquals("-0.000000001", field(columns, Format.TABLE, "elapsed"));
    }

    @Test
    void monotonicTimesAreShownAsTheyAre() {
        List<Column> columns = clock.columns(() -> time, options("mono"));
        time = 1_234_567_891_500L;
        assertEquals("1234.567892", field(columns, Format.TABLE, "time"));
        assertEquals("{\"time\":1234567891500}", field(columns, Format.JSON, "time"));
        time = 0;
        assertEquals("0.000000", field(columns, Format.TABLE, "time"));
    }

    @Test
    void tablesShowTheStyleThatIsAskedFor() {
        assertEquals(List.of("X"), shown(clock.columns(() -> time, options()), Format.TABLE));
        assertEquals(List.of("TIME", "X"), shown(clock.columns(() -> time, options()), Format.WIDE));
        assertEquals(List.of("TIME(s)", "X"), shown(clock.columns(() -> time, options("relative")), Format.TABLE));
        assertEquals(List.of("TIME(s)", "X"), shown(clock.columns(() -> time, options("relative")), Format.WIDE));
        assertEquals(List.of("TIME", "X"), shown(clock.columns(() -> time, options("iso")), Format.WIDE));
        assertEquals(List.of("TIME", "X"), shown(clock.columns(() -> time, options("clock")), Format.TABLE));
        assertEquals(List.of("MONO(s)", "X"), shown(clock.columns(() -> time, options("mono")), Format.TABLE));
    }

    /** A flag never changes the JSON schema (design, decision 7); CSV is its sibling. */
    @Test
    void theFieldsForProgramsAreTheSameInEveryStyle() {
        for (Format format : List.of(Format.JSON, Format.CSV)) {
            List<String> plain = names(format);
            assertEquals(List.of("time", "elapsed", "timestamp"), plain);
            for (String style : List.of("relative", "iso", "mono", "clock")) {
                assertEquals(plain, names(format, style), style);
            }
        }
    }

    private List<String> names(Format format, String... style) {
        StandardOptions options = options(style);
        options.format.parse(List.of(format.toString()));
        return clock.columns(() -> time, options).stream().map(Column::name).toList();
    }

    @Test
    void otherStylesAreRefused() {
        JbccException e = assertThrows(JbccException.Usage.class, () -> options("ISO"));
        assertEquals("--time: 'ISO' is none of relative, clock, iso, mono", e.getMessage());
    }
}
