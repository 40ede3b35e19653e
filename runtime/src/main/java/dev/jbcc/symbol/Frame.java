// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

/**
 * One frame of a stack: the function that an address is in, or what is known when no symbol covers it.
 *
 * <p>{@link Symbolizer} shows its use.
 *
 * @param kind where the code comes from
 * @param name of the function, demangled, as the file or the runtime chose it, so not to be trusted; null when unknown
 * @param module the file name of the mapping, {@code [vdso]} or such, a kernel module's name, or null for anonymous memory
 * @param offset of the address from the start of the function; from the start of the file when {@code name} is null and
 *     there is a file; else the address itself
 * @param why there is no name; null when there is one
 */
public record Frame(Kind kind, String name, String module, long offset, Why why) {
    /**
     * What it is called where there is one word for it: the function's name, {@code [libfoo.so]+0x1f3} without one, or
     * {@code [unknown]}. Not escaped.
     */
    public String label() {
        if (name != null) {
            return name;
        }
        if (module == null) {
            return "[unknown]";
        }
        String file = module.startsWith("[") ? module : "[" + module + "]";
        return file + "+0x" + Long.toHexString(offset);
    }

    /** Where code comes from; what flame graphs are coloured by. */
    public enum Kind {
        KERNEL,
        /** Of an ELF file. */
        NATIVE,
        /** Java code: compiled, or HotSpot's interpreter and stubs. */
        JAVA,
        /** Code that another runtime has generated. */
        JIT,
        UNKNOWN
    }

    /** Why an address has no name. */
    public enum Why {
        /** The file has no symbol table at all. */
        STRIPPED("no symbols"),
        /** The file has kept only the symbols that it exports, and none covers the address. */
        EXPORTED_ONLY("stripped"),
        /** The file has symbols, but none covers the address. */
        NO_SYMBOL("no symbol there"),
        /** Nobody says of which process the address is. */
        NO_PROCESS("process not known"),
        /** The process had ended before its mappings could be read. */
        EXITED("exited"),
        /** Generated code, and the runtime wrote no perf map, or it does not cover the address. */
        NO_PERF_MAP("JIT without map"),
        /** No mapping covers the address: mostly a broken stack, from code without frame pointers. */
        NOT_MAPPED("not mapped"),
        /** The file is gone, replaced, damaged or may not be read. */
        UNREADABLE("unreadable"),
        /** {@code kptr_restrict} or missing privileges hide the kernel's symbols. */
        HIDDEN("hidden by kptr_restrict");

        private final String text;

        Why(String text) {
            this.text = text;
        }

        /** What a message calls it. */
        @Override
        public String toString() {
            return text;
        }
    }
}
