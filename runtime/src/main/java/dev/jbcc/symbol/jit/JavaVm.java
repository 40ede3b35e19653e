// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol.jit;

import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.bpf.ffi.NativeException;
import dev.jbcc.bpf.ffi.OpenAt;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** A Java virtual machine, and what it tells about itself. It belongs to one thread at a time. */
final class JavaVm {
    /** JDK 17 brought Compiler.perfmap, JDK 22 the choice of the file (JDK-8314029). */
    private static final int WITH_PERF_MAP = 17;

    private static final int WITH_FILE_NAME = 22;

    private static final String FRAME_POINTER = "PreserveFramePointer";
    private static final int MAX_MAPS = 16 << 20;
    private static final String PRIVATE = ".jbcc-perf-";
    private static final String SUFFIX = ".map";
    private static final long STALE_MILLIS = 60_000;
    private static final int MAX_LOOKED = 10_000;
    private static final int MAX_ARGUMENTS = 4 << 20;

    private final Target target;
    private final boolean openJ9;
    private Boolean framePointers; // null: not known
    private int version; // 0: not known
    private String late; // the file that it was asked for and had not written in time

    private JavaVm(Target target, boolean openJ9) {
        this.target = target;
        this.openJ9 = openJ9;
    }

    /** The JVM that a process is; null when it has not loaded one. */
    static JavaVm of(Target target) {
        boolean hotSpot = false;
        try (InputStream maps = Files.newInputStream(Path.of("/proc/" + target.pid() + "/maps"))) {
            Mappings mappings = new Mappings();
            byte[] chunk = new byte[1 << 14];
            long read = 0;
            for (int n = maps.read(chunk); n > 0 && read < MAX_MAPS; n = maps.read(chunk)) {
                mappings.read(chunk, n);
                read += n;
            }
            if (mappings.openJ9) {
                return new JavaVm(target, true);
            }
            hotSpot = mappings.libjvm;
        } catch (IOException e) {
            // It has ended, or we may not look.
        }
        return hotSpot ? new JavaVm(target, false) : null;
    }

    /**
     * Whether it runs with {@code -XX:+PreserveFramePointer}, without which stacks end at the first Java frame; null
     * when that cannot be told. As it said itself, or else as it was started.
     */
    Boolean keepsFramePointers() {
        if (framePointers == null && !openJ9) {
            framePointers = launchFlag(FRAME_POINTER);
            if (framePointers == null && showsItsFlags()) {
                framePointers = false;
            }
        }
        return framePointers;
    }

    /**
     * Asks it for its perf map, and opens that; it is the caller's to read and close. The name of the file is removed
     * again, unless it is the JVM's default and was there before; then the JVM has written it anew.
     *
     * @param deadline in terms of {@link System#nanoTime}
     */
    FileChannel perfMap(long deadline) throws NoNames {
        if (openJ9) {
            throw new NoNames("OpenJ9 has no perf map to ask for; start it with -Xjit:perfTool");
        }
        // Not again of one that has answered: it may have megabytes of arguments.
        if (version == 0 && Boolean.TRUE.equals(launchFlag("DisableAttachMechanism"))) {
            throw new NoNames("attach is disabled (-XX:+DisableAttachMechanism)");
        }
        int tmp = target.openTmp();
        try {
            Attach attach = new Attach(target, tmp, deadline);
            if (version == 0) {
                sweep(tmp);
                version = version(attach.ask("jcmd", "VM.version", ""));
                framePointers = flag(attach.ask("printflag", FRAME_POINTER, ""));
            }
            if (version < WITH_PERF_MAP && version > 0) {
                throw new NoNames("JDK " + version + " has no Compiler.perfmap, which came with JDK 17");
            }
            return version >= WITH_FILE_NAME ? fromPrivateFile(attach, tmp) : fromDefaultFile(attach, tmp);
        } finally {
            Libc.close(tmp);
        }
    }

    /**
     * A name that nobody can foresee, and so nobody can have put a link there. The name is removed as soon as the JVM has
     * made the file, which it goes on writing to: whenever we are killed, hardly anything is left.
     */
    private FileChannel fromPrivateFile(Attach attach, int tmp) throws NoNames {
        if (late != null) {
            remove(tmp, late);
        }
        String name = PRIVATE + random() + SUFFIX;
        late = name;
        FileChannel[] file = new FileChannel[1];
        try {
            attach.ask("jcmd", "Compiler.perfmap /tmp/" + name, "", () -> {
                file[0] = MapFile.open(target, tmp, name);
                if (file[0] != null) {
                    remove(tmp, name);
                }
                return file[0] != null;
            });
            late = null;
            FileChannel written = file[0] == null ? open(tmp, name) : file[0];
            file[0] = null;
            return written;
        } finally {
            remove(tmp, name);
            close(file[0]);
        }
    }

