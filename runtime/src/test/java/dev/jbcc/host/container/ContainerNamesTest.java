// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of kubelet and of the container runtimes, in a temporary folder. */
class ContainerNamesTest {
    private static final String A = "a1".repeat(32);
    private static final String UID = "2c48913c-b29f-11e7-9350-020968147796";
    private static final String OVERLAY = "containers/storage/overlay-containers/";
    private static final String KUBERNETES = """
            "io.kubernetes.container.name": "nginx", "io.kubernetes.pod.name": "web-0",
            "io.kubernetes.pod.namespace": "shop", "io.kubernetes.pod.uid": "u1"
            """;

    @TempDir
    Path root;

    private long now;

    private void file(String path, String content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private Names find(String runtime) {
        return new RuntimeState(root).find(A, runtime);
    }

    /** Found by its runtime, and when the path does not tell the runtime. */
    private void assertFound(Names expected) {
        assertEquals(expected, find(expected.runtime()));
        assertEquals(expected, find(""));
    }

    @Test
    void docker() throws IOException {
        file("var/lib/docker/containers/" + A + "/config.v2.json", "{\"ID\":\"x\",\"Name\":\"/web_1\",\"Config\":{}}");
        assertFound(new Names("docker", "web_1", "", "", ""));
    }

    @Test
    void dockerBelowKubernetes() throws IOException {
        file(
                "var/lib/docker/containers/" + A + "/config.v2.json",
                "{\"Name\":\"/k8s_nginx_web-0_shop_u1_0\",\"Config\":{\"Labels\":{" + KUBERNETES + "}}}");
        assertFound(new Names("docker", "nginx", "web-0", "shop", "u1"));
    }

    @Test
    void containerd() throws IOException {
        String annotations = """
                {"annotations": {"io.kubernetes.cri.container-name": "nginx", "io.kubernetes.cri.sandbox-name": "web-0",
                 "io.kubernetes.cri.sandbox-namespace": "shop", "io.kubernetes.cri.sandbox-uid": "u1"}}""";
        for (String base : "run/containerd run/k3s/containerd var/snap/microk8s/common/run/containerd".split(" ")) {
            String config = base + "/io.containerd.runtime.v2.task/k8s.io/" + A + "/config.json";
            file(config, annotations);
            assertFound(new Names("containerd", "nginx", "web-0", "shop", "u1"));
            Files.delete(root.resolve(config));
        }
    }

    @Test
    void nerdctl() throws IOException {
        file(
                "run/containerd/io.containerd.runtime.v2.task/default/" + A + "/config.json",
                "{\"annotations\":{\"nerdctl/name\":\"web\"}}");
        assertFound(new Names("containerd", "web", "", "", ""));
    }

    @Test
    void crio() throws IOException {
        file("run/" + OVERLAY + A + "/userdata/config.json", "{\"annotations\":{" + KUBERNETES + "}}");
        assertFound(new Names("cri-o", "nginx", "web-0", "shop", "u1"));
        Files.delete(root.resolve("run/" + OVERLAY + A + "/userdata/config.json"));
        file("var/lib/" + OVERLAY + A + "/userdata/state.json", "{\"annotations\":{" + KUBERNETES + "}}");
        assertFound(new Names("cri-o", "nginx", "web-0", "shop", "u1"));
    }

    @Test
    void podman() throws IOException {
        String list = "[{\"id\":\"b\",\"names\":[\"other\"]},{\"id\":\"" + A + "\",\"names\":[\"web\",\"x\"]}]";
        for (String path : new String[] {
            "var/lib/" + OVERLAY + "containers.json",
            "var/lib/" + OVERLAY + "volatile-containers.json",
            "run/" + OVERLAY + "volatile-containers.json"
        }) {
            file(path, list);
            file("run/" + OVERLAY + A + "/userdata/config.json", "{\"annotations\":{}}");
            assertFound(new Names("podman", "web", "", "", ""));
            Files.delete(root.resolve(path));
        }
        assertSame(Names.NONE, find("podman"));
    }

    @Test
    void anotherRuntimesFilesAreNotUsed() throws IOException {
        file("var/lib/docker/containers/" + A + "/config.v2.json", "{\"Name\":\"/web\"}");
        assertSame(Names.NONE, find("podman"));
        assertSame(Names.NONE, find("containerd"));
        assertSame(Names.NONE, find("cri-o"));
        assertSame(Names.NONE, find("garden"));
    }

    @Test
    void oddFilesAreNoNames() throws IOException {
        String config = "var/lib/docker/containers/" + A + "/config.v2.json";
        for (String content : new String[] {"", "{", "[]", "{\"Name\":1}", "{\"Name\":\"/" + "x".repeat(300) + "\"}"}) {
            file(config, content);
            assertEquals("", find("docker").name(), content);
        }
        file(config, "{\"Name\":\"/web\",\"x\":\"" + "x".repeat(5 << 20) + "\"}");
        assertSame(Names.NONE, find("docker"));
        Files.delete(root.resolve(config));
        Files.createDirectory(root.resolve(config));
        assertSame(Names.NONE, find("docker"));
        for (int i = 0; i < 40; i++) {
            Files.createDirectories(root.resolve("run/containerd/io.containerd.runtime.v2.task/n" + i));
        }
        assertSame(Names.NONE, find(""));
    }

    @Test
    void kubeletsLogs() throws IOException {
        KubeletLogs logs = new KubeletLogs(root, () -> now);
        assertNull(logs.container(A));
        Path directory = Files.createDirectories(root.resolve("var/log/containers"));
        Files.createSymbolicLink(directory.resolve("web-0_shop_my-nginx-" + A + ".log"), Path.of("/no/such"));
        assertNull(logs.container(A), "listed just now");
        now += 2_000_000_000;
        assertEquals(new Names("", "my-nginx", "web-0", "shop", ""), logs.container(A));
        Files.createDirectories(root.resolve("var/log/pods/shop_web-0_" + UID));
        assertEquals(new Names("", "", "web-0", "shop", UID), logs.pod(UID));
    }

    @Test
    void oddNamesOfLogs() throws IOException {
        KubeletLogs logs = new KubeletLogs(root, () -> now);
        for (String name :
                new String[] {"-" + A, "a-" + A, "a_b-" + A, "__-" + A, "_b_c-" + A, "a__c-" + A, "a_b_-" + A, A}) {
            file("var/log/containers/" + name + ".log", "");
            now += 2_000_000_000;
            assertNull(logs.container(A), name);
            Files.delete(root.resolve("var/log/containers/" + name + ".log"));
        }
        for (String name : new String[] {UID, "_" + UID, "a_" + UID, "__" + UID, "_a_" + UID, "a__" + UID}) {
            Files.createDirectories(root.resolve("var/log/pods/" + name));
            now += 2_000_000_000;
            assertNull(logs.pod(UID), name);
            Files.delete(root.resolve("var/log/pods/" + name));
        }
    }
}
