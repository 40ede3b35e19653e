// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host.container;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The pods and containers of this node, from the names of kubelet's log files alone: symbolic links
 * {@code /var/log/containers/POD_NAMESPACE_CONTAINER-ID.log}, and directories {@code /var/log/pods/NAMESPACE_POD_UID}.
 *
 * <p>Kubelet makes them a moment after the container has started. A directory is listed again when something is not found
 * in it, at most each 2 seconds; of more than 16,384 names the rest is not seen.
 */
final class KubeletLogs {
    private static final long REFRESH_NANOS = 2_000_000_000;
    private static final int MAX_NAMES = 1 << 14;
    private static final int MAX_ID = 64;

    private final Listing containers;
    private final Listing pods;

    KubeletLogs(Path root, LongSupplier nanos) {
        this.containers = new Listing(root.resolve("var/log/containers"), nanos);
        this.pods = new Listing(root.resolve("var/log/pods"), nanos);
    }

    /** What kubelet calls a container, by its id; null when it is not there. */
    Names container(String id) {
        String name = containers.find(id); // POD_NAMESPACE_CONTAINER-ID.log
        if (name == null) {
            return null;
        }
        int pod = name.indexOf('_');
        int namespace = name.indexOf('_', pod + 1);
        int container = name.length() - ".log".length() - MAX_ID - 1;
        if (pod <= 0 || namespace <= pod + 1 || container <= namespace + 1) {
            return null;
        }
        return new Names(
                "",
                name.substring(namespace + 1, container),
                name.substring(0, pod),
                name.substring(pod + 1, namespace),
                "");
    }

    /** What kubelet calls a pod, by its uid; null when it is not there. */
    Names pod(String uid) {
        String name = pods.find(uid); // NAMESPACE_POD_UID
        if (name == null) {
            return null;
        }
        int namespace = name.indexOf('_');
        int pod = name.lastIndexOf('_');
        if (namespace <= 0 || pod <= namespace + 1) {
            return null;
        }
        return new Names("", "", name.substring(namespace + 1, pod), name.substring(0, namespace), uid);
    }

    /** The file names of a directory by the id that they end with. */
    private static final class Listing {
        private final Path directory;
        private final LongSupplier nanos;
        private Map<String, String> names = Map.of();
        private boolean listed;
        private long listedAt;

        Listing(Path directory, LongSupplier nanos) {
            this.directory = directory;
            this.nanos = nanos;
        }

        String find(String id) {
            String name = names.get(id);
            if (name == null && (!listed || nanos.getAsLong() - listedAt >= REFRESH_NANOS)) {
                list();
                name = names.get(id);
            }
            return name;
        }

        private void list() {
            Map<String, String> found = new HashMap<>();
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
                for (Path file : files) {
                    if (found.size() == MAX_NAMES) {
                        break;
                    }
                    String name = file.getFileName().toString();
                    found.put(idAtEnd(name), name);
                }
            } catch (IOException | DirectoryIteratorException e) {
                // no Kubernetes here, or not for us
            }
            names = found;
            listed = true;
            listedAt = nanos.getAsLong();
        }

        private static String idAtEnd(String name) {
            if (!name.endsWith(".log")) {
                return name.substring(name.lastIndexOf('_') + 1);
            }
            int end = name.length() - ".log".length();
            return end > MAX_ID && name.charAt(end - MAX_ID - 1) == '-' ? name.substring(end - MAX_ID, end) : "";
        }
    }
}
