// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.jit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.bpf.ffi.OpenAt;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A socket that answers to the attach protocol as it likes, in the place of this JVM's own. */
@Timeout(60)
class AttachTest {
    private static final int PID = 7;

    @TempDir
    Path directory;

    private final Target self = Target.of(Libc.processId());
    private final Target target =
            new Target(self.pid(), PID, self.uid(), self.gid(), self.startTime(), self.comm(), true);
    private int tmp;

    @BeforeEach
    void open() {
        tmp = OpenAt.directory(directory.toString());
    }

    @AfterEach
    void close() {
        Libc.close(tmp);
    }

    private Attach attach(long millis) {
        return new Attach(target, tmp, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis));
    }

    private interface Answer {
        void to(SocketChannel client) throws IOException;
    }

    /** Asks a server that answers one connection; its request is what the client sent, if it was read. */
    private String ask(long millis, Answer answer) throws Exception {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(directory.resolve(".java_pid" + PID)));
        Thread thread = new Thread(() -> {
            try (SocketChannel client = server.accept()) {
                answer.to(client);
            } catch (IOException e) {
                // The client is gone, or the test is over.
            }
        });
        thread.start();
        try {
            return attach(millis).ask("jcmd", "VM.version", "");
        } finally {
            server.close();
            thread.join();
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void sendsWhatHotSpotExpects() throws Exception {
        ByteBuffer request = ByteBuffer.allocate(100);
        String answer = ask(30_000, client -> {
            client.read(request);
            client.write(bytes("0\nJDK"));
            client.write(bytes(" 25\n"));
        });
        assertEquals("JDK 25\n", answer);
        assertEquals(
                "1\0jcmd\0VM.version\0\0\0",
                new String(request.array(), 0, request.position(), StandardCharsets.UTF_8));
    }

    @Test
    void saysThatItAnswersWithAnError() {
        for (String answer : new String[] {"1\nNo such command", "x", "\n", "\u0000\u0001", "101\n"}) {
            NoNames e = assertThrows(
                    NoNames.class,
                    () -> ask(30_000, client -> {
                        client.read(ByteBuffer.allocate(1 << 10));
                        client.write(bytes(answer));
                    }));
            assertEquals("it answers with an error", e.getMessage());
            assertTrue(directory.resolve(".java_pid" + PID).toFile().delete());
        }
    }

    @Test
    void saysThatItRefuses() {
        NoNames e = assertThrows(NoNames.class, () -> ask(30_000, client -> client.shutdownOutput()));
        assertEquals("it refuses: HotSpot answers to its own user and root only", e.getMessage());
    }

    @Test
    void doesNotWaitForEver() {
        NoNames e = assertThrows(
                NoNames.class,
                () -> ask(100, client -> {
                    client.read(ByteBuffer.allocate(1 << 10));
                    client.read(ByteBuffer.allocate(1)); // until the other side closes
                }));
        assertEquals("it does not answer", e.getMessage());
    }

    @Test
    void takesNoEndlessAnswer() throws Exception {
        String answer = ask(30_000, client -> {
            client.write(bytes("0\n"));
            while (true) {
                client.write(bytes("x".repeat(5000)));
            }
        });
        assertEquals((64 << 10) - 2, answer.length());
    }

    @Test
    void connectsToSocketsOnly() throws Exception {
        Files.createFile(directory.resolve(".java_pid" + PID));
        assertEquals(
                "/tmp/.java_pid7 is no socket of its user",
                assertThrows(NoNames.class, () -> attach(30_000).ask("jcmd", "", ""))
                        .getMessage());
        Files.delete(directory.resolve(".java_pid" + PID));
        Files.createSymbolicLink(directory.resolve(".java_pid" + PID), Path.of("elsewhere"));
        assertEquals(
                "/tmp/.java_pid7 is no socket of its user",
                assertThrows(NoNames.class, () -> attach(30_000).ask("jcmd", "", ""))
                        .getMessage());
    }

    @Test
    void readsVersions() {
        assertEquals(25, JavaVm.version("OpenJDK 64-Bit Server VM version 25.0.3+9-LTS\nJDK 25.0.3\n"));
        assertEquals(8, JavaVm.version("OpenJDK 64-Bit Server VM version 25.292-b10\nJDK 8.0_292\n"));
        assertEquals(-1, JavaVm.version("\nJDK x"));
        assertEquals(-1, JavaVm.version(""));
        assertTrue(JavaVm.version("\nJDK 99999999999999999999") < 17);
        assertEquals(true, JavaVm.flag("-XX:+PreserveFramePointer\n"));
        assertEquals(false, JavaVm.flag("-XX:-PreserveFramePointer\n"));
        assertNull(JavaVm.flag("no such flag"));
    }

    @Test
    void theLastFlagCounts() {
        assertEquals(true, JavaVm.flagIn("java\0-XX:-F\0-XX:+F\0", "F", null));
        assertEquals(false, JavaVm.flagIn("-XX:+F  -XX:-F", "F", true));
        assertEquals(true, JavaVm.flagIn("-XX:+F2 -DX=-XX:-F", "F", true));
        assertNull(JavaVm.flagIn("", "F", null));
    }

    @Test
    void findsTheLibraryInMappings() {
        assertTrue(hotSpot("7f0-7f1 r-xp 0 8:1 12  /usr/lib/jvm/x/lib/server/libjvm.so\n"));
        assertTrue(hotSpot("7f0-7f1 r-xp 0 8:1 12  /a//libjvm.so (deleted)\n"));
        assertFalse(hotSpot("7f0-7f1 r-xp 0 8:1 12  /a/libjvm.so.debug\n"));
        assertFalse(hotSpot("7f0-7f1 r-xp 0 8:1 12  /a/xlibjvm.so\n"));
        JavaVm.Mappings j9 = new JavaVm.Mappings();
        byte[] text = "/x/libjvm.so\n/x/libj9vm29.so\n".getBytes(StandardCharsets.US_ASCII);
        j9.read(text, text.length);
        assertTrue(j9.libjvm && j9.openJ9);
    }

    /** Byte by byte, for that is the worst way to be cut in chunks. */
    private static boolean hotSpot(String text) {
        JavaVm.Mappings mappings = new JavaVm.Mappings();
        for (byte b : text.getBytes(StandardCharsets.US_ASCII)) {
            mappings.read(new byte[] {b}, 1);
        }
        assertFalse(mappings.openJ9);
        return mappings.libjvm;
    }
}
