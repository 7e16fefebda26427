// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Sockets of a JVM that stay open; other JVMs hold their other ends.
 *
 * <p>Where a process may not have as many descriptors, the remaining sockets wait in the accept
 * queue of a listener: for the kernel and for the agent's BPF programs they are the JVM's, and they
 * have no descriptor yet.
 */
final class OpenSockets {
  /** For the JVM itself, and for the connections that come and go. */
  private static final int OTHER_DESCRIPTORS = 1_500;

  private OpenSockets() {}

  static void open(Bench bench, LoadJvm jvm, int count) throws Exception {
    int limit = descriptors();
    int room = limit - OTHER_DESCRIPTORS;
    int connected = Math.min(count, room);
    if (connected > 0) {
      jvm.ask("connect 127.0.0.1 " + jvm.peer(bench).ask("accept") + " " + connected);
    }
    if (connected == count) {
      return;
    }
    String note =
        "a process may have %,d descriptors here: of %,d open sockets, %,d have one, and the others"
            + " wait in an accept queue";
    bench.results().note(String.format(note, limit, count, connected));
    for (String name : List.of("core/somaxconn", "ipv4/tcp_max_syn_backlog")) {
      List<String> command = new ArrayList<>(jvm.inItsNetwork());
      command.addAll(List.of("sh", "-c", "echo " + count + " >/proc/sys/net/" + name));
      Processes.run(bench, command);
    }
    String port = jvm.ask("listen");
    int address = 1; // each has 28,000 ports
    for (int left = count - connected; left > 0; left -= room) {
      int some = Math.min(left, room);
      jvm.peer(bench).ask("connect 127.0.1." + address++ + " " + port + " " + some);
    }
  }

  /** Descriptors of a process; JVMs raise their own limit as far as they may. */
  private static int descriptors() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/limits")).stream()
        .filter(line -> line.startsWith("Max open files"))
        .map(line -> line.substring(26).strip().split(" +")[1])
        .mapToInt(limit -> limit.equals("unlimited") ? Integer.MAX_VALUE : Integer.parseInt(limit))
        .findFirst()
        .orElseThrow();
  }
}
