// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.jit;

import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.bpf.ffi.NativeException;
import dev.jbcc.bpf.ffi.OpenAt;
import dev.jbcc.bpf.ffi.Statx;
import dev.jbcc.bpf.ffi.ThreadUser;
import dev.jbcc.host.Errno;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * HotSpot's attach protocol, by which {@code jcmd} asks too (src/hotspot/os/posix/attachListener_posix.cpp): a JVM that
 * finds {@code /tmp/.attach_pidN} when it gets SIGQUIT listens on the socket {@code /tmp/.java_pidN}, where N is its pid
 * as itself sees it, and answers one command a connection.
 *
 * <p>SIGQUIT ends a process that does not catch it, and a stopped JVM that gets it would print its threads when it goes
 * on, so it is sent to neither. Everything ends at the deadline; what a JVM has been asked by then, it may do later.
 */
final class Attach {
    private static final int SIGQUIT = 3;
    private static final int MAX_ANSWER = 64 << 10;
    private static final long CATCHES_WITHIN = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int LOOK_MILLIS = 1;
    private static final int FIRST_PAUSE_MILLIS = 2;
    private static final int LAST_PAUSE_MILLIS = 50;

    private final Target target;
    private final int tmp;
    private final long deadline;

    /**
     * @param tmp the target's directory /tmp, which stays open as long as this is used
     * @param deadline in terms of {@link System#nanoTime}
     */
    Attach(Target target, int tmp, long deadline) {
        this.target = target;
        this.tmp = tmp;
        this.deadline = deadline;
    }

    /**
     * What the JVM answers to a command.
     *
     * @throws NoNames when it does not, or says that it failed
     */
    String ask(String command, String first, String second) throws NoNames {
        return ask(command, first, second, () -> true);
    }

    /** What is done again and again while the JVM is at work. */
    interface Meanwhile {
        /** Does it; true when it is done. */
        boolean done() throws NoNames;
    }

    /** The same, with something to do in the meantime. */
    String ask(String command, String first, String second, Meanwhile meanwhile) throws NoNames {
        char state = target.state();
        if (state == 'T' || state == 't') {
            throw new NoNames("it is stopped");
        }
        // Version 1, the command, and always three arguments.
        byte[] request = ("1\0" + command + "\0" + first + "\0" + second + "\0\0").getBytes(StandardCharsets.UTF_8);
        try (SocketChannel socket = connect();
                Selector selector = Selector.open()) {
            if (socket.write(ByteBuffer.wrap(request)) != request.length) {
                throw new NoNames("it takes no commands");
            }
            socket.register(selector, SelectionKey.OP_READ);
            return text(answer(socket, selector, meanwhile));
        } catch (IOException e) {
            throw refused();
        }
    }

    private String text(String answer) throws NoNames {
        if (answer.isEmpty()) {
            throw refused();
        }
        int line = answer.indexOf('\n');
        String text = answer.substring(line + 1);
        if (line < 0 || !answer.substring(0, line).strip().equals("0")) {
            throw new NoNames("it answers with an error");
        }
        return text;
    }

    private String answer(SocketChannel socket, Selector selector, Meanwhile meanwhile) throws IOException, NoNames {
        ByteBuffer answer = ByteBuffer.allocate(MAX_ANSWER);
        boolean done = false;
        while (answer.hasRemaining()) {
            int read = socket.read(answer);
            if (read < 0) {
                break;
            }
            if (read == 0) {
                long left = millisLeft();
                done = done || meanwhile.done();
                selector.select(done ? left : Math.min(left, LOOK_MILLIS));
                selector.selectedKeys().clear();
                if (Thread.currentThread().isInterrupted()) {
                    throw new NoNames("it was not waited for");
                }
            }
        }
        return new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
    }

    private NoNames refused() {
        if (!target.isAlive()) {
            return new NoNames("it has ended");
        }
        return new NoNames(
                target.sharesUsers()
                        ? "it refuses: HotSpot answers to its own user and root only"
                        : "it refuses: it is in a user namespace where we are no user");
    }

    private SocketChannel connect() throws NoNames {
        SocketChannel socket = connectNow();
        if (socket != null) {
            return socket;
        }
        awaitHandler();
        boolean made = makeTrigger();
        try {
            trigger();
            for (int pause = FIRST_PAUSE_MILLIS; socket == null; pause = Math.min(2 * pause, LAST_PAUSE_MILLIS)) {
                pause(pause);
                socket = connectNow();
            }
            return socket;
        } finally {
            if (made) {
                removeTrigger();
            }
        }
    }

