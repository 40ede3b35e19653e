// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What libbpf says while something runs. Listening needs an upcall, whose set-up costs milliseconds, so it is done only
 * when there is something to explain: after a failure, on a second try, or with {@code -v}.
 *
 * <p>libbpf's print function is one for the whole process; listeners are therefore one at a time.
 */
@SuppressWarnings("restricted")
public final class LibbpfLog {
    /**
     * How much of the end of a message is kept, and of its begin when there is more. libbpf prints a whole verifier log
     * as one message; its buffer for that has 16 MiB at first and doubles while the log does not fit.
     */
    private static final int KEPT_END = (1 << 24) + 4096;

    private static final int KEPT_BEGIN = 4096;

    private static final Object LOCK = new Object();
    private static Consumer<String> listener;

    private LibbpfLog() {}

    /** Runs {@code action} and hands each line group that libbpf prints meanwhile to {@code listener}. */
    public static <T> T listen(Consumer<String> listener, Supplier<T> action) {
        synchronized (LOCK) {
            LibbpfLog.listener = listener;
            Native.call(Libbpf.libbpf_set_print, Printer.STUB.address());
            try {
                return action.get();
            } finally {
                Native.call(Libbpf.libbpf_set_print, 0);
                LibbpfLog.listener = null;
            }
        }
    }

    /** The function that libbpf calls, and the room for what it says; made at the first use. */
    private static final class Printer {
        private static final int VA_LIST = System.getProperty("os.arch").equals("aarch64") ? 32 : 24;
        private static final int DEBUG = 2; // enum libbpf_print_level
        private static final SymbolLookup LIBC = Native.libc();
        private static final MemorySegment vsnprintf = LIBC.find("vsnprintf").orElseThrow();
        private static final MemorySegment malloc = LIBC.find("malloc").orElseThrow();
        private static final MemorySegment free = LIBC.find("free").orElseThrow();
        static final MemorySegment STUB = stub();

        private static MemorySegment stub() {
            try {
                return Native.upcall(
                        MethodHandles.lookup()
                                .findStatic(
                                        Printer.class,
                                        "print",
                                        MethodType.methodType(int.class, int.class, long.class, long.class)),
                        // A va_list argument is a pointer in both ABIs: an array type on x86-64, a struct that is
                        // passed by reference on AArch64.
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_LONG));
            } catch (ReflectiveOperationException impossible) {
                throw new AssertionError(impossible);
            }
        }

        /** Must not throw: an exception that leaves an upcall ends the process. */
        @SuppressWarnings("unused") // called from C
        private static int print(int level, long format, long arguments) {
            try {
                Consumer<String> to = listener;
                if (level < DEBUG && to != null) {
                    to.accept(format(format, arguments));
                }
            } catch (RuntimeException | Error lost) {
                return 0;
            }
            return 0;
        }

        private static String format(long format, long arguments) {
            int length;
            try (Arena arena = Arena.ofConfined()) {
                // vsnprintf uses the va_list up: this is va_copy, for a struct of 24 bytes on x86-64, 32 on AArch64.
                MemorySegment copy = arena.allocate(VA_LIST, 8);
                copy.copyFrom(Native.memory(arguments, VA_LIST));
                length = (int) Native.call(vsnprintf, 0, 0, format, copy.address());
            }
            long buffer = length <= 0 ? 0 : Native.call(malloc, length + 1L);
            if (buffer == 0) {
                return "";
            }
            try {
                Native.call(vsnprintf, buffer, length + 1L, format, arguments);
                long left = (long) length - KEPT_BEGIN - KEPT_END;
                return left <= 0
                        ? Native.string(buffer, length)
                        : Native.string(buffer, KEPT_BEGIN)
                                + "\n… " + left + " bytes left out …\n"
                                + Native.string(buffer + length - KEPT_END, KEPT_END);
            } finally {
                Native.call(free, buffer);
            }
        }
    }
}
