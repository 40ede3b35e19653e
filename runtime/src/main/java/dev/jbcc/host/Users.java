// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host;

import dev.jbcc.JbccException;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * User names and numbers of this host: from /etc/passwd, and where a person waits for the answer also from getent(1),
 * which knows LDAP, sssd and systemd users. Thread safe.
 *
 * <p>A uid is a 32-bit unsigned number held in an int; 2^32-1 is none ("no change" in setuid(2)).
 *
 * {@snippet :
 * open.global("uid", Integer.toUnsignedLong(Users.uid("daemon")));
 * System.out.println(Users.name(0)); // root
 * }
 */
public final class Users {
    private static final Users HOST = new Users(Path.of("/etc/passwd"), "getent", 2000);

    private static final long MAX_UID = 0xFFFF_FFFEL;
    private static final int MAX_PASSWD_BYTES = 16 << 20;
    private static final int MAX_LINE_BYTES = 1 << 16;
    private static final int MAX_NAME = 256;
    private static final int MAX_CACHED = 1024;

    private final Path passwd;
    private final String getent;
    private final long getentMillis;
    private final Map<Integer, String> names = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, String> eldest) {
            return size() > MAX_CACHED;
        }
    };

    Users(Path passwd, String getent, long getentMillis) {
        this.passwd = passwd;
        this.getent = getent;
        this.getentMillis = getentMillis;
    }

    /** One line of passwd(5). */
    public record Account(String name, int uid, int gid, String home) {}

    /**
     * The uid of a user given by name or by decimal number; a number need not belong to a user.
     *
     * @throws JbccException.Usage when there is no such user, or the number is beyond 4294967294
     */
    public static int uid(String nameOrNumber) {
        return HOST.find(nameOrNumber);
    }

    /**
     * The name of a uid, or the number as text when /etc/passwd has none. Never starts a process, as this is for every
     * event: users of LDAP and the like stay numbers. The last 1024 answers are remembered.
     */
    public static String name(int uid) {
        return HOST.nameOf(uid);
    }

    /**
     * The account of a uid, also from LDAP and the like.
     *
     * @throws JbccException.Failed when getent(1) does not answer within 2 seconds
     */
    public static Optional<Account> account(int uid) {
        return HOST.accountOf(uid);
    }

    int find(String nameOrNumber) {
        if (isNumber(nameOrNumber)) {
            long uid = KernelText.number(nameOrNumber, MAX_UID);
            if (uid < 0) {
                throw new JbccException.Usage(
                        "user number " + nameOrNumber + " is out of range", "A uid is from 0 to " + MAX_UID + ".");
            }
            return (int) uid;
        }
        if (isPossibleName(nameOrNumber)) {
            Optional<Account> account = inPasswd(a -> a.name().equals(nameOrNumber))
                    .or(() -> askGetent(nameOrNumber, a -> a.name().equals(nameOrNumber)));
            if (account.isPresent()) {
                return account.get().uid();
            }
        }
        throw new JbccException.Usage(
                "no such user: '" + nameOrNumber + "'", "Give a name that `getent passwd` lists, or a uid.");
    }

    synchronized String nameOf(int uid) {
        String name = names.get(uid);
        if (name == null) {
            name = inPasswd(a -> a.uid() == uid).map(Account::name).orElseGet(() -> Integer.toUnsignedString(uid));
            names.put(uid, name);
        }
        return name;
    }

    Optional<Account> accountOf(int uid) {
        return inPasswd(a -> a.uid() == uid).or(() -> askGetent(Integer.toUnsignedString(uid), a -> a.uid() == uid));
    }

    private Optional<Account> inPasswd(Predicate<Account> wanted) {
        return KernelText.read(passwd, MAX_PASSWD_BYTES).flatMap(text -> first(text, wanted));
    }

    /** The first account of a passwd(5) text that is wanted, as getpwnam(3) takes the first; bad lines are skipped. */
    static Optional<Account> first(String latin1, Predicate<Account> wanted) {
        int start = 0;
        while (start < latin1.length()) {
            int end = latin1.indexOf('\n', start);
            end = end < 0 ? latin1.length() : end;
            if (end - start <= MAX_LINE_BYTES) {
                Account account = parse(latin1.substring(start, end));
                if (account != null && wanted.test(account)) {
                    return Optional.of(account);
                }
            }
            start = end + 1;
        }
        return Optional.empty();
    }

    private static Account parse(String line) {
        String[] field = line.split(":", 8);
        if (field.length < 7 || field[0].isEmpty()) {
            return null;
        }
        long uid = KernelText.number(field[2], MAX_UID);
        long gid = KernelText.number(field[3], MAX_UID);
        if (uid < 0 || gid < 0) {
            return null;
        }
        return new Account(KernelText.utf8(field[0]), (int) uid, (int) gid, KernelText.utf8(field[5]));
    }

    private Optional<Account> askGetent(String key, Predicate<Account> wanted) {
        Process process;
        try {
            process = new ProcessBuilder(getent, "passwd", key)
                    .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectError(Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            return Optional.empty(); // not installed: /etc/passwd is all there is
        }
        try {
            if (!process.waitFor(getentMillis, TimeUnit.MILLISECONDS)) {
                throw new JbccException.Failed(
                        "cannot look up user '" + key + "': getent passwd did not answer in time",
                        "Give the uid as a number.");
            }
            byte[] line = process.getInputStream().readNBytes(MAX_LINE_BYTES);
            return first(new String(line, StandardCharsets.ISO_8859_1), wanted);
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JbccException.Failed("interrupted while looking up user '" + key + "'", e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static boolean isNumber(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return !text.isEmpty();
    }

    /** Whether passwd(5) could have it; also keeps getent from taking a name for an option. */
    private static boolean isPossibleName(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c < ' ' || c == 0x7f || c == ':' || c == '/') {
                return false;
            }
        }
        return !name.isEmpty() && name.length() <= MAX_NAME && name.charAt(0) != '-';
    }
}
