// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What stat(2) says of a file, in one call (some 30 µs in a JVM that has just started; owners by name would cost a look
 * into the user database).
 *
 * @param mode type and permission bits, as in {@code st_mode}
 * @param uid the owner
 * @param modified when the content was last changed, nanoseconds since 1970; anyone who may write can set it
 * @param changed when content or status was last changed, nanoseconds since 1970; set by the kernel alone
 */
record FileStatus(int mode, int uid, long inode, long size, long modified, long changed) {
    private static final String ATTRIBUTES = "unix:mode,uid,ino,size,lastModifiedTime,ctime";
    private static final LinkOption[] FOLLOW = {};
    private static final LinkOption[] NO_FOLLOW = {LinkOption.NOFOLLOW_LINKS};

    private static final int TYPE = 0170000;
    private static final int SYMLINK = 0120000;
    private static final int REGULAR = 0100000;
    private static final int DIRECTORY = 0040000;
    private static final int STICKY = 01000;
    private static final int WRITABLE_BY_OTHERS = 0022;

    /** Of the file that a symbolic link leads to; null when there is none. */
    static FileStatus of(Path path) throws IOException {
        return of(path, FOLLOW);
    }

    /** Of a symbolic link itself; null when there is no file. */
    static FileStatus ofLink(Path path) throws IOException {
        return of(path, NO_FOLLOW);
    }

    private static FileStatus of(Path path, LinkOption[] options) throws IOException {
        Map<String, Object> all;
        try {
            all = Files.readAttributes(path, ATTRIBUTES, options);
        } catch (NoSuchFileException e) {
            return null;
        }
        return new FileStatus(
                (Integer) all.get("mode"),
                (Integer) all.get("uid"),
                (Long) all.get("ino"),
                (Long) all.get("size"),
                nanoseconds(all.get("lastModifiedTime")),
                nanoseconds(all.get("ctime")));
    }

    private static long nanoseconds(Object time) {
        return ((FileTime) time).to(TimeUnit.NANOSECONDS);
    }

    boolean isSymlink() {
        return (mode & TYPE) == SYMLINK;
    }

    boolean isRegular() {
        return (mode & TYPE) == REGULAR;
    }

    boolean isDirectory() {
        return (mode & TYPE) == DIRECTORY;
    }

    /** Whether users may only remove their own files from this directory. */
    boolean isSticky() {
        return (mode & STICKY) != 0;
    }

    /** Whether its group or everyone may write; an access control list shows here as its group. */
    boolean isWritableByOthers() {
        return (mode & WRITABLE_BY_OTHERS) != 0;
    }

    /** Whether this is the same file with the same content as {@code other}, as far as the kernel can tell. */
    boolean isUnchangedFrom(FileStatus other) {
        return other != null
                && inode == other.inode
                && size == other.size
                && modified == other.modified
                && changed == other.changed;
    }
}
