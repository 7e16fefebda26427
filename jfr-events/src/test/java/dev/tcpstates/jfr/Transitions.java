// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

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
    return Made.of(Transition.class)
        .with("socketId", 1L)
        .with("startTime", time)
        .with("endTime", time)
        .with("oldState", TcpState.valueOf(oldState))
        .with("newState", TcpState.valueOf(newState))
        .with("openedBy", openedBy)
        .with("openThread", openedBy == null ? null : "thread of " + openedBy)
        .with("openThreadId", openSiteId * 10)
        .with("openSiteId", openSiteId)
        .make();
  }
}
