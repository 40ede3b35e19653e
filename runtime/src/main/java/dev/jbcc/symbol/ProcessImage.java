// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is known of one program that a process ran: its executable mappings as they were at up to
 * {@value #MAX_SNAPSHOTS} times, the newest first, because libraries come and go.
 */
final class ProcessImage {
    private static final int MAX_SNAPSHOTS = 4;
    private static final int BYTES = 200;
    private static final int BYTES_OF_MAPPING = 120;
    private static final int BYTES_OF_FILE = 1000;

    /** Where an address is: the mapping, and its file, which is null when it is none or cannot be read. */
    record Place(Mapping mapping, SymbolFile file) {}

    private record Snapshot(List<Mapping> mappings, SymbolFile[] files) {
        Place find(long address) {
            int low = 0;
            int high = mappings.size() - 1;
            while (low <= high) {
                int middle = low + high >>> 1;
                Mapping mapping = mappings.get(middle);
                if (mapping.contains(address)) {
                    return new Place(mapping, files[middle]);
                }
                if (Long.compareUnsigned(mapping.start(), address) < 0) {
                    low = middle + 1;
                } else {
                    high = middle - 1;
                }
            }
            return null;
        }

        /** Whether these are mappings of the same program start: the kernel chooses new addresses at each. */
        boolean sameStart(List<Mapping> others) {
            Mapping file = null;
            Mapping vdso = null;
            for (Mapping mapping : mappings) {
                file = file == null && mapping.isFile() ? mapping : file;
                vdso = mapping.isVdso() ? mapping : vdso;
            }
            for (Mapping other : others) {
                if (other.isFile() && file != null) {
                    if (other.start() != file.start() || !other.sameFile(file)) {
                        return false;
                    }
                    file = null;
                }
                if (other.isVdso() && (vdso == null || other.start() != vdso.start())) {
                    return false;
                }
            }
            return file == null;
        }
    }

    private final List<Snapshot> snapshots = new ArrayList<>(1);
    private int task;
    private boolean refreshed;
    private Frame.Why missing;

    /** Takes in what the mappings are now. */
    void add(int task, List<Mapping> mappings, SymbolFiles symbolFiles) {
        this.task = task;
        refreshed = false;
        missing = null;
        Snapshot before = snapshots.isEmpty() ? null : snapshots.getFirst();
        if (before != null && before.mappings.equals(mappings)) {
            return;
        }
        SymbolFile[] files = new SymbolFile[mappings.size()];
        Map<FileKey, SymbolFile> seen = new HashMap<>();
        for (int i = 0; i < files.length; i++) {
            Mapping mapping = mappings.get(i);
            if (mapping.isVdso()) {
                files[i] = symbolFiles.vdso(task, mapping);
            } else if (mapping.isFile()) {
                FileKey key = new FileKey(mapping.major(), mapping.minor(), mapping.inode(), mapping.path());
                if (!seen.containsKey(key)) {
                    Place earlier = before == null ? null : before.find(mapping.start());
                    boolean unchanged = earlier != null
                            && earlier.file != null
                            && earlier.mapping.start() == mapping.start()
                            && earlier.mapping.sameFile(mapping);
                    seen.put(key, unchanged ? earlier.file : symbolFiles.of(task, mapping, mappings));
                }
                files[i] = seen.get(key);
            }
        }
        snapshots.addFirst(new Snapshot(List.copyOf(mappings), files));
        if (snapshots.size() > MAX_SNAPSHOTS) {
            snapshots.removeLast();
        }
    }

    private record FileKey(int major, int minor, long inode, String path) {}

    /** Takes in newer mappings, unless they are of a program that was started later. */
    void refresh(int task, List<Mapping> mappings, SymbolFiles symbolFiles) {
        if (!snapshots.isEmpty() && snapshots.getFirst().sameStart(mappings)) {
            add(task, mappings, symbolFiles);
        }
        refreshed = true;
    }

    /** Whether {@link #refresh} was called after the last {@link #add}. */
    boolean isRefreshed() {
        return refreshed;
    }

    /** Why nothing is known of it; null when something is. */
    Frame.Why missing() {
        return snapshots.isEmpty() ? missing : null;
    }

    void missing(Frame.Why why) {
        missing = why;
    }

    /** The newest mapping that covers an address, or null. */
    Place find(long address) {
        for (Snapshot snapshot : snapshots) {
            Place place = snapshot.find(address);
            if (place != null) {
                return place;
            }
        }
        return null;
    }

    /** About what it occupies on the heap, with the files that were first seen in it. */
    long heapBytes() {
        long bytes = BYTES;
        for (Snapshot snapshot : snapshots) {
            Mapping last = null;
            for (int i = 0; i < snapshot.files.length; i++) {
                Mapping mapping = snapshot.mappings.get(i);
                SymbolFile file = snapshot.files[i];
                bytes += BYTES_OF_MAPPING;
                if (last == null || mapping.path() != last.path()) { // the same string, see Mappings
                    bytes += mapping.path().length();
                    bytes += file != null && file.task() == task ? BYTES_OF_FILE : 0;
                }
                last = mapping;
            }
        }
        return bytes;
    }
}
