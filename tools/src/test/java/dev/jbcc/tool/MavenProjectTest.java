// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An ordinary Maven project that depends on the library's jar. */
@Tag("slow")
@Timeout(300)
class MavenProjectTest {
    private static final Path HOME = Path.of(System.getProperty("jbcc.home"));
    private static final String VERSION = "0.1.0";
    private static final Path JAR = HOME.resolve("runtime/target/jbcc-runtime-" + VERSION + ".jar");

    @TempDir
    Path temp;

    private String run(String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(temp.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().keySet().removeAll(List.of("MAVEN_OPTS", "MAVEN_ARGS", "JAVA_TOOL_OPTIONS"));
        File log = temp.resolve("log").toFile();
        Process process = builder.redirectErrorStream(true)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(log)
                .start();
        int exit = process.waitFor();
        String said = Files.readString(log.toPath(), StandardCharsets.UTF_8);
        assertEquals(0, exit, () -> String.join(" ", command) + ":\n" + said);
        return said;
    }

    /** Puts the artifact into a repository in the file system, as deploying it would. */
    private void deploy(Path repository, String artifact, Path pom, Path jar) throws IOException {
        Path directory = repository.resolve("dev/jbcc/" + artifact + "/" + VERSION);
        Files.createDirectories(directory);
        Files.copy(pom, directory.resolve(artifact + "-" + VERSION + ".pom"));
        if (jar != null) {
            Files.copy(jar, directory.resolve(artifact + "-" + VERSION + ".jar"));
        }
    }

    /** What Maven has here already, but nothing of jbcc, and nothing of this test is left in it. */
    private Path localRepository() throws IOException {
        Path shared = Path.of(System.getProperty("user.home"), ".m2/repository");
        Assumptions.assumeTrue(Files.isDirectory(shared), "Maven has no local repository here");
        Path own = Files.createDirectory(temp.resolve("local"));
        try (DirectoryStream<Path> groups = Files.newDirectoryStream(shared)) {
            for (Path group : groups) {
                if (Files.isDirectory(group) && !group.getFileName().toString().equals("dev")) {
                    Files.createSymbolicLink(own.resolve(group.getFileName()), group);
                }
            }
        }
        return own;
    }

    /** What deletes the temporary directory warns of each. */
    private static void removeLinks(Path directory) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                if (Files.isSymbolicLink(entry)) {
                    Files.delete(entry);
                }
            }
        }
    }

    @Test
    void compilesAndRuns() throws IOException, InterruptedException {
        Assumptions.assumeTrue(Files.exists(JAR), "the jar is not built yet: run this by mvn verify");
        Assumptions.assumeTrue(
                new ProcessBuilder("sh", "-c", "command -v mvn").start().waitFor() == 0, "there is no mvn");
        Path repository = temp.resolve("repository");
        deploy(repository, "jbcc", HOME.resolve("pom.xml"), null);
        deploy(repository, "jbcc-runtime", HOME.resolve("runtime/pom.xml"), JAR);
        Files.writeString(temp.resolve("pom.xml"), POM.formatted(repository.toUri(), VERSION));
        Path source = temp.resolve("src/main/java/App.java");
        Files.createDirectories(source.getParent());
        Files.writeString(source, APP);
        Path local = localRepository();
        try {
            run("mvn", "-o", "-q", "-B", "-Dmaven.repo.local=" + local, "-Daether.offline.protocols=file", "compile");
        } finally {
            removeLinks(local);
        }
        String said = run(
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                temp.resolve("target/classes") + File.pathSeparator + JAR,
                "App");
        assertTrue(said.startsWith("compiled ") || said.startsWith("no clang"), said);
    }

    private static final String POM = """
            <project xmlns="http://maven.apache.org/POM/4.0.0">
              <modelVersion>4.0.0</modelVersion>
              <groupId>example</groupId>
              <artifactId>app</artifactId>
              <version>1</version>
              <properties>
                <maven.compiler.release>25</maven.compiler.release>
                <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
              </properties>
              <repositories>
                <repository>
                  <id>built</id>
                  <url>%s</url>
                </repository>
              </repositories>
              <dependencies>
                <dependency>
                  <groupId>dev.jbcc</groupId>
                  <artifactId>jbcc-runtime</artifactId>
                  <version>%s</version>
                </dependency>
              </dependencies>
              <build>
                <plugins>
                  <plugin>
                    <artifactId>maven-resources-plugin</artifactId>
                    <version>3.3.1</version>
                  </plugin>
                  <plugin>
                    <artifactId>maven-compiler-plugin</artifactId>
                    <version>3.14.1</version>
                  </plugin>
                </plugins>
              </build>
            </project>
            """;

    private static final String APP = """
            import dev.jbcc.BpfSource;
            import dev.jbcc.JbccException;

            public class App {
                public static void main(String[] arguments) {
                    String c = \"\"\"
                            #include <linux/types.h>
                            #include <linux/bpf.h>
                            #include "maps.h"
                            BPF_HASH(numbers, __u32, __u64);
                            \"\"\";
                    try {
                        System.out.println("compiled " + BpfSource.text("app", c).compile().length);
                    } catch (JbccException.Failed none) {
                        System.out.println("no clang: " + none.getMessage());
                    }
                }
            }
            """;
}
