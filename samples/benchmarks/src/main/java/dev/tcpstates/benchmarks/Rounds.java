// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What a round measures, one after the other. */
final class Rounds {
  private Rounds() {}

  /** In another order each time: none always follows the same, or comes when the machine is hot. */
  static <T> List<T> shuffled(List<T> list) {
    List<T> shuffled = new ArrayList<>(list);
    Collections.shuffle(shuffled);
    return shuffled;
  }
}
