// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

/**
 * How long to wait after each of several failures in a row: twice as long as after the one before.
 * Not thread-safe.
 */
final class Backoff {
  private static final int MOST_FAILURES = 10;

  private final long firstNanos;
  private int failures;

  /**
   * @param firstNanos how long to wait after the first failure, in ns
   */
  Backoff(long firstNanos) {
    this.firstNanos = firstNanos;
  }

  /** It worked: the next failure is a first one. */
  void reset() {
    failures = 0;
  }

  /** Whether it has failed so often that trying again is of no use. */
  boolean isExhausted() {
    return failures == MOST_FAILURES;
  }

  /** It has failed; returns for how many ns to wait. */
  long nextNanos() {
    return firstNanos << failures++;
  }
}
