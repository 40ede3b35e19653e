// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The one call shape of jbcc: six integer words in, one word and errno out.
 *
 * <p>Linking costs milliseconds for each distinct shape, not for each function, so all functions share this one. Both
 * the System V AMD64 ABI and the AArch64 procedure call standard pass the first six integer or pointer arguments in
 * registers: a callee with fewer ignores the rest, one that takes an {@code int} reads the low half. The result of a
 * function that returns {@code int} must be narrowed by the caller, because its upper half is unspecified. Functions
 * with floating-point or struct arguments, or with more than six, cannot be called this way.
 */
@SuppressWarnings("restricted")
final class Native {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG;
    private static final MethodHandle CALL = LINKER.downcallHandle(
            FunctionDescriptor.of(WORD, WORD, WORD, WORD, WORD, WORD, WORD), Linker.Option.captureCallState("errno"));
    private static final long ERRNO_OFFSET =
            Linker.Option.captureStateLayout().byteOffset(PathElement.groupElement("errno"));
    private static final ThreadLocal<MemorySegment> CALL_STATE =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(Linker.Option.captureStateLayout()));

    private Native() {}

    static long call(MemorySegment function, long a, long b, long c, long d, long e, long f) {
        try {
            return (long) CALL.invokeExact(function, CALL_STATE.get(), a, b, c, d, e, f);
        } catch (Throwable thrown) { // a downcall itself throws nothing
            throw new AssertionError(thrown);
        }
    }

    static long call(MemorySegment function) {
        return call(function, 0, 0, 0, 0, 0, 0);
    }

    static long call(MemorySegment function, long a) {
        return call(function, a, 0, 0, 0, 0, 0);
    }

    static long call(MemorySegment function, long a, long b) {
        return call(function, a, b, 0, 0, 0, 0);
    }

    static long call(MemorySegment function, long a, long b, long c) {
        return call(function, a, b, c, 0, 0, 0);
    }

    static long call(MemorySegment function, long a, long b, long c, long d) {
        return call(function, a, b, c, d, 0, 0);
    }

    /** The errno that the last call of this thread left. */
    static int errno() {
        return CALL_STATE.get().get(ValueLayout.JAVA_INT, ERRNO_OFFSET);
    }

    /** The C library's symbols. */
    static SymbolLookup libc() {
        return LINKER.defaultLookup();
    }

    /** A library by soname, for the life of the process; empty when the loader does not find it. */
    static Optional<SymbolLookup> library(String soname) {
        try {
            return Optional.of(SymbolLookup.libraryLookup(soname, Arena.global()));
        } catch (IllegalArgumentException absent) {
            return Optional.empty();
        }
    }

    /** Memory that C owns: {@code size} bytes at {@code address}, valid as long as C says. */
    static MemorySegment memory(long address, long size) {
        return MemorySegment.ofAddress(address).reinterpret(size);
    }

    /** The text at an address that C returned, at most {@code max} bytes. */
    static String string(long address, int max) {
        MemorySegment text = memory(address, max);
        byte[] bytes = new byte[max];
        int length = 0;
        while (length < max) {
            byte b = text.get(ValueLayout.JAVA_BYTE, length);
            if (b == 0) {
                break;
            }
            bytes[length++] = b;
        }
        return new String(bytes, 0, length, java.nio.charset.StandardCharsets.UTF_8);
    }

    static MemorySegment upcall(MethodHandle target, FunctionDescriptor function) {
        return LINKER.upcallStub(target, function, Arena.global());
    }
}
