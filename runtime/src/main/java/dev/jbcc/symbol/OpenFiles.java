// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.symbol;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The files that are open at a time: at most a given number, the one that was used longest ago is closed for a new one,
 * and those that can be opened again by a path before those that cannot. One thread.
 */
final class OpenFiles implements AutoCloseable {
    private final int limit;
    private final Map<OpenFile, Boolean> open = new LinkedHashMap<>(16, 0.75f, true);

    OpenFiles(int limit) {
        this.limit = limit;
    }

    int count() {
        return open.size();
    }

    void opened(OpenFile file) {
        open.put(file, true);
        if (open.size() > limit) {
            OpenFile victim = eldest(file, true);
            close(victim != null ? victim : eldest(file, false));
        }
    }

    void used(OpenFile file) {
        open.get(file); // moves it to the end
    }

    void close(OpenFile file) {
        if (file != null) {
            open.remove(file);
            file.closeContent();
        }
    }

    private OpenFile eldest(OpenFile except, boolean reachable) {
        for (Iterator<OpenFile> all = open.keySet().iterator(); all.hasNext(); ) {
            OpenFile file = all.next();
            if (file != except && (!reachable || file.isReachable())) {
                return file;
            }
        }
        return null;
    }

    @Override
    public void close() {
        for (OpenFile file : open.keySet()) {
            file.closeContent();
        }
        open.clear();
    }
}
