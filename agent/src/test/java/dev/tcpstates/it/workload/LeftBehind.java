// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs {@link SelectorConnections}, and then lists the kernel's objects that this JVM still has by
 * a descriptor or a mapping, and that this workload and the JDK have none of: BPF's, and what waits
 * for events.
 *
 * <p>Arguments: how many connections, the file to write the list to.
 */
public final class LeftBehind {
  private LeftBehind() {}

  public static void main(String[] args) throws Exception {
    SelectorConnections.main(args);
    List<String> objects = new ArrayList<>();
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors.toList()) {
        String target = target(descriptor);
        if (isKernelObject(target)) {
          objects.add(target);
        }
      }
    }
    Files.readAllLines(Path.of("/proc/self/maps")).stream()
        .filter(LeftBehind::isKernelObject)
        .forEach(objects::add);
    Files.write(Path.of(args[1]), objects);
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return ""; // the one of the listing itself
    }
  }

  private static boolean isKernelObject(String text) {
    return text.contains("anon_inode:bpf") || text.contains("anon_inode:[event");
  }
}
