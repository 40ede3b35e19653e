// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host.container;

/** What the files of a host tell of a container, each part empty when they do not tell it. */
record Names(String runtime, String name, String pod, String namespace, String podUid) {
    static final Names NONE = new Names("", "", "", "", "");

    private static final int MAX_CHARS = 256; // Kubernetes allows 253; Docker has no bound

    /** Parts that are too long are no names. */
    Names {
        runtime = bounded(runtime);
        name = bounded(name);
        pod = bounded(pod);
        namespace = bounded(namespace);
        podUid = bounded(podUid);
    }

    private static String bounded(String part) {
        return part.length() > MAX_CHARS ? "" : part;
    }

    /** These, with what is missing taken from others. */
    Names or(Names others) {
        return others == null
                ? this
                : new Names(
                        either(runtime, others.runtime),
                        either(name, others.name),
                        either(pod, others.pod),
                        either(namespace, others.namespace),
                        either(podUid, others.podUid));
    }

    private static String either(String part, String other) {
        return part.isEmpty() ? other : part;
    }
}
