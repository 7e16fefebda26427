// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.node;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the names of a process's control groups say, as the container runtimes and the kubelet
 * choose them, with control groups of version 1 and 2.
 *
 * @param container 64 hexadecimal digits; empty if the process is in no container
 * @param pod the uid of the Kubernetes pod; empty if it is in none
 */
record ControlGroup(String container, String pod) {
  static final ControlGroup NONE = new ControlGroup("", "");

  private static final int MOST_BYTES = 16 << 10;

  /** {@code ID}, {@code docker-ID.scope}, {@code cri-containerd-ID.scope}, {@code crio-ID}. */
  private static final Pattern CONTAINER =
      Pattern.compile("(?:[a-z][a-z0-9-]*-)?([0-9a-f]{64})(?:\\.scope)?");

  /** A pod of the API server has a UUID, a static one has a hash. */
  private static final Pattern POD =
      Pattern.compile(
          "(?:kubepods-(?:burstable-|besteffort-)?)?pod"
              + "([0-9a-f]{8}([-_])[0-9a-f]{4}\\2[0-9a-f]{4}\\2[0-9a-f]{4}\\2[0-9a-f]{12}"
              + "|[0-9a-f]{32})(?:\\.slice)?");

  /** Reads that of a process. Needs no privilege; what can't be read is left out. */
  static ControlGroup of(int pid) {
    try (InputStream in = Files.newInputStream(Path.of("/proc/" + pid + "/cgroup"))) {
      return parse(new String(in.readNBytes(MOST_BYTES), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return NONE;
    }
  }

  /** Interprets a file such as {@code /proc/1/cgroup}: the first hierarchy that has a container. */
  static ControlGroup parse(String file) {
    ControlGroup pods = NONE;
    for (String line : file.split("\n")) {
      // The number of the hierarchy, its controllers, and the path, which may have colons.
      String[] parts = line.split(":", 3);
      if (parts.length == 3) {
        ControlGroup found = ofPath(parts[2]);
        if (!found.container.isEmpty()) {
          return found;
        }
        if (pods.pod.isEmpty()) {
          pods = found;
        }
      }
    }
    return pods;
  }

  private static ControlGroup ofPath(String path) {
    String container = "";
    String pod = "";
    // containerd may join the names of slice, prefix and container by colons.
    for (String name : path.split("[/:]")) {
      Matcher isContainer = CONTAINER.matcher(name);
      Matcher isPod = POD.matcher(name);
      if (isContainer.matches()) {
        container = isContainer.group(1); // the innermost one
      } else if (isPod.matches()) {
        pod = isPod.group(1).replace('_', '-'); // a slice's name has dashes of its own
      }
    }
    return new ControlGroup(container, pod);
  }
}
