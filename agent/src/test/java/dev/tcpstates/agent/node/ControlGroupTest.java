// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of control groups, as the documentation and sources of runtimes and kubelet have them. */
class ControlGroupTest {
  private static final String ID =
      "7d58fd9cf06b7ad6a1b5cf5d5b21a9a4c0d3ab19d4d4d3a5a1d77b5a5f3c1e02";
  private static final String OTHER = "0".repeat(64);
  private static final String UID = "2c48913c-b29f-11e7-9350-020968147796";
  private static final String SLICE = UID.replace('-', '_');

  private static void assertGroup(String container, String pod, String... lines) {
    assertEquals(
        new ControlGroup(container, pod), ControlGroup.parse(String.join("\n", lines) + "\n"));
  }

  @Test
  void docker() {
    assertGroup(ID, "", "0::/system.slice/docker-" + ID + ".scope");
    assertGroup(ID, "", "12:memory:/docker/" + ID, "1:name=systemd:/docker/" + ID);
    // systemd in a container has groups of its own.
    assertGroup(ID, "", "0::/system.slice/docker-" + ID + ".scope/system.slice/app.service");
    assertGroup(ID, "", "0::/machine.slice/libpod-" + ID + ".scope/container");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cri-containerd-", "crio-", "docker-"})
  void podsOfSystemdsSlices(String prefix) {
    String scope = "/" + prefix + ID + ".scope";
    for (String quality : new String[] {"burstable-", "besteffort-"}) {
      assertGroup(
          ID,
          UID,
          "0::/kubepods.slice/kubepods-"
              + quality.replace("-", ".slice")
              + "/kubepods-"
              + quality
              + "pod"
              + SLICE
              + ".slice"
              + scope);
    }
    assertGroup(
        ID, UID, "0::/kubepods.slice/kubepods-pod" + SLICE + ".slice" + scope); // guaranteed
  }

  @Test
  void podsOfPlainGroups() {
    assertGroup(ID, UID, "0::/kubepods/burstable/pod" + UID + "/" + ID);
    assertGroup(ID, UID, "0::/kubepods/pod" + UID + "/" + ID);
    assertGroup(ID, UID, "4:cpu,cpuacct:/kubepods/besteffort/pod" + UID + "/crio-" + ID);
    assertGroup(
        ID,
        UID,
        "5:pids:/system.slice/containerd.service/kubepods-burstable-pod"
            + SLICE
            + ".slice:cri-containerd:"
            + ID);
    // A static pod's uid is a hash.
    String hash = "0123456789abcdef0123456789abcdef";
    assertGroup(
        ID, hash, "0::/kubepods.slice/kubepods-pod" + hash + ".slice/crio-" + ID + ".scope");
  }

  /** The reader is in a group of its own, and sees the others from there. */
  @Test
  void seenFromAnotherContainer() {
    assertGroup(
        ID,
        UID,
        "0::/../../kubepods-besteffort-pod" + SLICE + ".slice/cri-containerd-" + ID + ".scope");
    assertGroup(ID, UID, "0::/../../pod" + UID + "/" + ID);
  }

  @Test
  void severalHierarchies() {
    assertGroup(
        ID,
        UID,
        "13:rdma:/",
        "12:freezer:/kubepods/burstable/pod" + UID,
        "11:memory:/kubepods/burstable/pod" + UID + "/" + ID,
        "0::/system.slice/containerd.service");
    // Kubernetes in Docker: the innermost container.
    assertGroup(ID, UID, "0::/docker/" + OTHER + "/kubepods/pod" + UID + "/" + ID);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0::/",
        "no group",
        "::",
        "0::/user.slice/user-1000.slice/session-3.scope",
        "0::/docker/7d58fd9c",
        "0::/pods/pod-1",
        "0::/podman",
        "0::/kubepods/burstable/pod2c48913c-b29f-11e7-9350-0209681477961",
        "0::/kubepods/burstable/pod2c48913c-b29f_11e7-9350-020968147796",
        "0::/7D58FD9CF06B7AD6A1B5CF5D5B21A9A4C0D3AB19D4D4D3A5A1D77B5A5F3C1E02"
      })
  void none(String line) {
    assertGroup("", "", line);
  }

  @Test
  void ofAProcess() {
    assertEquals(ControlGroup.NONE, ControlGroup.of(Integer.MAX_VALUE));
  }
}
