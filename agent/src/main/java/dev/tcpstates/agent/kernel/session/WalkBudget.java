// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import java.util.concurrent.TimeUnit;

/**
 * How often the kernel's table of sockets is walked. A walk that takes up to 2 ms is always
 * allowed. After a longer one, further walks wait, so that they take about a hundredth of the time:
 * with 40,000 sockets in TIME_WAIT a walk takes some 8 ms, and the next is allowed 0.6 s later.
 */
final class WalkBudget {
  private static final long SHARE = 100;
  private static final long FREE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private static final long JUST_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private boolean none = true;
  private long last;
  private long allowedAfter;
  private boolean unlimited;

  /** From now on, each walk is allowed. */
  void unlimited() {
    unlimited = true;
  }

  /** A walk was made, in ns of {@code System.nanoTime()}. */
  void spent(long start, long end) {
    none = false;
    last = end;
    allowedAfter = end + Math.max(0, (end - start) * SHARE - FREE_NANOS);
  }

  boolean allows(long now) {
    return none || unlimited || now - allowedAfter >= 0;
  }

  /** Whether the last walk was so short a time ago that it still holds. */
  boolean hasJustSpent(long now) {
    return !none && now - last < JUST_NANOS;
  }
}
