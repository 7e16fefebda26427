// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.bpf;

import java.util.concurrent.TimeUnit;

/**
 * How often the kernel's table of sockets is walked. A walk that takes up to 2 ms is always
 * allowed. After a longer one, further walks wait, so that they take about a hundredth of the time:
 * with 40,000 sockets in TIME_WAIT a walk takes some 8 ms, and the next is allowed 0.6 s later.
 */
final class WalkBudget {
  private static final long SHARE = 100;
  private static final long FREE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private long allowedAfter = Long.MIN_VALUE;
  private boolean unlimited;

  /** From now on, each walk is allowed. */
  void unlimited() {
    unlimited = true;
  }

  /** A walk was made, in ns of {@code System.nanoTime()}. */
  void spent(long start, long end) {
    allowedAfter = end + Math.max(0, (end - start) * SHARE - FREE_NANOS);
  }

  boolean allows(long now) {
    return unlimited || allowedAfter == Long.MIN_VALUE || now - allowedAfter >= 0;
  }
}
