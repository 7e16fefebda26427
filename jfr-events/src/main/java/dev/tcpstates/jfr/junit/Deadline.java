// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * When to look again for something that may still come, and when to give it up. Each look costs a
 * chunk of the recording, so they become rarer.
 */
final class Deadline {
  private static final long FIRST_MILLIS = 5;
  private static final long LONGEST_MILLIS = 500;

  private final long end;
  private long next = FIRST_MILLIS;

  Deadline(Duration limit) {
    this.end = System.nanoTime() + limit.toNanos();
  }

  /** Pauses before another look; false if there is no time for one. */
  boolean pause() {
    long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
    if (left <= 0) {
      return false;
    }
    try {
      Thread.sleep(Math.min(next, left));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    next = Math.min(2 * next, LONGEST_MILLIS);
    return true;
  }
}
