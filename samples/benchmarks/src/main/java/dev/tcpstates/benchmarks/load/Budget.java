// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks.load;

import java.util.concurrent.atomic.AtomicLong;

/** How many connections are to be made: a number, or as many as go in a time. Thread-safe. */
final class Budget {
  private final AtomicLong taken = new AtomicLong();
  private final long count;
  private final long deadline;

  private Budget(long count, long deadline) {
    this.count = count;
    this.deadline = deadline;
  }

  static Budget of(long connections) {
    return new Budget(connections, Long.MAX_VALUE);
  }

  static Budget seconds(long seconds) {
    return new Budget(Long.MAX_VALUE, System.nanoTime() + seconds * 1_000_000_000L);
  }

  /** The number of the connection to be made now, from 0; -1 for no more. */
  long take() {
    if (deadline != Long.MAX_VALUE && System.nanoTime() - deadline > 0) {
      return -1;
    }
    long number = taken.getAndIncrement();
    if (number < count) {
      return number;
    }
    taken.decrementAndGet();
    return -1;
  }

  /** How many were taken; final only once all who take have got -1. */
  long taken() {
    return taken.get();
  }
}
