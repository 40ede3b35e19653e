// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host.container;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * A walk over all directories of a cgroup tree that goes on in short steps, round after round, and remembers the ids of
 * the last complete round and of the current one.
 *
 * <p>Most cgroups are leaves and have some forty files: a leaf is known by its link count of 2 (kernfs counts a
 * directory's links as other file systems do) and is not listed, and a listing ends with the last subdirectory.
 */
final class CgroupWalk {
    private static final long STEP_NANOS = 5_000_000;
    /** Between two steps, so that a flood of unknown ids costs at most a tenth of the time. */
    private static final long PAUSE_NANOS = 50_000_000;

    private static final long GREATEST_NANOS = 500_000_000;
    private static final int MAX_REMEMBERED = 1 << 14;
    private static final int MAX_PENDING = 1 << 16;

    private final Path top;
    private final LongSupplier nanos;
    private final ArrayDeque<Branch> pending = new ArrayDeque<>();
    private Map<Long, String> last = Map.of();
    private Map<Long, String> current = new HashMap<>();
    private Listing listing;
    private long greatest;
    private boolean paused;
    private long pausedUntil;

    /** A directory that has others in it; how many is its links less 2, and links of less than 2 tell nothing. */
    private record Branch(Path directory, String path, int links) {}

    /** A branch whose entries are being looked at. */
    private static final class Listing {
        final Branch branch;
        final DirectoryStream<Path> stream;
        final Iterator<Path> entries;
        int left;

        Listing(Branch branch) throws IOException {
            this.branch = branch;
            this.stream = Files.newDirectoryStream(branch.directory);
            this.entries = stream.iterator();
            this.left = branch.links < 2 ? Integer.MAX_VALUE : branch.links - 2;
        }
    }

    CgroupWalk(Path top, LongSupplier nanos) {
        this.top = top;
        this.nanos = nanos;
    }

    /**
     * The path of a cgroup below the top, beginning with a slash; null when it has not been met. In vain it walks on for
     * some 5 ms, at most each 50 ms, so an id that is not found now may be later. Of more than 16,384 cgroups only as
     * many are remembered.
     */
    String find(long id) {
        String known = known(id);
        long now = nanos.getAsLong();
        if (known != null || paused && now - pausedUntil < 0) {
            return known;
        }
        if (begun()) {
            step(now + STEP_NANOS);
        }
        paused = true;
        pausedUntil = nanos.getAsLong() + PAUSE_NANOS;
        return known(id);
    }

    private String known(long id) {
        String path = current.get(id);
        return path == null ? last.get(id) : path;
    }

    /**
     * The greatest id met in one round that takes half a second at most. Ids only grow: on 64-bit machines kernfs counts
     * how often the lower half of an id wrapped around in the upper one (fs/kernfs/dir.c, since Linux 5.5).
     */
    long greatest() {
        pending.clear();
        endListing();
        greatest = 0;
        if (begun()) {
            step(nanos.getAsLong() + GREATEST_NANOS);
        }
        return greatest;
    }

    /** Starts a round if none is under way; false when the top is not there. */
    private boolean begun() {
        if (listing == null && pending.isEmpty()) {
            visit(top, "/");
        }
        return !pending.isEmpty() || !current.isEmpty();
    }

    /** Walks until the round is complete or the time is over. */
    private void step(long until) {
        while (nanos.getAsLong() - until < 0) {
            if (listing == null) {
                Branch next = pending.poll();
                if (next == null) {
                    last = current;
                    current = new HashMap<>();
                    return;
                }
                try {
                    listing = new Listing(next);
                } catch (IOException e) {
                    continue; // removed meanwhile, or not for us
                }
            }
            if (!lookAtNext()) {
                endListing();
            }
        }
    }

    /** False at the end of the listing. */
    private boolean lookAtNext() {
        try {
            if (listing.left == 0 || !listing.entries.hasNext()) {
                return false;
            }
            Path entry = listing.entries.next();
            String parent = listing.branch.path;
            if (visit(entry, (parent.equals("/") ? "" : parent) + "/" + entry.getFileName())) {
                listing.left--;
            }
            return true;
        } catch (DirectoryIteratorException e) {
            return false; // the directory was removed meanwhile
        }
    }

    /** Remembers a directory; false when it is none. */
    private boolean visit(Path file, String path) {
        Map<String, Object> stat;
        try {
            stat = Files.readAttributes(file, "unix:ino,nlink,isDirectory", LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            return false;
        }
        if (!Boolean.TRUE.equals(stat.get("isDirectory"))) {
            return false;
        }
        long id = (Long) stat.get("ino");
        int links = (Integer) stat.get("nlink");
        if (Long.compareUnsigned(id, greatest) > 0) {
            greatest = id;
        }
        if (current.size() < MAX_REMEMBERED) {
            current.put(id, path);
        }
        if (links != 2 && pending.size() < MAX_PENDING) {
            pending.add(new Branch(file, path, links));
        }
        return true;
    }

    private void endListing() {
        if (listing != null) {
            try {
                listing.stream.close();
            } catch (IOException e) {
                // it was only read
            }
            listing = null;
        }
    }
}
