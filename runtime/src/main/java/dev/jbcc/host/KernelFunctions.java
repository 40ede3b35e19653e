// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The kernel's functions by the names that probes know them by, and which of them stand for a function of the source: its
 * name can have changed, compilers put suffixes to it, and system calls have wrappers whose names depend on the
 * architecture.
 *
 * <p>The suffixes are those of GCC and clang. {@code foo.isra.0} and {@code foo.constprop.0} are copies of {@code foo}
 * with fewer parameters, {@code foo.llvm.123} is {@code foo} made global; each call is of one of them. {@code foo.part.0}
 * is what is left of a function whose begin has been inlined in its callers, so it misses calls that return early.
 * {@code foo.cold} is a piece that is jumped to and never called.
 *
 * {@snippet :
 * KernelFunctions functions = KernelFunctions.traceable();
 * for (String symbol : functions.symbolsOfFirst(List.of("do_sys_openat2", "do_sys_open"))) {
 *     program.attachKprobe(symbol);
 * }
 * }
 *
 * <p>Immutable. About 100 bytes of heap for each function.
 */
public final class KernelFunctions {
    private static final Path KALLSYMS = Path.of("/proc/kallsyms");
    private static final List<Path> TRACEABLE = List.of(
            Path.of("/sys/kernel/tracing/available_filter_functions"),
            Path.of("/sys/kernel/debug/tracing/available_filter_functions"));
    private static final int MAX_NAMES = 1 << 21;
    private static final int MAX_NAME = 512; // KSYM_NAME_LEN

    private final Set<String> names;
    private final String architecture;

    private KernelFunctions(Set<String> names, String architecture) {
        this.names = names;
        this.architecture = architecture;
    }

    /** Those of the running kernel and its modules, of /proc/kallsyms; none when that cannot be read. */
    public static KernelFunctions read() {
        return new KernelFunctions(read(KALLSYMS), Kernel.architecture());
    }

    /**
     * Those that ftrace can trace, of tracefs, which are those that fentry and kprobe.multi programs attach to; all
     * others too where tracefs cannot be read.
     */
    public static KernelFunctions traceable() {
        for (Path file : TRACEABLE) {
            Set<String> names = read(file);
            if (!names.isEmpty()) {
                return new KernelFunctions(names, Kernel.architecture());
            }
        }
        return read();
    }

    /** Of the text of either file. */
    static KernelFunctions parse(InputStream text, String architecture) throws IOException {
        return new KernelFunctions(names(text), architecture);
    }

    private static Set<String> read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return names(in);
        } catch (IOException e) {
            return Set.of();
        }
    }

    private static Set<String> names(InputStream in) throws IOException {
        Set<String> names = new LinkedHashSet<>();
        BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.ISO_8859_1), 1 << 16);
        for (String line = lines.readLine(); line != null && names.size() < MAX_NAMES; line = lines.readLine()) {
            String name = name(line);
            if (!name.isEmpty() && name.length() < MAX_NAME && !isArtefact(name)) {
                names.add(name);
            }
        }
        return names;
    }

    /**
     * Of {@code ffffffff81a0 T vfs_rename} or {@code … t ext4_rename<TAB>[ext4]}, or {@code vfs_rename} and
     * {@code ext4_rename [ext4]}; empty for data, and for what is no function of the kernel's own.
     */
    private static String name(String line) {
        int first = line.indexOf(' ');
        boolean symbol = first > 0 && line.length() > first + 3 && line.charAt(first + 2) == ' ';
        if (symbol && "tTwW".indexOf(line.charAt(first + 1)) < 0) {
            return "";
        }
        int start = symbol ? first + 3 : 0;
        int end = start;
        while (end < line.length() && line.charAt(end) != ' ' && line.charAt(end) != '\t') {
            end++;
        }
        boolean made = line.startsWith("[bpf]", end + 1) || line.startsWith("[__builtin__", end + 1);
        return made ? "" : line.substring(start, end);
    }

    /** Marks of the padding before functions, local labels, ARM's mapping symbols. */
    private static boolean isArtefact(String name) {
        return name.startsWith("__pfx_")
                || name.startsWith("__cfi_")
                || name.startsWith(".")
                || name.startsWith("$")
                || name.startsWith("__ftrace_invalid_address");
    }

    /**
     * The symbols to probe so that each call of a function is seen. Empty when there are none: it is not in this kernel,
     * or it is inlined wherever it is called.
     *
     * @param function its name in the source; {@code sys_openat} stands for a system call, whose wrappers get their
     *     arguments in a struct pt_regs
     */
    public List<String> symbols(String function) {
        Set<String> bases = new HashSet<>(function.startsWith("sys_") ? wrappers(function) : List.of(function));
        List<String> whole = new ArrayList<>();
        List<String> parts = new ArrayList<>();
        for (String name : names) {
            int dot = name.indexOf('.');
            if (!bases.contains(dot < 0 ? name : name.substring(0, dot)) || hasSuffix(name, "cold")) {
                continue;
            }
            (hasSuffix(name, "part") ? parts : whole).add(name);
        }
        return whole.isEmpty() ? parts : whole;
    }

    /** The same for the first function of a list that is there, as functions are renamed in time. */
    public List<String> symbolsOfFirst(List<String> functions) {
        for (String function : functions) {
            List<String> symbols = symbols(function);
            if (!symbols.isEmpty()) {
                return symbols;
            }
        }
        return List.of();
    }

    /** Whether a function of that very name is there. */
    public boolean has(String function) {
        return names.contains(function);
    }

    /**
     * All that can be called and match.
     *
     * @param pattern {@code *} stands for any characters, {@code ?} for one
     */
    public List<String> matching(String pattern) {
        List<String> found = new ArrayList<>();
        for (String name : names) {
            if (!hasSuffix(name, "cold") && matches(pattern, name)) {
                found.add(name);
            }
        }
        return found;
    }

    /** The names that a system call's entry can have; 32-bit programs on x86 come by another one. */
    private List<String> wrappers(String function) {
        List<String> wrappers = new ArrayList<>();
        switch (architecture) {
            case "x86_64" -> {
                wrappers.add("__x64_" + function);
                wrappers.add("__ia32_" + function);
                wrappers.add("__ia32_compat_" + function);
            }
            case "aarch64" -> {
                wrappers.add("__arm64_" + function);
                wrappers.add("__arm64_compat_" + function);
            }
            case "riscv64" -> wrappers.add("__riscv_" + function);
            case "s390x" -> wrappers.add("__s390x_" + function);
            default -> {}
        }
        wrappers.add(function);
        wrappers.add("SyS_" + function.substring("sys_".length())); // before 4.17
        return wrappers;
    }

    private static boolean hasSuffix(String name, String suffix) {
        for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
            int end = dot + 1 + suffix.length();
            if (name.startsWith(suffix, dot + 1) && (end == name.length() || name.charAt(end) == '.')) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(String pattern, String name) {
        int p = 0;
        int star = -1;
        int resume = 0;
        int n = 0;
        while (n < name.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                resume = n;
            } else if (p < pattern.length() && (pattern.charAt(p) == '?' || pattern.charAt(p) == name.charAt(n))) {
                p++;
                n++;
            } else if (star >= 0) {
                p = star + 1;
                n = ++resume;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
