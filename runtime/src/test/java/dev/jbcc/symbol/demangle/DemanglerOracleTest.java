// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.demangle;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of real libraries, compared with those that the c++filt of binutils prints. */
class DemanglerOracleTest {
    /** Of one library; all of them take seconds. */
    private static final int SAMPLE = 3000;

    @TempDir
    Path directory;

    @BeforeEach
    void needsBinutils() throws Exception {
        assumeTrue(found("nm"), "there is no nm");
        assumeTrue(found("c++filt"), "there is no c++filt");
        String version = run(List.of("c++filt", "--version"), null);
        assumeTrue(
                version.contains("GNU"),
                "c++filt is not that of binutils: " + version.lines().findFirst());
    }

    /** The C++ library, and HotSpot, which GCC compiles with clones and local symbols. */
    @ParameterizedTest
    @ValueSource(strings = {"libstdc++.so.6", "libjvm.so"})
    void cpp(String library) throws Exception {
        Path path = library(library);
        assumeTrue(path != null, "there is no " + library);
        Set<String> symbols = new LinkedHashSet<>();
        for (List<String> tables : List.of(List.of("nm", "-D"), List.of("nm"))) {
            List<String> command = new ArrayList<>(tables);
            command.add(path.toString());
            symbols.addAll(mangled(run(command, null), "_Z"));
        }
        assumeTrue(symbols.size() > 100, library + " has no C++ symbols");
        List<String> all = new ArrayList<>(symbols);
        List<String> sample = new ArrayList<>();
        for (int i = 0; i < Math.min(SAMPLE, all.size()); i++) {
            sample.add(all.get((int) ((long) i * all.size() / Math.min(SAMPLE, all.size()))));
        }
        // One of a thousand may be what one of the two does better, or another version of c++filt does otherwise.
        compare(sample, sample.size() / 1000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"v0", "legacy"})
    void rust(String mangling) throws Exception {
        Path rustc = rustc();
        assumeTrue(rustc != null, "there is no rustc");
        Path source = directory.resolve("names.rs");
        try (InputStream in = getClass().getResourceAsStream("names.rs")) {
            Files.copy(in, source);
        }
        Path object = directory.resolve("names.o");
        // With -Z also the mangling that is not the compiler's default can be chosen, whichever that is.
        List<String> command = new ArrayList<>(List.of(rustc.toString(), "-Z", "unstable-options", "-A", "warnings"));
        command.addAll(List.of("-C", "symbol-mangling-version=" + mangling, "-C", "codegen-units=1"));
        command.addAll(List.of("--edition", "2021", "--crate-type", "lib", "--emit", "obj"));
        command.addAll(List.of("-o", object.toString(), source.toString()));
        String output = run(command, null);
        assumeTrue(Files.exists(object), "rustc cannot compile with that mangling: " + output);
        List<String> symbols =
                mangled(run(List.of("nm", object.toString()), null), mangling.equals("v0") ? "_R" : "_Z");
        // c++filt leaves legacy escapes of what is not ASCII, as "$uf6$".
        symbols.removeIf(symbol ->
                symbol.startsWith("_Z") && Demangler.demangle(symbol).chars().anyMatch(c -> c >= 0x80));
        assertTrue(symbols.size() > 100, () -> symbols.size() + " symbols");
        compare(symbols, 0);
    }

    private void compare(List<String> symbols, int tolerated) throws Exception {
        Path input = directory.resolve("symbols");
        Files.write(input, symbols);
        List<String> expected = run(List.of("c++filt", "-i"), input).lines().toList();
        List<String> differences = new ArrayList<>();
        for (int i = 0; i < symbols.size(); i++) {
            String name = Demangler.demangle(symbols.get(i));
            if (!name.equals(expected.get(i))) {
                differences.add(symbols.get(i) + "\n  c++filt " + expected.get(i) + "\n  jbcc    " + name);
            }
        }
        assertTrue(
                differences.size() <= tolerated,
                () -> differences.size() + " of " + symbols.size() + ":\n" + String.join("\n", differences));
    }

    private static List<String> mangled(String symbolTable, String prefix) {
        List<String> symbols = new ArrayList<>();
        symbolTable.lines().forEach(line -> {
            String symbol = line.substring(line.lastIndexOf(' ') + 1);
            int version = symbol.indexOf('@');
            if (symbol.startsWith(prefix)) {
                symbols.add(version < 0 ? symbol : symbol.substring(0, version));
            }
        });
        return symbols;
    }

    private static Path library(String name) throws IOException {
        Path jvm = Path.of(System.getProperty("java.home"), "lib", "server", name);
        if (Files.exists(jvm)) {
            return jvm;
        }
        for (String parent : List.of("/usr/lib", "/usr/lib64", "/lib64")) {
            if (Files.isDirectory(Path.of(parent))) {
                try (Stream<Path> folders = Files.list(Path.of(parent))) {
                    for (Path folder :
                            Stream.concat(Stream.of(Path.of(parent)), folders).toList()) {
                        if (Files.isReadable(folder.resolve(name))) {
                            return folder.resolve(name);
                        }
                    }
                }
            }
        }
        return null;
    }

    private static Path rustc() {
        Path own = Path.of(System.getProperty("user.home"), ".cargo", "bin", "rustc");
        return Files.isExecutable(own) ? own : found("rustc") ? Path.of("rustc") : null;
    }

    private static boolean found(String program) {
        for (String folder : System.getenv("PATH").split(":")) {
            if (Files.isExecutable(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }

    /** What a program prints, on stdout and stderr. */
    private String run(List<String> command, Path input) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().put("RUSTC_BOOTSTRAP", "1");
        builder.redirectInput(input == null ? Path.of("/dev/null").toFile() : input.toFile());
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }
}
