// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.clang;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbcc.JbccException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectCacheTest {
    @TempDir
    Path temporary;

    private Path directory;
    private Path header;
    private Source source;
    private FakeClang fake;
    private final List<String> warnings = new ArrayList<>();

    @BeforeEach
    void layOut() throws Exception {
        directory = temporary.resolve("cache");
        Path include = Files.createDirectories(temporary.resolve("c/include"));
        header = Files.writeString(include.resolve("hello.h"), "one\n");
        source = new Source(Files.writeString(temporary.resolve("c/hello.bpf.c"), "int x;\n"), List.of(include));
        fake = FakeClang.reading(temporary.resolve("fake"), header);
        settle();
    }

    @Test
    void theSecondTimeDoesNotRunClang() throws IOException {
        Compiled first = object();
        assertFalse(first.cached());
        Compiled second = object();
        assertTrue(second.cached());
        assertArrayEquals(first.object(), second.object());
        assertEquals(1, fake.runs().size());
        assertEquals(List.of(), warnings);
    }

    @Test
    void theDirectoryIsOfTheOwnerAlone() throws IOException {
        directory = temporary.resolve("not/yet/there");
        object();
        for (Path p = directory; !p.equals(temporary); p = p.getParent()) {
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(p)));
        }
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(entry())));
        assertTrue(object().cached());
    }

    @Test
    void everyInputCounts() throws Exception {
        object();
        recompiled(() -> Files.writeString(header, "two\n"), "another header");
        recompiled(() -> Files.writeString(source.file(), "int y;\n"), "another source of the same length");
        recompiled(() -> Files.writeString(source.file(), "int yy;\n"), "another length");
        recompiled(() -> Files.writeString(fake.script(), Files.readString(fake.script()) + "#\n"), "another clang");
        recompiled(() -> Files.setLastModifiedTime(fake.script(), FileTime.fromMillis(1000)), "another time of clang");
    }

    @Test
    void everyArgumentCounts() throws IOException {
        object();
        Clang clang = fake.find();
        assertFalse(
                cache().object(clang, source, Target.AARCH64, List.of(), false).cached());
        assertFalse(cache().object(clang, source, Target.X86_64, List.of("-DX"), false)
                .cached());
        Source other = new Source(source.file(), List.of(temporary));
        assertFalse(
                cache().object(clang, other, Target.X86_64, List.of(), false).cached());
        assertTrue(object().cached(), "each of them has an entry of its own");
        assertEquals(4, entries().size());
    }

    @Test
    void theSameContentWithAnotherStatusIsGood() throws Exception {
        object();
        Path copy = Files.copy(header, temporary.resolve("copy"));
        Files.move(copy, header, StandardCopyOption.REPLACE_EXISTING);
        Files.setLastModifiedTime(source.file(), FileTime.fromMillis(1_000_000));
        assertTrue(object().cached());
    }

    @Test
    void aHeaderOfTheSystemCountsByItsStatus() throws Exception {
        Path system = Files.writeString(temporary.resolve("system.h"), "one\n");
        fake = FakeClang.reading(temporary.resolve("fake"), system);
        settle();
        object();
        assertTrue(object().cached());
        // The same length, and the time set back: only the kernel's own time of the change tells.
        recompiled(
                () -> {
                    FileTime before = Files.getLastModifiedTime(system);
                    Files.writeString(system, "two\n");
                    Files.setLastModifiedTime(system, before);
                },
                "content");
        recompiled(() -> Files.delete(system), "gone");
    }

    @Test
    void aHeaderThatTakesThePlaceOfAnotherCounts() throws Exception {
        object();
        recompiled(() -> Files.writeString(source.file().resolveSibling("hello.h"), "three\n"), "beside the source");
    }

    @Test
    void aLargeHeaderIsNotCopied() throws Exception {
        Files.writeString(header, "x".repeat(1 << 20));
        settle();
        object();
        assertTrue(object().cached());
        assertTrue(Files.size(entry()) < 100_000);
        recompiled(() -> Files.writeString(header, "y".repeat(1 << 20)), "content");
    }

    @Test
    void whatChangesDuringTheCompilationIsNotKept() throws Exception {
        for (Path changing : List.of(header, source.file())) {
            fake = FakeClang.reading(temporary.resolve("fake-" + changing.getFileName()), header);
            Files.writeString(fake.script(), Files.readString(fake.script()) + "echo changed >>" + changing + "\n");
            settle();
            assertFalse(object().cached());
            assertFalse(object().cached());
            assertEquals(2, fake.runs().size());
        }
        assertEquals(List.of(), warnings);
    }

    @Test
    void whatClangDoesNotNameIsNotKept() throws Exception {
        String[] rules = {
            "",
            "echo jbcc:",
            "echo jbcc: " + header,
            "echo jbcc: $SOURCE relative.h",
            "echo jbcc: $SOURCE /no/such.h",
            "echo jbcc: $SOURCE /dev/null",
            "echo other: $SOURCE"
        };
        for (int i = 0; i < rules.length; i++) {
            fake = new FakeClang(temporary.resolve("fake" + i), "cat $OBJECT", rules[i]);
            settle();
            object();
            assertFalse(object().cached(), rules[i]);
        }
        assertEquals(List.of(), warnings);
        assertFalse(Files.exists(directory));
    }

    @Test
    void theRuleMayComeFirst() throws Exception {
        fake = new FakeClang(temporary.resolve("fake"), "echo jbcc: $SOURCE " + header, "cat $OBJECT");
        settle();
        assertArrayEquals(FakeClang.elf(1, 0), object().object());
        assertTrue(object().cached());
    }

    @Test
    void recompilingStores() throws IOException {
        object();
        fake.object(FakeClang.elf(1, 7));
        assertArrayEquals(FakeClang.elf(1, 0), object().object(), "still the cached one");
        Compiled again = cache().object(fake.find(), source, Target.X86_64, List.of(), true);
        assertFalse(again.cached());
        assertArrayEquals(FakeClang.elf(1, 7), again.object());
        assertTrue(object().cached());
        assertArrayEquals(FakeClang.elf(1, 7), object().object());
        assertEquals(1, entries().size());
    }

    @Test
    void errorsAreNotKept() throws Exception {
        fake = new FakeClang(temporary.resolve("fake"), "exit 1");
        assertThrows(JbccException.Failed.class, this::object);
        assertFalse(Files.exists(directory));
    }

    @Test
    void aDamagedEntryIsReplaced() throws Exception {
        object();
        byte[] good = Files.readAllBytes(entry());
        for (int length : new int[] {0, 1, 4, 8, 100, good.length - 1}) {
            damaged(Arrays.copyOf(good, length));
        }
        byte[] flipped = good.clone();
        flipped[good.length / 2] ^= 4;
        damaged(flipped);
        damaged(Arrays.copyOf(good, good.length + 1));
    }

    @Test
    void noTruncationAndNoFlippedBitIsTakenForGood() throws Exception {
        object();
        byte[] good = Files.readAllBytes(entry());
        byte[] identity = fake.find().identity(source, Target.X86_64, List.of());
        assertArrayEquals(FakeClang.elf(1, 0), CacheEntry.object(good, identity));
        for (int length = 0; length < good.length; length++) {
            byte[] truncated = Arrays.copyOf(good, length);
            assertThrows(IOException.class, () -> CacheEntry.object(truncated, identity));
            byte[] flipped = good.clone();
            flipped[length] ^= (byte) (1 << (length % 8));
            assertThrows(IOException.class, () -> CacheEntry.object(flipped, identity));
        }
    }

    @Test
    void anEntryThatOthersCanWriteIsRefusedAndReplaced() throws Exception {
        object();
        for (String mode : List.of("rw--w----", "rw-----w-")) {
            Files.setPosixFilePermissions(entry(), PosixFilePermissions.fromString(mode));
            refused("can be written by other users");
        }
    }

    @Test
    void aSymbolicLinkIsNoEntry() throws Exception {
        object();
        Path elsewhere = temporary.resolve("elsewhere");
        Path entry = entry();
        Files.move(entry, elsewhere);
        Files.createSymbolicLink(entry, elsewhere);
        refused("is not a regular file");
        assertTrue(Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS));
        assertTrue(Files.exists(elsewhere), "what the link led to is left alone");
    }

    @Test
    void anEntryOfAnotherUserIsRefused() throws Exception {
        assumeRoot();
        object();
        Files.setAttribute(entry(), "unix:uid", 65534);
        refused("belongs to another user (uid 65534)");
    }

    @Test
    void aDirectoryInThePlaceOfAnEntryIsAWarning() throws Exception {
        object();
        Path entry = entry();
        Files.delete(entry);
        Files.createDirectory(entry);
        assertFalse(object().cached());
        assertEquals(2, warnings.size(), warnings.toString());
        assertEquals(List.of(entry), list());
    }

    @Test
    void aDirectoryThatOthersCanWriteIsRefused() throws Exception {
        Files.createDirectory(directory);
        for (String mode : List.of("rwx-w----", "rwx----w-", "rwxrwxrwx")) {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(mode));
            notUsed(directory + " can be written by other users");
        }
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        object();
        assertTrue(object().cached(), "others may read");
    }

    @Test
    void aSymbolicLinkIsNoDirectory() throws Exception {
        Path real = Files.createDirectory(temporary.resolve("real"));
        Files.createSymbolicLink(directory, real);
        notUsed(directory + " is a symbolic link");
        directory = real;
        object();
        assertTrue(object().cached());
    }

    @Test
    void aDirectoryOfAnotherUserIsRefused() throws Exception {
        assumeRoot();
        Files.createDirectory(directory);
        Files.setAttribute(directory, "unix:uid", 65534);
        notUsed(directory + " belongs to another user (uid 65534)");
    }

    @Test
    void everyParentCounts() throws Exception {
        Path parent = Files.createDirectory(temporary.resolve("parent"));
        directory = Files.createDirectories(parent.resolve("a/b"));
        Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwxrwx---"));
        notUsed(parent + " can be written by other users");
        Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwx------"));
        directory = parent.resolve("none/at/all");
        Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwx---rwx"));
        notUsed(parent + " can be written by other users");
    }

    @Test
    void aStickyParentIsGood() throws Exception {
        Path parent = Files.createDirectory(temporary.resolve("parent"));
        directory = parent.resolve("cache");
        Files.setAttribute(parent, "unix:mode", 01777);
        object();
        assertTrue(object().cached());
        // The sticky bit does not make the directory itself good.
        Files.setAttribute(directory, "unix:mode", 01777);
        notUsed(directory + " can be written by other users");
    }

    @Test
    void aParentOfAnotherUserIsRefused() throws Exception {
        assumeRoot();
        Path parent = Files.createDirectory(temporary.resolve("parent"));
        directory = Files.createDirectory(parent.resolve("cache"));
        Files.setAttribute(parent, "unix:uid", 65534);
        notUsed(parent + " belongs to another user (uid 65534)");
    }

    @Test
    void linksOnTheWayAreFollowedAndTheirTargetsChecked() throws Exception {
        Path real = Files.createDirectory(temporary.resolve("real"));
        Files.createSymbolicLink(temporary.resolve("relative"), Path.of("c/../real"));
        Files.createSymbolicLink(temporary.resolve("absolute"), temporary.resolve("relative"));
        directory = temporary.resolve("absolute/cache");
        object();
        assertTrue(object().cached());
        assertTrue(Files.exists(real.resolve("cache")));
        Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rwxrwxrwx"));
        notUsed(real + " can be written by other users");
        Files.createSymbolicLink(temporary.resolve("loop"), Path.of("loop"));
        directory = temporary.resolve("loop/cache");
        notUsed("too many symbolic links");
    }

    @Test
    void aLinkOfAnotherUserIsRefused() throws Exception {
        assumeRoot();
        Files.createDirectory(temporary.resolve("real"));
        Path link = Files.createSymbolicLink(temporary.resolve("link"), Path.of("real"));
        Process chown = new ProcessBuilder("chown", "-h", "65534", link.toString()).start();
        assertEquals(0, chown.waitFor());
        directory = link.resolve("cache");
        notUsed(link + " belongs to another user (uid 65534)");
    }

    @Test
    void aFileInThePlaceOfTheDirectoryIsAWarning() throws Exception {
        Files.writeString(directory, "");
        notUsed(directory + " is not a directory");
        directory = directory.resolve("below");
        notUsed("is not a directory");
    }

    @Test
    void theDirectoryDependsOnTheUser() throws Exception {
        Map<String, String> home = Map.of("HOME", "/home/me");
        Map<String, String> xdg = Map.of("HOME", "/home/me", "XDG_CACHE_HOME", "/fast");
        Map<String, String> own = Map.of("HOME", "/home/me", "XDG_CACHE_HOME", "/fast", "JBCC_CACHE_DIR", "/own");
        assertEquals(Path.of("/home/me/.cache/jbcc"), ObjectCache.directoryFor(home, 1000));
        assertEquals(Path.of("/fast/jbcc"), ObjectCache.directoryFor(xdg, 1000));
        assertEquals(
                Path.of("/home/me/.cache/jbcc"),
                ObjectCache.directoryFor(Map.of("HOME", "/home/me", "XDG_CACHE_HOME", "relative"), 1000));
        assertEquals(Path.of("/own"), ObjectCache.directoryFor(own, 1000));
        assertEquals(Path.of("/own"), ObjectCache.directoryFor(own, 0));
        // What sudo leaves of the caller's environment does not lead root into the caller's directory.
        assertEquals(Path.of("/var/cache/jbcc"), ObjectCache.directoryFor(xdg, 0));
    }

    @Test
    void aPlaceThatMakesNoSenseIsAWarning() {
        ObjectCache.open(Map.of(), 1000, 4, 1000, warnings::add);
        ObjectCache.open(Map.of("HOME", "here"), 1000, 4, 1000, warnings::add);
        ObjectCache.open(Map.of("JBCC_CACHE_DIR", "here"), 0, 4, 1000, warnings::add);
        String prefix = "not using the cache of compiled programs: ";
        assertEquals(
                List.of(
                        prefix + "neither JBCC_CACHE_DIR nor HOME is set",
                        prefix + "HOME is not an absolute path: here",
                        prefix + "JBCC_CACHE_DIR is not an absolute path: here"),
                warnings);
    }

    @Test
    void aReadOnlyFileSystemIsAWarning() throws Exception {
        Path mount = Files.createDirectory(temporary.resolve("mount"));
        mounted("-t tmpfs -o mode=700,size=1m tmpfs " + mount, mount, () -> {
            directory = Files.createDirectory(mount.resolve("cache"));
            object();
            Files.setLastModifiedTime(entry(), FileTime.fromMillis(1000));
            run("mount", "-o", "remount,ro", mount.toString());
            assertTrue(object().cached(), "it can still be read, though its time cannot be set");
            Files.writeString(header, "changed\n");
            settle();
            assertFalse(object().cached());
            assertEquals(1, warnings.size(), warnings.toString());
            assertTrue(warnings.getFirst().startsWith("cannot keep the compiled program"), warnings.toString());
        });
    }

    @Test
    void aFullDiskIsAWarningAndLeavesNothing() throws Exception {
        Path mount = Files.createDirectory(temporary.resolve("mount"));
        mounted("-t tmpfs -o mode=700,size=16k tmpfs " + mount, mount, () -> {
            directory = mount.resolve("cache");
            fake.object(FakeClang.elf(1000, 0));
            assertArrayEquals(FakeClang.elf(1000, 0), object().object());
            assertEquals(1, warnings.size(), warnings.toString());
            assertEquals(List.of(), list());
            fake.object(FakeClang.elf(1, 0));
            object();
            assertTrue(object().cached(), "what fits is kept");
        });
    }

    @Test
    void theOldestEntriesGo() throws Exception {
        for (int i = 0; i < 6; i++) {
            compile(i, 4, 1 << 20);
            Files.setLastModifiedTime(entryOf(i), FileTime.from(Instant.now().minusSeconds(1000 - i)));
        }
        assertEquals(4, entries().size());
        assertTrue(entryOf(0) == null && entryOf(1) == null && entryOf(2) != null && entryOf(5) != null);
    }

    @Test
    void theSizeIsBounded() throws Exception {
        compile(0, 100, 1 << 20);
        long each = Files.size(entryOf(0));
        for (int i = 1; i < 6; i++) {
            compile(i, 100, 3 * each + 10);
            Files.setLastModifiedTime(entryOf(i), FileTime.from(Instant.now().minusSeconds(1000 - i)));
        }
        assertEquals(3, entries().size());
        assertEquals(List.of(), warnings);
        warnings.clear();
        compile(9, 100, each - 1);
        assertTrue(warnings.getFirst().contains("larger than the cache may be"), warnings.toString());
    }

    @Test
    void aHitOfAnOldEntryMakesItYoung() throws Exception {
        object();
        Instant old = Instant.now().minusSeconds(2 * 86400);
        Files.setLastModifiedTime(entry(), FileTime.from(old));
        assertTrue(object().cached());
        assertTrue(Files.getLastModifiedTime(entry()).toInstant().isAfter(old.plusSeconds(86400)));
        Instant recent = Instant.now().minusSeconds(3600);
        Files.setLastModifiedTime(entry(), FileTime.from(recent));
        FileTime set = Files.getLastModifiedTime(entry());
        assertTrue(object().cached());
        assertEquals(set, Files.getLastModifiedTime(entry()), "not more than once a day");
    }

    @Test
    void leftoversOfCrashedWritersGo() throws Exception {
        Files.createDirectory(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        Path old = Files.writeString(directory.resolve(".new-1-1-1"), "x");
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minusSeconds(3700)));
        Path young = Files.writeString(directory.resolve(".new-1-1-2"), "x");
        Path other = Files.writeString(directory.resolve("notes.txt"), "x");
        Files.setLastModifiedTime(other, FileTime.fromMillis(0));
        object();
        assertFalse(Files.exists(old));
        assertTrue(Files.exists(young), "its writer may still be at work");
        assertTrue(Files.exists(other), "it is not ours");
    }

    @Test
    void threadsAndProcessesDoNotDisturbEachOther() throws Exception {
        Process[] processes = new Process[2];
        for (int i = 0; i < processes.length; i++) {
            processes[i] = new ProcessBuilder(
                            ProcessHandle.current().info().command().orElseThrow(),
                            "-Xshare:auto",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Racer.class.getName(),
                            fake.script().toString(),
                            directory.toString(),
                            source.file().toString(),
                            source.includes().getFirst().toString())
                    .inheritIO()
                    .start();
        }
        List<Thread> threads = new ArrayList<>();
        List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < 4; i++) {
            threads.add(Thread.ofPlatform()
                    .uncaughtExceptionHandler((thread, failure) -> failures.add(failure))
                    .start(() -> Racer.race(fake.find(), directory, source)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        for (Process process : processes) {
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue());
        }
        assertEquals(List.of(), failures);
        assertEquals(1, list().size(), "no temporary file is left: " + list());
        assertTrue(object().cached());
    }

    /** Compiles and looks up in turn; any wrong object or warning ends it with an exception. */
    static final class Racer {
        private Racer() {}

        public static void main(String[] arguments) {
            Clang clang =
                    Clang.find(Map.of(Clang.VARIABLE, arguments[0], "PATH", "/usr/bin:/bin"), Path.of("/"), 60_000);
            Source source = new Source(Path.of(arguments[2]), List.of(Path.of(arguments[3])));
            race(clang, Path.of(arguments[1]), source);
        }

        static void race(Clang clang, Path directory, Source source) {
            for (int i = 0; i < 15; i++) {
                ObjectCache cache = open(directory, 64, 1 << 20, warning -> {
                    throw new IllegalStateException(warning);
                });
                Compiled compiled = cache.object(clang, source, Target.X86_64, List.of(), i % 3 == 0);
                if (!Arrays.equals(FakeClang.elf(1, 0), compiled.object())) {
                    throw new IllegalStateException("a wrong object");
                }
            }
        }
    }

    @Test
    void theRealClangIsCachedAndItsHeadersAreWatched() throws Exception {
        Clang clang;
        try {
            clang = Clang.find();
        } catch (JbccException.Failed e) {
            assumeTrue(false, e.getMessage());
            throw e;
        }
        Files.writeString(header, "#define ANSWER 0\n");
        Files.writeString(source.file(), "#include \"hello.h\"\nint x = ANSWER;\n");
        settle();
        byte[] first =
                cache().object(clang, source, Target.host(), List.of(), false).object();
        Compiled second = cache().object(clang, source, Target.host(), List.of(), false);
        assertTrue(second.cached());
        assertArrayEquals(first, second.object());
        Files.writeString(header, "#define ANSWER 1\n");
        settle();
        Compiled third = cache().object(clang, source, Target.host(), List.of(), false);
        assertFalse(third.cached());
        assertNotEquals(0, Arrays.compare(first, third.object()));
        assertTrue(
                cache().object(clang, source, Target.host(), List.of(), false).cached());
        assertEquals(List.of(), warnings);
    }

    @Test
    void theUserOfThisProcessIsFound() throws Exception {
        assertEquals(uid(), ObjectCache.effectiveUid());
    }

    // What follows are the steps that the tests share.

    @FunctionalInterface
    private interface Step {
        void run() throws Exception;
    }

    private static ObjectCache open(
            Path directory, int maxEntries, long maxBytes, java.util.function.Consumer<String> warnings) {
        return ObjectCache.open(Map.of("JBCC_CACHE_DIR", directory.toString()), uid(), maxEntries, maxBytes, warnings);
    }

    private ObjectCache cache() {
        return open(directory, 64, 4 << 20, warnings::add);
    }

    private Compiled object() {
        return cache().object(fake.find(), source, Target.X86_64, List.of(), false);
    }

    private void recompiled(Step change, String what) throws Exception {
        assertTrue(object().cached(), "before: " + what);
        change.run();
        settle();
        int runs = fake.runs().size();
        assertFalse(object().cached(), what);
        assertEquals(runs + 1, fake.runs().size());
        if (!what.equals("gone")) {
            assertTrue(object().cached(), "kept again: " + what);
        }
        assertEquals(List.of(), warnings);
    }

    private void damaged(byte[] content) throws IOException {
        Files.write(entry(), content);
        warnings.clear();
        assertFalse(object().cached());
        assertEquals(1, warnings.size());
        assertTrue(warnings.getFirst().contains(" is damaged: "), warnings.getFirst());
        assertTrue(object().cached(), "replaced");
        assertEquals(1, warnings.size());
    }

    private void refused(String why) throws IOException {
        warnings.clear();
        Path entry = entry();
        assertFalse(object().cached());
        assertEquals(List.of("compiling again, because the cache cannot be used: " + entry + " " + why), warnings);
        assertTrue(object().cached(), "replaced");
        assertEquals(1, warnings.size());
    }

    private void notUsed(String why) throws IOException {
        warnings.clear();
        ObjectCache cache = cache();
        for (int i = 0; i < 2; i++) {
            assertFalse(cache.object(fake.find(), source, Target.X86_64, List.of(), false)
                    .cached());
        }
        assertEquals(1, warnings.size(), "warned once: " + warnings);
        assertTrue(warnings.getFirst().startsWith("not using the cache of compiled programs: "), warnings.toString());
        assertTrue(warnings.getFirst().contains(why), warnings.toString());
        warnings.clear();
    }

    private void compile(int number, int maxEntries, long maxBytes) throws Exception {
        Path file = Files.writeString(temporary.resolve("c/number" + number + ".bpf.c"), "int x;\n");
        settle();
        open(directory, maxEntries, maxBytes, warnings::add)
                .object(fake.find(), new Source(file, List.of()), Target.X86_64, List.of(), false);
    }

    private Path entryOf(int number) throws IOException {
        for (Path entry : entries()) {
            if (entry.getFileName().toString().startsWith("number" + number + ".")) {
                return entry;
            }
        }
        return null;
    }

    private Path entry() throws IOException {
        assertEquals(1, entries().size());
        return entries().getFirst();
    }

    private List<Path> entries() throws IOException {
        return list().stream()
                .filter(path -> path.toString().endsWith(CacheDirectory.SUFFIX))
                .toList();
    }

    private List<Path> list() throws IOException {
        try (var files = Files.list(directory)) {
            return files.toList();
        }
    }

    private static int uid() {
        try {
            return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void assumeRoot() {
        assumeTrue(uid() == 0, "only root can give files to another user");
    }

    /** Lets the clock leave the files just written behind, so that they do not look changed during a compilation. */
    private static void settle() throws InterruptedException {
        Thread.sleep(30);
    }

    private static void mounted(String arguments, Path mount, Step step) throws Exception {
        assumeTrue(uid() == 0, "only root can mount");
        List<String> command = new ArrayList<>(List.of("mount"));
        command.addAll(List.of(arguments.split(" ")));
        assumeTrue(new ProcessBuilder(command).start().waitFor() == 0, "tmpfs cannot be mounted here");
        try {
            step.run();
        } finally {
            run("umount", mount.toString());
        }
    }

    private static void run(String... command) throws Exception {
        assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
    }
}
