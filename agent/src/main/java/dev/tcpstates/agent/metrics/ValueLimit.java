// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics;

import java.util.HashSet;
import java.util.Set;

/** Bounds the number of values of an attribute: the first ones are kept. Not thread-safe. */
final class ValueLimit {
  private final int most;
  private final Set<String> kept = new HashSet<>();

  ValueLimit(int most) {
    this.most = most;
  }

  /** Returns the value if it is one of the kept ones, else {@link Attribute#OTHER}. */
  String limit(String value) {
    if (kept.contains(value)) {
      return value;
    }
    return kept.size() < most && kept.add(value) ? value : Attribute.OTHER;
  }
}
