// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host.container;

import dev.jbcc.JbccException;

/**
 * Which containers a tool looks at, as {@code --container} and {@code --pod} name them.
 *
 * {@snippet :
 * ContainerSelector wanted = ContainerSelector.parse("web");
 * HostContainers containers = HostContainers.open(Mount.all(), Path.of("/"));
 * System.out.println(wanted.matches(containers.of(4711, 0)));
 * }
 */
public sealed interface ContainerSelector {
    /** Whether this container, as far as it is known by now, is one of them; false for the host. */
    boolean matches(Container container);

    /** Whether the answer depends on names, which may be found later than the container itself. */
    default boolean needsNames() {
        return true;
    }

    /** Any container. */
    record Any() implements ContainerSelector {
        @Override
        public boolean matches(Container container) {
            return container.exists();
        }

        @Override
        public boolean needsNames() {
            return false;
        }
    }

    /** One that started later than the tool: {@link HostContainers#markStart} has to be called at its start. */
    record New() implements ContainerSelector {
        @Override
        public boolean matches(Container container) {
            return container.exists() && container.isNew();
        }

        @Override
        public boolean needsNames() {
            return false;
        }
    }

    /** One of this name or, if the text is 6 or more hexadecimal digits, one whose id begins with it. */
    record Named(String text) implements ContainerSelector {
        @Override
        public boolean matches(Container container) {
            return container.exists()
                    && (container.name().equals(text)
                            || container.id().equals(text)
                            || isIdPart(text) && container.id().startsWith(text));
        }

        @Override
        public boolean needsNames() {
            return !ContainerPath.isId(text);
        }
    }

    /** What runs in a Kubernetes pod: in its containers, also nested ones, or beside them in the pod's own cgroup. */
    record Pod(String namespace, String name) implements ContainerSelector {
        @Override
        public boolean matches(Container container) {
            return container.pod().equals(name) && container.namespace().equals(namespace);
        }
    }

    private static boolean isIdPart(String text) {
        return text.length() >= 6 && ContainerPath.isHex(text);
    }

    /**
     * {@code any}, {@code new}, a name, or an id or its first 6 or more digits.
     *
     * @throws JbccException.Usage when it can be none of them
     */
    static ContainerSelector parse(String text) {
        if (text.isEmpty()) {
            throw new JbccException.Usage("the container is empty", "Give any, new, a name or an id.");
        }
        if (text.length() > 512) {
            throw new JbccException.Usage("a container's name of " + text.length() + " characters is too long");
        }
        if (text.indexOf('/') >= 0) {
            throw new JbccException.Usage(
                    "no container has a slash in its name: " + text, "For a pod: --pod NAMESPACE/NAME");
        }
        return switch (text) {
            case "any" -> new Any();
            case "new" -> new New();
            default -> new Named(text);
        };
    }

    /**
     * {@code NAMESPACE/NAME} of a Kubernetes pod.
     *
     * @throws JbccException.Usage when it is not that
     */
    static ContainerSelector pod(String text) {
        int slash = text.indexOf('/');
        if (slash <= 0 || slash == text.length() - 1 || text.indexOf('/', slash + 1) >= 0 || text.length() > 512) {
            throw new JbccException.Usage("not NAMESPACE/NAME of a pod: " + text, "For example: --pod default/web-0");
        }
        return new Pod(text.substring(0, slash), text.substring(slash + 1));
    }
}
