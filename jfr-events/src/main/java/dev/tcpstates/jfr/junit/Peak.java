// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Which connections were open at the same time. */
final class Peak {
  /** A connection begins or ends. */
  private record Step(Instant time, TestSocket socket, boolean begins) {}

  private Peak() {}

  /**
   * Returns the connections that were open at the moment when most were, from their first
   * transition to CLOSE.
   */
  static List<TestSocket> of(List<TestSocket> connections) {
    List<Step> steps = new ArrayList<>();
    for (TestSocket socket : connections) {
      if (socket.begun() != null) {
        steps.add(new Step(socket.begun(), socket, true));
        if (socket.closed() != null) {
          steps.add(new Step(socket.closed(), socket, false));
        }
      }
    }
    // The sort is stable. A connection that begins when another one ends does not overlap it.
    steps.sort(Comparator.comparing(Step::time).thenComparing(Step::begins));
    List<TestSocket> open = new ArrayList<>();
    List<TestSocket> most = List.of();
    for (Step step : steps) {
      if (!step.begins()) {
        open.remove(step.socket());
      } else {
        open.add(step.socket());
        most = open.size() > most.size() ? List.copyOf(open) : most;
      }
    }
    return most;
  }
}