    private static void close(FileChannel file) {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            // It was only read.
        }
    }

    /**
     * Removes what one that was killed in just that moment has left; what is younger may be another's who is at work. Looks at
     * a part of a directory that is too large, for anybody may fill it.
     */
    private void sweep(int tmp) {
        long now = System.currentTimeMillis();
        String trigger = Attach.triggerName(target);
        int left = MAX_LOOKED;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of("/proc/self/fd/" + tmp))) {
            for (Path file : files) {
                if (--left < 0 || Thread.currentThread().isInterrupted()) {
                    return;
                }
                String name = file.getFileName().toString();
                if ((name.startsWith(PRIVATE) && name.endsWith(SUFFIX) || name.equals(trigger))
                        && now
                                        - Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS)
                                                .toMillis()
                                > STALE_MILLIS) {
                    remove(tmp, name);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // Then they stay.
        }
    }

    private FileChannel fromDefaultFile(Attach attach, int tmp) throws NoNames {
        String name = MapFile.name(target.ownPid());
        boolean wasThere = false;
        // The JVM would follow a link, and overwrite what is there.
        try (FileChannel before = MapFile.open(target, tmp, name)) {
            wasThere = before != null;
        } catch (IOException e) {
            // Only of closing it.
        }
        try {
            attach.ask("jcmd", "Compiler.perfmap", "");
            return open(tmp, name);
        } finally {
            if (!wasThere) {
                remove(tmp, name);
            }
        }
    }

    private FileChannel open(int tmp, String name) throws NoNames {
        FileChannel file = MapFile.open(target, tmp, name);
        if (file == null) {
            throw new NoNames("it wrote no perf map; can it write to its /tmp?");
        }
        return file;
    }

    private static void remove(int tmp, String name) {
        try {
            OpenAt.remove(tmp, name);
        } catch (NativeException e) {
            // It was not written, or somebody else has removed it.
        }
    }

    private static String random() throws NoNames {
        byte[] bytes = new byte[8];
        try (InputStream random = Files.newInputStream(Path.of("/dev/urandom"))) {
            if (random.readNBytes(bytes, 0, bytes.length) < bytes.length) {
                throw new NoNames("/dev/urandom cannot be read");
            }
        } catch (IOException e) {
            throw new NoNames("/dev/urandom cannot be read");
        }
        return Long.toHexString(java.nio.ByteBuffer.wrap(bytes).getLong());
    }

    /** The feature release from the answer of VM.version, such as 25 of {@code JDK 25.0.3}; -1 when it has none. */
    static int version(String answer) {
        int at = answer.indexOf("\nJDK ");
        if (at < 0) {
            return -1;
        }
        int end = at + 5;
        while (end < answer.length() && Character.digit(answer.charAt(end), 10) >= 0) {
            end++;
        }
        return (int) Math.min(Short.MAX_VALUE, ProcText.number(answer.substring(at + 5, end)));
    }

    /** From the answer of printflag. */
    static Boolean flag(String answer) {
        if (answer.startsWith("-XX:+")) {
            return true;
        }
        return answer.startsWith("-XX:-") ? false : null;
    }

    /** A flag as the process was started with it; null when it was not given, or that cannot be seen. */
    private Boolean launchFlag(String name) {
        String environment = "\0" + ProcText.read(target.pid(), "environ", MAX_ARGUMENTS);
        Boolean flag = flagIn(variable(environment, "JAVA_TOOL_OPTIONS"), name, null);
        flag = flagIn(variable(environment, "JDK_JAVA_OPTIONS"), name, flag);
        flag = flagIn(ProcText.read(target.pid(), "cmdline", MAX_ARGUMENTS), name, flag);
        return flagIn(variable(environment, "_JAVA_OPTIONS"), name, flag);
    }

    /** Whether all its flags are in the arguments, and none in a file that these name. */
    private boolean showsItsFlags() {
        String arguments = "\0" + ProcText.read(target.pid(), "cmdline", MAX_ARGUMENTS);
        return arguments.length() > 1
                && !arguments.contains("\0@")
                && !arguments.contains("\0-XX:Flags=")
                && !arguments.contains("\0-XX:VMOptionsFile=");
    }

    private static String variable(String environment, String name) {
        int at = environment.indexOf("\0" + name + "=");
        if (at < 0) {
            return "";
        }
        int end = environment.indexOf('\0', at + 1);
        return environment.substring(at + name.length() + 2, end < 0 ? environment.length() : end);
    }

    /** What words, with blanks or NULs between them, set a flag to; the last one counts, and without any {@code before}. */
    static Boolean flagIn(String words, String name, Boolean before) {
        String text = " " + words.replace('\0', ' ').replace('\n', ' ').replace('\t', ' ') + " ";
        int on = text.lastIndexOf(" -XX:+" + name + " ");
        int off = text.lastIndexOf(" -XX:-" + name + " ");
        return on == off ? before : Boolean.valueOf(on > off);
    }

    /** Looks for the libraries in the lines of /proc/PID/maps. */
    static final class Mappings {
        private static final byte[] HOTSPOT = "/libjvm.so".getBytes(StandardCharsets.US_ASCII);
        private static final byte[] J9 = "/libj9vm".getBytes(StandardCharsets.US_ASCII);

        boolean libjvm;
        boolean openJ9;
        private int inHotSpot;
        private int inJ9;

        /** The next bytes. */
        void read(byte[] chunk, int length) {
            for (int i = 0; i < length; i++) {
                byte c = chunk[i];
                if (inHotSpot == HOTSPOT.length) { // at the end of the name, or of a deleted one
                    libjvm |= c == '\n' || c == ' ';
                    inHotSpot = 0;
                }
                // Both start with the only slash in them, so there is no need to go back.
                inHotSpot = c == HOTSPOT[inHotSpot] ? inHotSpot + 1 : c == '/' ? 1 : 0;
                inJ9 = c == J9[inJ9] ? inJ9 + 1 : c == '/' ? 1 : 0;
                if (inJ9 == J9.length) {
                    openJ9 = true;
                    inJ9 = 0;
                }
            }
        }
    }
}
