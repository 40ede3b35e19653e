// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host.container;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.List;

/**
 * The names that container runtimes wrote into their state files, at the places where they have them by default and
 * which only root may write.
 */
final class RuntimeState {
    private static final int MAX_BYTES = 4 << 20;
    private static final int MAX_NAMESPACES = 16;
    private static final String DOCKER = "var/lib/docker/containers";
    /** The state folders of containerd itself, of k3s and RKE2, and of MicroK8s. */
    private static final List<String> CONTAINERD = List.of(
            "run/containerd/io.containerd.runtime.v2.task",
            "run/k3s/containerd/io.containerd.runtime.v2.task",
            "var/snap/microk8s/common/run/containerd/io.containerd.runtime.v2.task");
    // Podman and CRI-O share the storage library of theirs
    private static final String STORAGE_RUN = "run/containers/storage/overlay-containers";
    private static final String STORAGE = "var/lib/containers/storage/overlay-containers";

    private final Path root;

    RuntimeState(Path root) {
        this.root = root;
    }

    /**
     * What a runtime says of a container, or {@link Names#NONE}.
     *
     * @param id 64 hexadecimal digits
     * @param runtime empty: whichever knows the id
     */
    Names find(String id, String runtime) {
        return switch (runtime) {
            case "docker" -> docker(id);
            case "containerd" -> containerd(id);
            case "cri-o" -> crio(id);
            case "podman" -> podman(id);
            case "" -> {
                Names names = docker(id);
                names = names == Names.NONE ? containerd(id) : names;
                names = names == Names.NONE ? crio(id) : names;
                yield names == Names.NONE ? podman(id) : names;
            }
            default -> Names.NONE;
        };
    }

    private Names docker(String id) {
        Object config = json(root.resolve(DOCKER).resolve(id).resolve("config.v2.json"));
        if (config == null) {
            return Names.NONE;
        }
        String name = Json.string(config, "Name");
        Names own = new Names("docker", name.startsWith("/") ? name.substring(1) : name, "", "", "");
        // cri-dockerd writes the Kubernetes names into labels, and one of all of them into the name
        return kubernetes(config, "docker", "Config", "Labels").or(own);
    }

    private Names containerd(String id) {
        for (String tasks : CONTAINERD) {
            int namespaces = 0;
            try (DirectoryStream<Path> directories = Files.newDirectoryStream(root.resolve(tasks))) {
                for (Path namespace : directories) {
                    Object config = json(namespace.resolve(id).resolve("config.json"));
                    if (config != null) {
                        return containerd(config);
                    }
                    if (++namespaces == MAX_NAMESPACES) {
                        break;
                    }
                }
            } catch (IOException | DirectoryIteratorException e) {
                // this one is not there, or not for us
            }
        }
        return Names.NONE;
    }

    private static Names containerd(Object config) {
        String name = Json.string(config, "annotations", "io.kubernetes.cri.container-name");
        return new Names(
                "containerd",
                name.isEmpty() ? Json.string(config, "annotations", "nerdctl/name") : name,
                Json.string(config, "annotations", "io.kubernetes.cri.sandbox-name"),
                Json.string(config, "annotations", "io.kubernetes.cri.sandbox-namespace"),
                Json.string(config, "annotations", "io.kubernetes.cri.sandbox-uid"));
    }

    private Names crio(String id) {
        Path data = Path.of(id, "userdata");
        Object config = json(root.resolve(STORAGE_RUN).resolve(data).resolve("config.json"));
        Names names = kubernetes(config, "cri-o", "annotations");
        if (names.pod().isEmpty()) {
            config = json(root.resolve(STORAGE).resolve(data).resolve("state.json"));
            names = kubernetes(config, "cri-o", "annotations");
        }
        return names.pod().isEmpty() ? Names.NONE : names;
    }

    private static Names kubernetes(Object config, String runtime, String... where) {
        return new Names(
                runtime,
                kubernetes(config, where, "container.name"),
                kubernetes(config, where, "pod.name"),
                kubernetes(config, where, "pod.namespace"),
                kubernetes(config, where, "pod.uid"));
    }

    private static String kubernetes(Object config, String[] where, String label) {
        String[] path = Arrays.copyOf(where, where.length + 1);
        path[where.length] = "io.kubernetes." + label;
        return Json.string(config, path);
    }

    /** Podman keeps names in a database, and beside it in the list of its storage: {@code [{"id", "names"}]}. */
    private Names podman(String id) {
        for (String list : List.of(
                STORAGE + "/containers.json",
                STORAGE + "/volatile-containers.json", // of --rm
                STORAGE_RUN + "/volatile-containers.json")) {
            if (json(root.resolve(list)) instanceof List<?> containers) {
                for (Object container : containers) {
                    if (Json.string(container, "id").equals(id)) {
                        return new Names("podman", Json.first(container, "names"), "", "", "");
                    }
                }
            }
        }
        return Names.NONE;
    }

    /** The content of a JSON file; null when it is not there, not readable, larger than 4 MiB or not JSON. */
    private static Object json(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            if (!attributes.isRegularFile() || attributes.size() > MAX_BYTES) { // a FIFO would block
                return null;
            }
            try (InputStream in = Files.newInputStream(file)) {
                return Json.parse(new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            return null;
        }
    }
}
