// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The pauses between the checks of a condition that may become true, and their end. Each check
 * costs a chunk of the recording, so the pauses become longer.
 */
final class Deadline {
  private static final long FIRST_MILLIS = 5;
  private static final long LONGEST_MILLIS = 500;

  private final long end;
  private long next = FIRST_MILLIS;

  Deadline(Duration limit) {
    this.end = System.nanoTime() + limit.toNanos();
  }

  /** Pauses before another check; false if the time is up. */
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
