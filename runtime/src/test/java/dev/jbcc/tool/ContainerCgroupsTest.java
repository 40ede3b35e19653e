// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbcc.host.container.CgroupHierarchy;
import dev.jbcc.host.container.ContainerSelector;
import dev.jbcc.host.container.HostContainers;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code FileRunTest} of the tools finds real ones. */
class ContainerCgroupsTest {
    @TempDir
    Path root;

    private ContainerCgroups cgroups(String controller) {
        return new ContainerCgroups(
                new CgroupHierarchy(root, "/", controller, 0),
                HostContainers.open(List.of(), root),
                new ContainerSelector.Named("web"));
    }

    @Test
    void whatGoesWhileItIsLookedAtIsPassedOver() throws IOException {
        for (String controller : List.of("", "memory")) {
            Path gone = Files.createDirectory(root.resolve("gone"));
            BasicFileAttributes attributes = Files.readAttributes(gone, BasicFileAttributes.class);
            Files.delete(gone);
            ContainerCgroups cgroups = cgroups(controller);
            assertEquals(FileVisitResult.CONTINUE, cgroups.preVisitDirectory(gone, attributes));
            assertEquals(FileVisitResult.CONTINUE, cgroups.visitFileFailed(gone, new NoSuchFileException("gone")));
            assertEquals(FileVisitResult.CONTINUE, cgroups.postVisitDirectory(gone, new NoSuchFileException("gone")));
            assertEquals(0, cgroups.find().size());
        }
    }
}