    /** A connection, or null when nobody listens. */
    private SocketChannel connectNow() throws NoNames {
        int fd;
        try {
            fd = OpenAt.entry(tmp, ".java_pid" + target.ownPid());
        } catch (NativeException e) {
            return null;
        }
        SocketChannel socket = null;
        try {
            Statx status = Statx.of(fd);
            if (!status.isSocket() || !target.owns(status)) {
                throw new NoNames("/tmp/.java_pid" + target.ownPid() + " is no socket of its user");
            }
            socket = SocketChannel.open(StandardProtocolFamily.UNIX);
            socket.configureBlocking(false);
            if (connect(socket, fd)) {
                SocketChannel connected = socket;
                socket = null;
                return connected;
            }
            return null;
        } catch (IOException | NativeException e) {
            return null;
        } finally {
            if (socket != null) {
                close(socket);
            }
            Libc.close(fd);
        }
    }

    /**
     * HotSpot answers to root and to its own user, and asks the kernel who has connected. In a user namespace our root
     * is nobody to it, so there this thread connects as its user.
     */
    private boolean connect(SocketChannel socket, int fd) throws IOException {
        // By the descriptor: the file that was checked, and a path that is not too long.
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of("/proc/self/fd/" + fd);
        if (!target.sharesUsers()) {
            try (ThreadUser _ = new ThreadUser(target.uid(), target.gid())) {
                return socket.connect(address);
            } catch (NativeException e) {
                // We may not; perhaps its root is our user.
            }
        }
        return socket.connect(address);
    }

    /** A JVM catches SIGQUIT from some point of its start on; with -Xrs it does not, but listens from its start on. */
    private void awaitHandler() throws NoNames {
        long giveUp = Math.min(deadline, System.nanoTime() + CATCHES_WITHIN);
        while (!target.catches(SIGQUIT)) {
            if (!target.isAlive()) {
                throw new NoNames("it has ended");
            }
            if (System.nanoTime() - giveUp >= 0) {
                throw new NoNames("it does not take SIGQUIT");
            }
            pause(LAST_PAUSE_MILLIS);
        }
    }

    /** Whether the file is ours to remove; one that is there already does as well. */
    private boolean makeTrigger() throws NoNames {
        int fd;
        try {
            fd = OpenAt.create(tmp, triggerName(target));
        } catch (NativeException e) {
            if (e.errno() == Errno.EEXIST) {
                return false;
            }
            throw new NoNames("its /tmp cannot be written: " + Errno.name(e.errno()));
        }
        try {
            // HotSpot wants it to be its user's or root's; to a user namespace we are neither.
            OpenAt.giveTo(fd, target.uid());
        } catch (NativeException e) {
            // Then it is ours, which is right when the process is ours.
        } finally {
            Libc.close(fd);
        }
        return true;
    }

    private void trigger() throws NoNames {
        int process = -1;
        try {
            process = OpenAt.process(target.pid());
            // Looked at again, now that the descriptor holds on to whatever has the pid.
            if (!target.isAlive() || JavaVm.of(target) == null || !target.catches(SIGQUIT)) {
                throw new NoNames("it has ended, or become another program");
            }
            OpenAt.signal(process, SIGQUIT);
        } catch (NativeException e) {
            throw new NoNames(
                    e.errno() == Errno.EPERM
                            ? "it may not be sent a signal; run as root"
                            : "it cannot be sent a signal: " + Errno.name(e.errno()));
        } finally {
            if (process >= 0) {
                Libc.close(process);
            }
        }
    }

    private void removeTrigger() {
        try {
            OpenAt.remove(tmp, triggerName(target));
        } catch (NativeException e) {
            // HotSpot removes it as well.
        }
    }

    /** The file that makes a JVM listen. */
    static String triggerName(Target target) {
        return ".attach_pid" + target.ownPid();
    }

    private long millisLeft() throws NoNames {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
            throw new NoNames(target.isAlive() ? "it does not answer" : "it has ended");
        }
        return left;
    }

    private void pause(int millis) throws NoNames {
        try {
            Thread.sleep(Math.min(millis, millisLeft()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NoNames("it was not waited for");
        }
    }

    private static void close(SocketChannel socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It was not used.
        }
    }
}
