// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host.container;

/**
 * The container that a cgroup belongs to. All parts come from outside and are not fit for a terminal as they are; a part
 * that is not known, or that there is none of, is empty.
 *
 * <p>{@link HostContainers} shows its use.
 *
 * @param id that the runtime gave: 64 hexadecimal digits from Docker and all that Kubernetes uses, a name from LXC and
 *     systemd-nspawn; empty for processes of the host
 * @param runtime docker, containerd, cri-o, podman, systemd-nspawn, lxc, garden or mesos
 * @param name without the slash that Docker puts before it; in Kubernetes the container's name in its pod
 * @param pod name of the Kubernetes pod
 * @param namespace of the Kubernetes pod
 * @param podUid of the Kubernetes pod, with dashes, or the id of the Podman pod; also for processes that are in the
 *     pod's cgroup and in none of its containers, such as conmon
 * @param cgroup path of the very cgroup that was asked for, as /proc/PID/cgroup shows it; known for the host's too
 * @param cgroupId of the container's own cgroup, which the one that was asked for is, or is somewhere below; 0: not
 *     known
 * @param isNew whether its own cgroup was made after {@link HostContainers#markStart}
 */
public record Container(
        String id,
        String runtime,
        String name,
        String pod,
        String namespace,
        String podUid,
        String cgroup,
        long cgroupId,
        boolean isNew) {
    private static final int SHORT_ID = 12;

    /** What is said of a cgroup that cannot be found. */
    public static final Container NONE = ofHost("");

    /** Processes of the host in this cgroup. */
    static Container ofHost(String cgroup) {
        return new Container("", "", "", "", "", "", cgroup, 0, false);
    }

    /** Whether it is a container; false for the host's own cgroups and for those not known. */
    public boolean exists() {
        return !id.isEmpty();
    }

    /** What a person calls it: the name or, without one, the first 12 characters of the id. */
    public String label() {
        return !name.isEmpty() || id.length() <= SHORT_ID ? name.isEmpty() ? id : name : id.substring(0, SHORT_ID);
    }
}
