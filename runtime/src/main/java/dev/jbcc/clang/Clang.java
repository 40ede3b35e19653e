// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import dev.jbcc.JbccException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The C compiler of this machine, for BPF: finds clang, runs it, and says what went wrong in clang's own words.
 *
 * <p>The result depends only on the files that clang reads and on its command line, as far as that is in our hands: the
 * language, the BPF instruction set and the directory are given, and nothing of the environment reaches clang but what
 * it takes to run. Instruction set v2 (Linux 4.14) is used, although clang 20 and later use v3 by default: v3 makes the
 * tools' code 3 % shorter, but with these clangs it turns {@code __sync_fetch_and_add} into an instruction that needs
 * Linux 5.12. A source that wants v3 passes {@code -mcpu=v3}.
 *
 * <p>{@link ObjectCache} shows its use.
 */
public final class Clang {
    /** Names the compiler to use, as a path or as a name on PATH. */
    static final String VARIABLE = "JBCC_CLANG";

    private static final long LIMIT_MILLIS = 60_000;
    private static final long VERSION_LIMIT_MILLIS = 10_000;
    private static final int MAX_VERSION = 4096;
    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /**
     * What a compiler, or a script in its place, may need to run. Everything else is dropped, because clang takes header
     * directories (CPATH), options (CCC_OVERRIDE_OPTIONS) and more from variables.
     */
    private static final String[] PASSED_ON = {"PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"};

    private final Path executable;
    private final Path root;
    private final Map<String, String> environment;
    private final long limitMillis;

    private Clang(File executable, Path root, Map<String, String> environment, long limitMillis) {
        this.executable = executable.toPath();
        this.root = root;
        this.environment = environment;
        this.limitMillis = limitMillis;
    }

    /**
     * Finds the compiler: the one that {@code JBCC_CLANG} names; else {@code clang} on PATH; else the {@code clang-N} of
     * the highest version on PATH; else that of the highest version below {@code /usr/lib}. Relative entries of PATH are
     * left out, because a tool that runs as root must not run what lies in the present directory.
     *
     * @throws JbccException.Failed when there is none, or {@code JBCC_CLANG} names none; the hint says how to install it
     */
    public static Clang find() {
        return find(System.getenv(), Path.of("/"), LIMIT_MILLIS);
    }

    /** As {@link #find()}, with another environment, root directory of the system, and limit of a compilation. */
    static Clang find(Map<String, String> environment, Path root, long limitMillis) {
        String path = environment.get("PATH");
        if (path == null) {
            path = DEFAULT_PATH;
        }
        File executable;
        String named = environment.get(VARIABLE);
        if (named != null && !named.isEmpty()) {
            executable = named(named, path);
        } else {
            executable = onPath("clang", path);
            if (executable == null) {
                executable = new ClangVersions(path, root).highest();
            }
            if (executable == null) {
                throw new JbccException.Failed(
                        "cannot compile BPF programs: no clang on PATH (" + path + ") or below /usr/lib",
                        Distribution.of(root).installClang() + "\nor name one: " + VARIABLE + "=/path/to/clang");
            }
        }
        Map<String, String> passedOn = new LinkedHashMap<>();
        for (String name : PASSED_ON) {
            String value = environment.get(name);
            if (value != null) {
                passedOn.put(name, value);
            }
        }
        passedOn.put("LC_ALL", "C");
        // Since clang 17; before, only an option that clang 14 refuses.
        passedOn.put("CLANG_NO_DEFAULT_CONFIG", "1");
        return new Clang(executable, root, passedOn, limitMillis);
    }

    private static File named(String name, String path) {
        File file = name.indexOf('/') >= 0 ? new File(name).getAbsoluteFile() : onPath(name, path);
        String why = null;
        if (file == null) {
            why = "there is no such program on PATH (" + path + ")";
        } else if (!file.exists()) {
            why = "the file does not exist";
        } else if (!isProgram(file)) {
            why = file.isDirectory() ? "it is a directory" : "it is not executable";
        }
        if (why != null) {
            throw new JbccException.Failed(
                    "cannot use the compiler " + name + " that " + VARIABLE + " names: " + why,
                    "set " + VARIABLE + " to a clang, or unset it");
        }
        return file;
    }

    private static File onPath(String name, String path) {
        int start = 0;
        while (start <= path.length()) {
            int end = path.indexOf(':', start);
            if (end < 0) {
                end = path.length();
            }
            if (end > start && path.charAt(start) == '/') {
                File file = new File(path.substring(start, end), name);
                if (isProgram(file)) {
                    return file;
                }
            }
            start = end + 1;
        }
        return null;
    }

    /** Root may execute any file by access(2), if anyone may, and a directory too. */
    static boolean isProgram(File file) {
        return file.canExecute() && file.isFile();
    }

    /** The compiler, absolute; may be a symbolic link. */
    public Path executable() {
        return executable;
    }

