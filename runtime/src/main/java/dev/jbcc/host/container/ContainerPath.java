// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host.container;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What the path of a cgroup tells of the container that it belongs to.
 *
 * <p>The parts of the path are tried from the innermost to the outermost, each against all shapes in their order, and the
 * first that fits wins: of containers in containers (docker in docker, kind) the innermost is named. The pod is the
 * innermost part that names one, so a container that was started inside a pod's container is the pod's as well. What
 * runs beside a container and not in it (conmon, the supervisor of systemd-nspawn, LXC's monitor) fits no shape.
 *
 * <p>A container that may make cgroups can name them so that they look like another container: what is found is what the
 * path says, not a proof.
 *
 * @param id empty when the path is of no container
 * @param runtime empty also when the path does not tell: with cgroupfs as its driver, kubelet names only the id
 * @param podUid with dashes; empty when there is no pod
 * @param end length of the front of the path that is the container's own cgroup; 0 without a container
 */
record ContainerPath(String id, String runtime, String podUid, int end) {
    private static final int HEX_ID = 64;
    private static final int STATIC_POD_UID = 32;
    private static final int MAX_NAME = 255; // NAME_MAX

    private enum Id {
        HEX,
        UUID,
        /** Like a UUID that is cut short, 8-4-4-4-4. */
        GARDEN,
        /** Anything, with systemd's escapes (\x2d) undone. */
        NAME
    }

    /**
     * A part of a path that is a container's cgroup: {@code prefix}, id, {@code suffix}, in a directory named
     * {@code parent} (null: any). The runtime null: it is no container, whatever shapes follow.
     */
    private record Shape(String parent, String prefix, Id id, String suffix, String runtime) {}

    private static final List<Shape> SHAPES = List.of(
            // systemd as the cgroup driver; crun makes one more directory below
            new Shape(null, "docker-", Id.HEX, ".scope", "docker"),
            new Shape(null, "cri-containerd-", Id.HEX, ".scope", "containerd"),
            new Shape(null, "nerdctl-", Id.HEX, ".scope", "containerd"),
            new Shape(null, "crio-", Id.HEX, ".scope", "cri-o"),
            new Shape(null, "libpod-", Id.HEX, ".scope", "podman"),
            // the same runtimes without systemd, and slice:prefix:id, which is taken as slice/prefix-id
            new Shape(null, "docker-", Id.HEX, "", "docker"),
            new Shape(null, "cri-containerd-", Id.HEX, "", "containerd"),
            new Shape(null, "nerdctl-", Id.HEX, "", "containerd"),
            new Shape(null, "crio-", Id.HEX, "", "cri-o"),
            new Shape(null, "libpod-", Id.HEX, "", "podman"),
            new Shape(null, "libpod-payload-", Id.HEX, "", "podman"), // --cgroups=split, as Quadlet does
            new Shape("docker", "", Id.HEX, "", "docker"),
            new Shape("actions_job", "", Id.HEX, "", "docker"), // the runner of GitHub Actions uses Docker
            new Shape("default", "", Id.HEX, "", "containerd"), // its name space, as nerdctl does
            new Shape("libpod_parent", "", Id.HEX, "", null), // a pod of Podman
            new Shape("garden", "", Id.GARDEN, "", "garden"),
            new Shape("mesos", "", Id.UUID, "", "mesos"),
            new Shape("machine.slice", "machine-qemu\\x2d", Id.NAME, ".scope", null), // a virtual machine
            new Shape("machine.slice", "machine-lxc\\x2d", Id.NAME, ".scope", "lxc"), // by libvirt
            new Shape("machine.slice", "machine-", Id.NAME, ".scope", "systemd-nspawn"),
            new Shape(null, "systemd-nspawn@", Id.NAME, ".service", "systemd-nspawn"),
            new Shape(null, "lxc.payload.", Id.NAME, "", "lxc"),
            new Shape("lxc.payload", "", Id.NAME, "", "lxc"), // LXC 4.0
            new Shape("lxc", "", Id.NAME, "", "lxc"), // before, on cgroup v1
            // kubelet with cgroupfs, ECS, docker --cgroup-parent
            new Shape(null, "", Id.HEX, "", ""));

    private static final ContainerPath NONE = new ContainerPath("", "", "", 0);

    /** Takes a path as /proc/PID/cgroup has it, of any content. */
    static ContainerPath parse(String path) {
        ContainerPath container = NONE;
        String pod = "";
        String inner = "";
        int end = path.length();
        while (end > 0 && (container == NONE || pod.isEmpty())) {
            int start = path.lastIndexOf('/', end - 1) + 1;
            String part = path.substring(start, end);
            String parent = parentOf(path, start);
            // slice:prefix:id is what runc makes of a systemd-style name when it does not use systemd
            int second = part.lastIndexOf(':');
            int first = second < 0 ? -1 : part.lastIndexOf(':', second - 1);
            String slice = "";
            if (first >= 0 && part.indexOf(':') == first) {
                slice = part.substring(0, first);
                part = part.substring(first + 1, second) + "-" + part.substring(second + 1);
                parent = slice;
            }
            if (container == NONE) {
                container = containerOf(parent, part, inner, end);
            }
            if (pod.isEmpty()) {
                pod = podOf(parent, part);
            }
            if (pod.isEmpty() && !slice.isEmpty()) {
                pod = podOf("", slice);
            }
            inner = part;
            end = start - 1;
        }
        return new ContainerPath(container.id, container.runtime, pod, container.end);
    }

    private static String parentOf(String path, int start) {
        return start < 2 ? "" : path.substring(path.lastIndexOf('/', start - 2) + 1, start - 1);
    }

    private static ContainerPath containerOf(String parent, String part, String inner, int end) {
        for (Shape shape : SHAPES) {
            String id = shape.parent == null || shape.parent.equals(parent) ? idOf(shape, part) : "";
            if (!id.isEmpty()) {
                boolean supervisor = shape.id == Id.NAME && inner.equals("supervisor");
                return shape.runtime == null || supervisor ? NONE : new ContainerPath(id, shape.runtime, "", end);
            }
        }
        return NONE;
    }

    /** The id in a part of this shape; empty when it has another. */
    private static String idOf(Shape shape, String part) {
        int from = shape.prefix.length();
        int to = part.length() - shape.suffix.length();
        if (to <= from || !part.startsWith(shape.prefix) || !part.endsWith(shape.suffix)) {
            return "";
        }
        String id = part.substring(from, to);
        boolean fits = switch (shape.id) {
            case HEX -> isId(id);
            case UUID -> isUuid(id);
            case GARDEN -> isGrouped(id, 8, 4, 4, 4, 4);
            case NAME -> id.length() <= MAX_NAME;
        };
        return !fits ? "" : shape.id == Id.NAME ? unescape(id) : id;
    }

    /** The pod that a part names; empty when it names none. */
    private static String podOf(String parent, String part) {
        if (parent.equals("libpod_parent") && isId(part)) {
            return part;
        }
        if (part.startsWith("pod")) {
            return podUid(part.substring(3)); // kubepods/[QOS/]podUID
        }
        if (!part.endsWith(".slice")) {
            return "";
        }
        String slice = part.substring(0, part.length() - ".slice".length());
        int podman = slice.indexOf("libpod_pod_");
        if (podman >= 0) {
            String id = slice.substring(podman + "libpod_pod_".length());
            return isId(id) ? id : "";
        }
        int at = slice.lastIndexOf("-pod");
        return at < 0 || !slice.contains("kubepods")
                ? ""
                : podUid(slice.substring(at + 4).replace('_', '-'));
    }

    /** A static pod, from a file of the node, has the hash of that file for a uid. */
    private static String podUid(String uid) {
        return isUuid(uid) || uid.length() == STATIC_POD_UID && isHex(uid) ? uid : "";
    }

    /** Whether it is an id of Docker's kind: 64 hexadecimal digits. */
    static boolean isId(String text) {
        return text.length() == HEX_ID && isHex(text);
    }

    /** Whether it consists of hexadecimal digits in lower case, as all runtimes write them. */
    static boolean isHex(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!isHex(text.charAt(i))) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static boolean isHex(char c) {
        return c >= '0' && c <= '9' || c >= 'a' && c <= 'f';
    }

    /** Whether it is groups of so many hexadecimal digits each, with dashes between. */
    private static boolean isGrouped(String text, int... lengths) {
        int at = 0;
        for (int length : lengths) {
            int end = at + length;
            boolean last = end == text.length();
            if (end > text.length() || !isHex(text.substring(at, end)) || !last && text.charAt(end) != '-') {
                return false;
            }
            at = end + 1;
        }
        return at == text.length() + 1;
    }

    private static boolean isUuid(String text) {
        return isGrouped(text, 8, 4, 4, 4, 12);
    }

    /** Undoes systemd's \x2d and the like; what is not as systemd writes it stays as it is. */
    private static String unescape(String name) {
        if (name.indexOf('\\') < 0) {
            return name;
        }
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        int length = 0;
        for (int i = 0; i < bytes.length; i++) {
            byte b = bytes[i];
            if (b == '\\' && i + 3 < bytes.length && bytes[i + 1] == 'x') {
                int high = Character.digit(bytes[i + 2], 16);
                int low = Character.digit(bytes[i + 3], 16);
                if (high >= 0 && low >= 0) {
                    b = (byte) (high << 4 | low);
                    i += 3;
                }
            }
            bytes[length++] = b;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
