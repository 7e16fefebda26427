// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import dev.tcpstates.it.workload.Opened;
import java.util.List;

/**
 * What a workload told of a socket it opened: see {@link Opened}.
 *
 * @param role whose part the socket plays in the workload
 * @param port the remote one, 0 for a listener
 * @param at the frame that opened it, as {@code pkg.Class.method:line}
 * @param thread name of the opening thread
 */
record Told(String role, int localPort, int port, String at, String thread) {
  /** All that a workload told on its standard output. */
  static List<Told> all(String out) {
    return out.lines().filter(line -> line.startsWith(Opened.LINE)).map(Told::of).toList();
  }

  private static Told of(String line) {
    String[] parts = line.substring(Opened.LINE.length()).split("\\|");
    return new Told(
        parts[0], Integer.parseInt(parts[1]), Integer.parseInt(parts[2]), parts[3], parts[4]);
  }

  boolean is(String start) {
    return role.startsWith(start);
  }
}
