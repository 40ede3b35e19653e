// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.jbcc.JbccException;
import dev.jbcc.output.OutputBuffer;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Whatever the bytes are, reading them as BTF and reading memory by it ends well or in an error that says why. */
final class BtfFuzzTest {
    private static final byte[] MEMORY = new byte[4096];

    private static final class Point extends StructView {
        Point() {
            super("point");
            integer("x");
            integer("y");
        }
    }

    /** One member, so that one that is broken does not hide the others. */
    private static final class One extends StructView {
        private enum Kind {
            INTEGER,
            TEXT,
            INTEGERS,
            TEXTS,
            BYTES,
            VIEW
        }

        One(String struct, Kind kind, String member) {
            super(struct);
            switch (kind) {
                case INTEGER -> integer(member);
                case TEXT -> text(member);
                case INTEGERS -> integers(member);
                case TEXTS -> texts(member);
                case BYTES -> bytes(member);
                case VIEW -> view(member, new Point());
            }
        }
    }

    private record Event(long max32, String comm, long[] slots, PointRecord where, byte[] address) {}

    private record PointRecord(int x, long y) {}

    private enum State {
        IDLE,
        RUNNING,
        DEAD
    }

    private interface Step {
        void run();
    }

    /** False if the step was refused. */
    private static boolean done(Step step) {
        try {
            step.run();
            return true;
        } catch (JbccException.Failed e) {
            return false;
        }
    }

    @FuzzTest(maxDuration = "60s")
    void walksEveryType(byte[] bytes) {
        Btf btf;
        try {
            btf = Btf.parse(MemorySegment.ofArray(bytes));
        } catch (JbccException.Failed e) {
            return;
        }
        for (int i = 0; i <= btf.count() + 1; i++) {
            int id = i;
            done(() -> btf.type(id));
            done(() -> btf.resolve(id));
            done(() -> btf.sizeof(id));
            done(() -> btf.spell(id));
        }
        for (String name : List.of("event", "key_t", "state", "helper", ".rodata", "")) {
            done(() -> btf.struct(name));
            done(() -> btf.enumeration(name));
            done(() -> btf.func(name));
            done(() -> btf.variables(name));
        }
    }

    @FuzzTest(maxDuration = "60s")
    void readsThroughViewsAndCodecs(byte[] bytes) {
        Btf btf;
        List<BtfType.Struct> structs = new ArrayList<>();
        try {
            btf = Btf.parse(MemorySegment.ofArray(bytes));
            btf.struct("event").ifPresent(structs::add);
            btf.struct("crowded").ifPresent(structs::add);
        } catch (JbccException.Failed e) {
            return;
        }
        MemorySegment memory = MemorySegment.ofArray(MEMORY);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, memory, 0, Math.min(bytes.length, MEMORY.length));
        for (BtfType.Struct struct : structs) {
            for (BtfType.Member member : struct.members()) {
                for (One.Kind kind : One.Kind.values()) {
                    One view = new One(struct.name(), kind, member.name());
                    if (done(() -> view.bind(btf)) && done(() -> view.at(memory, 1, MEMORY.length - 1))) {
                        view.fields().forEach(BtfFuzzTest::read);
                    }
                }
                decode(Long.class, btf, member.type(), memory);
                decode(String.class, btf, member.type(), memory);
                decode(long[].class, btf, member.type(), memory);
                decode(byte[].class, btf, member.type(), memory);
                decode(State.class, btf, member.type(), memory);
                decode(PointRecord.class, btf, member.type(), memory);
            }
            decode(Event.class, btf, struct.id(), memory);
        }
    }

    @FuzzTest(maxDuration = "60s")
    void printsEveryType(byte[] bytes) {
        Btf btf;
        try {
            btf = Btf.parse(MemorySegment.ofArray(bytes));
        } catch (JbccException.Failed e) {
            return;
        }
        MemorySegment memory = MemorySegment.ofArray(new byte[512]);
        MemorySegment other = MemorySegment.ofArray(new byte[512]);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, memory, 0, Math.min(bytes.length, 512));
        for (int i = 0; i <= Math.min(btf.count(), 300); i++) {
            int id = i;
            OutputBuffer out = new OutputBuffer(OutputStream.nullOutputStream());
            BtfPrinter printer = new BtfPrinter(btf, out);
            done(() -> printer.json(memory, 0, id));
            done(() -> printer.text(memory, 3, id));
            done(() -> printer.rank(memory, 0, id));
            done(() -> printer.add(other, memory, id));
            done(() -> printer.integers(memory, 0, id));
        }
    }

    private static void read(Field field) {
        byte[] into = new byte[16];
        done(() -> {
            switch (field) {
                case IntField integer -> integer.set(integer.get());
                case TextField text -> {
                    text.read(into);
                    text.string();
                }
                case IntArrayField integers -> integers.get(integers.length() - 1);
                case TextArrayField texts -> texts.read(texts.length() - 1, into);
                case BytesField raw -> raw.get();
            }
        });
    }

    private static <T> void decode(Class<T> type, Btf btf, int id, MemorySegment memory) {
        done(() -> {
            Codec<T> codec = Codec.of(type, btf, id);
            if (codec.size() <= MEMORY.length) {
                codec.encode(codec.decode(memory, 0), memory, 0);
            }
        });
    }
}
