// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.JbccException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** BTF of clang, of both byte orders, and BTF that no compiler would write. */
final class BtfTest {
    private final Btf btf = Fixture.little();

    private static BtfType.Member member(BtfType.Struct struct, String name) {
        return struct.members().stream()
                .filter(m -> m.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private String spelling(String member) {
        return btf.spell(member(btf.struct("event").orElseThrow(), member).type());
    }

    @Test
    void readsAStructWithBitFields() {
        BtfType.Struct event = btf.struct("event").orElseThrow();
        assertEquals(256, event.size());
        assertEquals(36, event.members().size());
        assertEquals(8 * 80L, member(event, "twice").bitOffset());
        assertEquals(0, member(event, "twice").bitSize());
        BtfType.Member bits = member(event, "bits_signed");
        assertEquals(5, bits.bitSize());
        assertEquals(8 * 0xacL + 6, bits.bitOffset());
    }

    @Test
    void readsTheSameOfBothByteOrders() {
        Btf big = Fixture.big();
        assertEquals(ByteOrder.LITTLE_ENDIAN, btf.order());
        assertEquals(ByteOrder.BIG_ENDIAN, big.order());
        assertEquals(btf.count(), big.count());
        for (int id = 1; id <= btf.count(); id++) {
            assertEquals(btf.type(id), big.type(id));
        }
    }

    @Test
    void findsTypesByName() {
        BtfType.Struct event = btf.struct("event").orElseThrow();
        assertEquals(event, btf.type(event.id()));
        assertTrue(btf.struct("address").orElseThrow().isUnion());
        assertEquals(32, btf.struct("key_t").orElseThrow().size(), "a typedef of a struct without a name");
        assertEquals(Optional.empty(), btf.struct("declared_only"));
        assertEquals(Optional.empty(), btf.struct("state"), "an enum is no struct");
        assertEquals(Optional.empty(), btf.struct(""));
        assertEquals(
                List.of(new BtfType.Value("TINY_A", 0), new BtfType.Value("TINY_B", 1)),
                btf.enumeration("tiny").orElseThrow().values());
        assertEquals(1, btf.enumeration("tiny").orElseThrow().size());
        BtfType.Func func = btf.func("helper").orElseThrow();
        assertEquals(BtfType.Linkage.STATIC, func.linkage());
        BtfType.FuncProto proto = assertInstanceOf(BtfType.FuncProto.class, btf.type(func.type()));
        assertEquals("node", proto.params().get(0).name());
        assertEquals("struct node *", btf.spell(proto.params().get(0).type()));
        assertEquals(Optional.empty(), btf.func("event"));
    }

    @Test
    void listsTheVariablesOfASection() {
        List<Btf.Variable> variables = btf.variables(".rodata");
        assertEquals(
                List.of("target_pid", "failed_only"),
                variables.stream().map(Btf.Variable::name).toList());
        assertEquals(4, variables.get(0).size());
        assertEquals("const volatile u32", btf.spell(variables.get(0).type()));
        assertEquals(1, btf.sizeof(variables.get(1).type()));
        assertEquals(List.of(), btf.variables(".nothing"));
    }

    @Test
    void spellsTypesAsC() {
        assertEquals("u32", spelling("max32"));
        assertEquals("char[16]", spelling("comm"));
        assertEquals("char[3][8]", spelling("argv"));
        assertEquals("char[]", spelling("flexible"));
        assertEquals("const volatile u32 *", spelling("pointer"));
        assertEquals("int (*)(...)", spelling("callback"));
        assertEquals("struct declared_only *restrict", spelling("opaque"));
        assertEquals("enum state", spelling("state"));
        assertEquals("union address", spelling("address"));
        assertEquals("struct {...}", spelling("named"));
        assertEquals("double", spelling("twice"));
        assertEquals("void", btf.spell(0));
        BtfBuilder builder = new BtfBuilder();
        int integer = builder.integer("int", 4, true);
        int pointer = builder.add("", BtfSection.PTR, false, 0, builder.array(integer, 3));
        assertEquals("int (*const)[3]", spelled(builder, builder.add("", BtfSection.CONST, false, 0, pointer)));
    }

    private static String spelled(BtfBuilder builder, int id) {
        return builder.btf().spell(id);
    }

    @Test
    void resolvesAndMeasures() {
        BtfType.Struct event = btf.struct("event").orElseThrow();
        BtfType.Int u64 = assertInstanceOf(
                BtfType.Int.class, btf.resolve(member(event, "max64").type()));
        assertEquals("unsigned long long", u64.name());
        assertEquals(false, u64.isSigned());
        assertEquals(24, btf.sizeof(member(event, "argv").type()));
        assertEquals(8, btf.sizeof(member(event, "pointer").type()));
        assertEquals(16, btf.sizeof(member(event, "address").type()));
        assertEquals(0, btf.sizeof(member(event, "flexible").type()));
        assertEquals(8, btf.sizeof(member(event, "twice").type()));
        assertInstanceOf(BtfType.Void.class, btf.resolve(0));
    }

    @Test
    void readsTags() {
        boolean declaration = false;
        boolean type = false;
        for (int id = 1; id <= btf.count(); id++) {
            declaration |=
                    btf.type(id) instanceof BtfType.DeclTag tag && tag.name().equals("counted") && tag.component() == 1;
            type |= btf.type(id) instanceof BtfType.TypeTag tag && tag.name().equals("user");
        }
        assertTrue(declaration);
        assertTrue(type);
    }

    @Test
    void readsSignedAndWideEnums() {
        BtfBuilder builder = new BtfBuilder();
        builder.add("level", BtfSection.ENUM, true, 1, 4, builder.name("LOW"), -5);
        builder.add("mask", BtfSection.ENUM, false, 1, 4, builder.name("ALL"), -1);
        builder.add("wide", BtfSection.ENUM64, true, 1, 8, builder.name("MIN"), 1, 0x8000_0000);
        Btf built = builder.btf();
        assertEquals(
                -5, built.enumeration("level").orElseThrow().values().get(0).value());
        assertTrue(built.enumeration("level").orElseThrow().isSigned());
        assertEquals(
                0xffff_ffffL,
                built.enumeration("mask").orElseThrow().values().get(0).value());
        assertEquals(
                Long.MIN_VALUE + 1,
                built.enumeration("wide").orElseThrow().values().get(0).value());
    }

    @Test
    void findsTheFirstOfTypesWithOneName() {
        BtfBuilder builder = new BtfBuilder();
        int first = builder.struct("twin", 4);
        builder.struct("twin", 8);
        assertEquals(first, builder.btf().struct("twin").orElseThrow().id());
    }

    private static void refused(String because, Executable action) {
        String message = assertThrows(JbccException.Failed.class, action).getMessage();
        assertTrue(message.contains(because), message);
    }

    private static Btf parse(byte[] bytes) {
        return Btf.parse(MemorySegment.ofArray(bytes));
    }

    @Test
    void refusesWhatIsNoBtf() {
        refused("23 bytes", () -> parse(new byte[23]));
        refused("eb9f", () -> parse(new byte[24]));
        byte[] good = new BtfBuilder().bytes();
        byte[] version = good.clone();
        version[2] = 2;
        refused("version is 2", () -> parse(version));
        byte[] unterminated = good.clone();
        unterminated[unterminated.length - 1] = 'x';
        refused("not terminated", () -> parse(unterminated));
        for (int field = 4; field < 24; field += 4) {
            byte[] wrong = good.clone();
            ByteBuffer.wrap(wrong).putInt(field, -1);
            refused("outside of its", () -> parse(wrong));
        }
    }

    @Test
    void refusesEveryTruncation() {
        byte[] whole = Fixture.bytes("BtfFuzzTestInputs/little.btf");
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThrows(JbccException.Failed.class, () -> parse(cut));
        }
    }

    @Test
    void refusesTypesThatReachTooFar() {
        BtfBuilder unknown = new BtfBuilder();
        unknown.add("x", 25, false, 0, 0);
        refused("of kind 25", unknown::btf);
        BtfBuilder many = new BtfBuilder();
        many.add("x", BtfSection.STRUCT, false, 0xffff, 4);
        refused("beyond the last byte", many::btf);
        BtfBuilder reserved = new BtfBuilder();
        reserved.add("x", BtfSection.STRUCT, false, 1 << 16, 4);
        refused("bits that jbcc does not know", reserved::btf);
    }

    @Test
    void refusesReferencesToNothing() {
        BtfBuilder builder = new BtfBuilder();
        int pointer = builder.add("", BtfSection.CONST, false, 0, 99);
        int struct = builder.struct("wrong", 4, 1000, 1, 0);
        Btf built = builder.btf();
        refused("type 99 of 2", () -> built.resolve(pointer));
        refused("type 99 of 2", () -> built.sizeof(pointer));
        refused("type 4294967295", () -> built.type(-1));
        refused("type 3 of 2", () -> built.type(3));
        refused("a name is at 1000", () -> built.type(struct));
    }

    @Test
    void refusesEndlessTypes() {
        BtfBuilder builder = new BtfBuilder();
        int loop = builder.add("loop", BtfSection.TYPEDEF, false, 0, 1);
        int array = builder.array(2, 2);
        int qualified = builder.add("", BtfSection.CONST, false, 0, 3);
        Btf built = builder.btf();
        refused("refers to itself", () -> built.resolve(loop));
        refused("refers to itself", () -> built.struct("loop"));
        refused("4 GiB", () -> built.sizeof(array));
        refused("refers to itself", () -> built.sizeof(qualified));
        assertTrue(built.spell(qualified).length() < 1000);
        assertTrue(built.spell(array).length() < 1000);
    }

    @Test
    void refusesSizesThatOverflow() {
        BtfBuilder builder = new BtfBuilder();
        int huge = builder.array(builder.array(builder.struct("big", -1), -1), -1);
        int none = builder.add("f", BtfSection.FWD, false, 0, 0);
        Btf built = builder.btf();
        refused("larger than 4 GiB", () -> built.sizeof(huge));
        refused("struct f, has no size", () -> built.sizeof(none));
        refused("void, has no size", () -> built.sizeof(0));
    }

    @Test
    void refusesOverlongNames() {
        BtfBuilder builder = new BtfBuilder();
        int id = builder.struct("x".repeat(1025), 4);
        int longest = builder.struct("y".repeat(1024), 4);
        Btf built = builder.btf();
        refused("longer than 1024", () -> built.type(id));
        assertEquals(longest, built.struct("y".repeat(1024)).orElseThrow().id());
    }
}
