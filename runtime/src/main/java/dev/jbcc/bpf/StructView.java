// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import dev.jbcc.JbccException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads and writes a C struct where it lies in memory, without making objects: a subclass declares the members it
 * wants, {@link #bind} finds them in the types of the BPF object, and {@link #at} moves the view from record to record.
 *
 * <pre>{@code
 * final class Event extends StructView {
 *     final IntField pid = integer("pid");
 *     final TextField comm = text("comm");
 *
 *     Event() {
 *         super("event");
 *     }
 * }
 * }</pre>
 *
 * <p>A view is used by one thread at a time, and its fields must not be read before both calls. It only borrows the
 * memory. A member's name may be dotted ("a.b"), and members of anonymous structs and unions have their own names.
 */
public abstract class StructView {
    private static final StructView[] NONE = {};

    private final String cName;
    private final List<Field> fields = new ArrayList<>();
    private final List<StructView> inner = new ArrayList<>();

    /** {@link #inner}, for the hot path. */
    private StructView[] nested = NONE;

    /** The view that this one is a member of, its name and place there; null for the view of a whole record. */
    private StructView parent;

    private String memberName;
    private long memberOffset;

    /** Larger than any record until bound. */
    private long size = Long.MAX_VALUE;

    MemorySegment segment = MemorySegment.NULL;

    /** Where the struct starts in the segment. */
    long base;

    /** Where the outermost struct starts, and how long its record is. */
    long record;

    long recordLength;

    /** A view over {@code struct cName}, or over a union or typedef of that name. */
    protected StructView(String cName) {
        this.cName = cName;
    }

    /** A member that is an integer of any kind, bool, enum, pointer or bit-field. */
    protected final IntField integer(String member) {
        return add(new IntField(this, member));
    }

    /** A member that is a {@code char[N]}, a {@code struct text} or a {@code struct long_text}. */
    protected final TextField text(String member) {
        return add(new TextField(this, member));
    }

    /** A member that is an array of integers. */
    protected final IntArrayField integers(String member) {
        return add(new IntArrayField(this, member));
    }

    /** A member that is a {@code char[N][M]}. */
    protected final TextArrayField texts(String member) {
        return add(new TextArrayField(this, member));
    }

    /** A member of any type, taken as bytes. */
    protected final BytesField bytes(String member) {
        return add(new BytesField(this, member));
    }

    /** A member that is a struct, which {@code view} is over; it is bound and moved together with this one. */
    protected final <V extends StructView> V view(String member, V view) {
        StructView other = view;
        for (StructView outer = this; outer != null; outer = outer.parent) {
            if (outer == other || other.parent != null) {
                throw new IllegalArgumentException("a view can be a member of one view only, and not of itself");
            }
        }
        other.parent = this;
        other.memberName = member;
        inner.add(other);
        return view;
    }

    private <F extends Field> F add(F field) {
        fields.add(field);
        return field;
    }

    /**
     * Finds the struct and all members; one {@link JbccException.Failed} lists everything that does not match. The
     * layout of this and all nested views is replaced, so that a view can be bound to another object later.
     */
    public final void bind(Btf btf) {
        List<String> problems = new ArrayList<>();
        if (btf.order() != ByteOrder.nativeOrder()) {
            throw new JbccException.Failed("struct " + cName + " is laid out for a machine of another byte order");
        }
        BtfType.Struct struct = btf.struct(cName).orElse(null);
        if (struct == null) {
            throw new JbccException.Failed(
                    "the BPF object has no struct " + cName,
                    "clang leaves out a struct that nothing refers to; keep it by a global: const struct " + cName
                            + " *unused_" + cName + ";");
        }
        size = Long.MAX_VALUE;
        bindMembers(btf, struct, problems);
        if (!problems.isEmpty()) {
            throw new JbccException.Failed("the BPF object does not match "
                    + getClass().getSimpleName() + ": " + String.join("\n  ", problems));
        }
        size = struct.size();
    }

    private void bindMembers(Btf btf, BtfType.Struct struct, List<String> problems) {
        if (struct.size() > Integer.MAX_VALUE) {
            problems.add(btf.spell(struct.id()) + " is larger than 2 GiB");
        }
        segment = MemorySegment.NULL;
        MemberSearch search = new MemberSearch(btf, problems);
        for (Field field : fields) {
            Place place = search.find(struct, field.name());
            if (place != null && !field.bind(btf, place)) {
                problems.add(label(field.name()) + " is " + spell(btf, place) + ", not " + field.wanted());
            }
        }
        for (StructView view : inner) {
            Place place = search.find(struct, view.memberName);
            if (place != null) {
                view.bindMember(btf, place, problems);
            }
        }
        nested = inner.toArray(NONE);
    }

    private void bindMember(Btf btf, Place place, List<String> problems) {
        if (place.isWhole()
                && btf.resolve(place.type()) instanceof BtfType.Struct struct
                && (struct.name().isEmpty() || struct.name().equals(cName))) {
            memberOffset = place.offset();
            bindMembers(btf, struct, problems);
            size = struct.size();
        } else {
            problems.add(parent.label(memberName) + " is " + spell(btf, place) + ", not struct " + cName);
        }
    }

    private static String spell(Btf btf, Place place) {
        return place.bitSize() == 0
                ? btf.spell(place.type())
                : "a bit-field of " + btf.spell(place.type()) + ", " + place.bitSize() + " wide";
    }

    /**
     * Moves the view to a record: {@code length} bytes at {@code offset} of the segment, of which the struct is the
     * start. A record that is shorter than the struct, or not inside of the segment, is refused.
     */
    public final void at(MemorySegment segment, long offset, long length) {
        if (length < size || offset < 0 || length > segment.byteSize() - offset) {
            throw refused(segment, offset, length);
        }
        move(segment, offset, offset, length);
    }

    private void move(MemorySegment segment, long base, long record, long recordLength) {
        this.segment = segment;
        this.base = base;
        this.record = record;
        this.recordLength = recordLength;
        for (StructView view : nested) {
            view.move(segment, base + view.memberOffset, record, recordLength);
        }
    }

    private RuntimeException refused(MemorySegment segment, long offset, long length) {
        if (size == Long.MAX_VALUE) {
            return new IllegalStateException("the view of struct " + cName + " is not bound");
        }
        if (length < size) {
            return new JbccException.Failed(
                    "a record of " + length + " bytes is too short for struct " + cName + " of " + size);
        }
        return new JbccException.Failed("a record of " + length + " bytes at " + offset + " is not inside of the "
                + segment.byteSize() + " bytes of its buffer");
    }

    /** A member's name with the struct's in front, for messages. */
    final String label(String member) {
        return (parent == null ? cName : parent.label(memberName)) + "." + member;
    }

    /** The size of the struct in bytes, known once bound. */
    public final int size() {
        return (int) size;
    }

    /** The name of the struct, without the word. */
    public final String cName() {
        return cName;
    }

    /** The members of this view in the order they were declared, without those of nested views. */
    public final List<Field> fields() {
        return List.copyOf(fields);
    }
}
