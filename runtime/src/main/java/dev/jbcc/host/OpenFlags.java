// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host;

import dev.jbcc.JbccException;
import java.util.List;
import java.util.Locale;

/**
 * The {@code O_…} flags of open(2) by name. Values: {@code include/uapi/asm-generic/fcntl.h}, and for the four that
 * differ {@code arch/arm64/include/uapi/asm/fcntl.h}.
 *
 * {@snippet :
 * byte[] names = new byte[256];
 * int length = OpenFlags.names(OpenFlags.O_CREAT, names);
 * System.out.println(new String(names, 0, length, StandardCharsets.US_ASCII));
 * }
 */
public final class OpenFlags {
    public static final long O_ACCMODE = 03;
    public static final long O_CREAT = 0100;
    private static final long TMPFILE_BIT = 020000000;

    private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
    private static final long O_DIRECTORY = ARM ? 040000 : 0200000;
    private static final String[] ACCESS = {"O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"};

    /** A flag; one with several bits stands before those that it contains. */
    private record Flag(String name, long bits) {}

    private static final List<Flag> FLAGS = List.of(
            new Flag("O_CREAT", O_CREAT),
            new Flag("O_EXCL", 0200),
            new Flag("O_NOCTTY", 0400),
            new Flag("O_TRUNC", 01000),
            new Flag("O_APPEND", 02000),
            new Flag("O_NONBLOCK", 04000),
            new Flag("O_SYNC", 04010000),
            new Flag("O_DSYNC", 010000),
            new Flag("O_ASYNC", 020000),
            new Flag("O_DIRECT", ARM ? 0200000 : 040000),
            new Flag("O_LARGEFILE", ARM ? 0400000 : 0100000),
            new Flag("O_TMPFILE", TMPFILE_BIT | O_DIRECTORY),
            new Flag("O_DIRECTORY", O_DIRECTORY),
            new Flag("O_NOFOLLOW", ARM ? 0100000 : 0400000),
            new Flag("O_NOATIME", 01000000),
            new Flag("O_CLOEXEC", 02000000),
            new Flag("O_PATH", 010000000));
    private static final List<Flag> SYNONYMS = List.of(new Flag("O_NDELAY", 04000), new Flag("FASYNC", 020000));

    private OpenFlags() {}

    /** A condition on flags: {@code (flags & mask) == value}. */
    public record Match(long mask, long value) {}

    /** The condition that a flag is set; for {@code O_RDONLY} and its kind, that it is the access mode. */
    public static Match match(String text) {
        String name = text.toUpperCase(Locale.ROOT);
        if (!name.startsWith("O_") && !name.equals("FASYNC")) {
            name = "O_" + name;
        }
        for (int mode = 0; mode < 3; mode++) {
            if (ACCESS[mode].equals(name)) {
                return new Match(O_ACCMODE, mode);
            }
        }
        for (List<Flag> flags : List.of(FLAGS, SYNONYMS)) {
            for (Flag flag : flags) {
                if (flag.name.equals(name)) {
                    return new Match(flag.bits, flag.bits);
                }
            }
        }
        StringBuilder known = new StringBuilder("one of O_RDONLY, O_WRONLY, O_RDWR");
        FLAGS.forEach(flag -> known.append(", ").append(flag.name));
        throw new JbccException.Usage("'" + text + "' is no flag of open", known.toString());
    }

    /** Whether open(2) looks at its mode argument. */
    public static boolean takesMode(long flags) {
        return (flags & (O_CREAT | TMPFILE_BIT)) != 0;
    }

    /** Writes {@code O_WRONLY|O_CREAT}; bits without a name as one octal number. Returns the length. */
    public static int names(long flags, byte[] into) {
        int at = put(ACCESS[(int) (flags & O_ACCMODE)], into, 0);
        long rest = flags & ~O_ACCMODE;
        for (int i = 0; i < FLAGS.size() && rest != 0; i++) {
            Flag flag = FLAGS.get(i);
            if ((rest & flag.bits) == flag.bits) {
                rest &= ~flag.bits;
                into[at++] = '|';
                at = put(flag.name, into, at);
            }
        }
        if (rest != 0) {
            into[at++] = '|';
            at = put("0" + Long.toOctalString(rest), into, at);
        }
        return at;
    }

    private static int put(String name, byte[] into, int at) {
        for (int i = 0; i < name.length(); i++) { // getBytes would allocate, for every event
            into[at + i] = (byte) name.charAt(i);
        }
        return at + name.length();
    }
}
