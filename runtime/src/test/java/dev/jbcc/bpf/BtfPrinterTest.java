// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.output.OutputBuffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Values of every kind of type, printed by their types alone. */
class BtfPrinterTest {
    private final Btf btf = Fixture.little();
    private final byte[] bytes = Fixture.littleEvent();
    private final MemorySegment memory = MemorySegment.ofArray(bytes);
    private final BtfType.Struct event = btf.struct("event").orElseThrow();

    private String print(Consumer<BtfPrinter> action) throws IOException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        OutputBuffer out = new OutputBuffer(stream);
        action.accept(new BtfPrinter(btf, out));
        out.flush();
        return stream.toString(StandardCharsets.UTF_8);
    }

    private String json(String member) throws IOException {
        return print(printer -> printer.json(memory, 0, member(member)));
    }

    private String text(String member) throws IOException {
        return print(printer -> printer.text(memory, 0, member(member)));
    }

    private BtfType.Member member(String name) {
        return event.members().stream()
                .filter(member -> member.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void numbersOfEveryWidth() throws IOException {
        assertEquals("-128", json("min8"));
        assertEquals("255", json("max8"));
        assertEquals("-32768", json("min16"));
        assertEquals("65535", json("max16"));
        assertEquals("-2147483648", json("min32"));
        assertEquals("4294967295", json("max32"));
        assertEquals("-9223372036854775808", json("min64"));
        assertEquals("18446744073709551615", json("max64"));
        assertEquals("true", json("yes"));
    }

    @Test
    void namesForPeopleNumbersForPrograms() throws IOException {
        assertEquals("DEAD", text("state"));
        assertEquals(Integer.toString(0x7fffffff), json("state"));
        assertEquals("LOW", text("level"));
        assertTrue(text("pointer").startsWith("0x"), text("pointer"));
        assertTrue(Long.parseUnsignedLong(json("pointer")) != 0);
    }

    @Test
    void structsAndArrays() throws IOException {
        assertEquals("{\"x\":-7,\"y\":8}", json("where"));
        assertEquals("{x=-7, y=8}", text("where"));
        assertEquals("[1,2,18446744073709551615,4]", json("slots"));
        assertEquals("[102 117 108 108]", text("full"));
        assertEquals("[\"ls\",\"-l\",\"/var/lib\"]", json("argv"));
        assertEquals("opensnoop", text("comm"));
        assertEquals("-11", text("bits_signed"));
        assertEquals("1.5", json("single"));
        assertTrue(json("named").startsWith("{\"deep\":{\"x\":"), json("named"));
    }

    @Test
    void aWholeEventIsOneObjectWithTheMembersOfAnonymousOnes() throws IOException {
        String all = print(printer -> printer.json(memory, 0, event.id()));
        assertTrue(all.contains("\"inner_a\":") && all.contains("\"inner_bytes\":["), all);
        assertEquals(-1, all.indexOf(",,"), all);
        assertEquals(-1, all.indexOf("{,"), all);
        assertTrue(all.startsWith("{\"min8\":-128,\"max8\":255,"), all);
    }

    @Test
    void whatIsNotThereIsSaidToBeMissing() throws IOException {
        MemorySegment little = MemorySegment.ofArray(new byte[2]);
        String all = print(printer -> printer.json(little, 0, event.id()));
        assertTrue(all.startsWith("{\"min8\":0,\"max8\":0,\"min16\":null,"), all);
        assertEquals("?", print(printer -> printer.text(little, 0, member("max64"))));
    }

    @Test
    void addsUpAndRanks() throws IOException {
        byte[] twice = bytes.clone();
        print(printer -> printer.add(MemorySegment.ofArray(twice), memory, event.id()));
        assertEquals("0", print(printer -> printer.json(MemorySegment.ofArray(twice), 0, member("min8"))));
        assertEquals("254", print(printer -> printer.json(MemorySegment.ofArray(twice), 0, member("max8"))));
        print(printer -> {
            assertEquals(-128, printer.rank(memory, 0, event.id()));
            assertNull(printer.integers(memory, 0, event.id()));
            int slots = member("slots").type();
            long at = member("slots").bitOffset() / 8;
            assertEquals(4, printer.integers(memory, at, slots).length);
            assertNull(printer.integers(memory, bytes.length - 8, slots));
        });
    }
}
