// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Duration;
import java.time.Instant;

/** Transitions for tests that need few of their fields. */
public final class Transitions {
  private Transitions() {}

  public static Transition of(String oldState, String newState) {
    return of(oldState, newState, null, 0);
  }

  public static Transition at(Instant time, String oldState, String newState) {
    return of(time, oldState, newState, null, 0);
  }

  public static Transition of(String oldState, String newState, String openedBy, long openSiteId) {
    return of(Instant.EPOCH, oldState, newState, openedBy, openSiteId);
  }

  private static Transition of(
      Instant time, String oldState, String newState, String openedBy, long openSiteId) {
    return new Transition(
        1,
        time,
        time,
        null,
        0,
        null,
        0,
        TcpState.valueOf(oldState),
        TcpState.valueOf(newState),
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
