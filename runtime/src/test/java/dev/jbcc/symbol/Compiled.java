// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A program made from C by the compiler of this machine, that says where its functions are. It answers commands on its
 * standard input: a function's name, {@code vdso NAME}, {@code load LIBRARY NAME}, {@code map FILE SIZE} (executable, private),
 * {@code jit} (executable, anonymous), {@code leave} (the first thread ends, others stay), {@code exec PROGRAM}.
 */
final class Compiled implements AutoCloseable {
    private static final String SOURCE = """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <fcntl.h>
            #include <pthread.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            #include <sys/mman.h>
            #include <unistd.h>
            volatile int sink;
            __attribute__((noinline)) int %1$s_global(int x) { for (int i = 0; i < x; i++) sink += i * x; return sink; }
            __attribute__((noinline)) static int %1$s_local(int x) { for (int i = 0; i < x; i++) sink -= i; return sink; }
            static void serve(void);
            static void *thread(void *unused) { serve(); exit(0); }
            static void say(void *address) { printf("%%lx\\n", (unsigned long)address); fflush(stdout); }
            static void serve(void) {
              static char line[5000];
              char *words[3];
              while (fgets(line, sizeof line, stdin)) {
                line[strlen(line) - 1] = 0;
                words[0] = strtok(line, " ");
                words[1] = strtok(0, " ");
                words[2] = strtok(0, " ");
                if (!strcmp(words[0], "global")) say((void *)%1$s_global);
                else if (!strcmp(words[0], "local")) say((void *)%1$s_local);
                else if (!strcmp(words[0], "main")) say((void *)serve);
                else if (!strcmp(words[0], "jit")) say(mmap(0, 4096, 5, 34, -1, 0));
                else if (!strcmp(words[0], "map")) say(mmap(0, atoi(words[2]), 5, 2, open(words[1], O_RDONLY), 0));
                else if (!strcmp(words[0], "exec")) execl(words[1], words[1], (char *)0);
                else if (!strcmp(words[0], "leave")) {
                  pthread_t other;
                  pthread_create(&other, 0, thread, 0);
                  pthread_exit(0);
                }
            #ifndef STATIC
                else if (!strcmp(words[0], "vdso")) say(dlsym(dlopen("linux-vdso.so.1", RTLD_NOW) ?: dlopen("linux-gate.so.1", RTLD_NOW), words[1]));
                else if (!strcmp(words[0], "load")) say(dlsym(dlopen(words[1], RTLD_NOW), words[2]));
            #endif
              }
            }
            int main(int argc, char **argv) { alarm(60); %1$s_local(argc); serve(); return 0; }
            """;

    private final Process process;
    private final BufferedReader answers;

    private Compiled(Process process) {
        this.process = process;
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    }

    /** Compiles the program into a file; its functions are called {@code <name>_global} and {@code <name>_local}. */
    static Path program(Path file, String name, String... options) throws Exception {
        return compile(file, SOURCE.formatted(name), options);
    }

    static Path compile(Path file, String source, String... options) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "no gcc here");
        Path c = Files.createTempFile(file.getParent(), "jbcc", ".c");
        Files.writeString(c, source);
        List<String> command =
                new ArrayList<>(List.of("gcc", "-w", "-O1", "-pthread", "-o", file.toString(), c.toString()));
        command.addAll(List.of(options));
        run(command.toArray(new String[0]));
        Files.delete(c);
        return file;
    }

    static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        assertEquals(0, process.waitFor(), () -> String.join(" ", command) + ": " + output);
        return output;
    }

    static Compiled start(String... command) throws IOException {
        return new Compiled(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    static Compiled start(Path program) throws IOException {
        return start(program.toString());
    }

    int pid() {
        return (int) process.pid();
    }

    /** Sends a command without waiting. */
    void send(String command) throws IOException {
        process.getOutputStream().write((command + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /** The address that a command is answered with. */
    long ask(String command) throws IOException {
        send(command);
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException("the program ended at: " + command);
        }
        long address = Long.parseUnsignedLong(answer, 16);
        if (address == 0 || address == -1) {
            throw new IOException("the program failed at: " + command);
        }
        return address;
    }

    @Override
    public void close() {
        end();
    }

    /** Ends it and waits until it has gone. */
    void end() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