    /** The first line of what it says of its version; empty when it fails, or does not answer within ten seconds. */
    public Optional<String> version() {
        try {
            CompilerProcess.Result result = CompilerProcess.run(
                    List.of(executable.toString(), "--version"),
                    environment,
                    Math.min(limitMillis, VERSION_LIMIT_MILLIS));
            if (result.late() || result.exitCode() != 0 || result.output() == null) {
                return Optional.empty();
            }
            int length = Math.min(result.output().length, MAX_VERSION);
            return new String(result.output(), 0, length, StandardCharsets.UTF_8)
                    .lines()
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /**
     * Compiles, which takes 40 ms or more.
     *
     * @param flags more options for clang; they come after ours, so that they win
     * @throws JbccException.Failed when clang reports errors (the message holds its text), does not end within a minute,
     *     or cannot be run
     */
    public Compiled compile(Source source, Target target, List<String> flags) {
        return new Compilation(source.file(), command(source, target, flags), root, environment, limitMillis).run();
    }

    /** All that decides about the result besides the files read. A wrapper around clang may of course know more. */
    byte[] identity(Source source, Target target, List<String> flags) {
        StringBuilder all = new StringBuilder(1024);
        String libraries = environment.get("LD_LIBRARY_PATH");
        all.append(libraries == null ? "" : libraries);
        for (String word : command(source, target, flags)) {
            all.append('\0').append(word);
        }
        return all.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Precompiles a header for sources of the same target; false when clang does not do it. What it gives must be used
     * by this clang only, and with the header as it is now at its path, which clang does not check.
     */
    boolean precompile(Path header, Target target, Path output) {
        List<String> command = new ArrayList<>(32);
        addLanguage(command, target);
        // Without: a header whose time has changed, as by a second writer of the same bytes, would be an error.
        command.add("-Xclang");
        command.add("-fno-pch-timestamp");
        command.add("-o");
        command.add(output.toString());
        command.add("-x");
        command.add("c-header");
        command.add(header.toString());
        try {
            CompilerProcess.Result result = CompilerProcess.run(command, environment, limitMillis);
            return !result.late() && result.exitCode() == 0;
        } catch (IOException e) {
            return false; // compiling without will say what is wrong
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JbccException.Failed("compiling " + header + " was interrupted", e);
        }
    }

    /**
     * Describes the types of a C source for the kernel of a machine: an ELF file with a section of BTF. Compiled for the
     * machine first, since the headers of a kernel have its assembly in them, and the outcome then for BPF.
     *
     * @param flags where headers are, and what they are to see
     * @param between where clang can put what the second run reads
     * @throws JbccException.Failed when clang reports errors; the detail is its text
     */
    byte[] describe(Path source, Target target, List<String> flags, Path between) {
        List<String> first = new ArrayList<>(List.of(executable.toString(), "-target", target.multiarch()));
        first.addAll(List.of("-std=gnu11", "-O1", "-g", "-w", "-fms-extensions", "-fshort-wchar", "-nostdlibinc"));
        first.addAll(flags);
        first.addAll(List.of("-emit-llvm", "-c", "-o", between.toString(), source.toString()));
        List<String> second = List.of(
                executable.toString(),
                "-target",
                target.triple(),
                "-Wno-override-module",
                "-x",
                "ir",
                "-c",
                "-o",
                "-",
                between.toString());
        describe(first, source);
        return describe(second, source);
    }

    private byte[] describe(List<String> command, Path source) {
        try {
            CompilerProcess.Result result = CompilerProcess.run(command, environment, limitMillis);
            if (!result.late() && result.exitCode() == 0 && result.output() != null) {
                return result.output();
            }
            String said = new String(result.errors(), StandardCharsets.UTF_8).stripTrailing();
            throw new JbccException.Failed(
                    executable + " cannot make types from the kernel's headers: "
                            + (result.late() ? "it took longer than " + limitMillis / 1000 + " s" : firstError(said)),
                    null,
                    null,
                    String.join(" ", command) + "\n" + said);
        } catch (IOException e) {
            throw new JbccException.Failed("cannot run the compiler: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JbccException.Failed("compiling " + source + " was interrupted", e);
        }
    }

    private static String firstError(String said) {
        for (String line : said.split("\n")) {
            if (line.contains("error: ")) {
                return line;
            }
        }
        return "it failed without a word";
    }

    /** The compiler and its options that a precompiled header is bound to. */
    String language(Target target) {
        List<String> command = new ArrayList<>();
        addLanguage(command, target);
        return String.join(" ", command);
    }

    /** What decides how a header is understood, so that it is the same for a precompiled one and for its users. */
    private void addLanguage(List<String> command, Target target) {
        command.add(executable.toString());
        command.add("-target");
        command.add(target.triple());
        command.add("-mcpu=v2");
        // Later clangs default to C23, in which the "bool" of a vmlinux.h is an error.
        command.add("-std=gnu17");
        command.add("-O2");
        command.add("-g");
        command.add("-fno-stack-protector");
        command.add("-D__TARGET_ARCH_".concat(target.bpfTracingName()));
    }

    private List<String> command(Source source, Target target, List<String> flags) {
        List<String> command = new ArrayList<>(32 + flags.size());
        addLanguage(command, target);
        command.add("-c");
        command.add("-Wall");
        command.add("-Wno-unused-function");
        // A struct with a flexible member, inside one with room for it: how events with strings are built.
        command.add("-Wno-gnu-variable-sized-type-not-at-end");
        // A warning before clang 16, and then an obscure error when the object is loaded.
        command.add("-Werror=implicit-function-declaration");
        for (Path directory : source.includes()) {
            command.add("-I");
            command.add(directory.toString());
        }
        // For <asm/types.h>, which <linux/bpf.h> includes: Debian has it in a directory that BPF targets do not search.
        command.add("-idirafter");
        command.add("/usr/include/".concat(target.multiarch()));
        command.addAll(flags);
        command.add("-MD");
        command.add("-MF");
        command.add("-");
        command.add("-MT");
        command.add(CompilerOutput.RULE);
        command.add("-o");
        command.add("-");
        command.add("-x");
        command.add("c");
        command.add(source.file().toString());
        return command;
    }
}
