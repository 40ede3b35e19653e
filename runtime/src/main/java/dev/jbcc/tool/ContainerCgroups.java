// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.host.container.CgroupHierarchy;
import dev.jbcc.host.container.Container;
import dev.jbcc.host.container.ContainerSelector;
import dev.jbcc.host.container.HostContainers;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** The cgroups of the containers that are meant, in one tree. Cgroups may come and go while it is walked. */
final class ContainerCgroups extends SimpleFileVisitor<Path> {
    private final CgroupHierarchy tree;
    private final HostContainers containers;
    private final ContainerSelector which;
    private final Map<Long, Path> found = new HashMap<>();

    ContainerCgroups(CgroupHierarchy tree, HostContainers containers, ContainerSelector which) {
        this.tree = tree;
        this.containers = containers;
        this.which = which;
    }

    /** Those that there are now. */
    Collection<Path> find() throws IOException {
        Files.walkFileTree(tree.point(), this);
        return found.values();
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
        long id;
        try {
            id = (Long) Files.getAttribute(directory, "unix:ino");
        } catch (IOException gone) {
            return FileVisitResult.CONTINUE;
        }
        boolean isV2 = tree.controller().isEmpty();
        Container container = isV2 ? containers.of(id, 0) : containers.of(0, id);
        if (which.matches(container)) {
            found.putIfAbsent(container.cgroupId(), directory);
            return FileVisitResult.SKIP_SUBTREE; // what is below is part of it
        }
        return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException gone) {
        return FileVisitResult.CONTINUE;
    }

    /** @param gone why not all of the directory could be read, or null */
    @Override
    public FileVisitResult postVisitDirectory(Path directory, IOException gone) {
        return FileVisitResult.CONTINUE;
    }
}
