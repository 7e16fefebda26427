// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Duration;
import java.time.Instant;

/** Transitions for tests that care for few of their fields. */
final class Transitions {
  private Transitions() {}

  static Transition of(String oldState, String newState) {
    return of(oldState, newState, null, 0);
  }

  static Transition of(String oldState, String newState, String openedBy, long openSiteId) {
    return new Transition(
        1,
        Instant.EPOCH,
        Instant.EPOCH,
        null,
        0,
        null,
        0,
        oldState,
        newState,
        Duration.ZERO,
        Duration.ZERO,
        null,
        openedBy,
        openedBy == null ? null : "thread of " + openedBy,
        openSiteId * 10,
        openSiteId,
        0,
        null,
        0);
  }
}
