// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import dev.tcpstates.it.workload.Opened;
import java.util.List;

/**
 * A socket as the workload that opened it reported it: see {@link Opened}.
 *
 * @param role whose part the socket plays in the workload
 * @param port the remote one, 0 for a listener
 * @param at the frame that opened it, as {@code pkg.Class.method:line}
 * @param thread name of the opening thread
 */
record WorkloadSocket(String role, int localPort, int port, String at, String thread) {
  /** All sockets that a workload reported on its standard output. */
  static List<WorkloadSocket> all(String out) {
    return out.lines()
        .filter(line -> line.startsWith(Opened.LINE))
        .map(WorkloadSocket::of)
        .toList();
  }

  private static WorkloadSocket of(String line) {
    String[] parts = line.substring(Opened.LINE.length()).split("\\|");
    return new WorkloadSocket(
        parts[0], Integer.parseInt(parts[1]), Integer.parseInt(parts[2]), parts[3], parts[4]);
  }

  boolean is(String start) {
    return role.startsWith(start);
  }
}
