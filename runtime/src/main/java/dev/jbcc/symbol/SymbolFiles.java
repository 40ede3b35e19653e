// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

import dev.jbcc.bpf.ffi.Libc;
import dev.jbcc.bpf.ffi.NativeException;
import dev.jbcc.bpf.ffi.OpenAt;
import dev.jbcc.bpf.ffi.Statx;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * All files that code was seen in, each once, however many processes use it: the same device, inode, size and time of
 * change, or, for the copies of a container image's file that overlayfs shows, the same but for the device and with the
 * same build id.
 *
 * <p>Limits: {@value #MAX_OPEN} files are open at a time, one for each {@value #BYTES_OF_FILE} bytes of the budget is known
 * for sharing, and the tables of functions take the budget, one of them at most half of it; those that were used longest
 * ago make room. One thread.
 */
final class SymbolFiles implements AutoCloseable {
    static final int MAX_OPEN = 512;
    private static final int BYTES_OF_FILE = 4096;
    private static final int MAX_VDSO = 1 << 16;
    private static final int MAX_HEADERS = 4096;

    private record Identity(int major, int minor, long inode, long size, long modified) {
        static Identity of(Statx file, boolean device) {
            return new Identity(
                    device ? file.major() : -1, device ? file.minor() : -1, file.inode(), file.size(), file.modified());
        }
    }

    private record Vdso(boolean low, long length) {}

    private final OpenFiles open = new OpenFiles(MAX_OPEN);
    private final Map<Identity, SymbolFile> files;
    private final Map<Identity, SymbolFile> anywhere;
    private final Map<SymbolFile, Boolean> loaded = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<Vdso, SymbolFile> vdsos = new HashMap<>();
    private final UnaryOperator<String> demangler;
    private final long budget;
    private long loadedBytes;

    private static final class Bounded extends LinkedHashMap<Identity, SymbolFile> {
        private static final long serialVersionUID = 1L;

        private final long limit;

        Bounded(long limit) {
            super(16, 0.75f, true);
            this.limit = limit;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<Identity, SymbolFile> eldest) {
            return size() > limit;
        }
    }

    SymbolFiles(UnaryOperator<String> demangler, long budget) {
        this.demangler = demangler;
        this.budget = budget;
        this.files = new Bounded(budget / BYTES_OF_FILE);
        this.anywhere = new Bounded(budget / BYTES_OF_FILE);
    }

    /**
     * The file of a mapping: the very inode that is mapped, by the kernel's link for the range (needs CAP_SYS_ADMIN or
     * CAP_CHECKPOINT_RESTORE), which works when it is deleted, too; else what /proc/PID/exe, its path below the
     * process's root, or its path here leads to, if that is the same inode, or has the build id that is in the process's
     * memory.
     *
     * @param mappings all of the process's
     * @return null when it is in none of these places, may not be read, or is memory that only has the form of a file
     *     and holds no ELF image
     */
    SymbolFile of(int task, Mapping mapping, List<Mapping> mappings) {
        String range = "/proc/" + task + "/map_files/" + Long.toHexString(mapping.start()) + "-"
                + Long.toHexString(mapping.end());
        try {
            SymbolFile known = files.get(Identity.of(Statx.of(range), true));
            if (known != null) {
                return known;
            }
            return add(OpenAt.path(range), task, mapping);
        } catch (NativeException e) {
            return byPath(task, mapping, mappings);
        }
    }

    /** The second part of {@link #of}. */
    SymbolFile byPath(int task, Mapping mapping, List<Mapping> mappings) {
        int root = open(-1, "/proc/" + task + "/root");
        try {
            String[] places = {"/proc/" + task + "/exe", null, mapping.path()};
            for (String place : places) {
                if (place == null && root < 0) {
                    continue;
                }
                int descriptor = place == null ? open(root, mapping.path()) : open(-1, place);
                if (descriptor < 0) {
                    continue;
                }
                Statx file = Statx.of(descriptor);
                SymbolFile found;
                if (isMapped(file, mapping)) {
                    found = add(descriptor, task, mapping);
                } else if (place == null || place.equals(mapping.path())) {
                    found = withBuildIdInMemory(descriptor, task, mapping, mappings);
                } else {
                    Libc.close(descriptor);
                    continue;
                }
                if (found != null) {
                    return found;
                }
            }
            return null;
        } finally {
            if (root >= 0) {
                Libc.close(root);
            }
        }
    }

    private static boolean sharesRoot(int task) {
        try {
            return Statx.of("/proc/" + task + "/root/").sameContent(Statx.of("/"));
        } catch (NativeException e) {
            return true;
        }
    }

    private static boolean isMapped(Statx file, Mapping mapping) {
        return file.inode() == mapping.inode() && file.major() == mapping.major() && file.minor() == mapping.minor();
    }

    private static int open(int root, String path) {
        try {
            return root < 0 ? OpenAt.path(path) : OpenAt.pathInRoot(root, path);
        } catch (NativeException e) {
            return -1;
        }
    }

    /** Takes a file over and remembers it; closes the descriptor. */
    private SymbolFile add(int descriptor, int task, Mapping mapping) {
        try {
            OpenFile file = OpenFile.of(open, descriptor, mapping.deleted() ? null : mapping.path());
            SymbolFile known = files.get(Identity.of(file.identity(), true));
            if (known != null) {
                open.close(file);
                return known;
            }
            SymbolFile added = new SymbolFile(new ElfBytes(file), mapping.path(), task);
            if (mapping.isMemoryFile() && !added.isElf()) {
                open.close(file);
                return null;
            }
            Identity content = Identity.of(file.identity(), false);
            SymbolFile twin = anywhere.get(content);
            if (twin != null && twin.buildId() != null && twin.buildId().equals(added.buildId())) {
                open.close(file);
                added = twin;
            } else {
                anywhere.put(content, added);
                if (!file.isReachable() || !sharesRoot(task)) {
                    added.findDebugFile(open);
                }
            }
            files.put(Identity.of(file.identity(), true), added);
            return added;
        } catch (ElfException e) {
            return null;
        }
    }

    private SymbolFile withBuildIdInMemory(int descriptor, int task, Mapping mapping, List<Mapping> mappings) {
        OpenFile file = null;
        try {
            file = OpenFile.of(open, descriptor, null);
            SymbolFile found = new SymbolFile(new ElfBytes(file), mapping.path(), task);
            String id = found.buildId();
            if (id != null && id.equals(buildIdInMemory(task, mapping, mappings))) {
                files.put(Identity.of(file.identity(), true), found);
                return found;
            }
        } catch (ElfException e) {
            // Then it is not the one.
        }
        open.close(file);
        return null;
    }

    /** From the headers of the file, if they are mapped next to its code: known is where that starts. */
    private static String buildIdInMemory(int task, Mapping mapping, List<Mapping> mappings) throws ElfException {
        Mapping lowest = mapping;
        for (Mapping other : mappings) {
            if (other.sameFile(mapping) && Long.compareUnsigned(other.offset(), lowest.offset()) < 0) {
                lowest = other;
            }
        }
        byte[] headers = memory(task, lowest.start() - lowest.offset(), MAX_HEADERS);
        return new ElfFile(new ElfBytes(headers)).loadedBuildId();
    }

    private static byte[] memory(int task, long address, int length) throws ElfException {
        try (RandomAccessFile memory = new RandomAccessFile("/proc/" + task + "/mem", "r")) {
            memory.seek(address);
            byte[] bytes = new byte[length];
            memory.readFully(bytes);
            return bytes;
        } catch (IOException e) {
            throw new ElfException("memory of " + task + ": " + e.getMessage(), e);
        }
    }

    /**
     * The kernel's own shared object that it maps into each process. Those of 64-bit processes are the same as ours; one
     * of another kind is read from the first process that has it.
     */
    SymbolFile vdso(int task, Mapping mapping) {
        long length = mapping.end() - mapping.start();
        Vdso kind = new Vdso(mapping.start() >>> 32 == 0, length);
        SymbolFile known = vdsos.get(kind);
        if (known == null && length > 0 && length <= MAX_VDSO) {
            try {
                known = new SymbolFile(new ElfBytes(vdsoImage(task, mapping, (int) length)), "", task);
                vdsos.put(kind, known);
            } catch (ElfException e) {
                return null;
            }
        }
        return known;
    }

    private static byte[] vdsoImage(int task, Mapping mapping, int length) throws ElfException {
        if (mapping.start() >>> 32 != 0) {
            int self = Libc.processId();
            List<Mapping> own = Mappings.read(self);
            for (Mapping ours : own == null ? List.<Mapping>of() : own) {
                if (ours.isVdso() && ours.end() - ours.start() == length) {
                    return memory(self, ours.start(), length);
                }
            }
        }
        return memory(task, mapping.start(), length);
    }

    /** Reads the functions of a file, if they are not there. */
    void load(SymbolFile file) {
        if (file.isLoaded()) {
            loaded.get(file); // moves it to the end
            return;
        }
        for (Iterator<SymbolFile> eldest = loaded.keySet().iterator(); loadedBytes > budget / 2; ) {
            SymbolFile victim = eldest.next();
            loadedBytes -= victim.heapBytes();
            victim.unload();
            eldest.remove();
        }
        file.load(open, budget / 2, demangler);
        loadedBytes += file.heapBytes();
        loaded.put(file, true);
    }

    /** For {@code -v}. */
    String describe() {
        return anywhere.size() + " files, " + open.count() + " of them open, " + (loadedBytes + 512 >> 10)
                + " KiB of symbols of " + loaded.size();
    }

    @Override
    public void close() {
        open.close();
    }
}
