// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the system allows. */
final class Limits {
  private Limits() {}

  /** Descriptors of a process; JVMs raise their own limit as far as they may. */
  static int descriptors() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/limits")).stream()
        .filter(line -> line.startsWith("Max open files"))
        .map(line -> line.substring(26).strip().split(" +")[1])
        .mapToInt(limit -> limit.equals("unlimited") ? Integer.MAX_VALUE : Integer.parseInt(limit))
        .findFirst()
        .orElseThrow();
  }

  /** Lets accept queues grow so long, in a JVM's network namespace, which goes with it. */
  static void acceptQueues(Bench bench, LoadJvm jvm, int length)
      throws IOException, InterruptedException {
    for (String name : List.of("core/somaxconn", "ipv4/tcp_max_syn_backlog")) {
      List<String> command = new ArrayList<>(jvm.inItsNetwork());
      command.addAll(List.of("sh", "-c", "echo " + length + " >/proc/sys/net/" + name));
      Processes.run(bench, command);
    }
  }
}
