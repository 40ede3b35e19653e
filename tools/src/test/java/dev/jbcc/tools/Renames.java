// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A workload that renames, in each way that ends well and in some that fail, and what is to be seen of it. */
final class Renames {
    private static Path directory;

    private Renames() {}

    /** The operations of a {@link Workload}, in a directory of its own. */
    static List<Object> operations() throws IOException {
        directory = Scratch.directory("renames");
        Files.createFile(directory.resolve("a"));
        Files.createFile(directory.resolve("other"));
        Files.createDirectory(directory.resolve("d"));
        List<Object> operations = new ArrayList<>(List.of("hold", directory.resolve("d"), "chdir", directory));
        operations.addAll(List.of("rename", "a", "b"));
        operations.addAll(List.of("renameat", "cwd", directory + "/b", "held", "c"));
        operations.addAll(List.of("renameat2", "held", "c", "cwd", "./e", "0"));
        operations.addAll(List.of("renameat2", "cwd", "e", "cwd", "other", "1"));
        operations.addAll(List.of("renameat2", "cwd", "e", "cwd", "other", "2"));
        operations.addAll(List.of("renameat2", "cwd", "e", "cwd", "other", "3"));
        operations.addAll(
                List.of("rename", "absent", "x", "rename", "e", "d", "rename", "e", "", "rename", "e", "/dev/null/x"));
        operations.addAll(List.of("renameat", "77", "e", "cwd", "f"));
        if (Workload.compat()) {
            operations.addAll(List.of("rename32", "e", "g", "renameat32", "cwd", "g", "held", "h"));
            operations.addAll(List.of("renameat2_32", "held", "h", "cwd", "e", "1"));
        }
        return operations;
    }

    /** The lines of these, as {@link #line} makes them. */
    static List<String> expected() {
        String at = directory.toString();
        List<String> lines = new ArrayList<>(List.of(
                "rename 0 - " + at + "/a " + at + "/b",
                "renameat 0 - " + at + "/b " + at + "/d/c",
                "renameat2 0 - " + at + "/d/c " + at + "/./e",
                "renameat2 17 RENAME_NOREPLACE " + at + "/e " + at + "/other",
                "renameat2 0 RENAME_EXCHANGE " + at + "/e " + at + "/other",
                "renameat2 22 RENAME_NOREPLACE|RENAME_EXCHANGE " + at + "/e " + at + "/other",
                "rename 2 - " + at + "/absent " + at + "/x",
                "rename 21 - " + at + "/e " + at + "/d",
                "rename 2 - " + at + "/e " + at + "/",
                "rename 20 - " + at + "/e /dev/null/x",
                "renameat 9 - null " + at + "/f"));
        if (Workload.compat()) {
            lines.add("rename 0 - " + at + "/e " + at + "/g");
            lines.add("renameat 0 - " + at + "/g " + at + "/d/h");
            lines.add("renameat2 0 RENAME_NOREPLACE " + at + "/d/h " + at + "/e");
        }
        return lines;
    }

    /** The call, its error, its flags and its absolute paths. */
    static String line(JsonObject row) {
        String flags = row.get("flags_names").isJsonNull()
                ? "-"
                : row.get("flags_names").getAsString();
        return row.get("call").getAsString() + " " + row.get("err").getAsInt() + " " + flags + " "
                + path(row, "old_full_path") + " " + path(row, "new_full_path");
    }

    private static String path(JsonObject row, String field) {
        return row.get(field).isJsonNull() ? "null" : row.get(field).getAsString();
    }

    /** Mounts an overlay on a tmpfs; to be unmounted, and its parent too. */
    static Path overlay() throws IOException {
        Path root = Scratch.directory("overlay");
        String script = "mount -t tmpfs none " + root + " && cd " + root + " && mkdir l u w m && echo x > l/lower"
                + " && mount -t overlay overlay -o lowerdir=l,upperdir=u,workdir=w m";
        boolean mounted = Program.exit(List.of("sh", "-c", script)) == 0;
        if (!mounted) {
            Program.exit(List.of("umount", root.toString()));
        }
        assumeTrue(mounted, "overlayfs cannot be mounted here");
        return root.resolve("m");
    }
}
